"""The shapes of Portuguese dates, over folded text; earlier ones win where two would overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.flows.reading import date_shapes as shapes
from triage.flows.reading.date_shapes import Names, Shape, any_of
from triage.flows.reading.numbers import words_pattern

_MONTHS = [
    "janeiro",
    "fevereiro",
    "marco",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
]
_SHORT_DAYS = ["segunda", "terca", "quarta", "quinta", "sexta"]
NAMES = Names(
    language="pt",
    months={
        **{name[:3]: number for number, name in enumerate(_MONTHS, 1)},
        **{name: number for number, name in enumerate(_MONTHS, 1)},
    },
    weekdays={name: number for number, name in enumerate([*_SHORT_DAYS, "sabado", "domingo"])},
    articles={"primeiro": 1},
    units={"dias?": (0, 1), "semanas?": (0, 7), "quinzenas?": (0, 15), "mes(?:es)?": (1, 0), "anos?": (12, 0)},
)

_YEAR = r"(?P<year>(?:19|20)[0-9]{2})(?![0-9]|[.,/-][0-9]|\s*(?:reais|dolar|euro|pessoas|brl|usd|eur))"
_NUMBER = rf"(?:{words_pattern('pt')}|(?<![\w.,/-])[0-9]{{1,4}})"
_DAY = rf"(?P<day>[0-9]{{1,2}}(?:\s?[ºo°])?|primeiro|{words_pattern('pt')})"
_MONTH = rf"(?P<month>{any_of(_MONTHS)})\b"
_SHORT_MONTH = rf"(?P<month>{any_of(name[:3] for name in _MONTHS)})\b\.?"
_WHICH_YEAR = (
    rf"(?:\s*(?:\bde|\bdo\s+ano\s+de|/|-)?\s*{_YEAR}|\s+(?P<year_back>do\s+ano\s+passado)"
    r"|\s+(?P<year_ahead>do\s+(?:ano\s+que\s+vem|proximo\s+ano))|\s+(?P<this_year>d?[eo](?:ste|sse)?\s+ano\b)"
    r"|\s+(?P<back>(?:passado|ultimo)\b)|\s+(?P<ahead>(?:que\s+vem|proximo)\b))"
)
_WHICH_MONTH = (
    r"(?:\s+(?P<month_back>do\s+(?:mes\s+passado|ultimo\s+mes))"
    r"|\s+(?P<month_ahead>do\s+(?:mes\s+que\s+vem|proximo\s+mes))|\s+(?P<this_month>d?[eo](?:ste|sse)?\s+mes\b)"
    r"|\s+(?P<back>(?:passado|ultimo)\b)|\s+(?P<ahead>(?:que\s+vem|proximo)\b))"
)
_ABOUT = r"(?:(?:(?:cerca|mais|menos)\s+de|quase|uns|umas|aproximadamente|mais\s+ou\s+menos)\s+)?"
_HALF = r"(?P<half>\s+e\s+mei[oa]\b)?"
_WEEKDAYS = any_of([*_SHORT_DAYS, "sabado", "domingo"])
_POINTED = r"(?:\s+(?:(?P<back>passad[oa])|(?P<ahead>que\s+vem|proxim[oa]))\b)"
# "segunda" and its like are also "second": as a day only before a pause or a word that no noun phrase goes on with.
_NO_NOUN = (
    r"(?=\s*(?:$|[^\w\s-]|[0-9]{1,2}\s?h)|\s+(?:agora|as|cedo|(?:de|pela)\s+(?:manha|tarde|noite)|a\s+(?:tarde|noite)|e|el[ea]s?|eu|me"
    r"|meus?|minhas?|na|no|nao|o|os|ou|para|pra|que|se|ja|[cf]oi|fui|era|tem|tenho|tera|teve|tive|vai|vou|vence|venceu|vem"
    r"|recebi|perdi|ha|havera|comec\w+|sera|estou|estava|fiquei|fico)\b)"
)
# In "quinta, dia 12" the number says it all.
_NO_DAY = r"(?!,?\s+(?:(?:n?o\s+)?dia\s+[0-9]|[0-9]{1,2}(?:\s+de\s|/)))"


def _counted(before: str, units: str, after: str = "") -> re.Pattern[str]:
    return re.compile(rf"{before}{_ABOUT}(?P<count>{_NUMBER})\s+(?P<unit>{units})\b{_HALF}{after}")


def _relative() -> list[Shape]:
    found = []
    for units, approximate in (("dias?", False), (r"(?:semanas?|quinzenas?|mes(?:es)?|anos?)", True)):
        back, ahead = shapes.counted(NAMES, -1), shapes.counted(NAMES, 1)
        found += [
            Shape(_counted(r"\b(?:ha|faz(?:em)?)\s+", units), back, approximate),
            Shape(_counted(r"\b", units, r"\s+(?:atras|antes\s+de\s+hoje)\b"), back, approximate),
            Shape(_counted(r"\b(?:daqui(?:\s+a)?|dentro\s+de)\s+", units), ahead, approximate),
            Shape(_counted(r"\bem\s+(?:ate\s+)?", units), ahead, approximate, sure=False),
        ]
    return found


def _limits() -> list[Shape]:
    """The time somebody was given. Court papers write "15 (quinze) dias úteis"."""
    count = rf"{_ABOUT}(?:(?:so|apenas|somente|mais|ate)\s+)?(?P<count>{_NUMBER})(?:\s*\([a-z ]{{1,20}}\))?"
    gap = (
        r"(?:[^\w.!?;\n]{1,3}(?!(?:ha|faz|era|foi|tinha|venceu|vencid\w|acabou|passou|terminou|expirou|garantia|entrega"
        r"|validade|carencia)\b)\w+){0,4}?[^\w.!?;\n]{1,3}"
    )
    has = (
        r"(?:tenho|temos|tem|terei|teremos|tendo|deu|deram|da|dao|dando|dado|concedeu|concederam|falta|faltam|resta|restam"
        r"|sobra|sobram|ganhei|ganhamos)\s+(?:(?:me|nos|lhe)\s+)?"
    )
    act = (
        r"(?:respo|recorr|recurso|contest|defe|desocup|sair|deixar|pag|apresent|compar|manifest|quit|devolv|junt|cumpr"
        r"|entreg|regulariz|impugn|embarg)"
    )
    spent = re.compile(r"\b(?:lev|demor|gast|esper|fiq|fic|pass)\w*\s+(?:\w+\s+){0,2}\Z")
    found = []
    for units, approximate in (("dias?", False), (r"(?:semanas?|quinzenas?|mes(?:es)?|anos?)", True)):
        many = rf"{count}\s+(?P<unit>{units})\b(?:\s+(?:uteis|corridos))?"
        for pattern in (
            rf"\bprazo{gap}{many}(?!\s+(?:atras|de\s+garantia))",
            rf"\b{has}{many}(?:\s+de\s+prazo|(?=\s+(?:para|pra|pro|ate)\b(?!\s+ca\b)))",
            rf"\b(?:me|nos|lhe)\s+(?:deu|deram|da|dao|concedeu)\s+{many}(?!\s+(?:de|d[ao]s?|atras|depois)\b)",
            rf"\b{many}(?=\s+(?:para|pra)\s+(?:(?:a|o|eu|me|se|nos|a\s+gente)\s+)?{act}|\s+de\s+prazo\b)",
        ):
            shape = Shape(re.compile(pattern), shapes.given(NAMES, spent), approximate, sure=False, limit=True)
            found.append(shape)
    return found


def _days() -> list[Shape]:
    words = {r"antes\s+de\s+ontem|anteontem": -2, "ontem": -1, "hoje": 0, r"depois\s+de\s+amanha": 2, "amanha": 1}
    return [Shape(re.compile(rf"\b(?:{word})\b"), shapes.shifted(number)) for word, number in words.items()]


def _periods() -> list[Shape]:
    found = []
    for name, read in (("semana", shapes.shifted), ("mes", shapes.month_shifted), ("ano", shapes.month_shifted)):
        step = {"semana": 7, "mes": 1, "ano": 12}[name]
        back = rf"\b(?:{name}\s+passad[oa]|ultim[oa]\s+{name})\b"
        ahead = rf"\b(?:{name}\s+que\s+vem|proxim[oa]\s+{name})\b"
        found.append(Shape(re.compile(back), read(-step), approximate=True))
        found.append(Shape(re.compile(ahead), read(step), approximate=True))
    return found


def _weekdays() -> list[Shape]:
    read, short = shapes.weekday(NAMES), any_of(_SHORT_DAYS)
    full = rf"(?P<weekday>{short})(?=\s*-?\s*feira\b)\s*-?\s*feira\b{_NO_DAY}"
    turn = r"(?:(?P<back>ultim[oa])|(?P<ahead>proxim[oa]|nest[ae]|ness[ae]))\s+"
    return [
        Shape(re.compile(rf"\b{turn}{full}"), read),
        Shape(re.compile(rf"\b{turn}(?P<weekday>sabado|domingo)\b{_NO_DAY}"), read),
        Shape(re.compile(rf"\b{turn}(?P<weekday>{short})\b{_NO_DAY}{_NO_NOUN}"), read),
        Shape(re.compile(rf"\b{full}{_POINTED}?"), read),
        Shape(re.compile(rf"\b(?P<weekday>sabado|domingo)\b{_NO_DAY}{_POINTED}?"), read),
        Shape(re.compile(rf"\b(?P<weekday>{short}){_POINTED}"), read),
        Shape(
            re.compile(rf"(?<!\ba )(?<!\bd[ae] )(?<!\b[mst]ua )(?<!\buma )\b(?P<weekday>{short})\b{_NO_DAY}{_NO_NOUN}"),
            read,
        ),
    ]


SHAPES: Sequence[Shape] = (
    # What only looks like a date.
    Shape(re.compile(r"\bhoje\s+em\s+dia\b|\bate\s+(?:o\s+dia\s+de\s+)?hoje\b"), shapes.nothing),
    Shape(
        re.compile(rf"\b{_WEEKDAYS}(?:-feira)?\s+(?:a|ate)\s+{_WEEKDAYS}(?:-feira)?\b"),
        shapes.nothing,
    ),
    Shape(re.compile(rf"\btod[oa]s?\s+(?:[ao]s?\s+)?(?:{_WEEKDAYS}s?(?:-feiras?)?|dias?\s+[0-9]+)\b"), shapes.nothing),
    *shapes.common(_YEAR),
    Shape(
        re.compile(rf"(?<![\w/.,:-])(?:dia\s+)?{_DAY}\s+(?:de\s+)?{_MONTH}{_WHICH_YEAR}?"),
        shapes.day_and_month(NAMES),
    ),
    Shape(
        re.compile(
            rf"(?<![\w/.,:-])(?P<day>[0-9]{{1,2}})(?:\s?[/.-]\s?|\s+(?:de\s+)?){_SHORT_MONTH}"
            r"(?:\s?[/.-]\s?|\s+(?:de\s+)?)(?P<year>(?:19|20)?[0-9]{2})(?![\w/-]|[.,][0-9])"
        ),
        shapes.day_and_month(NAMES),
    ),
    Shape(
        re.compile(rf"(?<![\w/.,:-])(?P<day>[0-9]{{1,2}})/(?P<month>{any_of(NAMES.months)})\b"),
        shapes.day_and_month(NAMES),
    ),
    Shape(
        re.compile(rf"(?<!\bum )\bdia\s+{_DAY}(?!\w|[/:.,-][0-9]){_WHICH_MONTH}?"),
        shapes.day_alone(NAMES),
    ),
    *_limits(),
    *_relative(),
    *_days(),
    *_periods(),
    *_weekdays(),
    Shape(re.compile(rf"\b{_MONTH}{_WHICH_YEAR}"), shapes.month_alone(NAMES), approximate=True),
    Shape(
        re.compile(
            rf"\b(?:em|desde|ate|mes\s+de|fi(?:m|nal)\s+de|(?:inicio|comeco)\s+(?:de|do\s+mes\s+de)|meados\s+de)\s+{_MONTH}"
        ),
        shapes.month_alone(NAMES),
        approximate=True,
    ),
    Shape(re.compile(rf"\b(?:em|desde|ano\s+de)\s+{_YEAR}"), shapes.year_alone, approximate=True),
)
