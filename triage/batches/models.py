"""A file of cases and its rows. Their states are written by `orchestrator.batching` and nowhere else."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.ids import new_id


def new_batch_id() -> str:
    return new_id("batch")


class Batch(models.Model):
    """One uploaded file. How far it is is counted from its rows (`results.counts_of`), so that it cannot disagree.

    `touched_at`: when a row was last taken in or told; batches take turns by it, and an upload that stopped
    in the middle is known by it.
    """

    class State(models.TextChoices):
        VALIDATING = "validating", _("being checked")
        READY = "ready", _("checked, not started")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        COMPLETED = "completed", _("completed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.CharField(primary_key=True, max_length=40, default=new_batch_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="batches"
    )
    flow = models.ForeignKey("triage.FlowVersion", on_delete=models.PROTECT, related_name="batches")
    language = models.CharField(_("language"), max_length=10)
    file_name = models.CharField(_("file"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.VALIDATING)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    touched_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "touched_at"])]

    def __str__(self) -> str:
        return f"{self.id} ({self.file_name})"


class BatchRow(models.Model):
    """One case to be told. In the transaction that opens its case the row receives the case's id and loses its words.

    `claim` and `claimed_until` keep two workers from preparing the same row; what makes it told once is its state.
    `identity` is set while the row counts as processed: by its uniqueness the same external id
    of the same owner and flow is told once, whatever batches run at the same time.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        TOLD = "told", _("being analysed")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        SKIPPED = "skipped", _("processed before")
        INVALID = "invalid", _("with mistakes")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(_("line"))
    external_id = models.CharField(_("external id"), max_length=200, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    slots = models.JSONField(_("values"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    problems = models.JSONField(_("mistakes"), default=list)
    case = models.ForeignKey("triage.Case", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    identity = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    claim = models.CharField(max_length=40, blank=True, default="", editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("row of a batch")
        verbose_name_plural = _("rows of batches")
        ordering = ["batch_id", "line"]
        indexes = [
            models.Index(fields=["batch", "state", "line"]),
            # Not a partial one: SQLite does not use it where the state is a parameter.
            models.Index(fields=["state"]),
        ]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="one_row_per_line")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"
