"""Whose turn comes sooner or later: what staff decide, and telling people where they stand."""

from __future__ import annotations

import time
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext_noop as _

from conversations import transcript
from triage import lanes
from triage.access import Actor, access_case
from triage.errors import CaseBusy, InvalidInput, NotAllowed, RunNotFound, TransitionRefused
from triage.events import Event, PriorityChanged
from triage.models import Case, Priority, TriageRun
from triage.orchestrator.commit import commit, move, settle
from triage.orchestrator.ending import UNFINISHED

LONGEST_REASON = 300  # characters


LONGEST_ROUND = 2.0  # seconds in which people are told of new positions: the sweep has more to do


def set_priority(*, actor: Actor, case_id: str, priority: str, reason: str) -> Case:
    """Analyse a case sooner or later than its urgency and deadline say (staff); it holds for later runs too.

    The same priority again changes nothing. Raises NotAllowed, InvalidInput, CaseNotFound, and TransitionRefused when
    nothing is left to be analysed.
    """
    if not actor.changes_all:
        raise NotAllowed
    reason = transcript.storable(reason).strip()
    problems = {}
    if priority not in Priority.values:
        problems["priority"] = f"One of {', '.join(Priority.values)}."
    if not reason or len(reason) > LONGEST_REASON:
        problems["reason"] = f"Between 1 and {LONGEST_REASON} characters."
    if problems:
        raise InvalidInput(fields=problems)

    def attempt() -> Case:
        case = access_case(actor, case_id, to_change=True)
        if case.state not in UNFINISHED:
            raise TransitionRefused(_("Nothing of this case waits to be analysed."))
        if case.priority != priority:
            _change(case, actor, priority, reason)
        return case

    return settle(attempt)


def _change(case: Case, actor: Actor, priority: str, reason: str) -> None:
    old = case.priority or case.urgency
    events: list[Event] = [PriorityChanged(field="priority", old=old, new=priority, reason=reason, by=_name(actor))]
    case.priority = priority
    with transaction.atomic():
        if (place := lanes.stand_anew(case)) is not None:
            events.append(place.event)
        commit(case, events, priority=priority)


def _name(actor: Actor) -> str:
    if actor.user_id is None:
        return "system"
    return User.objects.get(pk=actor.user_id).get_username()


def set_priority_of_run(*, actor: Actor, run_id: str, priority: str, reason: str) -> Case:
    """`set_priority` of the run's case. Raises RunNotFound."""
    case_id = TriageRun.objects.filter(pk=run_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise RunNotFound
    return set_priority(actor=actor, case_id=case_id, priority=priority, reason=reason)


def tell_places() -> int:
    """Tell people whose position moved a lot, at most once a minute; returns how many. Two at once do no harm.

    Only in the lane of people: nobody watches a batch's cases one by one.
    """
    told, ends = 0, time.monotonic() + LONGEST_ROUND
    for run_id, position in lanes.moved_places(TriageRun.Lane.INTERACTIVE):
        if time.monotonic() > ends:  # the next round goes on
            break
        try:
            told += settle(partial(_tell, run_id, position))
        except (TriageRun.DoesNotExist, CaseBusy):  # erased, or to be told in the next round
            continue
    return told


def _tell(run_id: str, position: int) -> bool:
    run = TriageRun.objects.select_related("case").get(pk=run_id)
    if run.case.state != Case.State.QUEUED:  # it waits for another attempt, and people were told that it is analysed
        return False
    with transaction.atomic():
        if not lanes.tell_place(run_id, position):
            return False
        place = lanes.Place(run.lane, run.priority, run.queued_at, run.turn_at, position)
        move(run.case, [place.event])
    return True
