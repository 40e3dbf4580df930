"""The analyzer that learnt from a flow's examples: what it finds in what a person said."""

from __future__ import annotations

from itertools import pairwise

import pytest

from triage.analysis.base import Facts, Finding, Utterance
from triage.analysis.codecs import FINDING
from triage.analysis.semantic import teaching
from triage.analysis.semantic.analyzer import SemanticAnalyzer
from triage.analysis.semantic.classifier import Classifier
from triage.analysis.semantic.recalled import Recalled
from triage.tests.small_flow import NOON
from triage.tests.taught_flow import taught_flow

FLOW = taught_flow()


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return teaching.categories(FLOW, None)


def analyse(classifier: Classifier | None, *texts: str) -> Finding:
    utterances = tuple(Utterance(f"m{number}", text) for number, text in enumerate(texts))
    return SemanticAnalyzer(Recalled(classifier) if classifier else None).analyse(
        Facts(FLOW, "pt-BR", NOON, {}, utterances)
    )


def test_categories_are_probabilities_best_first(classifier: Classifier) -> None:
    finding = analyse(classifier, "um carro me acertou", "a roda entortou na batida")
    scores = [category.score for category in finding.categories]
    assert finding.categories[0].id == "crash"
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1)
    assert (finding.analyzer, finding.calibrated) == ("semantic", True)
    assert (finding.factors, finding.red_flags) == ((), ())


def test_what_lies_outside_falls_to_the_category_that_has_no_examples(classifier: Classifier) -> None:
    finding = analyse(classifier, "quero uma receita de bolo", "previsão do tempo")
    assert finding.categories[0].id == "other"
    assert finding.in_scope is not None
    assert finding.categories[0].score == pytest.approx(1 - finding.in_scope)


def test_evidence_is_where_the_words_stand(classifier: Classifier) -> None:
    texts = ["Olá, bom dia", "Meu FREIO chia e a corrente está gasta"]
    finding = analyse(classifier, *texts)
    evidence = next(category.evidence for category in finding.categories if category.id == "wear")
    assert evidence
    for each in evidence:
        assert texts[int(each.message_id[1:])][each.start : each.end] == each.text
    spans = sorted((each.message_id, each.start, each.end) for each in evidence)
    assert all(one[0] != other[0] or one[2] <= other[1] for one, other in pairwise(spans))


def test_it_names_the_examples_that_are_nearest(classifier: Classifier) -> None:
    finding = analyse(classifier, "a corrente está gasta")
    assert (finding.nearest[0].example, finding.nearest[0].category) == ("a corrente está gasta e pula", "wear")


def test_a_finding_goes_through_json(classifier: Classifier) -> None:
    finding = analyse(classifier, "a corrente está gasta")
    assert FINDING.validate_json(FINDING.dump_json(finding)) == finding


def test_it_says_what_it_lacks(classifier: Classifier) -> None:
    assert "tfidf_only" in analyse(classifier, "o freio chia").notes
    assert analyse(None, "o freio chia").notes == ("not_trained",)
    assert analyse(classifier, "  ").notes == ("nothing_said",)
    assert analyse(classifier).categories == ()
