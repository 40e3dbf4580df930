"""The time somebody was given is a date ahead; the day a paper came is not its deadline; a street is no date."""

from __future__ import annotations

import pytest

from triage.flows.answers import read_answer
from triage.tests.reading_flow import EN, PT, reply
from triage.tests.test_the_catalogue_knows_every_category import NOW, flow_named, understood


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("pt-BR", "recebi uma intimação hoje, prazo de 15 dias", "2025-06-19"),
        ("pt-BR", "fui intimado e tenho 5 dias para responder", "2025-06-09"),
        ("pt-BR", "tenho quinze dias para me defender no processo", "2025-06-19"),
        ("pt-BR", "o prazo é de 15 (quinze) dias úteis", "2025-06-19"),
        ("pt-BR", "tenho que responder em até 3 dias", "2025-06-07"),
        ("en", "I have 5 days to reply to the lawsuit", "2025-06-09"),
        ("en", "I got a court summons today, the deadline is three days", "2025-06-07"),
        ("en", "I must answer within ten days", "2025-06-14"),
        ("pt-BR", "demorou 10 dias para responder", None),
        ("pt-BR", "recebi uma intimação hoje", None),
        ("en", "It took 10 days to reply", None),
        ("en", "I received the summons today", None),
    ],
)
def test_the_time_given_ends_that_many_days_from_now(language: str, text: str, day: str | None) -> None:
    assert understood("legal-intake", language, text).get("deadline") == day


def test_the_day_a_paper_came_is_when_it_was_served() -> None:
    assert understood("legal-intake", "pt-BR", "recebi uma intimação hoje")["served_on"] == "2025-06-04"


@pytest.mark.parametrize(
    ("slot", "language", "text", "day"),
    [
        ("deadline", PT, "5 dias", "2026-03-09"),
        ("deadline", PT, "cinco dias úteis", "2026-03-09"),
        ("deadline", EN, "two weeks", "2026-03-18"),
        ("happened", PT, "5 dias", "2026-02-27"),
        ("happened", EN, "about two weeks", "2026-02-18"),
    ],
)
def test_a_bare_duration_answers_when(slot: str, language: str, text: str, day: str) -> None:
    assert reply(slot, text, language) == day


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt-BR", "moro na rua 7 de setembro e fui demitido"),
        ("pt-BR", "moro na Avenida 15 de Novembro, 300"),
        ("pt-BR", "estudo na escola municipal 7 de setembro"),
        ("en", "I live at 15 November Avenue and was fired"),
    ],
)
def test_a_street_is_no_date(language: str, text: str) -> None:
    assert {"happened_on", "deadline"}.isdisjoint(understood("legal-intake", language, text))


def test_a_day_in_the_street_is_still_a_date() -> None:
    told = understood("legal-intake", "pt-BR", "fui posta na rua em 3 de março")
    assert told["happened_on"] == "2025-03-03"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I need a new laptop for a colleague by Friday"),
        ("pt-BR", "preciso de um notebook novo para um colega até sexta"),
    ],
)
def test_by_a_day_means_the_coming_one(language: str, text: str) -> None:
    told = understood("it-support", language, text)
    assert (told.get("needed_by"), told.get("started_on")) == ("2025-06-06", None)


@pytest.mark.parametrize(("slot", "text"), [("documents_at_hand", "sim"), ("other_side_kind", "não")])
def test_a_bare_yes_or_no_chooses_only_what_is_one(slot: str, text: str) -> None:
    flow = flow_named("legal-intake")
    question = next(one for one in flow.questions if one.slot == slot)
    read = {one.slot: one.value for one in read_answer(flow, "pt-BR", question, text, NOW)}
    assert read.get(slot) == {"sim": "yes", "não": None}[text]
