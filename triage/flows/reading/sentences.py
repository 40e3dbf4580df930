"""Where a sentence ends. Three dots are a pause, within it."""

from __future__ import annotations

import re

SENTENCE_END = re.compile(r"(?<!\.)[.!?;\n](?![\w.])|\n")


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence, or sentences, in which these characters stand."""
    before = [match.end() for match in SENTENCE_END.finditer(text, 0, start)]
    after = SENTENCE_END.search(text, end)
    return (before[-1] if before else 0), (after.end() if after else len(text))
