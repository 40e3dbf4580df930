"""Red flags against phrasings whose danger is known, and levels against past cases whose level is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from triage.errors import InvalidInput
from triage.evaluation import metrics
from triage.evaluation.cases import Case
from triage.evaluation.hearing import Ear
from triage.evaluation.metrics import Share, Triage
from triage.flows import strict_yaml
from triage.flows.schema import LEVELS, URGENCIES, Flow


@dataclass(frozen=True, slots=True)
class Phrasing:
    """`flag`: what it has to raise; empty: nothing at all."""

    flag: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Alarms:
    """`missed` and `false` are the phrasings themselves, as each wants to be looked at."""

    recall: Share | None
    recall_by_language: Mapping[str, Share]
    false_alarms: Share | None
    missed: Sequence[Phrasing]
    false: Sequence[Phrasing]


def read_phrasings(path: Path, flow: Flow) -> list[Phrasing]:
    """From `raised: {flag: [{language: text}]}` and `harmless: [{language: text}]`. Raises InvalidInput."""
    try:
        data = strict_yaml.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidInput(f"{path}: is not YAML: {error}") from error
    try:
        found = list(_phrasings(data))
    except (AttributeError, TypeError, ValueError) as error:
        shape = "`raised: {flag: [{language: text}]}` and `harmless: [{language: text}]`"
        raise InvalidInput(f"{path}: wants {shape}.") from error
    flags = {flag.id for flag in flow.red_flags}
    for one in found:
        if one.flag and one.flag not in flags:
            raise InvalidInput(f"{path}: {flow.id} has no red flag '{one.flag}'.")
        if one.language not in flow.languages:
            raise InvalidInput(f"{path}: {flow.id} does not speak '{one.language}'.")
    if not found:
        raise InvalidInput(f"{path}: there is no phrasing in this file.")
    return found


def _phrasings(data: Any) -> Iterator[Phrasing]:
    raised: Mapping[str, Any] = data.get("raised") or {}
    groups = [*raised.items(), ("", data.get("harmless") or [])]
    for flag, pairs in groups:
        for pair in pairs:
            for language, text in pair.items():
                if not isinstance(text, str):
                    raise TypeError(text)
                yield Phrasing(flag, language, text)


def hear_alarms(ear: Ear, phrasings: Sequence[Phrasing]) -> Alarms:
    heard = [(one, _flags(ear, one)) for one in phrasings]
    wanted = [(one, one.flag in flags) for one, flags in heard if one.flag]
    unwanted = [(one, bool(flags)) for one, flags in heard if not one.flag]
    caught = [hit for _, hit in wanted]
    return Alarms(
        recall=metrics.share(caught) if wanted else None,
        recall_by_language=metrics.by_group([one.language for one, _ in wanted], caught),
        false_alarms=metrics.share([hit for _, hit in unwanted]) if unwanted else None,
        missed=[one for one, hit in wanted if not hit],
        false=[one for one, hit in unwanted if hit],
    )


def _flags(ear: Ear, phrasing: Phrasing) -> set[str]:
    return {flag.id for flag in ear.finding(Case(phrasing.text, "", phrasing.language)).red_flags}


def levels_of(ear: Ear, cases: Sequence[Case], costs: Mapping[str, float]) -> dict[str, Triage]:
    """Of `urgency` and `complexity`, where the cases say them: what the flow gives the first words alone."""
    found: dict[str, Triage] = {}
    for name, scale, truths in (
        ("urgency", URGENCIES, [(case, case.urgency) for case in cases]),
        ("complexity", LEVELS, [(case, case.level) for case in cases]),
    ):
        known = [(ear.assessment(case), truth) for case, truth in truths if truth]
        if known:
            said = [one.urgency_level if name == "urgency" else one.level for one, _ in known]
            found[name] = metrics.triage([truth for _, truth in known], said, scale, costs)
    return found
