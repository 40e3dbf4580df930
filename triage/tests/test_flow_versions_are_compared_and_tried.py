"""Versions of a flow: what changed, going back, and what a version would say of past cases."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from triage import orchestrator
from triage.analysis.rules import RulesAnalyzer
from triage.evaluation.shadow import shadow
from triage.flows.comparing import compare
from triage.flows.loader import current_version, flow_of, load_flow
from triage.models import Case, CaseEvent, FlowVersion
from triage.tests.cast import CRASH, acting, bob, completed_case, make_case
from triage.tests.loaded_flows import load_small_flow
from triage.tests.small_flow import SMALL, flow_with

pytestmark = pytest.mark.django_db(transaction=True)


def flows(*words: str) -> str:
    output = io.StringIO()
    call_command("flows", *words, stdout=output)
    return output.getvalue()


def _changed(data: dict[str, Any]) -> None:
    data["categories"].insert(0, {"id": "theft", "code": "TH", "title": {"pt-BR": "Furto", "en": "Theft"}})
    data["categories"][2]["terms"]["en"].append("saddle")  # wear
    data["questions"][1]["weight"] = 4
    data["questions"][2]["id"] = "was_hurt"
    data["factors"][0]["when"]["at_least"] = 500
    data["red_flags"][0]["hours"] = 1
    data["urgency"]["rules"] = []
    data["complexity"]["medium"] = 2
    data["examples"] = {"wear": {"en": ["It squeaks", "It rattles"]}}


CHANGED = flow_with(_changed)


def both() -> tuple[FlowVersion, FlowVersion]:
    return load_small_flow(), load_flow(CHANGED)[0]


def test_a_comparison_names_what_came_what_went_and_what_is_otherwise() -> None:
    changes = compare(SMALL, CHANGED)
    lists = changes.lists
    assert (lists["categories"].added, lists["categories"].changed) == (["theft"], {"wear": ["terms"]})
    assert (lists["questions"].removed, lists["questions"].changed) == (["anybody_hurt"], {"how_much": ["weight"]})
    assert lists["factors"].changed == {"large_damage": ["when"]}
    assert lists["red_flags"].changed == {"injury": ["hours"]}
    assert lists["urgency.rules"].removed == ["fresh"]
    assert changes.settings == {"complexity.medium": (3.0, 2.0)}
    assert changes.examples == {"examples.wear.en": (0, 2)}
    assert "slots" not in lists
    assert not compare(SMALL, SMALL)


def test_the_command_says_it_in_lines_and_in_json() -> None:
    both()
    told = flows("compare", SMALL.id, "1", "2")
    for line in ("categories: + theft", "questions: - anybody_hurt", "complexity.medium: 3.0 → 2.0"):
        assert f"  {line}\n" in told
    assert "  examples.wear.en: 0 → 2" in told
    assert "nothing changed" in flows("compare", SMALL.id, "2", "2")
    assert json.loads(flows("compare", SMALL.id, "1", "2", "--json"))["settings"] == {"complexity.medium": [3.0, 2.0]}


def test_rolling_back_makes_the_old_content_the_newest_and_leaves_cases_where_they_are() -> None:
    both()
    case = Case.objects.get(pk=orchestrator.open_case(actor=acting(bob()), flow_id=SMALL.id, text=CRASH).case_id)
    assert "v3 has the content of v1." in flows("rollback", SMALL.id, "1")
    newest = current_version(SMALL.id)
    assert (newest.version, newest.origin, flow_of(newest.pk)) == (3, "restored", SMALL)
    case.refresh_from_db()
    assert case.flow.version == 2
    assert "v3 has that content already." in flows("rollback", SMALL.id, "1")
    assert FlowVersion.objects.count() == 3


@pytest.mark.parametrize(
    "words",
    [("compare", SMALL.id, "1", "9"), ("rollback", SMALL.id, "9"), ("shadow", SMALL.id, "--version", "9")],
)
def test_a_version_that_is_not_there_is_one_sentence(words: tuple[str, ...]) -> None:
    load_small_flow()
    with pytest.raises(CommandError, match="has no version 9; the newest is 1"):
        flows(*words)
    with pytest.raises(CommandError, match="There is no flow 'none'"):
        flows(words[0], "none", *words[2:])


def test_a_shadow_lists_what_would_change_and_whom_staff_agree_with_and_writes_nothing() -> None:
    saddle, crash = completed_case(text="My saddle is loose"), completed_case()
    make_case(text="")
    orchestrator.override(actor=acting(bob()), case_id=saddle.pk, field="category", value="wear", reason="It is")
    orchestrator.override(actor=acting(bob()), case_id=crash.pk, field="category", value="wear", reason="It is")
    first, second = both()
    before = (CaseEvent.objects.count(), list(Case.objects.order_by("pk").values()))
    found = shadow(second, against=first, analyzer=RulesAnalyzer(), limit=10)
    assert found.cases == 2
    changes = {one.case_id: one.fields for one in found.changes}
    assert changes[saddle.pk]["category"] == ("other", "wear")
    assert "category" not in changes.get(crash.pk, {})
    told = found.human["category"]
    assert (told.cases, told.old_right, told.new_right) == (2, 0, 1)
    assert (CaseEvent.objects.count(), list(Case.objects.order_by("pk").values())) == before
    limited = shadow(second, against=None, analyzer=RulesAnalyzer(), limit=1)
    assert (limited.cases, [one.case_id for one in limited.changes if "category" in one.fields]) == (1, [])


def test_the_command_shows_a_shadow() -> None:
    case = completed_case(text="My saddle is loose")
    both()
    told = flows("shadow", SMALL.id, "--version", "2", "--against", "1")
    assert "three-questions v2 beside three-questions v1\n  1 cases, 1 would change" in told
    assert f"{case.pk}  category: other → wear" in told
    data = json.loads(flows("shadow", SMALL.id, "--json"))
    assert data["changed"]["category"] == 1
    named = flows("shadow", SMALL.id, "--json", "--analyzer", "triage.analysis.rules.RulesAnalyzer")
    assert json.loads(named) == data


def test_who_evaluates_a_flow_may_ask_for_its_shadow() -> None:
    completed_case(text="My saddle is loose")
    both()
    output = io.StringIO()
    call_command("evaluate_flow", SMALL.id, "--shadow", stdout=output)
    assert output.getvalue() == flows("shadow", SMALL.id)


def test_answers_to_questions_that_a_version_lacks_are_words_to_it() -> None:
    case = make_case(text="A crash on the street")
    for text in ("yesterday", "R$ 1000", "yes"):
        case.refresh_from_db()
        if case.state == "interviewing":
            orchestrator.answer(actor=acting(case.owner), case_id=case.pk, text=text)  # type: ignore[arg-type]
    _, second = both()
    found = shadow(second, against=None, analyzer=RulesAnalyzer(), limit=10)
    assert (found.cases, found.unreadable) == (1, 0)


def test_values_of_another_kind_and_other_languages_do_no_harm() -> None:
    make_case(text="A crash on 3 March, damage R$ 2000")
    make_case(text="A batida na rua", language="pt-BR")

    def _otherwise(data: dict[str, Any]) -> None:
        data["slots"][1].update(kind="text", greedy=False)
        data["factors"].pop(0)

    second, _ = load_flow(flow_with(_otherwise))
    found = shadow(second, against=None, analyzer=RulesAnalyzer(), limit=10)
    assert (found.cases, found.unreadable) == (2, 0)
    document = {**second.document, "languages": ["en"]}
    english = FlowVersion.objects.create(flow=SMALL.id, version=9, digest="", document=document)
    found = shadow(english, against=None, analyzer=RulesAnalyzer(), limit=10)
    assert (found.cases, found.unreadable) == (1, 1)
