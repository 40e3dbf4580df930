"""Staff may read conversations; nobody changes them, and a long list costs no more queries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from conversations import transcript
from conversations.models import Conversation, Message

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def talk(conversation_id: str, *texts: str) -> Conversation:
    conversation = transcript.start(conversation_id, language="pt-br", time_zone="UTC")
    for text in texts:
        transcript.say(conversation, None, Message.Role.CLIENT, text, AT)
    return conversation


def test_a_conversation_shows_its_words(admin_client: Client) -> None:
    talk("conv_1", "Fui demitido", "Ontem")
    page = admin_client.get(reverse("admin:conversations_conversation_change", args=["conv_1"])).content.decode()
    assert "Fui demitido" in page
    assert "Ontem" in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("search", ["conv_1", "demitido"])
def test_search_finds_by_id_and_by_words(admin_client: Client, search: str) -> None:
    talk("conv_1", "Fui demitido", "Demitido ontem")
    talk("conv_2", "Outra coisa")
    page = admin_client.get(reverse("admin:conversations_conversation_changelist"), {"q": search})
    assert [row.id for row in page.context["cl"].result_list] == ["conv_1"]


def test_nobody_adds_changes_or_deletes(admin_client: Client) -> None:
    talk("conv_1", "Fui demitido")
    assert admin_client.get(reverse("admin:conversations_conversation_add")).status_code == 403
    change = reverse("admin:conversations_conversation_change", args=["conv_1"])
    assert admin_client.post(change, {"language": "en"}).status_code == 403
    assert admin_client.post(reverse("admin:conversations_conversation_delete", args=["conv_1"])).status_code == 403


def test_staff_without_the_permission_sees_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("bob", is_staff=True))
    talk("conv_1", "Fui demitido")
    assert client.get(reverse("admin:conversations_conversation_changelist")).status_code == 403


def test_more_rows_cost_no_more_queries(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        talk(f"conv_{number}", *["palavra"] * 3)
    talk("conv_long", *["palavra"] * 100)
    with django_assert_max_num_queries(8):
        admin_client.get(reverse("admin:conversations_conversation_changelist"))
    with django_assert_max_num_queries(8):
        admin_client.get(reverse("admin:conversations_conversation_change", args=["conv_long"]))
