"""Who may see or ask, and what they were answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from triage.models.cases import Case


class GuestAccess(models.Model):
    """A browser session without an account that may see a case, by the hash of its capability."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="guests")
    capability_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("guest access")
        verbose_name_plural = _("guest accesses")
        constraints = [
            models.UniqueConstraint(fields=["capability_hash", "case"], name="one_access_per_guest"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.capability_hash[:8]}"


class ApiKey(models.Model):
    """A key is shown once, when it is made; only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80, blank=True, default="")
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.user})"


class IdempotencyKey(models.Model):
    """A turn that was answered, by who asked and under which key: asked again, it is answered the same."""

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    response = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="one_turn_per_key")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"
