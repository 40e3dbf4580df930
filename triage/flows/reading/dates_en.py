"""The shapes of English dates, over folded text; earlier ones win where two would overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.flows.reading import date_shapes as shapes
from triage.flows.reading.date_shapes import Names, Shape, any_of
from triage.flows.reading.numbers import words_pattern

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
NAMES = Names(
    language="en",
    months={
        "sept": 9,
        **{name[:3]: number for number, name in enumerate(_MONTHS, 1)},
        **{name: number for number, name in enumerate(_MONTHS, 1)},
    },
    weekdays={name: number for number, name in enumerate(_WEEKDAYS)},
    articles={"a": 1, "an": 1, "a couple of": 2},
    units={"days?": (0, 1), "weeks?": (0, 7), "fortnights?": (0, 14), "months?": (1, 0), "years?": (12, 0)},
)

_YEAR = r"(?P<year>(?:19|20)[0-9]{2})(?![0-9]|[.,/-][0-9]|\s*(?:reais|dollars?|euros?|people|brl|usd|eur)\b)"
_NUMBER = rf"(?:{words_pattern('en')}|(?<![\w.,/-])[0-9]{{1,4}})"
_DAY = r"(?P<day>[0-9]{1,2}(?:st|nd|rd|th)?)"
_MONTH = rf"(?P<month>{any_of(NAMES.months)})\b\.?"
_LONG_MONTH = rf"(?P<month>{any_of(_MONTHS)})\b"
_WHICH_YEAR = (
    rf"(?:\s*(?:,|\bof\b|/|-)?\s*{_YEAR}|\s+(?:of\s+)?(?:(?P<year_back>last\s+year)|(?P<year_ahead>next\s+year)"
    r"|(?P<this_year>this\s+year))\b)"
)
_WHICH_MONTH = (
    r"(?:\s+(?:of\s+)?(?:(?P<month_back>last\s+month)|(?P<month_ahead>next\s+month)|(?P<this_month>this\s+month))\b)"
)
_TURN = r"(?:(?P<back>last)|(?P<ahead>next|this|coming))\s+"
# In "Monday, 3 March" the number says it all.
_NO_DAY = (
    rf"(?!,?\s+(?:the\s+)?(?:{any_of(_MONTHS)}\s+[0-9]"
    rf"|[0-9]{{1,2}}(?:/|(?:st|nd|rd|th)?\s+(?:of\s+)?{any_of(_MONTHS)})))"
)


def _counted(before: str, units: str, after: str = "") -> re.Pattern[str]:
    count = rf"(?P<count>{_NUMBER}|an?(?=\s+[^\W\d])|a\s+couple\s+of)"
    half = r"(?P<half>\s+and\s+a\s+half\b)?"
    return re.compile(rf"{before}\b{count}\s+(?P<unit>{units})\b{half}{after}")


def _relative() -> list[Shape]:
    found = []
    about = r"(?:(?:about|around|almost|roughly)\s+)?"
    for units, approximate in (("days?", False), (r"(?:weeks?|fortnights?|months?|years?)", True)):
        back, ahead = shapes.counted(NAMES, -1), shapes.counted(NAMES, 1)
        found += [
            Shape(_counted("", units, r"\s+(?:ago|earlier|before\s+today)\b"), back, approximate),
            Shape(_counted("", units, r"\s+from\s+(?:now|today)\b"), ahead, approximate),
            Shape(_counted(rf"\b(?:with)?in\s+{about}", units), ahead, approximate, sure=False),
        ]
    return found


def _limits() -> list[Shape]:
    """The time somebody was given."""
    gap = r"(?:[^\w.!?;\n]{1,3}(?!(?:was|were|passed|expired|ended|ran|ago)\b)\w+){0,4}?[^\w.!?;\n]{1,3}"
    some = r"(?:(?:only|just|another|about|around|exactly|up\s+to|at\s+most|me|us|him|her|them|like)\s+)*"
    has = r"(?:have|has|having|'ve|got|gave|gives|give|given|giving|there\s+are|there\s+is|with)"
    act = (
        r"(?:respond|repl|answer|appeal|contest|defen|leave|move|vacate|get\s+out|pay|file|appear|submit|present|object|comply"
        r"|settle|return|sign|quit\s+the)"
    )
    spent = re.compile(r"\b(?:took|takes?|taken|waited|spent|needed|lasted|after)\s+(?:\w+\s+){0,3}\Z")
    found = []
    for units, approximate in (("days?", False), (r"(?:weeks?|fortnights?|months?|years?)", True)):
        count = rf"(?P<count>{_NUMBER}|an?(?=\s+[^\W\d])|a\s+couple\s+of)"
        many = rf"{count}[\s-]+(?:(?:business|working|calendar|court|full)\s+)?(?P<unit>{units})\b"
        for pattern in (
            rf"\b(?:deadline|time\s+limit|due\s+date){gap}{many}(?!\s+(?:ago|late)\b)",
            rf"\b{has}\s+{some}{many}(?=\s+(?:left\s+)?(?:to|until|till|before)\b|\s+left\b|'?\s+notice\b)",
            rf"\b(?:gave|gives|given|giving)\s+(?:me|us)\s+{some}{many}(?!\s+(?:off|of|ago|later|after)\b)",
            rf"\b{many}(?=\s+(?:left\s+)?to\s+{act}|[\s-]+(?:deadline|time\s+limit|limit)\b)",
        ):
            shape = Shape(re.compile(pattern), shapes.given(NAMES, spent), approximate, sure=False, limit=True)
            found.append(shape)
    return found


def _days() -> list[Shape]:
    words = {
        r"(?:the\s+)?day\s+before\s+yesterday": -2,
        r"yesterday|last\s+night": -1,
        r"(?:the\s+)?day\s+after\s+tomorrow": 2,
        "tomorrow": 1,
        r"today|tonight|this\s+(?:morning|afternoon|evening)": 0,
    }
    return [Shape(re.compile(rf"\b(?:{word})\b"), shapes.shifted(number)) for word, number in words.items()]


def _periods() -> list[Shape]:
    found = []
    for name, read, step in (
        ("week", shapes.shifted, 7),
        ("month", shapes.month_shifted, 1),
        ("year", shapes.month_shifted, 12),
    ):
        found.append(Shape(re.compile(rf"\blast\s+{name}\b"), read(-step), approximate=True))
        found.append(Shape(re.compile(rf"\bnext\s+{name}\b"), read(step), approximate=True))
    return found


SHAPES: Sequence[Shape] = (
    # What only looks like a date; "may" and "march" are verbs too.
    Shape(re.compile(r"\b(?:until|to|till)\s+(?:today|this\s+day)\b"), shapes.nothing),
    Shape(
        re.compile(rf"\b{any_of(_WEEKDAYS)}\s+(?:to|through)\s+{any_of(_WEEKDAYS)}\b|\bevery\s+{any_of(_WEEKDAYS)}\b"),
        shapes.nothing,
    ),
    Shape(re.compile(r"\b(?:i|you|we|they|he|she|it|who|that|which|people)\s+(?:may|march)\b"), shapes.nothing),
    Shape(
        re.compile(r"\bmay\s+(?:also|be|become|come|get|go|have|lose|need|never|not|only|still|take|want|well)\b"),
        shapes.nothing,
    ),
    *shapes.common(_YEAR),
    Shape(
        re.compile(rf"(?<![\w/.,:-])(?:the\s+)?{_DAY}[\s-]+(?:of\s+)?{_MONTH}{_WHICH_YEAR}?"),
        shapes.day_and_month(NAMES),
    ),
    Shape(
        re.compile(rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}(?![\w/:%-]|[.,][0-9]){_WHICH_YEAR}?"),
        shapes.day_and_month(NAMES),
    ),
    Shape(
        re.compile(
            r"\b(?:on|by|until|before|after|since|from|due)\s+the\s+(?P<day>[0-9]{1,2}(?:st|nd|rd|th))\b"
            rf"(?!\s+(?:floor|street|avenue|time|of\s+(?!last|next|this))){_WHICH_MONTH}?"
        ),
        shapes.day_alone(NAMES),
    ),
    Shape(re.compile(rf"\bthe\s+(?P<day>[0-9]{{1,2}}(?:st|nd|rd|th)){_WHICH_MONTH}"), shapes.day_alone(NAMES)),
    Shape(
        re.compile(r"\A\W*(?:the\s+)?(?P<day>[0-9]{1,2}(?:st|nd|rd|th))\W*\Z"),
        shapes.day_alone(NAMES),
    ),
    *_limits(),
    *_relative(),
    *_days(),
    *_periods(),
    Shape(re.compile(rf"\b{_TURN}(?P<weekday>{any_of(_WEEKDAYS)})\b{_NO_DAY}"), shapes.weekday(NAMES)),
    Shape(re.compile(rf"\b(?P<weekday>{any_of(_WEEKDAYS)})\b{_NO_DAY}"), shapes.weekday(NAMES)),
    Shape(re.compile(rf"\b{_LONG_MONTH}{_WHICH_YEAR}"), shapes.month_alone(NAMES), approximate=True),
    Shape(
        re.compile(rf"\b{_TURN}{_LONG_MONTH}"),
        shapes.month_alone(NAMES),
        approximate=True,
    ),
    Shape(
        re.compile(rf"\b(?:in|since|until|by|end\s+of|beginning\s+of|middle\s+of)\s+{_LONG_MONTH}"),
        shapes.month_alone(NAMES),
        approximate=True,
    ),
    Shape(re.compile(rf"\b(?:in|since)\s+{_YEAR}"), shapes.year_alone, approximate=True),
)
