"""`process_batch`: many cases from one file, checked, run in the background and followed to their end."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import translation

from triage import orchestrator
from triage.access import SYSTEM
from triage.batches.access import access_batch
from triage.batches.models import Batch
from triage.batches.results import CONTENT_TYPES, Counts, Format, counts_of, page_of
from triage.errors import TransitionRefused
from triage.management.plain_command import PlainCommand, hush_logs
from triage.orchestrator.batching import check_file
from triage.terminal.batch import Tally, follow
from triage.terminal.screen import Screen, console_on, printable

CTRL_C = 130
UNFINISHED = (Batch.State.READY, Batch.State.RUNNING, Batch.State.PAUSED)


class Command(PlainCommand):
    help = (
        "Tell many cases from a file (.csv, .jsonl or .xlsx with the column `text`), each row one case. Every row is "
        "checked before anything starts. Workers do the work, after that of people; Ctrl-C pauses."
    )
    examples = (
        "  manage.py process_batch cases.csv --flow legal-intake --language pt-BR --output results.csv\n"
        "  manage.py process_batch cases.xlsx --flow legal-intake --dry-run     only check the file\n"
        "  manage.py process_batch --resume batch_…                             go on where it was paused"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the cases")
        parser.add_argument("--flow", help="the flow's id (`manage.py flows list`)")
        parser.add_argument("--language", help="of the texts (default: the flow's first)")
        parser.add_argument("--skip-bad", action="store_true", help="leave out rows with mistakes, and tell the others")
        parser.add_argument("--dry-run", action="store_true", help="check the file and keep nothing")
        parser.add_argument("--output", type=Path, help="write the results here (.csv or .jsonl), finished or not")
        parser.add_argument("--resume", metavar="BATCH", help="follow this batch, and go on with it if it was paused")

    def handle(self, *_args: Any, **options: Any) -> None:
        hush_logs(options["verbosity"])
        if (options["file"] is None) == (options["resume"] is None):
            raise CommandError("Give a file, or --resume and the id of a batch.")
        if options["output"] is not None:
            _format_of(options["output"])
        with translation.override("en"):
            if options["dry_run"]:
                self._check(options)
            elif options["resume"]:
                self._run(_resumed(options["resume"], skip_bad=options["skip_bad"]), options["output"])
            else:
                self._run(self._taken_in(options), options["output"])

    def _check(self, options: dict[str, Any]) -> None:
        tally = Tally(self._tell_mistake)
        with _opened(options) as file:
            _, _, portions = check_file(actor=SYSTEM, file=file, **_asked(options))
            for portion in portions:
                tally.see(portion)
        self.stdout.write(str(tally))
        if tally.invalid and not options["skip_bad"]:
            raise CommandError("The file has mistakes.")

    def _taken_in(self, options: dict[str, Any]) -> Batch:
        """Checked and started. Raises CommandError when there are mistakes that nobody said to skip."""
        tally = Tally(self._tell_mistake)
        with _opened(options) as file:
            batch = orchestrator.create_batch(actor=SYSTEM, file=file, watch=tally.see, **_asked(options))
        self.stdout.write(str(tally))
        if tally.invalid and not options["skip_bad"]:
            orchestrator.cancel_batch(actor=SYSTEM, batch_id=batch.pk)
            raise CommandError("Nothing was started. Correct the file, or leave these rows out with --skip-bad.")
        self.stdout.write(f"{batch.pk}: Ctrl-C pauses")
        return orchestrator.start_batch(actor=SYSTEM, batch_id=batch.pk, skip_bad=True)

    def _run(self, batch: Batch, output: Path | None) -> None:
        screen = Screen(console_on(self.stdout))
        try:
            counts = follow(batch, screen)
        except KeyboardInterrupt:
            screen.end_bar()
            self._pause(batch)
            self._write_results(batch, output)
            sys.exit(CTRL_C)
        self.stdout.write(f"{batch.get_state_display()}: {_words(counts)}")
        self._write_results(batch, output)

    def _pause(self, batch: Batch) -> None:
        try:
            orchestrator.pause_batch(actor=SYSTEM, batch_id=batch.pk)
        except TransitionRefused:  # it ended at that moment
            return
        counts = counts_of([batch.pk])[batch.pk]
        under_way = f"; {counts.told} under way are still finished" if counts.told else ""
        self.stdout.write(f"Paused at {counts.done} of {counts.to_do}{under_way}.")
        self.stdout.write(f"Go on with: python manage.py process_batch --resume {batch.pk}")

    def _write_results(self, batch: Batch, output: Path | None) -> None:
        if output is None:
            return
        unfinished = output.with_name(f"{output.name}.part")
        after: int | None = -1
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            while after is not None:
                piece, after = page_of(batch, _format_of(output), after)
                file.write(piece)
        unfinished.replace(output)
        self.stdout.write(f"Results: {output}")

    def _tell_mistake(self, line: str) -> None:
        self.stderr.write(printable(line))


def _resumed(batch_id: str, *, skip_bad: bool) -> Batch:
    """Running, unless it is over. Raises BatchNotFound, TransitionRefused."""
    batch = access_batch(SYSTEM, batch_id)
    if batch.state == Batch.State.READY:
        return orchestrator.start_batch(actor=SYSTEM, batch_id=batch_id, skip_bad=skip_bad)
    return orchestrator.resume_batch(actor=SYSTEM, batch_id=batch_id) if batch.state in UNFINISHED else batch


def _opened(options: dict[str, Any]) -> Any:
    """The file, opened. Raises CommandError."""
    try:
        return options["file"].open("rb")
    except OSError as error:
        raise CommandError(f"{options['file']}: {error.strerror}.") from error


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    if not options["flow"]:
        raise CommandError("Say which flow the cases are for: --flow, as `manage.py flows list` shows them.")
    return {"flow_id": options["flow"], "language": options["language"], "name": options["file"].name}


def _format_of(output: Path) -> Format:
    for known in CONTENT_TYPES:
        if output.suffix.lower() == f".{known}":
            return known
    raise CommandError(f"{output}: results are written as .csv or .jsonl.")


def _words(counts: Counts) -> str:
    told = {name: getattr(counts, name) for name in ("completed", "failed", "cancelled", "skipped", "invalid")}
    return ", ".join(f"{count} {name}" for name, count in told.items() if count or name == "completed")
