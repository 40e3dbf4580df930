"""The classifier that belongs to each flow version: trained once, kept as a row, read once per process.

Whoever needs one that is not there gets None and does without.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from triage.analysis.semantic.classifier import Classifier, EmbedderMissing, recipe
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.installed import embedder
from triage.errors import FlowInvalid
from triage.flows.loader import flow_of
from triage.flows.schema import Flow, Utterances
from triage.models import FlowClassifier, FlowVersion

log = structlog.get_logger(__name__)

LEAST_EXAMPLES, LEAST_CATEGORIES = 5, 2
_known: dict[int, Classifier] = {}
_MOST_KNOWN = 16
_LONGEST = 300  # seconds after which a training that was not heard of may be begun again
_lock = threading.Lock()


def is_wanted(flow: Flow) -> bool:
    """Whether the flow has enough examples to learn anything from."""
    return len(_taught(flow)) >= LEAST_CATEGORIES


def lacking() -> list[int]:
    """The newest version of each flow that could have a classifier such as this process makes, and has none."""
    newest = FlowVersion.objects.order_by("flow", "-version").values_list("flow", "pk")
    versions = dict(reversed(newest))
    trained = set(_as_made_here().filter(flow__in=versions.values()).values_list("flow_id", flat=True))
    return [pk for pk in versions.values() if pk not in trained and _can_be_taught(pk)]


def _can_be_taught(flow_version_id: int) -> bool:
    """A flow of another release, which this one cannot read, must not keep the others waiting."""
    try:
        return is_wanted(flow_of(flow_version_id))
    except FlowInvalid:
        return False


def train(flow_version_id: int) -> bool:
    """Train the version's classifier and keep it; False if there is one already, or nothing to learn from.

    The first time words alone are learnt, in seconds, and their meaning the next time, in minutes. Two that train at
    once make the same, and the later one keeps nothing.
    """
    flow, kept = flow_of(flow_version_id), FlowClassifier.objects.filter(flow_id=flow_version_id)
    if not is_wanted(flow) or _as_made_here().filter(flow_id=flow_version_id).exists():
        return False
    is_first = not kept.exists()
    with _alone(flow_version_id) as is_alone:
        return is_alone and _kept(flow_version_id, flow, None if is_first else embedder(), replaces=not is_first)


@contextmanager
def _alone(flow_version_id: int) -> Iterator[bool]:
    """Whether nobody else trains it now. Without Redis nobody knows, and the work may be done twice."""
    key = f"training:{flow_version_id}"
    try:
        is_alone = bool(cache.add(key, 1, timeout=_LONGEST))
    except (RedisError, ConnectionInterrupted):
        is_alone = True
    try:
        yield is_alone
    finally:
        if is_alone:
            with suppress(RedisError, ConnectionInterrupted):
                cache.delete(key)


def _kept(flow_version_id: int, flow: Flow, using: Embedder | None, *, replaces: bool) -> bool:
    begun = time.monotonic()
    classifier = trained_on(flow, using)
    values = {
        "kind": classifier.kind,
        "recipe": classifier.recipe,
        "document": classifier.to_bytes(),
        "figures": _figures(flow, classifier),
        "milliseconds": round((time.monotonic() - begun) * 1000),
    }
    try:
        with transaction.atomic():
            rows = FlowClassifier.objects.select_for_update().filter(flow_id=flow_version_id)
            row = rows.first() or FlowClassifier(flow_id=flow_version_id)
            if row.pk is not None and (not replaces or row.recipe == classifier.recipe):
                return False
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
    except IntegrityError:  # somebody else was quicker
        return False
    log.info("classifier_trained", flow=flow.id, kind=classifier.kind, ms=values["milliseconds"])
    return True


def trained_on(flow: Flow, using: Embedder | None) -> Classifier:
    """A classifier of the flow's examples; without an embedder, of their words. ValueError where it is not wanted.

    What the rules make of the examples is not learnt with them: terms are written with examples in mind, so
    rules look better there than they are, and confidence would be too high everywhere else.
    """
    told = [(text, category) for category, examples in _taught(flow).items() for _, text in examples]
    return Classifier.train(
        [text for text, _ in told],
        [category for _, category in told],
        embedder=using,
        out_of_scope=[text for _, text in _listed(flow.out_of_scope)],
    )


def classifier_of(flow_version_id: int) -> Classifier | None:
    """None: not trained yet, or not one that this process can use."""
    known = _known.get(flow_version_id)
    if known is not None and not _is_surpassed(flow_version_id, known):
        return known
    row = FlowClassifier.objects.filter(flow_id=flow_version_id).only("document").first()
    if row is None:
        return None
    try:
        classifier = Classifier.from_bytes(bytes(row.document))
    except (ValueError, EmbedderMissing) as error:
        log.warning("classifier_unusable", flow_version=flow_version_id, error=str(error))
        return None
    with _lock:
        if len(_known) >= _MOST_KNOWN:
            _known.pop(next(iter(_known)))
        _known[flow_version_id] = classifier
    return classifier


def _is_surpassed(flow_version_id: int, known: Classifier) -> bool:
    """Words alone were learnt first, and by now there is more."""
    if known.recipe == recipe(embedder()):
        return False
    return _as_made_here().filter(flow_id=flow_version_id).exists()


def forget() -> None:
    """Read anew what this process has in memory."""
    _known.clear()


def _as_made_here() -> QuerySet[FlowClassifier]:
    """Those that this process would make anew as they are; others were made by another release, or by words alone."""
    return FlowClassifier.objects.filter(recipe=recipe(embedder()))


def _taught(flow: Flow) -> dict[str, list[tuple[str, str]]]:
    """Language and text of the examples of each category that has enough of them."""
    listed = {category: _listed(examples) for category, examples in flow.examples.items()}
    return {category: examples for category, examples in listed.items() if len(examples) >= LEAST_EXAMPLES}


def _listed(examples: Utterances) -> list[tuple[str, str]]:
    return [(language, text) for language in sorted(examples) for text in examples[language]]


def _figures(flow: Flow, classifier: Classifier) -> dict[str, object]:
    """With the cut-offs for the accuracies that the flow wants."""
    wanted = {"accuracy": flow.analysis.accuracy, "act_accuracy": flow.analysis.act_accuracy}
    own = {
        name: {label: round(classifier.cut_off(label, least), 4) for label in classifier.labels}
        for name, least in wanted.items()
    }
    return {**classifier.figures, "own_cutoffs": own}
