"""Where the answers come from: a person's keyboard, the lines of a pipe, or a file."""

from __future__ import annotations

import contextlib
import io
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import yaml

from triage.errors import InvalidInput
from triage.flows.schema import Flow
from triage.terminal.greeting import plain_word

with contextlib.suppress(ImportError):  # with it, arrow keys edit what is typed
    import readline  # noqa: F401

OPENING = "message"
DEFAULT = "default"
PROMPT = "❯ "

Question = dict[str, Any]


class Answers(Protocol):
    is_typed: bool
    """A person sees what they type, so it need not be shown again."""

    def next(self, question: Question | None) -> str | None:
        """What is said to `question` (None: tell the case); None when nothing more will be said."""
        ...


class StandardInput:
    """A line for each question; the end of input (Ctrl-D) means: analyse what is known."""

    def __init__(self, *, prompts_on_stderr: bool = False) -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")
        self.is_typed = sys.stdin.isatty()
        self._prompts_on_stderr = prompts_on_stderr or not sys.stdout.isatty()

    def next(self, question: Question | None) -> str | None:
        line = self._typed() if self.is_typed else sys.stdin.readline()
        if not line:
            return None
        return _in_words(line.rstrip("\r\n"), question)

    def _typed(self) -> str:
        if self._prompts_on_stderr:
            sys.stderr.write(PROMPT)
            sys.stderr.flush()
            return sys.stdin.readline()
        try:
            return input(PROMPT) + "\n"
        except EOFError:
            print()
            return ""


def _in_words(line: str, question: Question | None) -> str:
    """The number of a choice becomes its words, which read better as evidence."""
    choices = question["choices"] if question else []
    if line.strip().isdecimal() and 1 <= int(line) <= len(choices):
        return str(choices[int(line) - 1]["title"])
    return line


class AnswerFile:
    """Answers by question id; `message` tells the case, `default` answers what the file does not know.

    Each answer is given once. A question that comes again, since its answer was not understood, is skipped, and
    when it comes a third time nothing more is said: the interview ends whatever the file holds.
    """

    is_typed = False

    def __init__(self, path: Path, texts: Mapping[str, str]) -> None:
        self.path = path
        self._texts = dict(texts)
        self._asked: Counter[str] = Counter()
        self._used: set[str] = set()
        self._skip = ""

    @property
    def opening(self) -> str:
        """What opens the case, "" when the file does not say it."""
        self._used.add(OPENING)
        return self._texts.get(OPENING, "")

    @property
    def unused(self) -> list[str]:
        return [name for name in self._texts if name not in self._used | {DEFAULT}]

    def fit(self, flow: Flow, language: str) -> None:
        """Learn the flow's word for passing a question over. Raises InvalidInput for names that it never asks."""
        asked = [question.id for question in flow.questions]
        unknown = [name for name in self._texts if name not in (*asked, OPENING, DEFAULT)]
        if unknown:
            names, known = ", ".join(unknown), ", ".join(asked)
            raise InvalidInput(f"{self.path}: the flow {flow.id} does not ask {names}; it asks {known}")
        self._skip = plain_word(flow.commands.skip, language)

    def next(self, question: Question | None) -> str | None:
        name = question["id"] if question else OPENING
        self._asked[name] += 1
        if self._asked[name] > 2:
            return None
        if self._asked[name] > 1:
            return self._skip
        self._used.add(name)
        return self._texts.get(name, self._texts.get(DEFAULT, self._skip))


def read_answers(path: Path) -> AnswerFile:
    """Every value is taken as the text that stands there: `yes` and `2024-03-03` too. Raises InvalidInput."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise InvalidInput(f"{path} must map question ids to answers")
    for name, text in data.items():
        if not isinstance(text, str):
            raise InvalidInput(f"{path}: {name}: the answer must be text")
    return AnswerFile(path, data)
