"""Danger that is only hinted at: whoever gives their things away says nothing that a pattern could hear.

Learnt from what people in danger say, and from what sounds alike and is harmless.
"""

from __future__ import annotations

from triage.analysis.base import Evidence, Facts, Scored
from triage.analysis.semantic.recalled import Recalled

FALSE_ALARMS = 0.02  # of what is harmless, a third of it made to sound dangerous; of ordinary messages far fewer
_LEAST_WORDS = 3


def heard(learnt: Recalled, facts: Facts) -> tuple[Scored, ...]:
    """The flags that messages hint at, each with the whole message as its evidence."""
    said = [one for one in facts.utterances if len(one.text.split()) >= _LEAST_WORDS]
    least = learnt.classifier.alarm_cut_off(FALSE_ALARMS)
    found: dict[str, list[Evidence]] = {}
    for one, prediction in zip(said, learnt.predict([one.text for one in said]), strict=True):
        if prediction.in_scope >= least:
            flag = max(prediction.probabilities, key=lambda label: prediction.probabilities[label])
            evidence = Evidence(one.message_id, 0, len(one.text), one.text, f"meaning:{flag}")
            found.setdefault(flag, []).append(evidence)
    return tuple(Scored(flag, 1.0, tuple(evidence)) for flag, evidence in found.items())
