"""The durable words: ordered, numbered without holes, whatever writes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from conversations import transcript
from conversations.models import Conversation, Message

AT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
CLIENT, INTERVIEWER = Message.Role.CLIENT, Message.Role.INTERVIEWER


@pytest.fixture
def conversation() -> Conversation:
    return transcript.start(language="pt-br", time_zone="America/Sao_Paulo")


@pytest.mark.django_db
def test_a_conversation_starts_with_an_id_of_its_own() -> None:
    first = transcript.start(language="en", time_zone="UTC")
    second = transcript.start(language="en", time_zone="UTC")
    assert first.id.startswith("conv_")
    assert first.id != second.id


@pytest.mark.django_db
def test_a_conversation_can_be_given_its_id() -> None:
    assert transcript.start("conv_mine", language="en", time_zone="UTC").id == "conv_mine"


@pytest.mark.django_db
def test_messages_are_recalled_in_order_with_one_query(
    conversation: Conversation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    transcript.say(conversation, None, CLIENT, "Fui demitido", AT)
    transcript.say(conversation, "msg_mine", INTERVIEWER, "Quando?", AT)
    with django_assert_num_queries(1):
        said = transcript.recall(conversation)
    assert [(m.number, m.role, m.text) for m in said] == [(1, "client", "Fui demitido"), (2, "interviewer", "Quando?")]
    assert said[0].id.startswith("msg_")
    assert said[1].id == "msg_mine"


@pytest.mark.django_db
def test_saying_moves_the_conversation_on(conversation: Conversation) -> None:
    transcript.say(conversation, None, CLIENT, "Oi", AT)
    stored = Conversation.objects.get(pk=conversation.pk)
    assert (conversation.last_number, stored.last_number) == (1, 1)
    assert (conversation.last_said_at, stored.last_said_at) == (AT, AT)


@pytest.mark.django_db(transaction=True)
def test_a_message_rolled_back_leaves_no_hole(conversation: Conversation) -> None:
    transcript.say(conversation, None, CLIENT, "um", AT)
    with pytest.raises(KeyError), transaction.atomic():
        transcript.say(conversation, None, CLIENT, "dois", AT)
        raise KeyError
    assert transcript.say(conversation, None, CLIENT, "três", AT).number == 2


@pytest.mark.django_db
def test_what_no_database_can_hold_is_left_out(conversation: Conversation) -> None:
    message = transcript.say(conversation, None, CLIENT, "a\x00b \ud83d c 😀", AT)
    message.refresh_from_db()
    assert message.text == "ab ? c 😀"


@pytest.mark.django_db
def test_nobody_speaks_in_a_conversation_that_is_gone() -> None:
    with pytest.raises(Conversation.DoesNotExist):
        transcript.say(Conversation(id="conv_gone"), None, CLIENT, "alô?", AT)


@pytest.mark.django_db
def test_closing_twice_keeps_the_first_time_and_speaking_opens_again(conversation: Conversation) -> None:
    transcript.close(conversation.pk)
    conversation.refresh_from_db()
    first = conversation.closed_at
    transcript.close(conversation.pk)
    conversation.refresh_from_db()
    assert first is not None
    assert conversation.closed_at == first
    transcript.say(conversation, None, CLIENT, "voltei", AT)
    assert Conversation.objects.get(pk=conversation.pk).closed_at is None


@pytest.mark.django_db(transaction=True)
def test_two_writers_number_without_holes(conversation: Conversation) -> None:
    def write(writer: int) -> None:
        mine = Conversation.objects.get(pk=conversation.pk)
        try:
            for turn in range(40):
                with transaction.atomic():
                    transcript.say(mine, None, CLIENT, f"{writer}: {turn}", AT)
                    transcript.say(mine, None, INTERVIEWER, f"{writer}: {turn}?", AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, [1, 2]))
    said = transcript.recall(conversation)
    assert [message.number for message in said] == list(range(1, 161))
    assert {message.text for message in said} == {
        f"{writer}: {turn}{mark}" for writer in (1, 2) for turn in range(40) for mark in ("", "?")
    }
