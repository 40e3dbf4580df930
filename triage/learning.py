"""Who trains the classifiers of flow versions. Imports the solvers, 30 MB: only the task that trains imports this."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from triage.analysis.semantic import teaching
from triage.analysis.semantic.classifier import Classifier, recipe
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.installed import quick
from triage.classifiers import About, Key, as_made_here, best, is_wanted, rows, usable, wanted
from triage.flows.loader import flow_of
from triage.flows.schema import Flow
from triage.models import FlowClassifier

log = structlog.get_logger(__name__)

_LONGEST = 300  # seconds after which others may train too, since whoever began may be dead: the later keeps nothing


def train_next() -> bool:
    """Train what is lacking most; one at a time, that no second worker is taken from people for minutes."""
    for key in lacking():
        try:
            return train(*key)
        except ValueError as error:  # what it says cannot be told apart: the others need not wait
            log.error("not_learnt", flow_version=key[0], about=str(key[1]), error=str(error))
    return False


def lacking() -> list[Key]:
    """What this process would train and nobody has."""
    return [key for key in wanted() if not as_made_here(*key).exists()]


def train(flow_version_id: int, about: About = About.CATEGORY) -> bool:
    """Train a classifier of the version and keep it; False if there is one already, or nothing to learn from.

    What a case is about is learnt by the quick model the first time, within a minute, and by all models the next time.
    Two that train at once make the same, and the later one keeps nothing.
    """
    flow = flow_of(flow_version_id)
    if not is_wanted(flow, about) or as_made_here(flow_version_id, about).exists():
        return False
    is_first = not usable(flow_version_id, about).exists()
    with _alone() as is_alone:
        return is_alone and _kept(flow_version_id, about, quick() if is_first else best(about))


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else trains now. Without Redis nobody knows, and the work may be done twice."""
    key = "training"
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


def _kept(flow_version_id: int, about: About, using: Embedder | None) -> bool:
    begun, flow = time.monotonic(), flow_of(flow_version_id)
    classifier = teaching.dangers(flow, using) if about == About.DANGER else teaching.categories(flow, using)
    values = {
        "kind": classifier.kind,
        "recipe": classifier.recipe,
        "document": classifier.to_bytes(),
        "figures": classifier.figures | (_cut_offs(flow, classifier) if about == About.CATEGORY else {}),
        "milliseconds": round((time.monotonic() - begun) * 1000),
    }
    try:
        with transaction.atomic():
            row = rows(flow_version_id, about).select_for_update().first()
            row = row or FlowClassifier(flow_id=flow_version_id, about=about)
            if row.pk is not None and row.recipe in {classifier.recipe, recipe(best(about))}:  # somebody was quicker
                return False
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
    except IntegrityError:  # somebody else was quicker
        return False
    log.info("classifier_trained", flow=flow.id, about=str(about), recipe=row.recipe, ms=values["milliseconds"])
    return True


def _cut_offs(flow: Flow, classifier: Classifier) -> dict[str, object]:
    """For the accuracies that the flow wants."""
    wanted = {"accuracy": flow.analysis.accuracy, "act_accuracy": flow.analysis.act_accuracy}
    own = {
        name: {label: round(classifier.cut_off(label, least), 4) for label in classifier.labels}
        for name, least in wanted.items()
    }
    return {"own_cutoffs": own}
