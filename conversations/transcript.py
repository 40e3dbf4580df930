"""The verbs on the durable words, meant to run inside the caller's transaction.

Numbers are contiguous from 1 in each conversation: taking one locks the conversation's row until the
transaction ends, so a second writer waits and a rolled back message leaves no hole.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from conversations.ids import new_id
from conversations.models import Conversation, Message


def start(conversation_id: str | None = None, *, language: str, time_zone: str) -> Conversation:
    return Conversation.objects.create(id=conversation_id or new_id("conv"), language=language, time_zone=time_zone)


# Without a savepoint: nested in the caller's transaction this costs nothing, alone it is one.
@transaction.atomic(savepoint=False)
def say(conversation: Conversation, message_id: str | None, role: str, text: str, at: datetime) -> Message:
    """Add one message. Who speaks in a closed conversation opens it again."""
    found = Conversation.objects.filter(pk=conversation.pk).update(
        last_number=F("last_number") + 1, last_said_at=at, closed_at=None
    )
    if not found:
        raise Conversation.DoesNotExist(f"There is no conversation {conversation.pk}")
    conversation.refresh_from_db(fields=["last_number", "last_said_at", "closed_at"])
    return Message.objects.create(
        id=message_id or new_id("msg"),
        conversation=conversation,
        number=conversation.last_number,
        role=role,
        text=storable(text),
        said_at=at,
    )


def recall(conversation: Conversation) -> list[Message]:
    return list(Message.objects.filter(conversation=conversation).order_by("number"))


def close(conversation_id: str) -> None:
    """The first closing counts."""
    Conversation.objects.filter(pk=conversation_id, closed_at=None).update(closed_at=timezone.now())


def storable(text: str) -> str:
    """The text as a row can hold it: PostgreSQL knows no NUL, and half a surrogate pair is not UTF-8.

    Spans are counted in this text, so whoever reads meaning from a message cleans it first.
    """
    return text.replace("\x00", "").encode(errors="replace").decode()
