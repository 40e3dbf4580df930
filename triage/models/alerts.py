"""Dangers that somebody has to know of."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from triage.models.cases import Case


class Alert(models.Model):
    """A critical red flag of a case, until somebody acknowledges it by name. Each flag of a case alerts once."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="alerts")
    flag = models.CharField(_("red flag"), max_length=40)
    raised_at = models.DateTimeField(_("raised"), db_default=Now())
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acknowledged by"),
    )
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-raised_at"]
        indexes = [models.Index(fields=["acknowledged_at", "raised_at"])]
        constraints = [models.UniqueConstraint(fields=["case", "flag"], name="one_alert_per_flag")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.flag}"
