"""`simulate_flow`: people whose truth is known talk to a flow; how well it understands them, and how quickly."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from triage.flows.loader import flow_files, read_flow
from triage.flows.schema import Flow
from triage.management.plain_command import PlainCommand
from triage.simulation.persona import Persona, load_personas
from triage.simulation.scoring import Score, as_json, score, summary
from triage.simulation.talks import Talk

_WHO = "persona", "wanted", "reached", "questions", "form", "noticed"


class Command(PlainCommand):
    help = (
        "Let simulated clients talk to a flow's file (no database): category, level and urgency reached, dangers "
        "raised at once, questions asked beside the same flow as a fixed form, contradictions noticed."
    )
    examples = (
        "  manage.py simulate_flow legal-intake                               everybody, and the figures of all\n"
        "  manage.py simulate_flow legal-intake --persona work-fired --show   one conversation, word for word\n"
        "  manage.py simulate_flow it-support --json figures.json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("flow", help="the flow's id")
        parser.add_argument("--persona", action="append", default=[], help="only this one (may be repeated)")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
        parser.add_argument("--show", action="store_true", help="print the conversations")

    def handle(self, *_args: Any, **options: Any) -> None:
        flow = _flow(options["flow"])
        made = [score(flow, persona) for persona in _chosen(load_personas(flow), options["persona"])]
        if options["show"]:
            for one, talk in made:
                self._show(one, talk)
        figures = summary([one for one, _ in made])
        if options["json"] is not None:
            data = {"flow": flow.id, "summary": figures, "personas": [as_json(one) for one, _ in made]}
            options["json"].write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        self._table([one for one, _ in made])
        self.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1))

    def _show(self, one: Score, talk: Talk) -> None:
        self.stdout.write(f"=== {one.persona}")
        for line in talk.lines:
            self.stdout.write(f"> {line.answer.text}")
            self.stdout.write("\n".join(f"    {words}" for words in line.reply.splitlines() if words))

    def _table(self, scores: list[Score]) -> None:
        rows = [_WHO, *map(_cells, scores)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for cells in rows:
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            self.stdout.write("  ".join(padded).rstrip())


def _flow(flow_id: str) -> Flow:
    """As the files say it now, loaded or not; a later folder may replace a flow."""
    found = [path for path in flow_files() if path.stem == flow_id]
    if not found:
        raise CommandError(f"There is no flow file {flow_id}.yaml.")
    return read_flow(found[-1])


def _chosen(personas: list[Persona], wanted: list[str]) -> list[Persona]:
    known = {persona.id: persona for persona in personas}
    unknown = [one for one in wanted if one not in known]
    if unknown or not known:
        raise CommandError(f"There is no persona {', '.join(unknown)}." if unknown else "The flow has no personas.")
    return [known[one] for one in wanted] if wanted else personas


def _cells(one: Score) -> tuple[str, ...]:
    remarks = [f"-{flag}" for flag in one.flags_missed]
    remarks += [f"late:{flag}" for flag in one.flags_late]
    remarks += [f"false:{flag}" for flag in one.flags_false]
    remarks += [f"{'asked' if slot in one.noticed else 'UNNOTICED'}:{slot}" for slot in one.contradicted]
    remarks += [f"for nothing:{slot}" for slot in one.asked_for_nothing]
    reached = one.interview
    return (
        one.persona,
        "/".join(one.wanted.values()),
        f"{reached.category}/{reached.level}/{reached.urgency}",
        str(reached.questions),
        f"{one.form.questions} {'' if one.as_good else 'better'}".strip(),
        " ".join(remarks),
    )
