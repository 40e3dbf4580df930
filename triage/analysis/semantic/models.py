"""The classifier of a flow version, as it was trained. Written by `triage.learning` alone."""

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

    class About(models.TextChoices):
        CATEGORY = "category", _("what a case is about")
        DANGER = "danger", _("danger that is only hinted at")

    flow = models.ForeignKey("triage.FlowVersion", on_delete=models.CASCADE, related_name="classifiers")
    about = models.CharField(_("about"), max_length=10, choices=About, default=About.CATEGORY)
    recipe = models.CharField(_("recipe"), max_length=100, default="", editable=False)
    kind = models.CharField(_("learns from"), max_length=10, choices=Kind)
    document = models.BinaryField()
    figures = models.JSONField(_("figures"), default=dict)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    trained_at = models.DateTimeField(_("trained"), auto_now=True)

    class Meta:
        verbose_name = _("classifier")
        verbose_name_plural = _("classifiers")
        constraints = [models.UniqueConstraint(fields=["flow", "about"], name="one_classifier_of_a_flow_about_each")]

    def __str__(self) -> str:
        return f"{self.flow} {self.about} {self.kind}"
