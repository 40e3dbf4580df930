"""Conversations to read: the words belong to those who said them, so nobody edits them here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation, Message

if TYPE_CHECKING:  # Django's own classes take no type arguments while they run
    Inline = admin.TabularInline[Message, Conversation]
    Admin = admin.ModelAdmin[Conversation]
else:
    Inline = admin.TabularInline
    Admin = admin.ModelAdmin


class ReadOnly:
    """For admin classes whose rows are written by verbs alone."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class MessageInline(ReadOnly, Inline):
    model = Message
    fields = ["number", "role", "text", "said_at"]
    ordering = ["number"]


@admin.register(Conversation)
class ConversationAdmin(ReadOnly, Admin):
    list_display = ["id", "language", "time_zone", "last_number", "started_at", "last_said_at", "closed_at"]
    list_filter = ["language", ("closed_at", admin.EmptyFieldListFilter), "last_said_at"]
    search_fields = ["=id", "messages__text"]
    search_help_text = _("An id, or words that were said")
    show_full_result_count = False
    inlines = [MessageInline]
