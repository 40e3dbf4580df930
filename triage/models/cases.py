"""A case, what was said in it, and its numbered events."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.ids import new_id
from conversations.models import Conversation, Message
from triage.models.flows import FlowVersion


def new_case_id() -> str:
    return new_id("case")


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
    alarms = models.JSONField(_("hints of danger"), null=True, default=None)  # null: nobody could listen

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["case_id", "number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_answer_per_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.question or self.kind}"
