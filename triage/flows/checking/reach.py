"""Who can be reached: a question whose condition can never hold will never be asked.

A condition is spread out into the ways in which it could hold, each a list of tests that must all come out
one way. A way is impossible when it needs a slot that nothing can fill by then, or contradicts itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, product

from triage.flows.checking.references import fills_itself, possible_values
from triage.flows.conditions import compares, same
from triage.flows.schema import Condition, Flow, Scalar, Slot
from triage.flows.tree import conditions_of, slots_of

_Test = tuple[Condition, bool]
_MOST_WAYS = 5000
"""Beyond this many nobody counts, and the condition passes."""


def check_reach(flow: Flow) -> Iterator[tuple[str, str]]:
    """All names must be known to exist. `fillable` grows as questions turn out to be reachable."""
    fillable = {slot.id for slot in flow.slots if fills_itself(slot)}
    waiting = list(flow.questions)
    while True:
        reached = [
            question
            for question in waiting
            if question.when is None or _can_hold(flow, question.when, fillable - {question.slot})
        ]
        if not reached:
            break
        fillable |= {question.slot for question in reached}
        waiting = [question for question in waiting if question not in reached]
    unreached = {f"questions.{question.id}.when" for question in waiting}
    for path, condition in conditions_of(flow):
        if path in unreached or not _can_hold(flow, condition, fillable):
            yield path, _why(flow, path, condition, fillable)


def _why(flow: Flow, path: str, condition: Condition, fillable: set[str]) -> str:
    slots = {slot.id for slot in flow.slots}
    nobody = "nobody can reach this question: its" if path.startswith("questions.") else "the"
    if not _can_hold(flow, condition, slots):
        return f"{nobody} condition can never hold"
    late = sorted(slots_of(condition) - fillable) or sorted(slots_of(condition))
    return f"{nobody} condition waits for {', '.join(late)}, which nothing fills before"


def _can_hold(flow: Flow, condition: Condition, fillable: set[str]) -> bool:
    ways = _ways(condition, True)
    return ways is None or any(_consistent(flow, way, fillable) for way in ways)


def _ways(condition: Condition, wanted: bool) -> list[list[_Test]] | None:
    """The ways in which the condition comes out as wanted; None when there are too many."""
    if condition.not_ is not None:
        return _ways(condition.not_, not wanted)
    below = condition.all if condition.all is not None else condition.any
    if below is None:
        return [[(condition, wanted)]]
    spread = [_ways(child, wanted) for child in below]
    known = [ways for ways in spread if ways is not None]
    if len(known) < len(spread):
        return None
    if (condition.all is not None) != wanted:
        return [way for ways in known for way in ways]
    size = 1
    for ways in known:
        size *= len(ways)
    return None if size > _MOST_WAYS else [list(chain(*parts)) for parts in product(*known)]


def _consistent(flow: Flow, way: list[_Test], fillable: set[str]) -> bool:
    by_slot: dict[str, list[_Test]] = {}
    for test, wanted in way:
        if test.slot is not None:
            by_slot.setdefault(test.slot, []).append((test, wanted))
    return _names_left(flow, way) and all(
        _slot_consistent(flow, slot, by_slot[slot.id], slot.id in fillable) for slot in flow.slots if slot.id in by_slot
    )


def _names_left(flow: Flow, way: list[_Test]) -> bool:
    """Whether one category, and some choice of raised flags, passes."""
    categories = {category.id for category in flow.categories}
    flags = [(set(test.flag), wanted) for test, wanted in way if test.flag is not None]
    down = set().union(*(names for names, wanted in flags if not wanted))
    for test, wanted in way:
        if test.category is not None:
            categories = categories & set(test.category) if wanted else categories - set(test.category)
    return bool(categories) and all(names - down for names, wanted in flags if wanted)


def _slot_consistent(flow: Flow, slot: Slot, tests: list[_Test], fillable: bool) -> bool:
    """A denied comparison needs a value too; only `not: {slot: x}` wants the slot empty."""
    empty = [not wanted and not compares(test) for test, wanted in tests]
    if any(empty):
        return all(empty)
    return fillable and _values_left(flow, slot, tests) and _range_left(tests)


def _values_left(flow: Flow, slot: Slot, tests: list[_Test]) -> bool:
    """Whether some value passes every `is` and `in`."""
    listed = [(_wanted_values(test), wanted) for test, wanted in tests if _wanted_values(test)]
    values = possible_values(flow, slot)
    if values is None:
        values = next((allowed for allowed, wanted in listed if wanted), None)
    return values is None or any(
        all(any(same(value, one) for one in allowed) == wanted for allowed, wanted in listed) for value in values
    )


def _wanted_values(test: Condition) -> list[Scalar]:
    return [test.is_] if test.is_ is not None else test.in_ or []


def _range_left(tests: Iterable[_Test]) -> bool:
    """Whether some amount, and some day counted from today, passes every comparison."""
    least, below = [float("-inf")], [float("inf")]
    earliest, latest = [float("-inf")], [float("inf")]
    for test, wanted in tests:
        if test.at_least is not None:
            (least if wanted else below).append(test.at_least)
        if test.within_days is not None and wanted:
            earliest.append(0)
            latest.append(test.within_days)
        if test.older_than_days is not None:
            (latest if wanted else earliest).append(-test.older_than_days - wanted)
    return max(least) < min(below) and max(earliest) <= min(latest)
