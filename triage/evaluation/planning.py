"""Which trials answer what was asked: about a flow, about past cases, or about a flow that is taught past cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.errors import InvalidInput
from triage.evaluation.cases import Case, Deal, cases_in, enough, few_shots, folds, without
from triage.evaluation.trial import Part
from triage.flows.schema import Flow


@dataclass(frozen=True, slots=True)
class Dealing:
    """`shots`: so many cases of each category are learnt (None: all that are not asked)."""

    folds: int = 5
    repeats: int = 1
    seed: int = 0
    shots: int | None = None

    @property
    def seeds(self) -> range:
        return range(self.seed, self.seed + self.repeats)


def parts_of_flow(flow: Flow, dealing: Dealing) -> list[Part]:
    """Its own examples, each judged by what was learnt from the others; then its held-out ones, by all examples."""
    examples, held_out = cases_in(flow.examples), cases_in(flow.held_out)
    if not examples:
        raise InvalidInput(f"{flow.id} has no examples yet: write some, or give past cases with --data.")
    enough(examples, f"the examples of {flow.id}")
    parts = [Part("cross_validated", _folded(examples, (), dealing))]
    if held_out:
        parts.append(Part("held_out", [[Deal(examples, held_out)]]))
    return parts


def parts_of_cases(cases: Sequence[Case], tests: Sequence[Case], known: Sequence[Case], dealing: Dealing) -> list[Part]:
    """Past cases, learnt beside what is `known` (a flow's own examples) or alone."""
    if not tests:
        cases = without(cases, known)
    if not cases:
        raise InvalidInput("The flow has every past case among its examples: there is nothing to learn or to ask.")
    enough([*known, *cases], "the past cases")
    parts = [Part("own_cases", [[Deal(known, tests or cases)]])] if known else []
    if dealing.shots is not None:
        rounds = [[_shots(cases, tests, known, dealing.shots, seed)] for seed in dealing.seeds]
        return [*parts, Part("shots", rounds)]
    if tests:
        return [*parts, Part("test", [[Deal([*known, *cases], tests)]])]
    return [*parts, Part("cross_validated", _folded(cases, known, dealing))]


def _folded(cases: Sequence[Case], known: Sequence[Case], dealing: Dealing) -> list[list[Deal]]:
    return [
        [Deal([*known, *deal.learnt], deal.asked) for deal in folds(cases, dealing.folds, seed)]
        for seed in dealing.seeds
    ]


def _shots(cases: Sequence[Case], tests: Sequence[Case], known: Sequence[Case], shots: int, seed: int) -> Deal:
    deal = few_shots(cases, shots, seed)
    asked = tests or deal.asked
    if not asked:
        raise InvalidInput(f"With {shots} shots no case is left to ask: give --test, or fewer shots.")
    return Deal([*known, *deal.learnt], asked)


def doubts(cases: Sequence[Case], tests: Sequence[Case]) -> list[str]:
    """What makes the figures say less than they seem to."""
    found = []
    labels: dict[str, set[str]] = {}
    for case in cases:
        labels.setdefault(case.sameness, set()).add(case.label)
    if twice := sum(len(one) > 1 for one in labels.values()):
        found.append(f"{twice} texts stand in several categories: nobody can be right about all of them.")
    if repeated := len(cases) - len(labels):
        found.append(f"{repeated} cases repeat a text; repeats are never learnt and asked at once.")
    if tests and (shared := len(tests) - len(without(tests, cases))):
        found.append(f"{shared} texts of the test file stand in the learnt file too: they are known by heart.")
    if unheard := sorted({case.label for case in tests} - {case.label for case in cases}):
        found.append(f"Categories of the test file that nothing is learnt of: {', '.join(unheard)[:300]}.")
    return found
