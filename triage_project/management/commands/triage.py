"""`triage`: one case from the first word to the result, without a browser."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandError

from triage import orchestrator
from triage.access import SYSTEM, Actor, access_case
from triage.errors import InvalidInput, TriageError
from triage.events import encode
from triage.flows.loader import choose_language, current_version, flow_of
from triage.flows.schema import Flow
from triage.management.plain_command import PlainCommand, hush_logs
from triage.models import Case
from triage.projection import CaseView
from triage.terminal.answers import AnswerFile, Answers, StandardInput, read_answers
from triage.terminal.events import EventView
from triage.terminal.greeting import greet
from triage.terminal.screen import Screen, console_on
from triage.terminal.session import Body, Session, Show
from triage_project.child import CannotStart
from triage_project.data_lock import make_data_dir
from triage_project.preflight import check_database, check_redis
from triage_project.running import running_parts

CTRL_C = 130


@dataclass(frozen=True, slots=True)
class _Opened:
    """`reached`: how far the case's log went when we came to it."""

    actor: Actor
    case_id: str
    flow: Flow
    language: str
    reached: int


class Command(PlainCommand):
    help = (
        "Triage one case on this terminal: ask, show what happens as it happens, print the result. "
        "It uses the running `up` of the data directory; without one it brings Valkey and a worker of its own."
    )
    examples = (
        '  manage.py triage "Fui demitido sem justa causa e não recebi a rescisão"\n'
        '  manage.py triage "My laptop does not start" --flow it-support --language en\n'
        "  manage.py triage --answers answers.yaml --json   one event a line; nobody is asked\n"
        "  manage.py triage --case case_…                   go on with a case that was left\n"
        "\n"
        "An answers file maps question ids (`manage.py flows list --json` names them) to words:\n"
        "  message: Fui demitido sem justa causa e não recebi a rescisão\n"
        "  when_happened: em 3 de março\n"
        "  default: não sei     to every other question; without it they are skipped"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", nargs="?", default="", help="the case, in the person's own words")
        parser.add_argument("--case", metavar="ID", help="go on with this case instead of opening one")
        parser.add_argument("--flow", metavar="ID", help=f"the questionnaire (default: {settings.TRIAGE_DEFAULT_FLOW})")
        parser.add_argument("--language", metavar="TAG", help="pt-BR or en (default: the flow's first)")
        parser.add_argument("--user", metavar="NAME", help="the account that owns the case (default: nobody)")
        parser.add_argument("--answers", metavar="FILE", type=Path, help="answer from this YAML file, ask nobody")
        parser.add_argument("--json", action="store_true", help="print envelopes, one a line, and nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        hush_logs(options["verbosity"])
        _refuse_contradictions(options)
        script = read_answers(options["answers"]) if options["answers"] else None
        try:
            with ExitStack() as parts:
                with console_on(self.stderr).status("Starting…"):
                    _check_parts()
                    parts.enter_context(running_parts(settings.DATA_DIR))
                self._triage(options, script)
        except CannotStart as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            sys.exit(CTRL_C)

    def _triage(self, options: dict[str, Any], script: AnswerFile | None) -> None:
        opened = _return_to(options["case"], script) if options["case"] else _open(options, script)
        as_json: bool = options["json"]
        answers: Answers = script or StandardInput(prompts_on_stderr=as_json)
        screen = Screen(console_on(self.stderr if as_json else self.stdout))
        shows: list[Show] = [self._print] if as_json else []
        if not as_json or answers.is_typed:
            if not options["case"]:
                greet(screen, opened.flow, opened.language, is_typed=answers.is_typed)
            typed_after = opened.reached if answers.is_typed else None
            shows.append(EventView(screen, opened.language, typed_after=typed_after).show)
        end = self._run(Session(opened.actor, opened.case_id, opened.reached, shows, answers), screen)
        if script and script.unused:
            self.stderr.write(f"{script.path}: not asked, so not used: {', '.join(script.unused)}")
        _judge(end)

    def _run(self, session: Session, screen: Screen) -> CaseView:
        """Whatever ends it early, the person learns how to go on."""
        try:
            return session.run()
        except (KeyboardInterrupt, TriageError):
            screen.end_bar()
            self.stderr.write(f"\nThe case is kept. Go on with: python manage.py triage --case {session.case_id}")
            raise
        finally:
            screen.end_bar()

    def _print(self, body: Body) -> None:
        self.stdout.write(encode(body))
        self.stdout.flush()


def _refuse_contradictions(options: dict[str, Any]) -> None:
    if options["case"]:
        of_a_new_case = [name for name in ("text", "flow", "language", "user") if options[name]]
        if of_a_new_case:
            raise CommandError(f"--case goes on with a case; {' and '.join(of_a_new_case)} would open a new one.")


def _check_parts() -> None:
    make_data_dir(settings.DATA_DIR)
    check_database()
    if not settings.REDIS_IS_EMBEDDED:
        check_redis(settings.REDIS_URL)


def _open(options: dict[str, Any], script: AnswerFile | None) -> _Opened:
    flow_id: str = options["flow"] or settings.TRIAGE_DEFAULT_FLOW
    flow = flow_of(current_version(flow_id).pk)
    language = choose_language(flow, options["language"])
    actor = _actor(options["user"])
    # Bytes of the command line that are not UTF-8 arrive as surrogates, which no database takes.
    text = options["text"].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if script:
        script.fit(flow, language)
        text = text or script.opening
        if not text.strip():
            raise InvalidInput(f"Nothing is told: give a text, or `message:` in {script.path}")
    made = orchestrator.open_case(actor=actor, flow_id=flow_id, language=language, text=text)
    return _Opened(actor, made.case_id, flow, language, made.last_seq)


def _return_to(case_id: str, script: AnswerFile | None) -> _Opened:
    case: Case = access_case(SYSTEM, case_id)
    flow = flow_of(case.flow_id)
    if script:
        script.fit(flow, case.language)
    return _Opened(SYSTEM, case.pk, flow, case.language, case.last_seq)


def _actor(user_name: str | None) -> Actor:
    """Who works on this machine may do everything; a named account owns what it opens."""
    if user_name is None:
        return SYSTEM
    user = User.objects.filter(username=user_name).first()
    if user is None:
        raise InvalidInput(f"There is no user '{user_name}'")
    return Actor(user_id=user.pk, sees_all=True, changes_all=True)


def _judge(end: CaseView) -> None:
    if end.failure is not None:
        raise CommandError(f"The analysis failed after {end.failure['attempts']} attempts: {end.failure['message']}")
    if end.result is None:
        raise CommandError(f"The case was {end.status}; there is no result.")
