"""Which question comes next, and when enough is known.

A candidate's `when` holds and its slot is empty; it was neither answered nor skipped. A question about the category is
one also while no category is clearly ahead: all that follows depends on it. It is worth asking when it
is `essential` or when its answer could change the result. An answer can change the result when its slot
still decides, alone or with other slots that somebody could yet fill,

* a red flag that is not raised, an urgency rule more urgent than now, or the deadline;
* a factor, as long as the open factors together could move the case to another level;
* the category, while the first is not clearly ahead of the second;
* a document or next step of the leading category or of the flow;
* whether another question, which is worth asking, may be asked.

Worth asking goes first, then what bears on a danger or urgency of which there is a sign already, then weight. Up to
the level's `least` other candidates are asked too; at its `most` the interview ends. What was told in two ways
is asked again as soon as no danger has to be asked about; a question that was set aside (somebody went
back or corrected an answer) comes before any new one; and when room is left only for what
presses and what is `essential`, nothing else is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triage.analysis.assess import lead, level_of
from triage.analysis.base import Assessment, Finding
from triage.flows.conditions import Scene, holds
from triage.flows.interview.contradictions import question_about
from triage.flows.interview.outlook import Outlook
from triage.flows.interview.state import InterviewState
from triage.flows.schema import URGENCIES, Condition, Question
from triage.flows.tree import children

_CLEAR_LEAD = 0.3


@dataclass(frozen=True, slots=True)
class Agenda:
    """Candidates in the order of asking; the first `worth` of them are worth asking.

    `pressing` are slots on which a danger or urgency hangs of which there is a sign. `contested`: the question whose
    slot was told in two ways.
    """

    candidates: list[Question]
    worth: int
    pressing: frozenset[str] = frozenset()
    contested: str | None = None

    def missing(self) -> list[str]:
        return [question.slot for question in self.candidates[: self.worth]]


def agenda(state: InterviewState, finding: Finding, assessment: Assessment, scene: Scene) -> Agenda:
    unsettled = [
        question
        for question in state.flow.questions
        if question.slot not in state.slots and question.id not in state.settled
    ]
    view = _view(state, finding, scene, unsettled)
    deciding = _deciding(state, assessment, view, unsettled)
    pressing = frozenset(_pressing(state, assessment, view))

    def worth(question: Question) -> bool:
        return question.essential or question.slot in deciding

    candidates = [item for item in unsettled if item.slot in view.category_slots or holds(item.when, scene)]
    candidates.sort(key=lambda item: (not worth(item), item.slot not in pressing, -item.weight))
    return Agenda(candidates, sum(map(worth, candidates)), pressing, _contested(state, scene))


def choose(state: InterviewState, assessment: Assessment, plan: Agenda) -> str | None:
    """The next question's id; None ends the interview."""
    limit = state.flow.complexity.limits[assessment.level]
    count = len(state.asked)
    if count > limit.most:
        return None
    if plan.contested is not None and (plan.contested in state.asked or count < limit.most):
        is_danger_due = any(item.essential and item.slot in plan.pressing for item in plan.candidates)
        if not is_danger_due:
            return plan.contested
    set_aside = [question.id for question in plan.candidates if question.id in state.asked]
    if set_aside:
        return state.current if state.current in set_aside else set_aside[0]
    if count == limit.most:
        return None
    eligible = plan.candidates[: plan.worth]
    if count < limit.least:
        eligible += [item for item in plan.candidates[plan.worth :] if not _asks_category(state, item)]
    needed = [item for item in eligible if item.essential or item.slot in plan.pressing]
    if len(needed) >= limit.most - count:
        eligible = needed
    return eligible[0].id if eligible else None


def _contested(state: InterviewState, scene: Scene) -> str | None:
    """What was never asked and does not apply to the case is not worth a question, however it was told; a deadline,
    told before anybody asked whether there is one, applies to every case."""
    due = state.flow.urgency.deadline_slot
    for slot in state.contests:
        question = question_about(state, slot)
        if question and (question.id in state.asked or slot == due or holds(question.when, scene)):
            return question.id
    return None


def _asks_category(state: InterviewState, question: Question) -> bool:
    """Such a question is never a filler: who told a clear story would have to name its subject again."""
    return any(slot.id == question.slot and slot.kind == "category" for slot in state.flow.slots)


def _view(state: InterviewState, finding: Finding, scene: Scene, unsettled: list[Question]) -> Outlook:
    """What may still change when every question that could come up were asked."""
    open_slots = frozenset(question.slot for question in unsettled)
    unsure = lead(finding.categories) < _CLEAR_LEAD
    while True:
        view = Outlook(state.flow, scene, open_slots, unsure=unsure)
        still = frozenset(item.slot for item in unsettled if item.when is None or view.may_hold(item.when))
        if still == open_slots:
            return view
        open_slots = still


def _deciding(
    state: InterviewState, assessment: Assessment, view: Outlook, unsettled: list[Question]
) -> frozenset[str]:
    """Slots upon which the result still hangs, and those upon which it hangs whether they are asked."""
    deciding = view.category_slots | _moving_level(state, assessment, view)
    deadline = state.flow.urgency.deadline_slot
    if deadline is not None and deadline in view.open_slots:
        deciding |= {deadline}
    for condition in (*_dangers(state, assessment, view), *_advice(state, assessment)):
        deciding |= view.deciders(condition)
    while True:
        leading_to = [
            view.deciders(item.when)
            for item in unsettled
            if item.slot in deciding and item.when is not None and not holds(item.when, view.scene)
        ]
        more = deciding.union(*leading_to)
        if more == deciding:
            return deciding
        deciding = more


def _moving_level(state: InterviewState, assessment: Assessment, view: Outlook) -> frozenset[str]:
    """Slots of the open factors, if together they could move the case to another level."""
    least = most = assessment.score
    slots: frozenset[str] = frozenset()
    for factor in state.flow.factors:
        deciders = view.deciders(factor.when)
        if not deciders:
            continue
        slots |= deciders
        if holds(factor.when, view.scene):
            least -= factor.weight
        elif view.may_hold(factor.when):
            most += factor.weight
    moves = level_of(state.flow, least) != level_of(state.flow, most)
    return slots if moves else frozenset()


def _dangers(state: InterviewState, assessment: Assessment, view: Outlook) -> Iterator[Condition]:
    """Red flags not raised and rules more urgent than now, as far as they may still come true."""
    now = URGENCIES.index(assessment.urgency_level)
    flags = (flag.when for flag in state.flow.red_flags if flag.id not in view.scene.flags)
    rules = (rule.when for rule in state.flow.urgency.rules if URGENCIES.index(rule.level) > now)
    for condition in (*flags, *rules):
        if view.may_hold(condition):
            yield condition


def _pressing(state: InterviewState, assessment: Assessment, view: Outlook) -> Iterator[str]:
    for condition in _dangers(state, assessment, view):
        if _shows(condition, view.scene):
            yield from view.deciders(condition)


def _shows(condition: Condition, scene: Scene) -> bool:
    """Whether some part of it holds already. What is merely not the case is no sign."""
    if condition.not_ is not None:
        return False
    below = children(condition)
    if below:
        return any(_shows(child, scene) for child in below)
    return holds(condition, scene)


def _advice(state: InterviewState, assessment: Assessment) -> Iterable[Condition]:
    category = next(item for item in state.flow.categories if item.id == assessment.category["id"])
    shelves = (state.flow.documents, state.flow.next_steps, category.documents, category.next_steps)
    return [item.when for shelf in shelves for item in shelf if item.when is not None]
