"""Making a version of a flow from something else than its file: from corrections, or from an older version."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from triage.errors import UnknownVersion
from triage.flows.learning import mark_learnt, with_corrections
from triage.flows.loader import add_version, current_version, parsed
from triage.models import FlowVersion

Origin = FlowVersion.Origin


def version_of(flow_id: str, version: int) -> FlowVersion:
    """Raises UnknownFlow, UnknownVersion."""
    newest = current_version(flow_id)
    row = FlowVersion.objects.filter(flow=flow_id, version=version).first()
    if row is None:
        raise UnknownVersion(f"'{flow_id}' has no version {version}; the newest is {newest.version}.")
    return row


def learn(flow_id: str) -> tuple[FlowVersion, int]:
    """A version from the current one and the approved corrections that it does not have; and how many these are.

    With none it is the current one. Raises UnknownFlow.
    """
    newest = current_version(flow_id)
    learnt, taken = with_corrections(parsed(newest))
    if not taken:
        return newest, 0
    try:
        with transaction.atomic():
            made = add_version(learnt, newest, origin=Origin.LEARNT, has_learnt=True)
            mark_learnt(taken, made)
    except IntegrityError:  # somebody else made a version at the same time
        return learn(flow_id)
    return made, len(taken)


def roll_back(flow_id: str, version: int) -> tuple[FlowVersion, bool]:
    """The content of an older version as the newest one, and whether that is new. Cases go on under theirs.

    Raises UnknownFlow, UnknownVersion.
    """
    newest, wanted = current_version(flow_id), version_of(flow_id, version)
    if newest.document == wanted.document:
        return newest, False
    try:
        made = add_version(parsed(wanted), newest, origin=Origin.RESTORED, has_learnt=wanted.has_learnt)
    except IntegrityError:
        return roll_back(flow_id, version)
    return made, True
