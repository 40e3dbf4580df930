"""Values as people write them, in their language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from triage.flows.reading.numbers import tongue
from triage.flows.schema import Category, Choice, Flow, Slot, Words

_MONTHS = {
    "pt": [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_YES_NO = {"pt": {True: "sim", False: "não"}, "en": {True: "yes", False: "no"}}
_SIGNS = {"BRL": "R$", "USD": "US$", "EUR": "€", "GBP": "£"}


def show_value(flow: Flow, language: str, slot: Slot, value: Any) -> str:
    """What the slot holds, for people. A value of another kind (a flow has changed since) is shown as it is."""
    if slot.kind == "money" and isinstance(value, dict):
        return _money(language, value)
    if slot.kind == "date" and isinstance(value, str):
        return _day(language, value)
    if slot.kind == "yes_no" and isinstance(value, bool):
        return _YES_NO[tongue(language)][value]
    if slot.kind == "number" and isinstance(value, int | float):
        return str(value).replace(".", ",") if tongue(language) == "pt" else str(value)
    if slot.kind == "choice":
        return _title(language, slot.choices, value)
    if slot.kind == "category":
        return _title(language, flow.categories, value)
    return str(value)


def _money(language: str, value: dict[str, Any]) -> str:
    """ "R$ 12.000,00" in Portuguese, "BRL 12,000.00" in English: a bare sign says too little abroad."""
    currency = str(value.get("currency", ""))
    try:
        amount = f"{Decimal(str(value.get('amount'))):,.2f}"
    except InvalidOperation:
        return str(value)
    if tongue(language) == "pt":
        swapped = amount.translate(str.maketrans(",.", ".,"))
        return f"{_SIGNS.get(currency, currency)} {swapped}".strip()
    return f"{currency} {amount}".strip()


def _day(language: str, value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    month = _MONTHS[tongue(language)][day.month - 1]
    if tongue(language) == "pt":
        return f"{day.day} de {month} de {day.year}"
    return f"{day.day} {month} {day.year}"


def _title(language: str, titled: Sequence[Choice] | Sequence[Category], value: Any) -> str:
    titles: Words = next((one.title for one in titled if one.id == value), {})
    return titles.get(language) or next(iter(titles.values()), str(value))
