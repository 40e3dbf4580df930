"""Flow files in, flow versions out; what the files may say is in `schema`, how they are joined in `parts`.

A changed file makes a new version; cases go on under the one they began with.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from pydantic import ValidationError

from triage.errors import FlowInvalid, UnknownFlow, UnknownLanguage
from triage.flows import parts
from triage.flows.checks import parse_flow
from triage.flows.learning import mark_learnt, with_corrections
from triage.flows.schema import Flow
from triage.models import FlowVersion

CATALOGUE = Path(__file__).parent / "catalog"


def flow_files() -> list[Path]:
    """The catalogue's files and those of TRIAGE_FLOW_DIRS, which may replace a flow of the same id."""
    folders = [CATALOGUE, *map(Path, settings.TRIAGE_FLOW_DIRS)]
    return [path for folder in folders for path in sorted(folder.glob("*.yaml"))]


def read_flow(path: Path) -> Flow:
    """Parse and check one flow. Raises FlowInvalid, whose problems name file, path and reason."""
    try:
        data = parts.read(path)
    except OSError as error:
        raise FlowInvalid([f"{path}: cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise FlowInvalid([f"{path}: {error}"]) from error
    try:
        return parse_flow(data)
    except FlowInvalid as error:
        raise FlowInvalid([f"{path}: {problem}" for problem in error.problems]) from error


def load_flow(flow: Flow) -> tuple[FlowVersion, bool]:
    """The current version if it comes from this content, else a new one; and whether it is new.

    Going back to an older content makes a new version too, as versions only count upwards. What a flow has learnt from
    corrections it keeps when its file changes.
    """
    newest = _light().filter(flow=flow.id).order_by("-version").first()
    source = _digest(_document(flow))
    if newest is not None and (newest.source or newest.digest) == source:
        return newest, False
    try:
        with transaction.atomic():
            return _add_from_file(flow, newest, source), True
    except IntegrityError:  # somebody else loads at the same time
        return load_flow(flow)


def _add_from_file(flow: Flow, newest: FlowVersion | None, source: str) -> FlowVersion:
    if newest is None or not newest.has_learnt:
        return add_version(flow, newest, source=source)
    learnt, taken = with_corrections(flow)
    made = add_version(learnt, newest, source=source, has_learnt=True)
    mark_learnt(taken, made)
    return made


def add_version(
    flow: Flow,
    newest: FlowVersion | None,
    *,
    source: str = "",
    origin: FlowVersion.Origin = FlowVersion.Origin.FILE,
    has_learnt: bool = False,
) -> FlowVersion:
    """The version after `newest`, of the same file unless `source` names another.

    Raises IntegrityError when somebody else added one meanwhile.
    """
    document = _document(flow)
    with transaction.atomic():
        return FlowVersion.objects.create(
            flow=flow.id,
            version=newest.version + 1 if newest else 1,
            digest=_digest(document),
            document=document,
            source=source or (newest.source or newest.digest if newest else ""),
            origin=origin,
            has_learnt=has_learnt,
        )


def _document(flow: Flow) -> dict[str, Any]:
    return flow.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=64)
def flow_of(version_id: int) -> Flow:
    """The flow of a version; versions never change, so it is parsed once per process.

    Raises FlowInvalid for one that was loaded by another release and cannot be read by this one.
    """
    return parsed(FlowVersion.objects.get(pk=version_id))


def parsed(row: FlowVersion) -> Flow:
    """As the row is now: of one that is remembered, words may have been erased since. Raises FlowInvalid."""
    try:
        return Flow.model_validate(row.document)
    except ValidationError as error:
        raise FlowInvalid([f"{row}: {problem['msg']}" for problem in error.errors()]) from error


def _light() -> QuerySet[FlowVersion]:
    """Without the documents: with many examples one is megabytes, and `flow_of` has read it."""
    return FlowVersion.objects.defer("document")


def current_versions() -> list[FlowVersion]:
    """The newest version of each flow, in the order in which they are offered."""
    newest = FlowVersion.objects.filter(flow=OuterRef("flow")).order_by("-version").values("pk")[:1]
    rows = _light().filter(pk=Subquery(newest))
    return sorted(rows, key=lambda row: (flow_of(row.pk).order, row.flow))


def current_version(flow_id: str) -> FlowVersion:
    """Raises UnknownFlow, which says how flows get here."""
    row = _light().filter(flow=flow_id).order_by("-version").first()
    if row is None:
        raise UnknownFlow(f"There is no flow '{flow_id}'. `manage.py flows list` shows those that are loaded.")
    return row


def choose_language(flow: Flow, wanted: str | None) -> str:
    """The flow's language for a wanted tag ("pt", "pt_BR", "en-GB"); its first when none is wanted.

    Raises UnknownLanguage when the flow does not speak it.
    """
    if not wanted:
        return flow.languages[0]
    tag = wanted.replace("_", "-").lower()
    for language in flow.languages:
        if language.lower() == tag:
            return language
    for language in flow.languages:
        if language.split("-")[0].lower() == tag.split("-")[0]:
            return language
    raise UnknownLanguage(f"This flow speaks {', '.join(flow.languages)}, not '{wanted}'.")
