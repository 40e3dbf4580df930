"""Staff decide otherwise than the analysis, and say why; others may learn from it once somebody approved."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from conversations import transcript
from triage import eventlog, lanes
from triage.access import Actor, access_case, allow_staff
from triage.analysis import overruling, reuse
from triage.analysis.base import Assessment, Facts
from triage.corrections.words import pseudonymised
from triage.errors import CorrectionNotFound, InvalidInput, TransitionRefused, UnknownCategory
from triage.events import CaseOverridden, ComplexityUpdate, Event, rfc3339
from triage.flows.loader import flow_of
from triage.flows.schema import Flow
from triage.models import Case, Correction, FlowClassifier, FlowVersion
from triage.orchestrator.commit import commit, settle
from triage.orchestrator.recollection import facts_of
from triage.orchestrator.ruling import assessment_columns, assessment_event
from triage.projection import fold

LONGEST_REASON = 300  # characters


def override(*, actor: Actor, case_id: str, field: str, value: str, reason: str) -> Case:
    """Decide category, complexity or urgency (staff). It holds for later turns and analyses too.

    What is shown already changes nothing; what the analysis itself found ends the override. Raises NotAllowed,
    InvalidInput, UnknownCategory, CaseNotFound, and TransitionRefused when nothing was told yet.
    """
    allow_staff(actor, to_change=True)
    reason = _checked(field, reason)

    def attempt() -> Case:
        case = access_case(actor, case_id, to_change=True)
        _check_value(flow_of(case.flow_id), field, value)
        shown = _shown(case)
        if overruling.value_of(shown, field) != value:
            _decide(case, actor, shown, field, value, reason)
        return case

    return settle(attempt)


def _checked(field: str, reason: str) -> str:
    reason = transcript.storable(reason).strip()
    problems = {}
    if field not in overruling.FIELDS:
        problems["field"] = f"One of {', '.join(overruling.FIELDS)}."
    if not reason or len(reason) > LONGEST_REASON:
        problems["reason"] = f"Between 1 and {LONGEST_REASON} characters."
    if problems:
        raise InvalidInput(fields=problems)
    return reason


def _check_value(flow: Flow, field: str, value: str) -> None:
    known = overruling.choices(flow, field)
    if value not in known:
        kind = UnknownCategory if field == "category" else InvalidInput
        raise kind(fields={"value": f"One of {', '.join(known)}."})


def _shown(case: Case) -> Assessment:
    """As everybody sees it. Raises TransitionRefused when there is nothing yet."""
    view = fold(eventlog.all_of(case.pk), "staff")
    if view.category is None or view.complexity is None or view.urgency is None:
        raise TransitionRefused(_("Nothing was told yet, so there is nothing to decide otherwise."))
    return Assessment(
        category=view.category,
        alternatives=view.alternatives,
        level=view.complexity["level"],
        score=view.complexity["score"],
        confidence=view.confidence,
        factors=view.complexity["factors"],
        urgency=view.urgency,
        red_flags=view.red_flags,
        understood=view.understood,
        missing=view.missing,
    )


def _decide(case: Case, actor: Actor, shown: Assessment, field: str, value: str, reason: str) -> None:
    facts = facts_of(case)
    found = overruling.uncovered(shown, case.overrides)
    old = overruling.value_of(found, field)
    others = {name: one for name, one in case.overrides.items() if name != field}
    decided: overruling.Override = {
        "old": old,
        "new": value,
        "reason": reason,
        "by": _name(actor),
        "at": rfc3339(timezone.now()),
        "flags": [flag["id"] for flag in shown.red_flags],
        "found": overruling.parts_of(found, field),
    }
    overrides = others if value == old else {**others, field: decided}
    after = overruling.laid_over(facts.flow, case.language, found, overrides)
    columns: dict[str, Any] = {**assessment_columns(after), "overrides": overrides}
    if case.result is not None:
        columns["result"] = overruling.result_with(case.result, facts, overrides)
    was = overruling.value_of(shown, field)
    told = CaseOverridden(field, was, value, old, columns.get("result"), reason, decided["by"])
    with transaction.atomic():
        events: list[Event] = [told, _follows(field, shown, after)]
        if field == "urgency" and (place := lanes.stand_anew(case, urgency=value, overrides=overrides)) is not None:
            events.append(place.event)
        commit(case, events, **columns)
        _keep_correction(case, actor, facts, field, decided if value != old else None)


def _name(actor: Actor) -> str:
    return "system" if actor.user_id is None else User.objects.get(pk=actor.user_id).get_username()


def _follows(field: str, shown: Assessment, after: Assessment) -> Event:
    """So that whoever knows nothing of overrides sees the right thing all the same."""
    if field != "complexity":
        return assessment_event(after)
    previous = {"level": shown.level, "confidence": shown.confidence}
    return ComplexityUpdate(after.level, after.confidence, after.score, after.factors, previous)


def _keep_correction(case: Case, actor: Actor, facts: Facts, field: str, decided: overruling.Override | None) -> None:
    """Behind `commit`, under the case's lock: what stood before is withdrawn, so that one stands, or none."""
    stood = Correction.objects.filter(case=case, field=field).exclude(status=Correction.Status.WITHDRAWN)
    stood.update(status=Correction.Status.WITHDRAWN)
    if decided is None:
        return
    names = [case.contact_name, *_names_in(facts)]
    Correction.objects.create(
        case=case,
        flow_id=case.flow_id,
        field=field,
        old=decided["old"],
        new=decided["new"],
        reason=decided["reason"],
        by_id=actor.user_id,
        text=pseudonymised("\n".join(utterance.text for utterance in facts.utterances), names),
        language=case.language,
    )


def _names_in(facts: Facts) -> list[str]:
    """What the person said when asked who somebody is."""
    parties = [slot.id for slot in facts.flow.slots if slot.entity == "parties"]
    return [str(facts.slots[slot].value) for slot in parties if slot in facts.slots]


def approve_correction(*, actor: Actor, correction_id: int) -> Correction:
    """Let others learn from it (staff). Twice is once. Raises NotAllowed, CorrectionNotFound, TransitionRefused."""
    return _judge(actor, correction_id, Correction.Status.APPROVED)


def reject_correction(*, actor: Actor, correction_id: int) -> Correction:
    """Nobody is to learn from it; the case stays as staff decided. Raises as `approve_correction` does."""
    return _judge(actor, correction_id, Correction.Status.REJECTED)


def _judge(actor: Actor, correction_id: int, verdict: Correction.Status) -> Correction:
    """What was learnt already is taken back by the next version alone, so an approval may still be rejected."""
    allow_staff(actor, to_change=True)
    open_ = Correction.objects.filter(pk=correction_id).exclude(status__in=[Correction.Status.WITHDRAWN, verdict])
    open_.update(status=verdict, approved_by=actor.user_id, approved_at=Now())
    correction = Correction.objects.filter(pk=correction_id).first()
    if correction is None:
        raise CorrectionNotFound
    if correction.status != verdict:
        raise TransitionRefused(_("This correction was withdrawn."))
    return correction


def unlearn(case: Case) -> None:
    """Take a case's words out of all versions that learnt from them; in the transaction that erases the case.

    Classifiers that learnt them are erased too, with what is kept of their findings, and trained anew. A process that
    read such a version before forgets it when it ends.
    """
    touched = set()
    for correction in Correction.objects.filter(case=case).exclude(learnt_in=None).select_related("learnt_in"):
        first = correction.learnt_in
        assert first is not None
        later = FlowVersion.objects.filter(flow=first.flow, version__gte=first.version, has_learnt=True)
        for version in later.select_for_update(no_key=True):
            texts = version.document.get("examples", {}).get(correction.new, {}).get(correction.language, [])
            if correction.text in texts:
                texts.remove(correction.text)
                version.save(update_fields=["document"])
                FlowClassifier.objects.filter(flow=version).delete()
                touched.add(version.pk)
    for version_id in touched:
        transaction.on_commit(partial(reuse.forget, version_id), robust=True)
