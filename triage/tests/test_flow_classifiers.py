"""Each flow version with enough examples gets a classifier; who comes too early does without."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.db import connection

from triage import classifiers, learning, tasks
from triage.analysis.semantic import installed
from triage.analysis.semantic.classifier import Classifier
from triage.flows.loader import load_flow
from triage.models import FlowClassifier, FlowVersion
from triage.tests.small_flow import SMALL, flow_with
from triage.tests.taught_flow import Letters, taught_flow
from triage_project.tests.faulty_valkey import FaultyValkey

About = FlowClassifier.About
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def without_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about rows."""
    for module, name in ((classifiers, "embedder"), (classifiers, "quick"), (learning, "quick")):
        monkeypatch.setattr(module, name, lambda: None)


@pytest.fixture
def version() -> FlowVersion:
    return load_flow(taught_flow())[0]


def test_before_it_is_trained_there_is_none(version: FlowVersion) -> None:
    assert classifiers.classifier_of(version.pk) is None
    assert learning.train(version.pk)
    assert classifiers.classifier_of(version.pk) is not None


def test_the_schedule_trains_what_was_loaded_and_only_once(version: FlowVersion) -> None:
    assert tasks.train() == 1
    row = FlowClassifier.objects.get()
    assert (row.flow_id, row.kind) == (version.pk, "tfidf")
    assert set(row.figures["own_cutoffs"]) == {"accuracy", "act_accuracy"}
    assert learning.lacking() == []
    assert not learning.train(version.pk)
    assert FlowClassifier.objects.get().trained_at == row.trained_at


def test_only_the_newest_version_is_trained(version: FlowVersion) -> None:
    changed = taught_flow().model_copy(update={"order": 7})
    newer, _ = load_flow(changed)
    assert learning.lacking() == [(newer.pk, About.CATEGORY)]


def test_a_flow_that_cannot_be_read_keeps_no_other_waiting(version: FlowVersion) -> None:
    FlowVersion.objects.create(flow="broken", version=1, digest="x", document={"id": "broken"})
    assert learning.lacking() == [(version.pk, About.CATEGORY)]


def test_a_flow_with_few_examples_gets_none() -> None:
    def few(data: dict[str, object]) -> None:
        data["examples"] = {"crash": {"en": [f"crash {number}" for number in range(9)]}, "wear": {"en": ["worn"] * 1}}

    for flow in (SMALL, flow_with(few)):
        version, _ = load_flow(flow)
        assert learning.lacking() == []
        assert not learning.train(version.pk)
        assert classifiers.classifier_of(version.pk) is None


def test_the_quick_model_learns_first_and_all_of_them_next(
    version: FlowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = Letters()
    for module in (classifiers, installed):
        monkeypatch.setattr(module, "embedder", lambda: letters)
    kinds = []
    while lacking := learning.lacking():
        assert [learning.train(*one) for one in lacking] == [True]
        classifier = classifiers.classifier_of(version.pk)
        kinds.append((FlowClassifier.objects.get().kind, classifier and classifier.kind))
    assert kinds == [("tfidf", "tfidf"), ("embeddings", "embeddings")]


def test_one_that_another_release_made_is_made_anew(version: FlowVersion) -> None:
    learning.train(version.pk)
    FlowClassifier.objects.update(recipe="1 words", document=b"as it was kept then")
    classifiers.forget()
    assert classifiers.classifier_of(version.pk) is None
    assert learning.lacking() == [(version.pk, About.CATEGORY)]
    assert learning.train(version.pk)
    assert classifiers.classifier_of(version.pk) is not None
    assert learning.lacking() == []


def test_a_row_that_cannot_be_read_is_as_good_as_none(version: FlowVersion) -> None:
    learning.train(version.pk)
    FlowClassifier.objects.update(document=b"rubbish")
    assert classifiers.classifier_of(version.pk) is None


@pytest.mark.concurrency
@pytest.mark.parametrize("redis_is_there", [True, False])
def test_two_that_train_at_once_leave_one_row(version: FlowVersion, valkey: FaultyValkey, redis_is_there: bool) -> None:
    if not redis_is_there:
        valkey.kill()
    barrier, results = threading.Barrier(3), []

    def train() -> None:
        barrier.wait()
        results.append(learning.train(version.pk))
        connection.close()

    threads = [threading.Thread(target=train) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, True]
    assert FlowClassifier.objects.count() == 1


def test_another_process_finds_the_row(version: FlowVersion) -> None:
    learning.train(version.pk)
    asked = "um carro bateu em mim"
    program = (
        "import django; django.setup(); from django.conf import settings;"
        f"settings.DATABASES['default']['NAME'] = {str(connection.settings_dict['NAME'])!r};"
        "from triage.classifiers import classifier_of;"
        f"print(classifier_of({version.pk}).predict([{asked!r}])[0].probabilities['crash'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    mine = Classifier.from_bytes(bytes(FlowClassifier.objects.get().document)).predict([asked])[0]
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(mine.probabilities["crash"], abs=1e-6)
