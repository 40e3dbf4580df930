"""People on the pages, through Django's test client: a guest from the start page on, and what a page shows."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from triage.flows.loader import load_flow
from triage.models import Case
from triage.tests.small_flow import flow_with

FLOW_ID = "three-questions"


def offer_small_flow() -> None:
    """The small flow, on the start page."""
    load_flow(flow_with(lambda data: data.update(listed=True)))


def begin(client: Client, words: str = "I had a crash on the street", language: str = "en", **changed: Any) -> Any:
    """Send the start page's form; fields may be changed."""
    offer_small_flow()
    fields = {"flow": FLOW_ID, "text": words, "consent": "on", **changed}
    return client.post("/", fields, headers={"Accept-Language": language})


def guest_case(client: Client, words: str = "I had a crash on the street", language: str = "en") -> Case:
    response = begin(client, words, language)
    assert response.status_code == 302, response.content
    return Case.objects.get(pk=response.url.split("/")[2])


def say(client: Client, case: Case, text: str = "", **fields: str) -> Any:
    return client.post(f"/cases/{case.pk}/say/", {"text": text, **fields})


def words_of(response: Any) -> str:
    """What a person reads: the page without its tags, with single blanks."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
