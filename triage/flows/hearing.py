"""What was heard: every term of a flow in everything a person said, read once per analysis."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from triage.analysis.base import Evidence, Facts, Utterance
from triage.flows.schema import Flow, WordLists
from triage.flows.terms import Lexicon, compile_terms, fold
from triage.flows.tree import conditions_of, leaves

_WORDS_BEFORE = 3
# "Ninguém sabe que ele me bate": who does not know of something does not deny it.
_PAUSE = re.compile(
    r"[.!?;:,\n]|\b(?:sab|acredit|imagin|entend|perceb|desconfi)\w*\s+que\b"
    r"|\b(?:know|believe|understand|imagine|realise|realize|notice|suspect)(?:s|d|ed)?\b"
)
_WORD = re.compile(r"[\w']+")
# Only right before: "falei com ninguém e ele me bate" denies no blow.
_NOBODY = re.compile(r"\b(?:ninguem|nobody|no\s+one)\s+(?:(?:nunca|jamais|ever|has|had)\s+)?\Z")
_lexicons: dict[int, tuple[weakref.ref[Flow], Lexicon]] = {}


class Hit(NamedTuple):
    """A term found in utterance number `utterance`."""

    utterance: int
    start: int
    end: int


class Heard:
    """The utterances with every term of the flow that occurs in them."""

    def __init__(self, flow: Flow, language: str, utterances: Sequence[Utterance]) -> None:
        self._flow = flow
        self._languages = sorted(flow.languages, key=lambda other: other != language)
        self._utterances = utterances
        self._folded = [fold(utterance.text) for utterance in utterances]
        self._hits: dict[str, list[Hit]] = {}
        lexicon = lexicon_of(flow)
        for index, text in enumerate(self._folded):
            for term, spans in lexicon.scan(text).items():
                self._hits.setdefault(term, []).extend(Hit(index, start, end) for start, end in spans)

    @classmethod
    def of(cls, facts: Facts) -> Heard:
        """Heard once for each facts object, at which several steps look, and forgotten with it."""
        key = id(facts)
        known = _heard.get(key)
        if known is not None and known[0]() is facts:
            return known[1]
        heard = cls(facts.flow, facts.language, facts.utterances)
        _heard[key] = (weakref.ref(facts, lambda _: _heard.pop(key, None)), heard)
        return heard

    def said(self, lists: WordLists) -> Iterator[tuple[str, Hit]]:
        """Each term heard, and where; the case's language first, since people mix languages."""
        for _, term, hit in self._found(lists):
            yield term, hit

    def meant(self, lists: WordLists) -> Iterator[Hit]:
        """Where the terms were said and not denied ("ele não me bateu" says nothing of a beating)."""
        for language, _, hit in self._found(lists):
            if not self._denied(language, hit):
                yield hit

    def words(self, hit: Hit) -> str:
        """The hit as the person wrote it."""
        return self._utterances[hit.utterance].text[hit.start : hit.end]

    def evidence(self, hit: Hit, source: str) -> Evidence:
        message_id = self._utterances[hit.utterance].message_id
        return Evidence(message_id, hit.start, hit.end, self.words(hit), source)

    def _found(self, lists: WordLists) -> Iterator[tuple[str, str, Hit]]:
        for language in self._languages:
            for term in lists.get(language, ()):
                for hit in self._hits.get(term, ()):
                    yield language, term, hit

    def _denied(self, language: str, hit: Hit) -> bool:
        """Whether a negation stands shortly before the hit, in the same breath.

        A hit that begins with a negation of its own means what it says ("não aguento mais").
        """
        negation = compile_terms(self._flow.negations.get(language, ()))
        text = self._folded[hit.utterance]
        if negation.match(text, hit.start):
            return False
        breath = _PAUSE.split(text[: hit.start])[-1]
        if _NOBODY.search(breath):
            return True
        words = list(_WORD.finditer(breath))[-_WORDS_BEFORE:]
        return bool(words) and negation.search(breath, words[0].start()) is not None


_heard: dict[int, tuple[weakref.ref[Facts], Heard]] = {}


def lexicon_of(flow: Flow) -> Lexicon:
    """Built once for each flow object and forgotten with it (a flow holds lists, so it has no hash)."""
    key = id(flow)
    known = _lexicons.get(key)
    if known is not None and known[0]() is flow:
        return known[1]
    lexicon = Lexicon(_terms(flow))
    _lexicons[key] = (weakref.ref(flow, lambda _: _lexicons.pop(key, None)), lexicon)
    return lexicon


def _terms(flow: Flow) -> Iterator[str]:
    lists = [flow.positive, flow.negative]
    lists += [words for category in flow.categories for words in (category.terms, category.strong)]
    lists += [leaf.says for _, root in conditions_of(flow) for leaf in leaves(root) if leaf.says]
    for words in lists:
        for terms in words.values():
            yield from terms
