"""Answers to closed questions: yes or no, and one of several choices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from triage.flows.kept import once_per_flow
from triage.flows.reading.numbers import tongue
from triage.flows.schema import Flow, Slot, Words
from triage.flows.terms import compile_terms, fold

Span = tuple[int, int]

_UNSURE = re.compile(
    r"\b(?:nem\s+sei|nao\s+(?:sei|lembro|recordo|faco\s+ideia|tenho\s+(?:certeza|ideia))|sei\s+la|talvez|depende|mais\s+ou\s+menos"
    r"|(?:do\s+not|don't|dont|cannot|can't)\s+(?:know|remember|recall|say)|not\s+sure|no\s+idea|maybe|perhaps|it\s+depends)\b"
)
_THINKS = {
    "pt": re.compile(r"\b(?:acho|creio|acredito|parece)\s+que\s+(?P<word>sim|nao)\b"),
    "en": re.compile(r"\bi\s+(?:think|believe|guess)\s+(?P<word>so|yes|not?)\b"),
}
_FILLER = {
    "pt": r"(?:(?:bom|bem|olha|entao|infelizmente|felizmente|na\s+verdade|acho\s+que|eu|ah|ai)\W+)*",
    "en": r"(?:(?:well|so|actually|unfortunately|sadly|luckily|i\s+think|oh|um"
    r"|(?:right|ok(?:ay)?)(?=\W+(?:yes|yeah|no|not|nope)\b))\W+)*",
}
_YES = {
    "pt": r"sim|s|claro|isso|exato|exatamente|com\s+certeza|certamente|positivo|afirmativo|verdade|uhum|aham|ok|ja"
    r"|logico|ainda\s+(?:sim|tenho|estou|moro)|yes|👍",
    "en": r"yes|y|yeah|yep|yup|sure|of\s+course|right|correct|true|indeed|definitely|absolutely|certainly|ok|sim|👍",
}
_NO = {
    "pt": r"(?:(?:ainda|ate\s+agora|hoje|agora|claro\s+que|com\s+certeza)\s+)?nao|n|nunca|jamais"
    r"|negativo|de\s+(?:jeito\s+nenhum|forma\s+alguma)|nada|nenhuma?|nem|👎",
    "en": r"(?:(?:of\s+course|absolutely|certainly|definitely|sure(?:ly)?)\s+)?not|no|n|nope|nah"
    r"|never|none|nobody|nothing|by\s+no\s+means|nao|👎",
}
# The verb of the question said again: "tenho", "I did".
_ECHO = {
    "pt": r"(?:tenho|tem|temos|existe|existem|houve|ha|foi|era|fui|sou|estou|estamos|fiz|fizemos|assinei|recebi|quero"
    r"|queremos|preciso|posso|consigo|moro|trabalho|pago|paguei|registrei|guardei)",
    "en": r"(?:i|we|he|she|it|they|there)\s+(?:do|does|did|am|is|are|was|were|have|has|had|can|could|would|will)",
}
_DENIAL = {
    "pt": r"\b(?:nao|nunca|nem|jamais)\b",
    "en": r"\b(?:not|never|no|(?:do|does|did|is|are|was|were|have|has|had|ca|wo)n'?t)\b",
}
_DENIAL_LENGTH, _ECHO_LENGTH = 6, 4
"""Words of a clause that is still about the question."""

_SIMPLE = {"pt": r"\bsim\b", "en": r"\byes\b"}
# Nothing but yes or no: it chooses only among choices that are yes and no themselves.
_BARE = {
    "yes": {"sim", "s", "claro", "isso", "yes", "y", "yeah", "yep", "yup", "sure", "ok"},
    "no": {"nao", "n", "no", "nope", "nah", "not"},
}
_AFTER = {
    "pt": r"(?:\W+(?:mesmo|senhora?|moc[oa]|nada\s+disso|que\s+eu\s+saiba|gracas\s+a\s+deus))?",
    "en": r"(?:\W+(?:sir|madam|really|that\s+i\s+know(?:\s+of)?|as\s+far\s+as\s+i\s+know))?",
}
"""What may still stand in a clause that says yes or no."""
_CLAUSE = re.compile(r"[^.,;!?\n]*")
_LISTED = re.compile(
    r"\W*(?:[ao]\s+|the\s+)?(?:(?:opcao|alternativa|numero|letra|item|option|number|choice|n[ºo°]?)\W{0,2})?"
    r"(?P<number>[0-9]{1,2})\s*[).ªº°:-]?\W*"
)
_LITTLE = frozenset(
    [
        "a",
        "ao",
        "as",
        "com",
        "da",
        "das",
        "de",
        "do",
        "dos",
        "e",
        "em",
        "na",
        "nas",
        "no",
        "nos",
        "o",
        "os",
        "ou",
        "para",
        "por",
        "um",
        "uma",
        "an",
        "and",
        "at",
        "by",
        "for",
        "in",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    ]
)
YES, NO = "yes", "no"
_WORDS_BEFORE, _CHARACTERS_BEFORE = 3, 60


@dataclass(frozen=True)
class Option:
    """A choice to recognise. `names` in every language hold for a whole reply; `title` and `terms`, in the
    case's own, within longer words too (an English "no" is in every Portuguese sentence)."""

    id: str
    names: frozenset[str]
    title: str
    terms: tuple[str, ...] = ()

    @cached_property
    def by_terms(self) -> re.Pattern[str]:
        return compile_terms(self.terms)

    @cached_property
    def by_title_too(self) -> re.Pattern[str]:
        return compile_terms((*self.terms, self.title) if self.title else self.terms)


def options_of(flow: Flow, slot: Slot, language: str) -> list[Option]:
    """The choices of a slot, yes and no as the words that settle them unasked, or the flow's categories (whose terms
    are for analysis: too wide for an answer)."""
    known = _options(flow)
    key = (slot.id, language)
    if key not in known:
        known[key] = _options_of(flow, slot, language)
    return known[key]


@once_per_flow
def _options(flow: Flow) -> dict[tuple[str, str], list[Option]]:
    """Filled as slots are asked about."""
    return {}


def _options_of(flow: Flow, slot: Slot, language: str) -> list[Option]:
    if slot.kind == "category":
        return [_option(one.id, one.title, language) for one in flow.categories]
    if slot.kind == "yes_no":
        settling = ((YES, slot.affirms), (NO, slot.denies))
        return [_option(answer, {}, language, words.get(language, ())) for answer, words in settling]
    return [_option(one.id, one.title, language, one.terms.get(language, ())) for one in slot.choices]


def _option(option_id: str, titles: Words, language: str, terms: Iterable[str] = ()) -> Option:
    names = frozenset(_plain(fold(name)) for name in (option_id, *titles.values()))
    return Option(option_id, names, _plain(fold(titles.get(language, ""))), tuple(terms))


def read_yes_no(folded: str, language: str) -> tuple[bool, Span] | None:
    """The leading word decides; a denial anywhere in the first clause comes before the question's own verb."""
    known = tongue(language)
    thinks = _THINKS[known].search(folded)
    if thinks:
        return thinks["word"] in ("sim", "so", "yes"), thinks.span()
    if _UNSURE.search(folded):
        return None
    for words, value in ((_NO, False), (_YES, True)):
        match = re.match(rf"\W*{_FILLER[known]}(?P<word>{words[known]})(?!\w|\s+(?:nao|not)\b)", folded)
        if match:
            return value, match.span("word")
    whole = folded.strip(" .!\n")
    if whole in ("no", "nope", "yes", "yeah"):
        start = folded.index(whole)
        return whole in ("yes", "yeah"), (start, start + len(whole))
    return _read_echo(folded, known) or _read_later(folded, known)


def _read_echo(folded: str, known: str) -> tuple[bool, Span] | None:
    clause = _CLAUSE.match(folded)
    first = clause.group() if clause else ""
    length = len(first.split())
    for pattern, value in ((_DENIAL[known], False), (_SIMPLE[known], True)):
        match = re.search(pattern, first)
        if match and length <= _DENIAL_LENGTH:
            return value, match.span()
    if length > _ECHO_LENGTH:
        return None
    echo = re.match(rf"\W*{_FILLER[known]}(?P<word>{_ECHO[known]})(?!\w)", first)
    return (True, echo.span("word")) if echo else None


def _read_later(folded: str, known: str) -> tuple[bool, Span] | None:
    """ "Então, deixa eu ver... sim, é muita coisa": the only clause that says yes or no and nothing else."""
    found: list[tuple[bool, Span]] = []
    for clause in _CLAUSE.finditer(folded):
        for words, value in ((_NO, False), (_YES, True)):
            match = re.fullmatch(rf"\W*{_FILLER[known]}(?P<word>{words[known]}){_AFTER[known]}\W*", clause.group())
            if match:
                start = clause.start()
                found.append((value, (start + match.start("word"), start + match.end("word"))))
                break
    return found[0] if len({value for value, _ in found}) == 1 else None


def read_choice(folded: str, options: Sequence[Option], negations: Iterable[str]) -> tuple[str, Span] | None:
    """Title, id, term or number in the list as the whole reply; else the only choice named in a longer one."""
    span = _words_span(folded)
    if span is None:
        return None
    whole = _plain(folded)
    bare = next((answer for answer, words in _BARE.items() if whole in words), None)
    for option in options:
        if whole in option.names or option.id == bare:
            return option.id, span
    if bare is not None:
        return None
    listed = _LISTED.fullmatch(folded)
    if listed:
        number = int(listed["number"])
        return (options[number - 1].id, listed.span("number")) if 1 <= number <= len(options) else None
    return only_named(folded, options, negations, titles=True) or _by_part_of_title(whole, options, span)


def only_named(
    folded: str, options: Sequence[Option], negations: Iterable[str], *, titles: bool
) -> tuple[str, Span] | None:
    """The one choice whose terms occur and are not denied.

    "sem justa causa" names one choice even where "justa causa" is another.
    """
    denied = compile_terms(negations)
    named: list[tuple[str, Span]] = []
    for option in options:
        for match in (option.by_title_too if titles else option.by_terms).finditer(folded):
            before = re.split(r"[.,;:!?\n]", folded[max(0, match.start() - _CHARACTERS_BEFORE) : match.start()])[-1]
            if not denied.search(" ".join(before.split()[-_WORDS_BEFORE:])):
                named.append((option.id, match.span()))
    outer = [hit for hit in named if not any(_inside(hit, other) for other in named)]
    return outer[0] if len({option_id for option_id, _ in outer}) == 1 else None


def _inside(hit: tuple[str, Span], other: tuple[str, Span]) -> bool:
    (own, (start, end)), (others, (other_start, other_end)) = hit, other
    return own != others and other_start <= start and end <= other_end and (start, end) != (other_start, other_end)


def _by_part_of_title(whole: str, options: Sequence[Option], span: Span) -> tuple[str, Span] | None:
    """ "família" for "Família e filhos", if no other title has those words."""
    words = set(whole.split()) - _LITTLE
    if not words or len(words) > 4 or max(map(len, words)) < 3:
        return None
    fitting = [o.id for o in options if any(words <= set(name.split()) for name in o.names)]
    return (fitting[0], span) if len(fitting) == 1 else None


def _plain(text: str) -> str:
    """Only the words."""
    return " ".join(re.findall(r"\w+", text))


def _words_span(folded: str) -> Span | None:
    """Without the blanks and marks around."""
    match = re.search(r"\w(?:.*\w)?", folded, re.DOTALL)
    return match.span() if match else None
