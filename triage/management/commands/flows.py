"""`flows`: check flow files, load them, list what is loaded; its versions are in `management.flow_versions`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Count

from triage.errors import FlowInvalid
from triage.flows.loader import current_versions, flow_files, flow_of, load_flow, read_flow
from triage.flows.schema import Flow
from triage.management import flow_versions
from triage.management.plain_command import ExamplesFormatter, PlainCommand
from triage.models import Case

COLUMNS = ("flow", "version", "languages", "questions", "categories", "cases")


class Command(PlainCommand):
    help = "Check flow files, load them into the database, list the loaded flows."
    examples = (
        "  manage.py flows check                 every file of the catalogue and of TRIAGE_FLOW_DIRS\n"
        "  manage.py flows check my-flow.yaml    one file, wherever it is\n"
        "  manage.py flows load                  changed files become new versions\n"
        "  manage.py flows list --json           with the ids of questions and categories\n"
        "  manage.py flows compare legal-intake 3 5\n"
        "  manage.py flows rollback legal-intake 3\n"
        "  manage.py flows learn legal-intake    approved corrections become examples of a new version\n"
        "  manage.py flows shadow legal-intake --version 5 --against 3"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(
            dest="verb", required=True, metavar="check|load|list|compare|rollback|learn|shadow"
        )
        check = verbs.add_parser("check", help="print every mistake as `file: path: reason`")
        check.add_argument("files", nargs="*", type=Path, help="flow files or directories (default: all that load)")
        load = verbs.add_parser("load", help="load all files; what is loaded already stays as it is")
        show = verbs.add_parser("list", help="show the loaded flows and how many cases each has")
        for verb in (check, load, show, *flow_versions.add_verbs(verbs)):
            verb.formatter_class = ExamplesFormatter
            verb.add_argument("--json", action="store_true", help="JSON instead of lines")

    def handle(self, *_args: Any, **options: Any) -> None:
        match options["verb"]:
            case "check":
                self._check(_named(options["files"]) or flow_files(), as_json=options["json"])
            case "load":
                self._load(as_json=options["json"], is_quiet=options["verbosity"] < 1)
            case "list":
                self._list(as_json=options["json"])
            case _:
                data, lines = flow_versions.perform(options)
                if options["json"]:
                    self._print_json(data)
                else:
                    self.stdout.write("\n".join(lines))

    def _check(self, files: list[Path], *, as_json: bool) -> None:
        flows, problems = _read(files)
        if as_json:
            self._print_json({"checked": len(files), "problems": problems})
        else:
            self.stdout.write("".join(f"{problem}\n" for problem in problems), ending="")
        if problems:
            raise CommandError(f"{_count(len(problems), 'mistake')} in {_count(len(files), 'file')}.")
        if not as_json:
            names = ", ".join(flow.id for flow in flows)
            self.stdout.write(f"{_count(len(files), 'file')} without a mistake: {names}.")

    def _load(self, *, as_json: bool, is_quiet: bool) -> None:
        """All files or none: half a catalogue would be noticed by clients first."""
        flows, problems = _read(flow_files())
        if problems:
            raise FlowInvalid(problems)
        # A later folder may replace a flow of the same id.
        loaded = [load_flow(flow) for flow in {flow.id: flow for flow in flows}.values()]
        if as_json:
            self._print_json([{"flow": row.flow, "version": row.version, "new": is_new} for row, is_new in loaded])
        elif not is_quiet:
            for row, is_new in loaded:
                self.stdout.write(f"{row.flow} v{row.version} {'is new' if is_new else 'was loaded before'}")

    def _list(self, *, as_json: bool) -> None:
        rows = _listed()
        if as_json:
            self._print_json(rows)
        elif not rows:
            self.stdout.write("No flow is loaded; `manage.py flows load` loads the catalogue.")
        else:
            self._print_table([COLUMNS, *map(_cells, rows)])

    def _print_table(self, table: list[tuple[str, ...]]) -> None:
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for cells in table:
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            self.stdout.write("  ".join(padded).rstrip())

    def _print_json(self, data: Any) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False))


def _named(paths: list[Path]) -> list[Path]:
    """A directory stands for the flow files in it."""
    return [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]


def _read(files: list[Path]) -> tuple[list[Flow], list[str]]:
    """The flows that are right, and every mistake of the others."""
    flows, problems = [], []
    for path in files:
        try:
            flows.append(read_flow(path))
        except FlowInvalid as error:
            problems += error.problems
    return flows, problems


def _listed() -> list[dict[str, Any]]:
    cases = dict(Case.objects.order_by().values_list("flow__flow").annotate(number=Count("pk")))
    rows = []
    for version in current_versions():
        flow = flow_of(version.pk)
        rows.append(
            {
                "flow": flow.id,
                "version": version.version,
                "languages": flow.languages,
                "questions": [question.id for question in flow.questions],
                "categories": [category.id for category in flow.categories],
                "cases": cases.get(flow.id, 0),
            }
        )
    return rows


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    counted = {**row, "questions": len(row["questions"]), "categories": len(row["categories"])}
    return tuple(str(cell) for cell in {**counted, "languages": ", ".join(row["languages"])}.values())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
