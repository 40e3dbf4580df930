"""The analyses of a case: what is due, what each step found, and what went wrong."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from triage.models.cases import Case, Priority


class TriageRun(models.Model):
    """One analysis of a case. A Celery message only says that a lane has work; this row is the work.

    `fence` rises with every claim: a step commits only under the number that its worker was
    given, so a worker that was thought dead cannot write any more. `lease_until` is by the database's clock.
    `attempts` counts claims; `step_failures` and `crashes` what went wrong at the step that is due now (an error, a
    worker that vanished), so a run that gets on is not judged by what is behind it. All begin anew with a retry
    by hand, and so does `tried_since`. `turn_at` orders a lane (`lanes`); `told_position` is what people
    were told last.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        DISCARDED = "discarded", _("discarded")

    class Lane(models.TextChoices):
        INTERACTIVE = "interactive", _("interactive")
        BATCH = "batch", _("batch")

    id = models.CharField(primary_key=True, max_length=40, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    lane = models.CharField(_("lane"), max_length=12, choices=Lane, default=Lane.INTERACTIVE)
    priority = models.CharField(_("priority"), max_length=10, choices=Priority, default=Priority.NORMAL)
    queued_at = models.DateTimeField(_("waits since"), db_default=Now())
    turn_at = models.DateTimeField(_("turn"), db_default=Now(), editable=False)
    told_position = models.PositiveIntegerField(_("position"), default=1)
    told_at = models.DateTimeField(db_default=Now(), editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    step_failures = models.PositiveIntegerField(_("failures of the step"), default=0)
    crashes = models.PositiveIntegerField(_("workers lost"), default=0)
    fence = models.PositiveIntegerField(default=0, editable=False)
    lease_owner = models.CharField(_("worker"), max_length=120, blank=True, default="")
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("not before"), db_default=Now())
    cancel_requested = models.BooleanField(_("cancel requested"), default=False)
    tried_since = models.DateTimeField(_("tried since"), null=True, blank=True)
    last_step = models.CharField(_("last step"), max_length=40, blank=True, default="")
    error = models.CharField(_("error"), max_length=40, blank=True, default="")
    error_detail = models.TextField(_("error detail"), blank=True, default="")
    discard_reason = models.CharField(_("reason for discarding"), max_length=300, blank=True, default="")
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("discarded by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "lane", "turn_at"]), models.Index(fields=["finished_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_open_run_per_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"


class RunStep(models.Model):
    """The result of one finished step of a run, written once; whoever continues the run starts behind it."""

    run = models.ForeignKey(TriageRun, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(_("step"), max_length=40)
    output = models.JSONField(_("output"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    fence = models.PositiveIntegerField()
    finished_at = models.DateTimeField(_("finished"))

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_result_per_step")]

    def __str__(self) -> str:
        return self.name


class FailedAttempt(models.Model):
    """An attempt that did not get through, with where it stopped; `attempt` is the fencing number it had.

    `detail` is the traceback's places and lines of code, never the error's own text, which may quote a person.
    """

    run = models.ForeignKey(TriageRun, on_delete=models.CASCADE, related_name="failed_attempts")
    attempt = models.PositiveIntegerField(_("attempt"))
    step = models.CharField(_("step"), max_length=40, blank=True, default="")
    error = models.CharField(_("error"), max_length=40)
    detail = models.TextField(_("error detail"), blank=True, default="")
    worker = models.CharField(_("worker"), max_length=120, blank=True, default="")
    at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("failed attempt")
        verbose_name_plural = _("failed attempts")
        ordering = ["id"]
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.attempt} {self.error}"
