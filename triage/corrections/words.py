"""A person's words as others may learn from them: without what obviously names somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable

LEFT_OUT = "[…]"
LONGEST = 1_000  # characters: what a case is about is said at its beginning

_NAMING = re.compile(
    r"\S+@\S+\.\S+"  # addresses
    r"|https?://\S+"
    r"|\+?\(?\d(?:[\s./()-]{0,2}\d){6,}"  # telephones, documents, numbers of lawsuits: seven digits or more
)


def pseudonymised(text: str, names: Iterable[str] = ()) -> str:
    """`text` on one line, without addresses, long numbers and `names`.

    Names that nobody told us to be names stay, so a person reads it before anything is learnt from it.
    """
    text = _NAMING.sub(LEFT_OUT, text)
    for name in sorted({name.strip() for name in names}, key=len, reverse=True):
        if len(name) > 1:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", LEFT_OUT, text, flags=re.IGNORECASE)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + "…"
