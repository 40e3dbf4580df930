"""Past cases as examples of a flow: a file for the flow's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from triage.errors import InvalidInput
from triage.evaluation.cases import Case, cases_in, strangers_in, without
from triage.flows.schema import Flow

LONGEST = 4000  # characters of an utterance, as the schema has it


def teach(flow: Flow, cases: Sequence[Case], path: Path) -> int:
    """Write what the flow does not know yet, and say how many cases that are. Raises InvalidInput.

    What it is measured by stays unlearnt; an existing file is left alone.
    """
    known = [*cases_in(flow.examples), *cases_in(flow.held_out), *strangers_in(flow)]
    new = {case.sameness: case for case in without(cases, known) if len(case.text) <= LONGEST}
    examples: dict[str, dict[str, list[str]]] = {}
    for case in new.values():
        examples.setdefault(case.label, {}).setdefault(case.language or flow.languages[0], []).append(case.text)
    try:
        with path.open("x", encoding="utf-8") as file:
            yaml.safe_dump({"examples": examples}, file, allow_unicode=True, width=120)
    except FileExistsError as error:
        raise InvalidInput(f"{path} exists already.") from error
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}.") from error
    return len(new)
