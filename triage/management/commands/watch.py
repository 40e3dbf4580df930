"""`watch`: any case, from any point of its log, as it happens."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser
from typing import Any

from django_redis import get_redis_connection
from redis.exceptions import RedisError

from triage.access import SYSTEM, access_case
from triage.events import encode
from triage.management.plain_command import PlainCommand, hush_logs
from triage.terminal.events import EventView
from triage.terminal.screen import Screen, console_on
from triage.terminal.session import Body, watch

CTRL_C = 130


class Command(PlainCommand):
    help = "Follow a case: each of its events, then live, until the case is over."
    examples = (
        "  manage.py watch case_…               from the first event\n"
        "  manage.py watch case_… --after 12    only what came after event 12\n"
        "  manage.py watch case_… --json        one envelope a line, for scripts"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("case", help="the case's id")
        parser.add_argument("--after", type=int, default=0, metavar="N", help="start after event N (default: 0)")
        parser.add_argument("--json", action="store_true", help="print envelopes, one a line, and nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        hush_logs(options["verbosity"])
        case = access_case(SYSTEM, options["case"])
        if not _redis_answers():
            self.stderr.write("Redis does not answer: events come from the database, up to 5 s late.")
        screen = Screen(console_on(self.stdout))
        show = self._print if options["json"] else EventView(screen, case.language, is_numbered=True).show
        try:
            asyncio.run(watch(SYSTEM, case.pk, options["after"], show))
        except KeyboardInterrupt:
            sys.exit(CTRL_C)
        finally:
            screen.end_bar()

    def _print(self, body: Body) -> None:
        self.stdout.write(encode(body))
        self.stdout.flush()


def _redis_answers() -> bool:
    try:
        return bool(get_redis_connection().ping())
    except (RedisError, OSError):
        return False
