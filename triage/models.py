"""The rows that are the truth: cases, their numbered events, answers, runs, who may see, flows.

States are written by the orchestrator's verbs and nowhere else.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from conversations.ids import new_id
from conversations.models import Conversation, Message
from triage.analysis.semantic.models import FlowClassifier
from triage.batches.models import Batch, BatchRow
from triage.board.models import LaneMinute, ModelDay, ScheduledJob
from triage.corrections.models import Correction

__all__ = [
    "Answer",
    "ApiKey",
    "Batch",
    "BatchRow",
    "Case",
    "CaseEvent",
    "Correction",
    "FlowClassifier",
    "FlowVersion",
    "GuestAccess",
    "IdempotencyKey",
    "LaneMinute",
    "ModelDay",
    "Priority",
    "RunStep",
    "ScheduledJob",
    "TriageRun",
]


def new_case_id() -> str:
    return new_id("case")


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


class Priority(models.TextChoices):
    """The same words as urgency, most urgent first."""

    CRITICAL = "critical", _("critical")
    HIGH = "high", _("high")
    NORMAL = "normal", _("normal")
    LOW = "low", _("low")


class Case(models.Model):
    """One person's case.

    `version` counts the decisions committed on it; a verb commits only on the version it decided on. `last_seq` is
    the number of its newest event. The assessment's columns mirror the last `assessment_updated`,
    so that lists can filter; the log says how it came to be. `priority` is what staff decided; without it urgency and
    deadline do. `overrides` is what staff decided otherwise than the analysis, by field (`analysis.overruling`); the
    columns show it.
    """

    class State(models.TextChoices):
        INTERVIEWING = "interviewing", _("interviewing")
        QUEUED = "queued", _("queued")
        ANALYSING = "analysing", _("analysing")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("expired")

    id = models.CharField(primary_key=True, max_length=40, default=new_case_id, editable=False)
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="case")
    flow = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="cases")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    language = models.CharField(_("language"), max_length=10)
    state = models.CharField(_("state"), max_length=14, choices=State, default=State.INTERVIEWING)
    version = models.PositiveIntegerField(default=0, editable=False)
    last_seq = models.PositiveIntegerField(default=0, editable=False)
    question = models.CharField(_("open question"), max_length=40, blank=True, default="")

    category = models.CharField(_("category"), max_length=40, blank=True, default="")
    complexity = models.CharField(_("complexity"), max_length=8, blank=True, default="")
    score = models.FloatField(_("score"), default=0.0)
    confidence = models.FloatField(_("confidence"), default=0.0)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Priority, default=Priority.NORMAL)
    priority = models.CharField(_("priority"), max_length=10, choices=Priority, blank=True, default="")
    deadline = models.DateField(_("deadline"), null=True, blank=True)
    red_flags = models.JSONField(_("red flags"), default=list, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True)
    overrides = models.JSONField(default=dict, blank=True, editable=False)

    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)
    contact_name = models.CharField(_("contact name"), max_length=120, blank=True, default="")
    contact_phone = models.CharField(_("contact phone"), max_length=40, blank=True, default="")
    contact_email = models.EmailField(_("contact e-mail"), blank=True, default="")
    safe_to_call = models.BooleanField(_("safe to call"), null=True, blank=True)
    return_code_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)

    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "-created_at"]), models.Index(fields=["completed_at"])]

    def __str__(self) -> str:
        return self.id


class CaseEvent(models.Model):
    """One thing that happened; `seq` counts from 1 per case without a hole. Written by `eventlog.append`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    data = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["case_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="one_event_per_seq")]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class Answer(models.Model):
    """What became of one message of the client (`analysis.base.Turn`); words are parsed once, here it is kept.

    `number` counts the case's turns from 1.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers")
    number = models.PositiveIntegerField()
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="answer")
    kind = models.CharField(_("kind"), max_length=10)
    question = models.CharField(_("question"), max_length=40, blank=True, default="")
    readings = models.JSONField(_("values"), default=list)
    next_question = models.CharField(_("asked next"), max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["case_id", "number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_answer_per_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.question or self.kind}"


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
