"""Terms: words and phrases that a flow looks for in what people write.

A term is one or more words, found on word boundaries without regard to case and accents:

    demit*                    a stem
    (patrão|chefe)            alternatives, which may hold several words and stems
    filh(o|a|os|as)           also inside a word
    perdi .. emprego          up to four words may stand between, within one sentence
    sem justa causa           a space is any short run of blanks and marks ("sem  justa-causa")

Patterns are used on folded text only. Folding keeps every offset, provided that accents are
part of their letters (Unicode NFC, which is what keyboards send).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ´`"), "'")
_SPACE = r"[^\w!?;]{1,3}"
_PAUSE = r"[^\w.!?;\n]{1,3}"
_GAP = rf"{_PAUSE}(?:\w(?:[\w']|[.,](?=\d))*{_PAUSE}){{0,4}}?"
_TOKEN = re.compile(r"(?P<gap>\s*\.\.\s*)|(?P<word>\w+)|(?P<mark>[()|*'])|(?P<space>[^\w()|*']+)")
_PADDING = re.compile(r"(?<=[(|])\s+|\s+(?=[|)])")
_WORD = re.compile(r"\w+")
_NOTHING = re.compile(r"(?!)")
_HEAD = 4


class _Folding(dict[int, str]):
    """Fills itself: a character is worked out once."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        bare = "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))
        for folded in (bare.casefold(), character.lower(), character):
            if len(folded) == 1:
                break
        self[code] = folded
        return folded


_folding = _Folding(_APOSTROPHES)


def fold(text: str) -> str:
    """Case and accents taken away, every character still where it was (`ß` and `ﬁ` stay whole)."""
    return text.translate(_folding)


def compile_terms(terms: Iterable[str]) -> re.Pattern[str]:
    """One pattern that finds any of the terms in folded text, the longest first.

    A term that breaks the grammar raises ValueError. No terms: a pattern that finds nothing.
    """
    return _compile(tuple(terms))


def find(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where the pattern stands in the folded text, from left to right, without overlap."""
    return (match.span() for match in pattern.finditer(text))


def covers(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the folded text says nothing besides these terms: "oi, bom dia!" for `oi` and `bom dia`."""
    rest, hits = pattern.subn(" ", text)
    return hits > 0 and _WORD.search(rest) is None


class Lexicon:
    """Many terms looked for at once.

    Each term is tried only where its first word stands, or a word that begins as its stem does, so that the time
    depends on the length of the text rather than on the number of terms. Unlike one big pattern it finds terms that
    overlap.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self._by_word: dict[str, list[str]] = {}
        self._by_head: dict[str, list[str]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}  # compiled when first needed: most never are
        for term in dict.fromkeys(terms):
            for head, is_word in _heads(fold(term)):
                by = self._by_word if is_word else self._by_head
                by.setdefault(head, []).append(term)

    def scan(self, text: str) -> dict[str, list[tuple[int, int]]]:
        """Each term that occurs in the folded text, with its spans from left to right."""
        found: dict[str, list[tuple[int, int]]] = {}
        for word in _WORD.finditer(text):
            start = word.start()
            for term in self._beginning_with(word.group()):
                match = self._pattern(term).match(text, start)
                if match is not None:
                    found.setdefault(term, []).append(match.span())
        return found

    def _beginning_with(self, word: str) -> Iterator[str]:
        """Each term once: one that has the word among its first ones may have its stem too."""
        opening = word[:_HEAD]
        candidates = [*self._by_word.get(word, ())]
        for length in range(len(opening) + 1):
            candidates += self._by_head.get(opening[:length], ())
        yield from dict.fromkeys(candidates)

    def _pattern(self, term: str) -> re.Pattern[str]:
        pattern = self._patterns.get(term)
        if pattern is None:
            pattern = self._patterns[term] = compile_terms((term,))
        return pattern


@lru_cache(maxsize=4096)
def _compile(terms: tuple[str, ...]) -> re.Pattern[str]:
    if not terms:
        return _NOTHING
    bodies = sorted({_translate(fold(term)) for term in terms}, key=lambda body: (-len(body), body))
    return re.compile(rf"(?<!\w)(?:{'|'.join(bodies)})(?!\w)")


def _translate(term: str) -> str:
    """The pattern of one folded term."""
    body: list[str] = []
    depth, previous = 0, "("
    term = _PADDING.sub("", term.strip().strip("'"))
    for token in _TOKEN.finditer(term):
        kind, text = str(token.lastgroup), token.group()
        here = text if kind == "mark" else kind
        if _misplaced(previous, here, depth):
            raise ValueError(f"{term!r}: {text.strip()!r} cannot stand there")
        depth += {"(": 1, ")": -1}.get(here, 0)
        body.append(_piece(kind, text))
        previous = here
    if depth != 0 or previous in ("gap", "(", "|") or not _WORD.search(term):
        raise ValueError(f"{term!r}: the term is not complete")
    return "".join(body)


def _misplaced(previous: str, here: str, depth: int) -> bool:
    """Whether a token of this kind (marks stand for themselves) may not follow; a term begins as a group does."""
    if here == "*":
        return previous != "word"
    if here == "word":
        return previous == "*"
    if here in ("|", ")") and depth == 0:
        return True
    return here in ("|", ")", "gap") and previous in ("(", "|", "gap")


def _piece(kind: str, text: str) -> str:
    if kind == "gap":
        return _GAP
    if kind == "space":
        return _SPACE
    if kind == "word":
        return text
    return {"(": "(?:", ")": ")", "|": "|", "*": r"\w*", "'": "'?"}[text]


def _heads(term: str) -> set[tuple[str, bool]]:
    """How a text may begin where the term does: whole words, or a few letters, or nothing when that cannot be told."""
    group = re.match(r"\(([^()]*)\)", term)
    starts = group.group(1).split("|") if group else [term]
    rest = term[group.end() :] if group else ""
    heads = set()
    for start in map(str.strip, starts):
        word = _WORD.match(start)
        if word is None:
            heads.add(("", False))
            continue
        after = start[word.end() :] or rest
        is_word = not after or after[0] in " .-"
        heads.add((word.group(), True) if is_word else (word.group()[:_HEAD], False))
    return heads
