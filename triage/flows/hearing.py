"""What was heard: every term of a flow in everything a person said, read once per analysis."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from triage.analysis.base import Evidence, Facts, Utterance
from triage.flows.kept import once_per_flow
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
_Places = dict[str, dict[str, list[int]]]


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
        self._meant: dict[int, tuple[WordLists, tuple[Hit, ...]]] = {}
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

    def told(self, lists: WordLists) -> Iterator[tuple[str, Hit]]:
        """Each term heard in free words, and where; the case's language first, since people mix languages."""
        for _, term, hit in self._found(lists):
            if not self._settles(hit):
                yield term, hit

    def meant(self, lists: WordLists) -> tuple[Hit, ...]:
        """Where the terms were said and not denied ("ele não me bateu" says nothing of a beating)."""
        known = self._meant.get(id(lists))
        if known is None:  # it holds the lists, whose id must not become another's
            hits = tuple(hit for language, _, hit in self._found(lists) if not self._denied(language, hit))
            known = self._meant[id(lists)] = (lists, hits)
        return known[1]

    def words(self, hit: Hit) -> str:
        """The hit as the person wrote it."""
        return self._utterances[hit.utterance].text[hit.start : hit.end]

    def evidence(self, hit: Hit, source: str) -> Evidence:
        message_id = self._utterances[hit.utterance].message_id
        return Evidence(message_id, hit.start, hit.end, self.words(hit), source)

    def _settles(self, hit: Hit) -> bool:
        """Whether it stands in the answer to a closed question."""
        settled = self._utterances[hit.utterance].settled
        return settled is not None and settled[0] <= hit.start and hit.end <= settled[1]

    def _found(self, lists: WordLists) -> Iterator[tuple[str, str, Hit]]:
        """In the order of the lists, however few of their terms were heard."""
        known = _places_of(self._flow).get(id(lists)) or _places(lists)
        for language in self._languages:
            places = known.get(language)
            if not places:
                continue
            heard = [(place, one) for one in self._hits if one in places for place in places[one]]
            for _, term in sorted(heard):
                for hit in self._hits[term]:
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


@once_per_flow
def lexicon_of(flow: Flow) -> Lexicon:
    return Lexicon(term for lists in _lists(flow) for terms in lists.values() for term in terms)


@once_per_flow
def _places_of(flow: Flow) -> dict[int, _Places]:
    """Where each term stands in each of the flow's lists, so that a list is not searched for what was not heard."""
    return {id(lists): _places(lists) for lists in _lists(flow)}


def _places(lists: WordLists) -> _Places:
    places: _Places = {}
    for language, terms in lists.items():
        places[language] = {}
        for place, term in enumerate(terms):
            places[language].setdefault(term, []).append(place)
    return places


def _lists(flow: Flow) -> Iterator[WordLists]:
    yield from (flow.positive, flow.negative)
    for category in flow.categories:
        yield from (category.terms, category.strong)
    for _, root in conditions_of(flow):
        yield from (leaf.says for leaf in leaves(root) if leaf.says)
