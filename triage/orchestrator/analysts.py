"""Who analyses: the rules, what was learnt from the flow's examples, and the models that are configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from triage.analysis.base import Analyzer, Facts, Finding, Sure
from triage.analysis.llm.analyzer import configured
from triage.analysis.llm.configuration import base_url_of, provider_of
from triage.analysis.llm.judging import judge
from triage.analysis.reuse import Reusing
from triage.analysis.semantic.analyzer import SemanticAnalyzer
from triage.analysis.semantic.recalled import Recalled
from triage.analysis.strategies import Analysts, NotReady
from triage.classifiers import About, is_wanted, recalled
from triage.orchestrator.recollection import analyzer


def analysts_for(facts: Facts) -> Analysts:
    """Reads the version's classifier, once per process."""
    learner = recalled(facts, About.CATEGORY)
    learnt: Analyzer | None = _Untrained() if settings.TRIAGE_LEARNS and is_wanted(facts.flow) else None
    reliability: dict[str, float] = {}
    if learner is not None:
        learnt = Reusing(_Learnt(learner), edition=learner.classifier.recipe)
        reliability[learnt.name] = learner.classifier.figures["accuracy"]
    models = tuple(
        Reusing(model, edition=base_url_of(provider_of(model.model_name)) or "provider") for model in configured()
    )
    return Analysts(analyzer(), learnt, models, _Judge if models else None, reliability)


class _Untrained:
    """The flow has examples, and nobody has learnt from them yet."""

    name = SemanticAnalyzer.name

    def analyse(self, facts: Facts) -> Finding:
        raise NotReady("not_trained")


@dataclass(slots=True)
class _Learnt:
    """The classifier's finding, with the probabilities that the flow's wanted accuracies ask for."""

    learnt: Recalled
    name: str = SemanticAnalyzer.name

    def analyse(self, facts: Facts) -> Finding:
        finding = SemanticAnalyzer(self.learnt).analyse(facts)
        if not finding.categories:
            raise NotReady(", ".join(finding.notes))
        best, wanted = finding.categories[0].id, facts.flow.analysis
        if best not in self.learnt.classifier.labels:
            return finding
        cut_off = self.learnt.classifier.cut_off
        return replace(finding, sure=Sure(cut_off(best, wanted.accuracy), cut_off(best, wanted.act_accuracy)))


@dataclass(slots=True)
class _Judge:
    """The first model that answers decides between these findings."""

    findings: Sequence[Finding]
    name: str = "judge"

    def analyse(self, facts: Facts) -> Finding:
        verdict = judge(facts, self.findings)
        if verdict is None:
            raise NotReady("nothing_disputed")
        return verdict
