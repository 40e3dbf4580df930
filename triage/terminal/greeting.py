"""Before the first word: what this is, who reads it, and what can be said instead of an answer."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from triage.flows.schema import Flow, WordLists
from triage.terminal.screen import Screen, row

PATTERN_MARKS = frozenset("*()|")


def greet(screen: Screen, flow: Flow, language: str, *, is_typed: bool) -> None:
    rows = [row(flow.phrases.disclaimer[language]), row((flow.phrases.privacy[language], "dim"))]
    if is_typed:
        with translation.override(language.lower()):
            rows.append(row((_how_to(flow, language), "dim")))
    screen.block(flow.title[language], rows)


def _how_to(flow: Flow, language: str) -> str:
    words = {
        "skip": plain_word(flow.commands.skip, language),
        "back": plain_word(flow.commands.back, language),
    }
    how_to = _(
        "“%(skip)s” passes over a question, “%(back)s” goes back to the one before. "
        "Ctrl-D: analyse what is known. Ctrl-C: leave; the case is kept."
    )
    return how_to % words


def plain_word(lists: WordLists, language: str) -> str:
    """The first term that stands for itself; "" when all are patterns."""
    plain = (term for term in lists.get(language, []) if ".." not in term and not PATTERN_MARKS & set(term))
    return next(plain, "")
