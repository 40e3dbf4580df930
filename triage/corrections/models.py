"""One row for each time that staff decided otherwise. Written by `orchestrator.overriding` and nowhere else."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Correction(models.Model):
    """`old` is what the analysis found and `new` what a person says instead: ids of categories, else levels.

    `text` is what the person had said until then, without what obviously names somebody (`words.pseudonymised`). It
    goes with its case. `learnt_in`: the first version of the flow that has it among its examples. Of a case and field
    one correction stands; those before it were withdrawn.
    """

    class Field(models.TextChoices):
        CATEGORY = "category", _("category")
        COMPLEXITY = "complexity", _("complexity")
        URGENCY = "urgency", _("urgency")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("to be looked at")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    case = models.ForeignKey("triage.Case", on_delete=models.CASCADE, related_name="corrections")
    flow = models.ForeignKey(
        "triage.FlowVersion", on_delete=models.PROTECT, related_name="corrections", verbose_name=_("flow version")
    )
    field = models.CharField(_("field"), max_length=10, choices=Field)
    old = models.CharField(_("found"), max_length=40)
    new = models.CharField(_("decided"), max_length=40)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    at = models.DateTimeField(_("decided at"), auto_now_add=True)
    text = models.TextField(_("words"), blank=True)
    language = models.CharField(_("language"), max_length=10)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved or rejected by"),
    )
    approved_at = models.DateTimeField(_("approved or rejected"), null=True, blank=True)
    learnt_in = models.ForeignKey(
        "triage.FlowVersion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("learnt in"),
    )

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-at", "-pk"]
        permissions = [("approve_correction", "Can approve or reject corrections")]
        indexes = [models.Index(fields=["status", "-at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "field"],
                condition=~models.Q(status="withdrawn"),
                name="one_standing_correction_per_field",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.field}: {self.old} → {self.new}"
