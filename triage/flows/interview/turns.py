"""Turns as JSON, for the conversation memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, get_args

from triage.analysis.base import Alarm, Reading, Turn, TurnKind


def turn_to_json(turn: Turn) -> dict[str, Any]:
    alarms = None if turn.alarms is None else [asdict(item) for item in turn.alarms]
    readings = [asdict(item) for item in turn.readings]
    return {**asdict(turn), "at": turn.at.isoformat(), "readings": readings, "alarms": alarms}


def turn_from_json(data: object) -> Turn:
    """Raises ValueError for anything that `turn_to_json` did not write: the caller then discards it."""
    given = _exactly(Turn, data)
    at = datetime.fromisoformat(_text(given["at"]))
    kind = given["kind"]
    if at.tzinfo is None or kind not in get_args(TurnKind) or not isinstance(given["readings"], list):
        raise ValueError("not a turn")
    text = _text(given["text"])
    readings = tuple(_reading(item, len(text)) for item in given["readings"])
    return Turn(
        message_id=_text(given["message_id"]),
        text=text,
        at=at,
        kind=kind,
        question=_text_or_none(given["question"]),
        readings=readings,
        next_question=_text_or_none(given["next_question"]),
        alarms=_alarms(given["alarms"], len(text)),
    )


def _reading(data: object, length: int) -> Reading:
    given = _exactly(Reading, {"contested": False, **data} if isinstance(data, Mapping) else data)
    start, end = _span(given, length)
    if not isinstance(given["value"], bool | int | float | str | dict):
        raise ValueError("not a value")
    if not isinstance(given["approximate"], bool) or not isinstance(given["contested"], bool):
        raise ValueError("not a reading")
    slot, source = _text(given["slot"]), _text(given["source"])
    return Reading(slot, given["value"], start, end, source, given["approximate"], given["contested"])


def _alarms(data: object, length: int) -> tuple[Alarm, ...] | None:
    if data is not None and not isinstance(data, list):
        raise ValueError("not alarms")
    return None if data is None else tuple(_alarm(item, length) for item in data)


def _alarm(data: object, length: int) -> Alarm:
    given = _exactly(Alarm, data)
    return Alarm(_text(given["flag"]), *_span(given, length))


def _span(given: Mapping[str, Any], length: int) -> tuple[int, int]:
    start, end = given["start"], given["end"]
    if type(start) is not int or type(end) is not int or not 0 <= start <= end <= length:
        raise ValueError("not a span")
    return start, end


def _exactly(shape: type[Turn] | type[Reading] | type[Alarm], data: object) -> Mapping[str, Any]:
    if not isinstance(data, Mapping) or set(data) != {field.name for field in fields(shape)}:
        raise ValueError(f"not a {shape.__name__}")
    return data


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
