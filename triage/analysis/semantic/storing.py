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
from scipy.sparse import csr_matrix

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
        arrays[f"{name}.loudness"] = getattr(learnt.space, name).weights
    said = {
        "format": FORMAT,
        "labels": learnt.labels,
        "texts": learnt.texts,
        "embedder": learnt.embedder,
        "parts": learnt.space.parts,
        "scale": asdict(learnt.scale),
        "scope": asdict(learnt.scope),
        "figures": learnt.figures,
        **{name: list(getattr(learnt.space, name).columns) for name in _SPARSE},
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
    vocabularies = {
        name: Vocabulary(name, {term: at for at, term in enumerate(said[name])}, arrays[f"{name}.loudness"])
        for name in _SPARSE
    }
    rows = {name: _csr(name, arrays, len(said[name])) for name in _SPARSE}
    return Learnt(
        labels=tuple(said["labels"]),
        texts=tuple(said["texts"]),
        truth=arrays["truth"],
        embedder=said["embedder"],
        space=Space(centre=arrays["centre"], parts=tuple(said["parts"]), **vocabularies),
        points=Points(meaning=arrays["meaning"], **rows),
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


def _flat(name: str, rows: csr_matrix[Any]) -> Arrays:
    return {
        f"{name}.values": rows.data.astype(np.float16),
        f"{name}.columns": rows.indices.astype(np.uint16 if rows.shape[1] < 65_536 else np.int32),
        f"{name}.ends": rows.indptr.astype(np.int32),
    }


def _csr(name: str, arrays: Arrays, width: int) -> csr_matrix[Any]:
    values, columns, ends = (arrays[f"{name}.{part}"] for part in ("values", "columns", "ends"))
    shape = (len(ends) - 1, width)
    return csr_matrix((values.astype(np.float32), columns.astype(np.int32), ends), shape=shape)
