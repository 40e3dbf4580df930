"""A flow, version by version."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FlowVersion(models.Model):
    """A flow as it was when it came; a case keeps the one it began with.

    `source` is the digest of the file that was current then, so that loading the same file again takes back neither
    what was learnt nor a return to an older version. `has_learnt`: approved corrections are among its examples, and
    will be among those of the next file.
    """

    class Origin(models.TextChoices):
        FILE = "file", _("a file")
        LEARNT = "learnt", _("corrections")
        RESTORED = "restored", _("an older version")

    flow = models.CharField(_("flow"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    digest = models.CharField(max_length=64, editable=False)
    document = models.JSONField(_("document"))
    source = models.CharField(max_length=64, blank=True, default="", editable=False)
    origin = models.CharField(_("made from"), max_length=10, choices=Origin, default=Origin.FILE)
    has_learnt = models.BooleanField(_("has learnt"), default=False)
    loaded_at = models.DateTimeField(_("loaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("flow version")
        verbose_name_plural = _("flow versions")
        ordering = ["flow", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["flow", "version"], name="one_flow_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.flow} v{self.version}"
