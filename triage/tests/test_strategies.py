"""Who is asked about a case, whose word counts, and what is said of those who could not answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from triage.analysis.assess import assess
from triage.analysis.base import Analyzer, Cost, Facts, Finding, Known, Scored, Sure
from triage.analysis.result import compose
from triage.analysis.strategies import Analysts, NotReady, Verdict, analyse, stage_of
from triage.breaker import CircuitOpen
from triage.flows.schema import Strategy
from triage.tests.scripted_analyzers import QUOTED, Scripted, learnt, model
from triage.tests.small_flow import NOON, RULES, SMALL, Interview, flow_with


def facts_of(text: str) -> Facts:
    talk = Interview(language="en")
    talk.say(text)
    return talk.state.facts(NOON)


CRASH = facts_of("A car crash on the street")
OTHER = "wear"


def verdict_of(strategy: Strategy, analysts: Analysts, facts: Facts = CRASH) -> Verdict:
    own = analysts.rules.analyse(facts)
    return analyse(facts, analysts, strategy, own, stage_of(own, 0.0))


def asked(verdict: Verdict) -> list[tuple[str, str]]:
    return [(stage["analyzer"], stage["status"]) for stage in verdict.stages]


def test_with_nothing_but_rules_every_strategy_completes() -> None:
    for strategy in ("simple", "failover", "ensemble"):
        verdict = verdict_of(strategy, Analysts(RULES))
        assert (verdict.finding.categories[0].id, verdict.strategy, verdict.doubts) == ("crash", strategy, [])
        assert asked(verdict) == [("rules", "ok")]
        assert verdict.flow_type != "degraded"


def test_a_simple_case_asks_no_model() -> None:
    quick = model(OTHER)
    verdict = verdict_of("simple", Analysts(RULES, learnt("crash", 0.93), (quick,)))
    assert quick.asked == 0
    assert asked(verdict) == [("rules", "ok"), ("semantic", "ok")]
    assert (verdict.finding.categories[0].score, verdict.flow_type) == (0.93, "direct_simple")


def test_where_what_was_learnt_differs_the_interviews_reading_stands_with_the_little_that_speaks_for_it() -> None:
    doubtful = learnt(OTHER, 0.7)
    assert isinstance(doubtful.answer, Finding)
    doubtful.answer = replace(doubtful.answer, categories=(*doubtful.answer.categories, Scored("crash", 0.3)))
    verdict = verdict_of("simple", Analysts(RULES, doubtful))
    assert [(one.id, one.score) for one in verdict.finding.categories] == [("crash", 0.3), (OTHER, 0.7)]
    assert verdict.finding.categories[0].evidence
    assert verdict.doubts == ["analyzers_disagree"]


def test_what_was_learnt_decides_where_it_may_be_acted_upon_and_where_the_rules_heard_nothing() -> None:
    surest = learnt(OTHER, 0.97, sure=Sure(0.8, 0.95))
    verdict = verdict_of("simple", Analysts(RULES, surest))
    assert (verdict.finding.categories[0].id, verdict.doubts) == (OTHER, ["analyzers_disagree"])
    silent = verdict_of("simple", Analysts(RULES, learnt(OTHER, 0.4)), facts_of("Good morning to you all"))
    assert (silent.finding.categories[0].id, silent.doubts) == (OTHER, [])


def test_the_first_model_that_answers_wins_and_every_failure_is_a_stage() -> None:
    gone, slow = Scripted("gone", ConnectionError("secret words")), Scripted("slow", CircuitOpen("slow", 3.0))
    quick, spare = model("crash", cost=Cost(100, 20, 0.01)), model("crash", name="spare")
    verdict = verdict_of("failover", Analysts(RULES, learnt("crash"), (gone, slow, quick, spare)))
    assert asked(verdict) == [("rules", "ok"), ("gone", "failed"), ("slow", "skipped"), ("quick", "ok")]
    assert verdict.stages[-1] | {"ms": 0} == {
        "analyzer": "quick",
        "status": "ok",
        "ms": 0,
        "cost": 0.01,
        "tokens": 120,
        "note": "",
    }
    assert spare.asked == 0
    assert (verdict.flow_type, verdict.doubts) == ("degraded", ["degraded"])
    assert "secret" not in str(verdict.stages)


def test_when_all_models_fail_what_was_learnt_answers_and_then_the_rules() -> None:
    gone = Scripted("gone", TimeoutError())
    verdict = verdict_of("failover", Analysts(RULES, learnt("crash", 0.8), (gone,)))
    assert (verdict.finding.analyzer, verdict.flow_type) == ("semantic", "degraded")
    untrained = Scripted("semantic", NotReady("not_trained"))
    verdict = verdict_of("failover", Analysts(RULES, untrained, (gone,)))
    assert (verdict.finding.analyzer, verdict.stages[-1]["note"]) == ("rules", "not_trained")


def test_an_ensemble_asks_all_and_weighs_them_by_their_reliability() -> None:
    analysts = Analysts(
        RULES, learnt(OTHER, 0.6), (model("crash", name="a"), model("crash", name="b")), reliability={"semantic": 0.9}
    )
    verdict = verdict_of("ensemble", analysts)
    assert verdict.finding.categories[0].id == "crash"
    assert verdict.finding.categories[0].score < 0.7
    assert "analyzers_disagree" in verdict.doubts
    agreed = verdict_of("ensemble", replace(analysts, learnt=learnt("crash", 0.9)))
    assert agreed.finding.categories[0].score > verdict.finding.categories[0].score
    assert (agreed.doubts, agreed.flow_type) == ([], "ensemble_analysis")


def test_a_judge_is_asked_only_where_they_differ() -> None:
    judges: list[Sequence[Finding]] = []

    def judge(findings: Sequence[Finding]) -> Analyzer:
        judges.append(findings)
        return model("crash", name="judge")

    analysts = Analysts(RULES, learnt("crash"), (model("crash"),), judge)
    assert ("judge", "ok") not in asked(verdict_of("ensemble", analysts))
    assert not judges
    verdict = verdict_of("ensemble", replace(analysts, models=(model(OTHER),)))
    assert asked(verdict)[-1] == ("judge", "ok")
    assert verdict.finding.categories[0].id == "crash"
    assert [[one.analyzer for one in heard] for heard in judges] == [["semantic", "quick"]]


def test_no_analyzer_takes_a_red_flag_away_and_any_may_add_one() -> None:
    flags = [flag.id for flag in SMALL.red_flags]
    hurt = facts_of("A car crash, and I fainted")
    verdict = verdict_of("failover", Analysts(RULES, None, (model("crash"),)), hurt)
    assert [flag.id for flag in verdict.finding.red_flags] == ["injury"]
    seen = model("crash", red_flags=(Scored(flags[0], 1.0, (QUOTED,)),))
    assert [flag.id for flag in verdict_of("failover", Analysts(RULES, None, (seen,))).finding.red_flags] == flags[:1]


def test_the_category_that_the_person_chose_stands_whatever_analyzers_think() -> None:
    def ask_for_it(data: dict[str, Any]) -> None:
        title = {"pt-BR": "Assunto", "en": "Subject"}
        data["slots"].append({"id": "subject", "title": title, "kind": "category"})
        data["questions"].append({"id": "which", "slot": "subject", "text": title, "reason": title})

    flow = flow_with(ask_for_it)
    chosen = Known("crash", QUOTED)
    facts = replace(CRASH, flow=flow, slots={"subject": chosen})
    verdict = verdict_of("simple", Analysts(RULES, learnt(OTHER, 0.99)), facts)
    assert verdict.finding.categories == (Scored("crash", 1.0, (QUOTED,)),)
    assert (verdict.finding.calibrated, verdict.doubts) == (False, ["analyzers_disagree"])


@pytest.mark.parametrize(
    ("score", "reasons", "act"), [(0.5, ["low_confidence"], False), (0.85, [], False), (0.97, [], True)]
)
def test_who_may_act_and_who_must_look_follows_from_the_probability(
    score: float, reasons: list[str], act: bool
) -> None:
    verdict = verdict_of("simple", Analysts(RULES, learnt("crash", score, sure=Sure(0.8, 0.95))))
    assessment = assess(CRASH, verdict.finding)
    result = compose(CRASH, verdict, assessment)
    assert result["confidence"] == score
    assert result["is_calibrated"] is True
    assert result["review"] == {"needed": bool(reasons), "reasons": reasons, "act": act}


def test_a_model_may_find_a_case_harder_but_not_easier() -> None:
    harder = verdict_of("failover", Analysts(RULES, None, (model("crash", level="high"),)))
    assert assess(CRASH, harder.finding).level == "high"
    hard_facts = replace(harder.finding, level="low")
    assert assess(CRASH, hard_facts).level == assess(CRASH, RULES.analyse(CRASH)).level
