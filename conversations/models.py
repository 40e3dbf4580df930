"""The durable words: who said what, in which order."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Conversation(models.Model):
    """One person's conversation; what it means is told elsewhere.

    `last_number` counts its messages; it is raised in the transaction that adds one.
    """

    id = models.CharField(primary_key=True, max_length=40, editable=False)
    language = models.CharField(_("language"), max_length=10)
    time_zone = models.CharField(_("time zone"), max_length=50)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    last_said_at = models.DateTimeField(_("last message"), auto_now_add=True, db_index=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return self.id


class Message(models.Model):
    class Role(models.TextChoices):
        CLIENT = "client", _("client")
        INTERVIEWER = "interviewer", _("interviewer")

    id = models.CharField(primary_key=True, max_length=40, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    role = models.CharField(_("role"), max_length=12, choices=Role)
    text = models.TextField(_("text"))
    said_at = models.DateTimeField(_("said"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["conversation_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="one_message_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:60]}"
