"""API keys in the admin: shown once, revoked for good, and never a way to become somebody else."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from triage.access import actor_of_key, create_api_key
from triage.errors import NotSignedIn
from triage.models import ApiKey
from triage.tests.cast import alice, bob, staff_who_may

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:triage_apikey_changelist"), reverse("admin:triage_apikey_add")


def shown_key(page: str) -> str:
    found = re.search(r'id="new-key"[^>]*>(\S+)</code>', page)
    assert found
    return found[1]


def test_a_new_key_works_and_is_shown_once(client: Client) -> None:
    client.force_login(bob())
    response = client.post(ADD, {"user": bob().pk, "name": "Office"})
    key = shown_key(response.content.decode())
    assert actor_of_key(key).user_id == bob().pk
    assert "no-store" in response["Cache-Control"]
    row = ApiKey.objects.get()
    for address in (LIST, reverse("admin:triage_apikey_change", args=[row.pk])):
        page = client.get(address).content.decode()
        assert row.prefix in page
        assert key not in page
    assert key not in str(client.cookies)


def test_staff_make_keys_for_themselves_alone(client: Client) -> None:
    client.force_login(bob())
    assert client.post(ADD, {"user": alice().pk, "name": ""}).status_code == 200
    assert not ApiKey.objects.exists()


def test_a_superuser_makes_keys_for_anybody(admin_client: Client) -> None:
    page = admin_client.post(ADD, {"user": alice().pk, "name": ""}).content.decode()
    assert actor_of_key(shown_key(page)).user_id == alice().pk


def test_a_revoked_key_opens_nothing(client: Client) -> None:
    key = create_api_key(alice())
    client.force_login(bob())
    client.post(LIST, {"action": "revoke", "index": "0", "_selected_action": [ApiKey.objects.get().pk]})
    with pytest.raises(NotSignedIn):
        actor_of_key(key)
    first = ApiKey.objects.get().revoked_at
    client.post(LIST, {"action": "revoke", "index": "0", "_selected_action": [ApiKey.objects.get().pk]})
    assert ApiKey.objects.get().revoked_at == first


def test_a_key_is_not_handed_to_another_user(admin_client: Client) -> None:
    create_api_key(alice())
    change = reverse("admin:triage_apikey_change", args=[ApiKey.objects.get().pk])
    assert admin_client.post(change, {"user": User.objects.get(username="admin").pk}).status_code == 403


def test_who_may_only_look_revokes_nothing(client: Client) -> None:
    create_api_key(alice())
    client.force_login(staff_who_may("view_apikey"))
    client.post(LIST, {"action": "revoke", "index": "0", "_selected_action": [ApiKey.objects.get().pk]})
    assert ApiKey.objects.get().revoked_at is None
    assert client.get(ADD).status_code == 403
