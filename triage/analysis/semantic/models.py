"""The classifier of a flow version, as it was trained. Written by `triage.classifiers` alone."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FlowClassifier(models.Model):
    """`document` are the bytes that `Classifier.to_bytes` makes; `figures` are cross-validated.

    `recipe`: another is made where this release, or the models that are installed, would make another.
    """

    class Kind(models.TextChoices):
        EMBEDDINGS = "embeddings", _("meaning and wording")
        TFIDF = "tfidf", _("wording alone")

    flow = models.OneToOneField("triage.FlowVersion", on_delete=models.CASCADE, related_name="classifier")
    recipe = models.CharField(_("recipe"), max_length=100, default="", editable=False)
    kind = models.CharField(_("learns from"), max_length=10, choices=Kind)
    document = models.BinaryField()
    figures = models.JSONField(_("figures"), default=dict)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    trained_at = models.DateTimeField(_("trained"), auto_now=True)

    class Meta:
        verbose_name = _("classifier")
        verbose_name_plural = _("classifiers")

    def __str__(self) -> str:
        return f"{self.flow} {self.kind}"
