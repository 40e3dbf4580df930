"""`evaluate_flow`: how right a flow is, how well it knows that, and what past cases would teach it."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone, translation

from triage.evaluation import page
from triage.evaluation.alarms import read_phrasings
from triage.evaluation.cases import Case
from triage.evaluation.datafile import Allowed, Columns, read_cases
from triage.evaluation.evaluating import Inquiry, evaluate
from triage.evaluation.figures import Report
from triage.evaluation.learning import ClassifierTrainer
from triage.evaluation.limits import NAMES, shortfalls
from triage.evaluation.planning import Dealing
from triage.evaluation.teaching import teach
from triage.flows.loader import choose_language, current_version, flow_of, read_flow
from triage.flows.schema import Flow
from triage.management.plain_command import PlainCommand, hush_logs
from triage.terminal.evaluation import show
from triage.terminal.screen import Screen, console_on


class Command(PlainCommand):
    help = (
        "Measure a flow: by its own examples and held-out sentences, by past cases from a CSV file, or teach a flow "
        "past cases and measure that. Without a flow a CSV file is measured alone."
    )
    examples = (
        "  manage.py evaluate_flow legal-intake --html report.html           by its own examples\n"
        "  manage.py evaluate_flow legal-intake --all                        rules, learnt, and both, side by side\n"
        "  manage.py evaluate_flow my-flow.yaml --least-accuracy 0.92        a file; exit code 1 where it falls short\n"
        "  manage.py evaluate_flow my-flow --data past.csv --label area      what past cases would teach it\n"
        "  manage.py evaluate_flow my-flow --data past.csv --teach my-flow/past.yaml    writes them for the flow\n"
        "  manage.py evaluate_flow my-flow --shadow                          past cases by the newest version\n"
        "  manage.py evaluate_flow --data train.csv --test test.csv --shots 10 --repeats 3"
    )
    stealth_options = ("trainer",)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("flow", nargs="?", help="a loaded flow's id, or a flow file")
        _add_data(parser)
        _add_ways(parser)
        for name in ("json", "html", "svg"):
            parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write the report as {name.upper()}")
        parser.add_argument("--page-language", default="en", choices=["en", "pt-br"], help="of the report")
        for name, about in NAMES.items():
            word = "less" if name.startswith("least") else "more"
            flag = f"--{name.replace('_', '-')}"
            parser.add_argument(flag, type=_share, metavar="0…1", help=f"exit with 1 if {about} is {word}")

    def handle(self, *_args: Any, **options: Any) -> None:
        hush_logs(options["verbosity"])
        flow = _flow(options["flow"])
        _refuse_what_cannot_be(flow, options)
        if flow is not None and options["shadow"]:
            call_command("flows", "shadow", flow.id, stdout=self.stdout)
            return
        inquiry = self._inquiry(flow, options)
        screen = Screen(console_on(self.stdout))
        with translation.override(options["page_language"]):
            try:
                report = evaluate(inquiry, options.get("trainer") or ClassifierTrainer(), screen.live_bar)
            finally:
                screen.end_bar()
            show(screen, report)
            self._write(report, options)
        if flow is not None and options["teach"]:
            count = teach(flow, inquiry.cases, options["teach"])
            self.stdout.write(f"{options['teach']}: {count} examples. `manage.py flows check` and `flows load` next.")
        limits = {name: options[name] for name in NAMES if options[name] is not None}
        if short := shortfalls(report, limits):
            raise CommandError("Not reached: " + "; ".join(map(str, short)) + ".")

    def _inquiry(self, flow: Flow | None, options: dict[str, Any]) -> Inquiry:
        cases = self._cases(flow, options["data"], options)
        tests = self._cases(flow, options["test"], options)
        told = {
            "flow": options["flow"],
            "cases": options["data"] and f"{options['data'].name} ({len(cases)})",
            "test": options["test"] and f"{options['test'].name} ({len(tests)})",
            "phrasings": options["phrasings"] and options["phrasings"].name,
            "seed": options["seed"],
        }
        return Inquiry(
            flow,
            timezone.now(),
            cases=cases,
            tests=tests,
            phrasings=read_phrasings(options["phrasings"], flow) if flow and options["phrasings"] else (),
            dealing=Dealing(options["folds"], options["repeats"], options["seed"], options["shots"]),
            who="rules" if options["rules"] else "all" if options["all"] else "learnt",
            wanted=options["wanted"],
            costs=options["costs"],
            about={name: str(value) for name, value in told.items() if value is not None},
        )

    def _cases(self, flow: Flow | None, path: Path | None, options: dict[str, Any]) -> list[Case]:
        if path is None:
            return []
        language = choose_language(flow, options["language"]) if flow else options["language"]
        columns = Columns(
            text=options["text"],
            label=options["label"],
            language_column=options["language_column"],
            urgency=options["urgency"],
            level=options["complexity"],
            language=language,
        )
        allowed = Allowed([category.id for category in flow.categories], flow.languages) if flow else Allowed()
        cases, bad = read_cases(path, columns, allowed, skip_bad=options["skip_bad"])
        if bad:
            self.stderr.write(f"{path}: {bad} rows left out.")
        return cases

    def _write(self, report: Report, options: dict[str, Any]) -> None:
        made: dict[str, Callable[[], str]] = {
            "json": lambda: json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n",
            "html": lambda: page.page(report),
            "svg": lambda: page.picture(page.summary_figures(report.approaches)),
        }
        for name, make in made.items():
            if path := options[name]:
                with _told(path):
                    path.write_text(make(), encoding="utf-8")


def _add_data(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="FILE", help="past cases as CSV, their categories known")
    parser.add_argument("--text", default="text", metavar="COLUMN", help="what people said (default: text)")
    parser.add_argument("--label", default="category", metavar="COLUMN", help="the category (default: category)")
    parser.add_argument("--language", metavar="TAG", help="of every row (default: the flow's first)")
    parser.add_argument("--language-column", metavar="COLUMN", help="of each row")
    parser.add_argument("--urgency", metavar="COLUMN", help="the true urgency, where it is known")
    parser.add_argument("--complexity", metavar="COLUMN", help="the true complexity, where it is known")
    parser.add_argument("--test", type=Path, metavar="FILE", help="be measured by these, learn from all of --data")
    parser.add_argument("--skip-bad", action="store_true", help="leave out rows with mistakes")
    parser.add_argument("--phrasings", type=Path, metavar="FILE", help="YAML: what raises red flags, and what does not")
    parser.add_argument("--teach", type=Path, metavar="FILE", help="write --data as examples, for the flow's folder")


def _add_ways(parser: ArgumentParser) -> None:
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--rules", action="store_true", help="measure the flow's rules alone")
    who.add_argument(
        "--all", action="store_true", help="rules, learnt from examples, and both as an interview joins them"
    )
    who.add_argument(
        "--shadow", action="store_true", help="past cases by the newest version beside their own (`flows shadow`)"
    )
    parser.add_argument("--shots", type=_count, metavar="N", help="learn N cases of each category only")
    parser.add_argument("--folds", type=_folds, default=5, metavar="N", help="cross-validate in N parts (default: 5)")
    parser.add_argument("--repeats", type=_count, default=1, metavar="N", help="deal N times anew")
    parser.add_argument("--seed", type=int, default=0, help="by which cases are dealt (default: 0)")
    parser.add_argument(
        "--wanted", type=_share, nargs="+", default=(), metavar="0…1", help="accuracies to tell the coverage at"
    )
    parser.add_argument(
        "--costs",
        type=_costs,
        default="undertriage=5,overtriage=1",
        help="of one level too low and too high (default: undertriage=5,overtriage=1)",
    )


def _refuse_what_cannot_be(flow: Flow | None, options: dict[str, Any]) -> None:
    """Raises CommandError."""
    wants_flow = ("rules", "all", "shadow", "phrasings", "urgency", "complexity", "teach")
    wants_data = ("test", "shots", "urgency", "complexity", "language", "language_column", "teach")
    given = [name for name in dict.fromkeys((*wants_flow, *wants_data)) if options[name] not in (None, False)]
    if flow is None and not options["data"]:
        raise CommandError("Say which flow is measured (`manage.py flows list`), or give past cases with --data.")
    for name in given:
        flag = f"--{name.replace('_', '-')}"
        if name in wants_flow and flow is None:
            raise CommandError(f"{flag} needs a flow.")
        if name in wants_data and not options["data"]:
            raise CommandError(f"{flag} needs --data.")
    if options["teach"] and options["teach"].exists():
        raise CommandError(f"{options['teach']} exists already.")


def _flow(name: str | None) -> Flow | None:
    if name is None:
        return None
    if name.endswith((".yaml", ".yml")):
        return read_flow(Path(name))
    return flow_of(current_version(name).pk)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text} does not lie between 0 and 1")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ArgumentTypeError(f"{text} is less than 1")
    return value


def _folds(text: str) -> int:
    value = int(text)
    if value < 2:
        raise ArgumentTypeError(f"{text} is less than 2")
    return value


def _costs(text: str) -> dict[str, float]:
    try:
        costs = {name.strip(): float(value) for name, _, value in (pair.partition("=") for pair in text.split(","))}
    except ValueError:
        costs = {}
    if set(costs) != {"undertriage", "overtriage"} or min(costs.values()) < 0:
        raise ArgumentTypeError("write it as undertriage=5,overtriage=1")
    return costs
