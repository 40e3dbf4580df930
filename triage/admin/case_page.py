"""What a case's page shows, read with a fixed number of queries however long the case is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from triage import eventlog
from triage.admin.overriding import FIELD_TITLES, field_value_title
from triage.admin.showing import LEVELS
from triage.admin.timeline import ROLES, moments, title
from triage.events import CATALOGUE
from triage.flows.answers import show_value
from triage.flows.loader import flow_of
from triage.models import Answer, Case, TriageRun
from triage.orchestrator.recollection import contests_of
from triage.projection import CaseView, fold

LONGEST_TIMELINE = 500
"""Newest events that are drawn; of a longer log the rest is in the export."""

ENTITIES = {"parties": _("Parties"), "amounts": _("Amounts"), "dates": _("Dates"), "places": _("Places")}
ANSWER_KINDS = {
    "answer": _("answered"),
    "skip": _("skipped"),
    "back": _("went back"),
    "unclear": _("not understood"),
    "off_topic": _("off the subject"),
    "empty": _("without words"),
    "extra": _("added something"),
}
REVIEW_REASONS = {
    "red_flag": _("a red flag was raised"),
    "low_confidence": _("the assessment is not sure"),
    "unknown_category": _("no category fits"),
    "degraded": _("an analyzer could not be asked"),
    "analyzers_disagree": _("the analyzers disagree on the category"),
    "levels_differ": _("the analyzers disagree on the complexity"),
}


def case_page(case: Case) -> dict[str, Any]:
    """State and timeline are the same log at one moment: what is followed live begins right behind it."""
    events = eventlog.all_of(case.pk)
    view = fold(events, "staff")
    result = view.result or case.result
    runs = list(case.runs.prefetch_related("steps"))
    return {
        "case": case,
        "view": view,
        "level_title": LEVELS.get((view.complexity or {}).get("level", "")),
        "confidence": f"{view.confidence:.2f}",  # as HTML wants it, whatever the language
        "confidence_percent": f"{view.confidence:.0%}",
        "contact": [part for part in (case.contact_name, case.contact_phone, case.contact_email) if part],
        "safe_to_call": _safe_to_call(case),
        "call_freely": case.safe_to_call is True,
        "said": _said(view),
        "result": result,
        "decided": _decided(case, view),
        **_result_parts(result or {}),
        "timeline": moments(events[-LONGEST_TIMELINE:]),
        "earlier": max(0, len(events) - LONGEST_TIMELINE),
        "known": _known(case, view),
        "missing": _slot_titles(case, view.missing),
        "answers": _answers(case),
        "runs": runs,
        "nearest": _nearest(runs),
        "stream_url": reverse("stream", args=[case.pk]),
        "event_titles": {type_: title(type_) for type_ in CATALOGUE},
    }


def _safe_to_call(case: Case) -> str:
    """A bare number would be called; nobody knows who picks it up."""
    if case.safe_to_call is not None:
        return gettext("safe to call") if case.safe_to_call else gettext("not safe to call")
    if case.contact_phone:
        return gettext("did not say whether it is safe to call; do not call before making sure")
    return gettext("did not say whether it is safe to write") if case.contact_email else ""


def _said(view: CaseView) -> list[dict[str, Any]]:
    return [
        {
            "id": message["message_id"],
            "role": message["role"],
            "who": ROLES.get(message["role"], message["role"]),
            "at": datetime.fromisoformat(message["at"]),
            "text": message["text"],
            "reason": (message["question"] or {}).get("reason"),
        }
        for message in view.messages
    ]


def _decided(case: Case, view: CaseView) -> list[dict[str, Any]]:
    """What staff decided otherwise, with what had been found, who and why."""
    return [
        {
            "title": FIELD_TITLES[field],
            **{name: field_value_title(case, field, one[name]) for name in ("old", "new")},
            "by": one["by"],
            "at": datetime.fromisoformat(one["at"]),
            "reason": one["reason"],
        }
        for field, one in view.overridden.items()
    ]


def _nearest(runs: list[TriageRun]) -> list[dict[str, Any]]:
    """The examples that the newest analysis found most like the case. For staff alone: they may be others' words."""
    steps = [step for run in runs for step in run.steps.all() if step.name == "understand"]
    if not steps:
        return []
    nearest: list[dict[str, Any]] = max(steps, key=lambda step: step.pk).output["finding"].get("nearest", [])
    return nearest


def _known(case: Case, view: CaseView) -> list[dict[str, Any]]:
    """What was understood; beside what was told in two ways also the other, until it is settled."""
    flow, contests = flow_of(case.flow_id), contests_of(case)
    slots = {slot.id: slot for slot in flow.slots}
    known = []
    for fact in view.understood:
        contest = contests.get(fact["slot"])
        told = [contest.before, contest.now] if contest else []
        words = {show_value(flow, case.language, slots[fact["slot"]], one.value): one.evidence for one in told}
        other = next(((text, evidence.message_id) for text, evidence in words.items() if text != fact["text"]), None)
        known.append({"fact": fact, "other": other})
    return known


def _slot_titles(case: Case, slot_ids: list[str]) -> list[str]:
    titles = {slot.id: slot.title for slot in flow_of(case.flow_id).slots}
    return [titles[id_][case.language] for id_ in slot_ids if id_ in titles]


def _answers(case: Case) -> list[dict[str, Any]]:
    """With the values as the flow's language writes them."""
    flow = flow_of(case.flow_id)
    slots = {slot.id: slot for slot in flow.slots}
    about = {question.id: slots[question.slot].title[case.language] for question in flow.questions}
    return [
        {
            "row": answer,
            "question": about.get(answer.question, answer.question),
            "next_question": about.get(answer.next_question, answer.next_question),
            "kind": ANSWER_KINDS.get(answer.kind, answer.kind),
            "values": [
                {
                    "title": slots[reading["slot"]].title[case.language],
                    "text": show_value(flow, case.language, slots[reading["slot"]], reading["value"]),
                    "approximate": reading["approximate"],
                    "source": reading["source"],
                    "contested": reading.get("contested", False),
                }
                for reading in answer.readings
                if reading["slot"] in slots
            ],
        }
        for answer in Answer.objects.filter(case=case).select_related("message")
    ]


def _result_parts(result: dict[str, Any]) -> dict[str, Any]:
    """Codes and groups of the result with their titles; a code of a newer kind is shown as it is."""
    found = result.get("entities", {})
    reasons = result.get("review", {}).get("reasons", [])
    return {
        "result_entities": [
            {"title": heading, "found": found[kind]} for kind, heading in ENTITIES.items() if found.get(kind)
        ],
        "review_reasons": [str(REVIEW_REASONS.get(reason, reason)) for reason in reasons],
    }
