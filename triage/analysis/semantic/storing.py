"""A classifier as bytes: arrays as numpy keeps them and everything else as JSON. Reading runs no code of the bytes'."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from triage.analysis.semantic.calibration import Logistic, Scale
from triage.analysis.semantic.features import Vocabulary
from triage.analysis.semantic.learnt import Learnt
from triage.analysis.semantic.space import Points, Space

FORMAT = 3  # raised whenever what is stored changes, or how it is learnt: those of before are then made anew
_SPARSE = ("words", "characters")
Arrays = dict[str, NDArray[Any]]
_DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError)  # the last: a compression that nobody knows


def write(learnt: Learnt) -> bytes:
    arrays: Arrays = {
        "truth": learnt.truth,
        "meaning": learnt.points.meaning,
        "centre": learnt.space.centre,
        "weights": learnt.weights,
        "predicted": learnt.predicted,
        "confidence": learnt.confidence,
        "right": learnt.right,
        "known": learnt.known,
        "foreign": learnt.foreign,
    }
    for name in _SPARSE:
        arrays |= _flat(name, getattr(learnt.points, name))
        vocabulary: Vocabulary = getattr(learnt.space, name)
        arrays |= {f"{name}.terms": vocabulary.terms, f"{name}.loudness": vocabulary.weights}
    said = {
        "format": FORMAT,
        "labels": learnt.labels,
        "texts": learnt.texts,
        "embedder": learnt.embedder,
        "parts": learnt.space.parts,
        "scale": asdict(learnt.scale),
        "scope": asdict(learnt.scope),
        "figures": learnt.figures,
    }
    arrays["json"] = np.frombuffer(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass"), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def read(data: bytes) -> Learnt:
    """Raises ValueError for what was not written here."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays: Arrays = dict(file)
        said = json.loads(arrays["json"].tobytes().decode("utf-8", "surrogatepass"))
        if said["format"] != FORMAT:
            raise ValueError(f"format {said['format']}")
        return _learnt(said, arrays)
    except (LookupError, TypeError, AttributeError, OSError, EOFError, *_DAMAGED) as error:
        raise ValueError(f"These bytes are no classifier: {error!r}") from error


def _learnt(said: dict[str, Any], arrays: Arrays) -> Learnt:
    vocabularies = {name: Vocabulary(name, arrays[f"{name}.terms"], arrays[f"{name}.loudness"]) for name in _SPARSE}
    height = len(arrays["weights"])
    terms = {name: _terms(name, arrays, height) for name in _SPARSE}
    return Learnt(
        labels=tuple(said["labels"]),
        texts=tuple(said["texts"]),
        truth=arrays["truth"],
        embedder=said["embedder"],
        space=Space(centre=arrays["centre"], parts=tuple(said["parts"]), **vocabularies),
        points=Points(meaning=arrays["meaning"], **terms),
        weights=arrays["weights"],
        scale=Scale(**said["scale"]),
        scope=Logistic(tuple(said["scope"]["weights"]), said["scope"]["bias"]),
        predicted=arrays["predicted"],
        confidence=arrays["confidence"],
        right=arrays["right"],
        known=arrays["known"],
        foreign=arrays["foreign"],
        figures=said["figures"],
    )


def _flat(name: str, terms: csc_matrix[Any]) -> Arrays:
    return {
        f"{name}.values": terms.data.astype(np.float16),
        f"{name}.rows": terms.indices.astype(np.uint16 if terms.shape[0] < 65_536 else np.int32),
        f"{name}.ends": terms.indptr.astype(np.int32),
    }


def _terms(name: str, arrays: Arrays, height: int) -> csc_matrix[Any]:
    values, rows, ends = (arrays[f"{name}.{part}"] for part in ("values", "rows", "ends"))
    return csc_matrix((values.astype(np.float32), rows.astype(np.int32), ends), shape=(height, len(ends) - 1))
