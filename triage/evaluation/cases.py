"""What is measured: sentences whose truth is known, from a flow, and what is dealt out of them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from triage.errors import InvalidInput
from triage.flows.schema import Flow, Utterances
from triage.flows.terms import fold

LEAST = 2
"""Cases of a category: one to learn from, one to be measured by."""


@dataclass(frozen=True, slots=True)
class Case:
    """`label`: the true category. `urgency` and `level` are known of some past cases only."""

    text: str
    label: str
    language: str | None = None
    urgency: str | None = None
    level: str | None = None

    @property
    def sameness(self) -> str:
        """Alike for texts that differ by case, accents or spaces alone."""
        return " ".join(fold(self.text).split())


def cases_in(groups: Mapping[str, Utterances]) -> list[Case]:
    """Those of a flow's `examples` or `held_out`."""
    return [
        Case(text, label, language)
        for label, lists in groups.items()
        for language, texts in lists.items()
        for text in texts
    ]


def strangers_in(flow: Flow) -> list[Case]:
    """What is no case for the flow; the label is empty."""
    return [Case(text, "", language) for language, texts in flow.out_of_scope.items() for text in texts]


@dataclass(frozen=True, slots=True)
class Deal:
    """One round: learn from these, be measured by those."""

    learnt: Sequence[Case]
    asked: Sequence[Case]


def folds(cases: Sequence[Case], count: int, seed: int) -> Iterator[Deal]:
    """Every case is asked once, by somebody who learnt from the others.

    Each category and language is spread evenly; what was said twice stays together, as whoever learnt the one
    would know the other.
    """
    places = _places(cases, count, seed)
    for place in range(count):
        learnt = [case for case in cases if places[case.sameness] != place]
        asked = [case for case in cases if places[case.sameness] == place]
        if asked:
            yield Deal(learnt, asked)


def _places(cases: Sequence[Case], count: int, seed: int) -> dict[str, int]:
    strata: dict[tuple[str, str], list[str]] = defaultdict(list)
    for same, case in {case.sameness: case for case in cases}.items():
        strata[case.label, case.language or ""].append(same)
    dice, places, number = random.Random(seed), {}, 0
    for stratum in sorted(strata):
        members = sorted(strata[stratum])
        dice.shuffle(members)
        for same in members:  # goes on where the last one ended: small strata do not all meet in the first fold
            places[same] = number % count
            number += 1
    return places


def few_shots(cases: Sequence[Case], shots: int, seed: int) -> Deal:
    """`shots` cases of each category to learn from, the rest to be measured by."""
    by_label: dict[str, list[Case]] = defaultdict(list)
    for case in {case.sameness: case for case in cases}.values():
        by_label[case.label].append(case)
    dice, chosen = random.Random(seed), []
    for label in sorted(by_label):
        members = sorted(by_label[label], key=lambda case: case.sameness)
        chosen += dice.sample(members, min(shots, len(members)))
    known = {case.sameness for case in chosen}
    return Deal(chosen, [case for case in cases if case.sameness not in known])


def without(cases: Sequence[Case], known: Sequence[Case]) -> list[Case]:
    """Those that nobody could have learnt by heart."""
    heard = {case.sameness for case in known}
    return [case for case in cases if case.sameness not in heard]


def enough(cases: Sequence[Case], what: str) -> None:
    """Raises InvalidInput where nothing could be learnt or measured."""
    counts = Counter(label for _, label in {(case.sameness, case.label) for case in cases})
    if len(counts) < 2:
        names = ", ".join(counts) or "none"
        raise InvalidInput(f"{what}: at least two categories are needed to tell apart; there is only: {names}.")
    if few := [f"{label} ({count})" for label, count in sorted(counts.items()) if count < LEAST]:
        raise InvalidInput(f"{what}: each category needs {LEAST} different texts at least; too few: {', '.join(few)}.")
