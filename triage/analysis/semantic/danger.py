"""Danger that is only hinted at: whoever gives their things away says nothing that a pattern could hear.

Learnt from what people in danger say, and from what sounds alike and is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from triage.analysis.base import Evidence, Facts, Scored, Utterance
from triage.analysis.semantic.recalled import Recalled

FALSE_ALARMS = 0.02  # of what is harmless, a third of it made to sound dangerous; of ordinary messages far fewer
_LEAST_WORDS = 3


def heard(learnt: Recalled, facts: Facts) -> tuple[Scored, ...]:
    """The flags that messages hint at, with what hints at them: a whole message, but for what answered a question."""
    said = [piece for one in facts.utterances for piece in _pieces(one)]
    least = learnt.classifier.alarm_cut_off(FALSE_ALARMS)
    found: dict[str, list[Evidence]] = {}
    for piece, prediction in zip(said, learnt.predict([piece.text for piece in said]), strict=True):
        if prediction.in_scope >= least:
            flag = max(prediction.probabilities, key=lambda label: prediction.probabilities[label])
            found.setdefault(flag, []).append(replace(piece, source=f"meaning:{flag}"))
    return tuple(Scored(flag, 1.0, tuple(evidence)) for flag, evidence in found.items())


def _pieces(said: Utterance) -> Iterator[Evidence]:
    """Without the sentence that settled a closed question: out of its question "no, nothing" means anything."""
    start, end = said.settled or (0, 0)
    for begin, stop in ((0, start), (end, len(said.text))):
        text = said.text[begin:stop]
        if len(text.split()) >= _LEAST_WORDS:
            yield Evidence(said.message_id, begin, stop, text, "")
