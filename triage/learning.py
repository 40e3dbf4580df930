"""Who trains the classifiers of flow versions. Imports the solvers, 30 MB: only the task that trains imports this."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError
from redis.lock import Lock

from triage.analysis.semantic import teaching
from triage.analysis.semantic.classifier import Classifier, recipe
from triage.analysis.semantic.embedding import Embedder
from triage.analysis.semantic.installed import quick
from triage.classifiers import About, Key, as_made_here, best, is_wanted, rows, usable, wanted
from triage.flows.loader import flow_of
from triage.flows.schema import Flow
from triage.models import FlowClassifier

log = structlog.get_logger(__name__)

_AWAY = (RedisError, ConnectionInterrupted)  # Redis; one that was away too long knows of no lock
_LEASE, _RENEWAL = 60, 15  # seconds that whoever trains is known to live, and after which that is renewed
_TRIES, _FORGIVEN = 5, 24 * 3600  # what failed so often, or took its process along, is left alone for so many seconds


def train_next() -> bool:
    """Train what is lacking most; one at a time, that no second worker is taken from people for minutes."""
    with _alone() as is_alone:
        for key in lacking() if is_alone else ():
            if _has_tries_left(key):
                try:
                    made = _train(*key)
                    _forgive(key)
                    return made
                except ValueError as error:  # what it says cannot be told apart: the others need not wait
                    log.error("not_learnt", flow_version=key[0], about=str(key[1]), error=str(error))
    return False


def lacking() -> list[Key]:
    """What this process would train and nobody has."""
    return [key for key in wanted() if not as_made_here(*key).exists()]


def train(flow_version_id: int, about: About = About.CATEGORY) -> bool:
    """Train a classifier of the version and keep it; False if there is one already, nothing to learn from, or somebody
    else trains now.

    What a case is about is learnt by the quick model the first time, within a minute, and by all models the next time.
    """
    with _alone() as is_alone:
        return is_alone and _train(flow_version_id, about)


def _train(flow_version_id: int, about: About) -> bool:
    flow = flow_of(flow_version_id)
    if not is_wanted(flow, about) or as_made_here(flow_version_id, about).exists():
        return False
    is_first = not usable(flow_version_id, about).exists()
    return _kept(flow_version_id, about, quick() if is_first else best(about))


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else trains now. Without Redis nobody knows, and the work may be done twice: both make the same,
    and the later one keeps nothing."""
    lock = Lock(get_redis_connection("default"), cache.make_key("training"), timeout=_LEASE, thread_local=False)
    stop = threading.Event()
    renewal = threading.Thread(target=_renew_until, args=(lock, stop), name="triage-training", daemon=True)
    try:
        is_alone = lock.acquire(blocking=False)
    except _AWAY:
        yield True
        return
    if not is_alone:
        yield False
        return
    renewal.start()
    try:
        yield True
    finally:
        stop.set()
        renewal.join()
        with suppress(*_AWAY):
            lock.release()


def _renew_until(lock: Lock, stop: threading.Event) -> None:
    while not stop.wait(_RENEWAL):
        try:
            lock.reacquire()
        except _AWAY as error:
            log.warning("training_not_renewed", error=type(error).__name__)


def _has_tries_left(key: Key) -> bool:
    """Counted before it begins, so that a training that is killed, for its memory or its time, counts as well."""
    name = _tries(key)
    try:
        cache.add(name, 0, timeout=_FORGIVEN)
        tries: int = cache.incr(name)
    except (*_AWAY, ValueError):  # the last: it went away between the two
        return True
    if tries == _TRIES + 1:
        log.error("training_given_up", flow_version=key[0], about=str(key[1]), tries=_TRIES)
    return tries <= _TRIES


def _forgive(key: Key) -> None:
    """It went well: it may be wanted again, as after an erasure."""
    with suppress(*_AWAY):
        cache.delete(_tries(key))


def _tries(key: Key) -> str:
    return f"training:{key[0]}:{key[1]}:{recipe(best(key[1]))}"


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
