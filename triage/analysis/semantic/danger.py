"""Danger that is only hinted at: whoever gives their things away says nothing that a pattern could hear.

Learnt from what people in danger say, and from what sounds alike and is harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from triage.analysis.base import Alarm, Utterance
from triage.analysis.semantic.recalled import Recalled
from triage.flows.reading.sentences import SENTENCE_END

_WORD = re.compile(r"\S+")
FALSE_ALARMS = 0.014  # of sentences that are harmless or seemed so; most of those tell of dreadful things, long past
_LEAST_WORDS = 3
_SHORT = 12  # words of an answer that says little more than what was asked
_TOGETHER = 3  # sentences that may hint at something together
_LONG, _STRETCH = 40, 24
"""Of a sentence of more words, each stretch of so many is heard as well: a story told on a phone may have no full stop.

Hints in the middle of three other tellings without one, heard: 86 % (20 % without stretches); false alarms in such
stories without a hint: 9 % (2 %).
"""
_MOST = 120  # stretches that are heard of a message of 10,000 characters

Span = tuple[int, int]


def heard(learnt: Recalled, said: Utterance) -> tuple[Alarm, ...]:
    """The dangers that a message hints at, each with the words that hint at it most."""
    spans = list(islice(_spans(said), _MOST))
    least = learnt.classifier.alarm_cut_off(FALSE_ALARMS)
    predictions = learnt.predict([said.text[begin:end] for begin, end in spans])
    loudest = sorted(zip(spans, predictions, strict=True), key=lambda pair: -pair[1].in_scope)
    found: list[Alarm] = []
    for span, prediction in loudest:
        alarm = Alarm(max(prediction.probabilities, key=lambda label: prediction.probabilities[label]), *span)
        if prediction.in_scope >= least and not any(_is_again(alarm, other) for other in found):
            found.append(alarm)
    return tuple(sorted(found, key=lambda alarm: alarm.start))


def _is_again(alarm: Alarm, other: Alarm) -> bool:
    return alarm.flag == other.flag and alarm.start < other.end and other.start < alarm.end


def _spans(said: Utterance) -> Iterator[Span]:
    """Each sentence, stretches of long ones, and where there are few all of them together: among others a hint would be
    averaged away.

    A short answer to a closed question is no hint: out of its question "no, nothing" means anything.
    """
    sentences = list(_sentences(said.text))
    if 1 < len(sentences) <= _TOGETHER:
        yield sentences[0][0], sentences[-1][1]
    for begin, end in sentences:
        words = [(begin + word.start(), begin + word.end()) for word in _WORD.finditer(said.text[begin:end])]
        is_answer = len(words) <= _SHORT and said.settled is not None and _within(begin, end, said.settled)
        if len(words) >= _LEAST_WORDS and not is_answer:
            yield begin, end
        if len(words) > _LONG:
            yield from _stretches(words)


def _stretches(words: list[Span]) -> Iterator[Span]:
    """Each begins in the middle of the one before it, so that none falls apart."""
    for at in range(0, len(words) - _STRETCH // 2, _STRETCH // 2):
        stretch = words[at : at + _STRETCH]
        yield stretch[0][0], stretch[-1][1]


def _sentences(text: str) -> Iterator[Span]:
    begin = 0
    for end in (*(match.end() for match in SENTENCE_END.finditer(text)), len(text)):
        bare = text[begin:end].strip()
        if bare:
            start = text.index(bare, begin)
            yield start, start + len(bare)
        begin = end


def _within(begin: int, end: int, settled: Span) -> bool:
    return settled[0] <= begin and end <= settled[1]
