"""Names that must exist: what questions and conditions speak of, and whether each test makes sense."""

from __future__ import annotations

from collections.abc import Iterator

from triage.flows.conditions import same
from triage.flows.schema import Condition, Flow, Scalar, Slot
from triage.flows.tree import conditions_of

_FORMS = ("all", "any", "not", "category", "flag", "says", "slot")
_COMPARISONS = ("is", "in", "at_least", "within_days", "older_than_days")
_KINDS = {"at_least": ("money", "number"), "within_days": ("date",), "older_than_days": ("date",)}


def check_references(flow: Flow) -> Iterator[tuple[str, str]]:
    names = _Names(flow)
    asked: dict[str, str] = {}
    for question in flow.questions:
        path = f"questions.{question.id}.slot"
        if question.slot not in names.slots:
            yield path, f"there is no slot {question.slot}"
        if question.slot in asked:
            yield path, f"{question.slot} is asked by {asked[question.slot]} already"
        asked.setdefault(question.slot, question.id)
    for path, condition in conditions_of(flow):
        yield from names.check(path, condition)


def fills_itself(slot: Slot) -> bool:
    """Whether words that nobody asked for can fill the slot."""
    return slot.greedy or any(any(words.values()) for words in (slot.near, slot.affirms, slot.denies))


def possible_values(flow: Flow, slot: Slot) -> list[Scalar] | None:
    """All values that the slot may take; None where they cannot be listed."""
    if slot.kind == "yes_no":
        return [True, False]
    if slot.kind == "choice":
        return [choice.id for choice in slot.choices]
    if slot.kind == "category":
        return [category.id for category in flow.categories]
    return None


class _Names:
    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.slots = {slot.id: slot for slot in flow.slots}
        self.categories = {category.id for category in flow.categories}
        self.flags = {flag.id for flag in flow.red_flags}
        self.filled = {question.slot for question in flow.questions}
        self.filled |= {slot.id for slot in flow.slots if fills_itself(slot)}

    def check(self, path: str, condition: Condition) -> Iterator[tuple[str, str]]:
        given = {key: value for key, value in _fields(condition).items() if value is not None}
        forms = [form for form in _FORMS if form in given]
        comparisons = [comparison for comparison in _COMPARISONS if comparison in given]
        if len(forms) != 1:
            yield path, f"needs exactly one of {', '.join(_FORMS)}, not {' and '.join(forms) or 'none'}"
            return
        if len(comparisons) > (forms == ["slot"]):
            yield path, f"{' and '.join(comparisons)}: only a slot is compared, and only once"
            return
        yield from ((f"{path}.{key}", "is empty") for key, value in given.items() if value in ([], {}))
        yield from self._named(path, condition)
        for number, child in enumerate(condition.all or condition.any or ()):
            yield from self.check(f"{path}.{forms[0]}[{number}]", child)
        if condition.not_ is not None:
            yield from self.check(f"{path}.not", condition.not_)

    def _named(self, path: str, condition: Condition) -> Iterator[tuple[str, str]]:
        for category in condition.category or ():
            if category not in self.categories:
                yield f"{path}.category", f"there is no category {category}"
        for flag in condition.flag or ():
            if path.startswith("red_flags."):
                yield f"{path}.flag", "a red flag cannot wait for another"
            elif flag not in self.flags:
                yield f"{path}.flag", f"there is no red flag {flag}"
        if condition.slot is None:
            return
        if condition.slot not in self.slots:
            yield f"{path}.slot", f"there is no slot {condition.slot}"
            return
        if condition.slot not in self.filled:
            yield f"{path}.slot", f"no question and no words fill {condition.slot}"
        yield from self._compared(path, condition, self.slots[condition.slot])

    def _compared(self, path: str, condition: Condition, slot: Slot) -> Iterator[tuple[str, str]]:
        for comparison, kinds in _KINDS.items():
            if _fields(condition)[comparison] is not None and slot.kind not in kinds:
                yield f"{path}.{comparison}", f"{slot.id} is of kind {slot.kind}, not {' or '.join(kinds)}"
        values = possible_values(self.flow, slot)
        wanted = [condition.is_] if condition.is_ is not None else condition.in_ or []
        for value in wanted if values is not None else ():
            if not any(same(possible, value) for possible in values or ()):
                key = "is" if condition.is_ is not None else "in"
                yield f"{path}.{key}", f"{slot.id} is never {value!r}"


def _fields(condition: Condition) -> dict[str, object]:
    fields = type(condition).model_fields
    return {info.alias or name: getattr(condition, name) for name, info in fields.items()}
