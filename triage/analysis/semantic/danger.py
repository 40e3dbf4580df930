"""Danger that is only hinted at: whoever gives their things away says nothing that a pattern could hear.

Learnt from what people in danger say, and from what sounds alike and is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from triage.analysis.base import Sounding, Utterance
from triage.analysis.semantic.classifier import Classifier
from triage.analysis.semantic.recalled import Recalled
from triage.flows.reading.sentences import SENTENCE_END

FALSE_ALARMS = 0.014  # of sentences that are harmless or seemed so; most of those tell of dreadful things, long past
CALM = 0.1
"""Below this probability of danger a sentence sounds harmless, and a rule's words in it alarm nobody.

Of 625 utterances of danger that rules hear 6 sound like that to a classifier that did not learn them; of 259
harmless ones that rules take for danger, 134.
"""
EXPERIENCED = 500  # utterances of danger, and harmless ones, from which on it is believed that something is harmless
_LEAST_WORDS = 3
_SHORT = 12  # words of an answer that says little more than what was asked
_TOGETHER = 3  # sentences that may hint at something together
_MOST_SENTENCES = 60  # of a message of 10,000 characters


def heard(learnt: Recalled, said: Utterance) -> tuple[Sounding, ...]:
    """The sentences of a message, or the whole, that hint at a danger, and the sentences that surely do not."""
    spans, classifier = list(_spans(said)), learnt.classifier
    predictions = learnt.predict([said.text[begin:end] for begin, end in spans])
    least = classifier.alarm_cut_off(FALSE_ALARMS)
    found = [
        Sounding(max(prediction.probabilities, key=lambda label: prediction.probabilities[label]), *span)
        for span, prediction in zip(spans, predictions, strict=True)
        if prediction.in_scope >= least
    ]
    if _may_reassure(classifier):
        dangerous = [span for span, prediction in zip(spans, predictions, strict=True) if prediction.in_scope > CALM]
        found += [Sounding(None, *span) for span in spans if not any(_overlap(span, other) for other in dangerous)]
    return tuple(found)


def _may_reassure(classifier: Classifier) -> bool:
    known: list[int] = [classifier.figures[name] for name in ("examples", "out_of_scope")]
    return min(known) >= EXPERIENCED


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _spans(said: Utterance) -> Iterator[tuple[int, int]]:
    """Each sentence, and where they are few all of them together: among others a hint would be averaged away.

    A short answer to a closed question is no hint: out of its question "no, nothing" means anything.
    """
    sentences = list(islice(_sentences(said.text), _MOST_SENTENCES))
    if 1 < len(sentences) <= _TOGETHER:
        sentences.append((sentences[0][0], sentences[-1][1]))
    for begin, end in sentences:
        words = len(said.text[begin:end].split())
        if words >= _LEAST_WORDS and not (words <= _SHORT and said.settled and _within(begin, end, said.settled)):
            yield begin, end


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for end in (*(match.end() for match in SENTENCE_END.finditer(text)), len(text)):
        bare = text[begin:end].strip()
        if bare:
            start = text.index(bare, begin)
            yield start, start + len(bare)
        begin = end


def _within(begin: int, end: int, settled: tuple[int, int]) -> bool:
    return settled[0] <= begin and end <= settled[1]
