"""The classifiers that belong to each flow version: trained once, kept as rows, read once per process.

One knows what a case is about, the other hears danger. Whoever needs one that is not there gets None and does without.
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

from triage.analysis.base import Facts
from triage.analysis.semantic import danger
from triage.analysis.semantic.classifier import Classifier, EmbedderMissing, recipe
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.installed import embedder, quick
from triage.analysis.semantic.recalled import Recalled
from triage.errors import FlowInvalid
from triage.flows.loader import flow_of
from triage.flows.schema import Flow, listed
from triage.models import FlowClassifier, FlowVersion

log = structlog.get_logger(__name__)

About = FlowClassifier.About
Key = tuple[int, FlowClassifier.About]
"""A flow version's key, and what the classifier is about."""

LEAST_EXAMPLES, LEAST_CATEGORIES = 5, 2
_known: dict[Key, Recalled] = {}
_MOST_KNOWN = 16
_LONGEST = 900  # seconds after which a training that was not heard of may be begun again
_lock = threading.Lock()


def is_wanted(flow: Flow, about: About = About.CATEGORY) -> bool:
    """Whether the flow has enough examples to learn anything from."""
    return danger.is_taught(flow) if about == About.DANGER else len(_taught(flow)) >= LEAST_CATEGORIES


def lacking() -> list[Key]:
    """Of the newest version of each flow, the classifiers that this process would make and that are not there.

    What hears danger comes first.
    """
    wanted = [(pk, about) for about in (About.DANGER, About.CATEGORY) for pk in _newest()]
    return [key for key in wanted if _can_be_taught(*key) and not _as_made_here(*key).exists()]


def _newest() -> list[int]:
    versions = FlowVersion.objects.order_by("flow", "version").values_list("flow", "pk")
    return list(dict(versions).values())


def _can_be_taught(flow_version_id: int, about: About) -> bool:
    """A flow of another release, which this one cannot read, must not keep the others waiting."""
    try:
        return is_wanted(flow_of(flow_version_id), about)
    except FlowInvalid:
        return False


def train(flow_version_id: int, about: About = About.CATEGORY) -> bool:
    """Train a classifier of the version and keep it; False if there is one already, or nothing to learn from.

    What a case is about is learnt by the quick model the first time, within a minute, and by all models the next time.
    Two that train at once make the same, and the later one keeps nothing.
    """
    flow = flow_of(flow_version_id)
    if not is_wanted(flow, about) or _as_made_here(flow_version_id, about).exists():
        return False
    is_first = not _rows(flow_version_id, about).exists()
    with _alone(flow_version_id, about) as is_alone:
        return is_alone and _kept(flow_version_id, about, quick() if is_first else _best(about), replaces=not is_first)


@contextmanager
def _alone(flow_version_id: int, about: About) -> Iterator[bool]:
    """Whether nobody else trains it now. Without Redis nobody knows, and the work may be done twice."""
    key = f"training:{flow_version_id}:{about}"
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


def _kept(flow_version_id: int, about: About, using: Embedder | None, *, replaces: bool) -> bool:
    begun, flow = time.monotonic(), flow_of(flow_version_id)
    classifier = danger.learn(flow, using) if about == About.DANGER else trained_on(flow, using)
    values = {
        "kind": classifier.kind,
        "recipe": classifier.recipe,
        "document": classifier.to_bytes(),
        "figures": classifier.figures | (_cut_offs(flow, classifier) if about == About.CATEGORY else {}),
        "milliseconds": round((time.monotonic() - begun) * 1000),
    }
    try:
        with transaction.atomic():
            row = _rows(flow_version_id, about).select_for_update().first()
            row = row or FlowClassifier(flow_id=flow_version_id, about=about)
            if row.pk is not None and (not replaces or row.recipe == classifier.recipe):
                return False
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
    except IntegrityError:  # somebody else was quicker
        return False
    log.info("classifier_trained", flow=flow.id, about=str(about), recipe=row.recipe, ms=values["milliseconds"])
    return True


def trained_on(flow: Flow, using: Embedder | None) -> Classifier:
    """A classifier of the flow's examples; without an embedder, of their words. ValueError where it is not wanted.

    What the rules make of the examples is not learnt with them: terms are written with examples in mind, so
    rules look better there than they are, and confidence would be too high everywhere else.
    """
    told = [(text, category) for category in _taught(flow) for text in listed(flow.examples[category])]
    return Classifier.train(
        [text for text, _ in told],
        [category for _, category in told],
        embedder=using,
        out_of_scope=listed(flow.out_of_scope),
    )


def recalled(facts: Facts, about: About) -> Recalled | None:
    """Who knows what these facts are about; None where that is not learnt yet, or never will be."""
    return recalled_of(facts.version, about) if facts.version and is_wanted(facts.flow, about) else None


def warm() -> None:
    """Read what every message is heard with, so that the first person need not wait for models to load."""
    for pk in _newest():
        for about in About:
            if _can_be_taught(pk, about) and (classifier := classifier_of(pk, about)):
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
    row = _rows(flow_version_id, about).only("document").first()
    if row is None:
        return None
    try:
        classifier = Classifier.from_bytes(bytes(row.document))
    except (ValueError, EmbedderMissing) as error:
        log.warning("classifier_unusable", flow_version=flow_version_id, about=str(about), error=str(error))
        return None
    with _lock:
        if len(_known) >= _MOST_KNOWN:
            _known.pop(next(iter(_known)))
        known = _known[flow_version_id, about] = Recalled(classifier)
    return known


def _is_surpassed(flow_version_id: int, about: About, known: Classifier) -> bool:
    """The quick model learnt first, and by now there is more."""
    if known.recipe == recipe(_best(about)):
        return False
    return _as_made_here(flow_version_id, about).exists()


def forget() -> None:
    """Read anew what this process has in memory."""
    _known.clear()


def _rows(flow_version_id: int, about: About) -> QuerySet[FlowClassifier]:
    return FlowClassifier.objects.filter(flow_id=flow_version_id, about=about)


def _as_made_here(flow_version_id: int, about: About) -> QuerySet[FlowClassifier]:
    """What this process would make anew as it is; others were made by another release, or by the quick model alone."""
    return _rows(flow_version_id, about).filter(recipe=recipe(_best(about)))


def _best(about: About) -> Embedder | None:
    """Danger is listened for at every message, and the quick model hears it as well."""
    return quick() if about == About.DANGER else embedder()


def _taught(flow: Flow) -> list[str]:
    """The categories that have enough examples."""
    counts = {category: sum(map(len, examples.values())) for category, examples in flow.examples.items()}
    return [category for category, count in counts.items() if count >= LEAST_EXAMPLES]


def _cut_offs(flow: Flow, classifier: Classifier) -> dict[str, object]:
    """For the accuracies that the flow wants."""
    wanted = {"accuracy": flow.analysis.accuracy, "act_accuracy": flow.analysis.act_accuracy}
    own = {
        name: {label: round(classifier.cut_off(label, least), 4) for label in classifier.labels}
        for name, least in wanted.items()
    }
    return {"own_cutoffs": own}
