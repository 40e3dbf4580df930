"""The classifiers that belong to each flow version: kept as rows, read once per process.

One knows what a case is about, the other hears danger. Whoever needs one that is not there gets None and does without.
"""

from __future__ import annotations

import threading
from datetime import datetime

import structlog
from django.db.models import QuerySet

from triage.analysis.base import Facts
from triage.analysis.semantic.classifier import Classifier, EmbedderMissing, recipe
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.installed import embedder, quick
from triage.analysis.semantic.recalled import Recalled
from triage.analysis.semantic.wanted import taught_categories, teaches_danger
from triage.errors import FlowInvalid
from triage.flows.loader import flow_of
from triage.flows.schema import Flow
from triage.models import FlowClassifier, FlowVersion

log = structlog.get_logger(__name__)

About = FlowClassifier.About
Key = tuple[int, FlowClassifier.About]
"""A flow version's key, and what the classifier is about."""

_known: dict[Key, Recalled] = {}
_damaged: set[tuple[int, datetime]] = set()  # rows, by when they were trained
_MOST_KNOWN = 16
_lock = threading.Lock()


def is_wanted(flow: Flow, about: About = About.CATEGORY) -> bool:
    """Whether the flow has enough examples to learn anything from."""
    return teaches_danger(flow) if about == About.DANGER else bool(taught_categories(flow))


def wanted() -> list[Key]:
    """Of the newest version of each flow, what could be learnt. What hears danger comes first."""
    versions = FlowVersion.objects.order_by("flow", "version").values_list("flow", "pk")
    newest = dict(versions).values()
    return [(pk, about) for about in (About.DANGER, About.CATEGORY) for pk in newest if _can_be_taught(pk, about)]


def _can_be_taught(flow_version_id: int, about: About) -> bool:
    """A flow of another release, which this one cannot read, must not keep the others waiting."""
    try:
        return is_wanted(flow_of(flow_version_id), about)
    except FlowInvalid:
        return False


def recalled(facts: Facts, about: About) -> Recalled | None:
    """Who knows what these facts are about; None where that is not learnt yet, or never will be."""
    return recalled_of(facts.version, about) if facts.version and is_wanted(facts.flow, about) else None


def warm() -> None:
    """Read what every message is heard with, so that the first person need not wait for models to load."""
    for key in wanted():
        if (classifier := classifier_of(*key)) is not None:
            classifier.predict([""])


def classifier_of(flow_version_id: int, about: About = About.CATEGORY) -> Classifier | None:
    """None: not trained yet, or not one that this process can use."""
    known = recalled_of(flow_version_id, about)
    return None if known is None else known.classifier


def recalled_of(flow_version_id: int, about: About) -> Recalled | None:
    """The classifier, with what it made of messages in this process."""
    known = _known.get((flow_version_id, about))
    if known is not None and not _is_surpassed(flow_version_id, about, known.classifier):
        return known
    with _lock:  # a row is megabytes: who comes meanwhile waits for who reads it
        newer = _known.get((flow_version_id, about))
        return newer if newer is not known else _read(flow_version_id, about) or known


def _read(flow_version_id: int, about: About) -> Recalled | None:
    kept = usable(flow_version_id, about).values_list("pk", "trained_at").first()
    if kept is None or kept in _damaged:
        return None
    try:
        classifier = Classifier.from_bytes(bytes(FlowClassifier.objects.get(pk=kept[0]).document))
    except (ValueError, EmbedderMissing, FlowClassifier.DoesNotExist) as error:
        log.warning("classifier_unusable", flow_version=flow_version_id, about=str(about), error=str(error))
        _damaged.add(kept)
        return None
    while len(_known) >= _MOST_KNOWN:
        _known.pop(next(iter(_known)))
    known = _known[flow_version_id, about] = Recalled(classifier)
    return known


def _is_surpassed(flow_version_id: int, about: About, known: Classifier) -> bool:
    """The quick model learnt first, and by now there is more."""
    if known.recipe == recipe(best(about)):
        return False
    return as_made_here(flow_version_id, about).exists()


def forget() -> None:
    """Read anew what this process has in memory."""
    _known.clear()
    _damaged.clear()


def rows(flow_version_id: int, about: About) -> QuerySet[FlowClassifier]:
    return FlowClassifier.objects.filter(flow_id=flow_version_id, about=about)


def usable(flow_version_id: int, about: About) -> QuerySet[FlowClassifier]:
    """What this process can read: made by this release, with models that are installed."""
    return rows(flow_version_id, about).filter(recipe__in={recipe(one) for one in (embedder(), quick(), None)})


def as_made_here(flow_version_id: int, about: About) -> QuerySet[FlowClassifier]:
    """What this process would make anew as it is; others were made by another release, or by the quick model alone."""
    return rows(flow_version_id, about).filter(recipe=recipe(best(about)))


def best(about: About) -> Embedder | None:
    """Danger is listened for at every message, and the quick model hears it as well."""
    return quick() if about == About.DANGER else embedder()
