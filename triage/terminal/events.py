"""How each event of a case looks on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rich.text import Text

from triage.flows.interview.speaking import spoken_advice
from triage.terminal.result import URGENCY_STYLES, confidence_words, flag_rows, level_title, show_result, with_code
from triage.terminal.screen import Piece, Row, Screen, hanging, row

Body = dict[str, Any]


class EventView:
    """Shows envelopes in the case's language.

    `is_numbered`: each event with its seq and time, as somebody wants it who watches; otherwise as a
    conversation. `typed_after`: what the client says after this seq was typed here and is seen already.
    """

    def __init__(
        self, screen: Screen, language: str, *, is_numbered: bool = False, typed_after: int | None = None
    ) -> None:
        self._screen = screen
        self._typed_after = typed_after
        self._language = language.lower()
        self._is_numbered = is_numbered
        self._flags: set[str] = set()
        self._advice: list[str] = []
        self._notice = ""
        self._lines: dict[str, Text] = {}
        self._show: dict[str, Callable[[Body], None]] = {
            "triage_started": self._started,
            "message_added": self._message,
            "complexity_update": self._complexity,
            "assessment_updated": self._assessment,
            "triage_update": self._update,
            "triage_queued": self._queued,
            "triage_completed": self._completed,
            "triage_failed": self._failed,
            "triage_cancelled": self._ended,
            "triage_expired": self._ended,
            "triage_reopened": self._ended,
            "priority_changed": self._priority,
            "case_overridden": self._overridden,
            "stream_reset": self._reset,
        }

    def show(self, body: Body) -> None:
        with translation.override(self._language):
            if self._is_numbered and "at" in body:
                moment = timezone.localtime(datetime.fromisoformat(body["at"]))
                self._screen.line((f"{body['seq']:>3}  {moment:%H:%M:%S}  {body['type']}", "dim"))
            self._show.get(body["type"], self._unknown)(body)

    def _started(self, body: Body) -> None:
        flow = f"{body['flow']} v{body['flow_version']} · {body['language']}"
        self._screen.line(("▶ ", "cyan"), body["message"], (f"  {flow} · {body['case_id']}", "dim"))

    def _message(self, body: Body) -> None:
        if body["role"] == "client":
            if self._typed_after is None or body["seq"] <= self._typed_after:
                self._screen.line(("❯ ", "bold green"), (body["text"] or _("(nothing)"), "green"))
            return
        text = body["text"]
        for advice in self._advice:  # it was shown a moment ago, in red
            text = text.replace(advice, "").strip()
        self._advice = []
        question = body["question"]
        self._screen.gap()
        if question is None:
            self._screen.line(("● ", "cyan"), text)
        else:
            number = _("Question %(number)d of at most %(most)d") % question
            self._screen.block(number, _question_rows(text, question))

    def _complexity(self, body: Body) -> None:
        words = f"{level_title(body['level'])} ({body['score']:g})"
        titles = ", ".join(factor["title"] for factor in body["factors"])
        pieces: list[Piece] = [("◆ ", "cyan"), _("Complexity"), " ", (words, "bold"), " · "]
        pieces += [_("confidence"), " ", (confidence_words(body["confidence"]), "bold")]
        self._say_if_new("complexity", *pieces, (f" · {titles}" if titles else "", "dim"))

    def _assessment(self, body: Body) -> None:
        urgency, others = body["urgency"], [one["title"] for one in body["alternatives"]]
        pieces: list[Piece] = [("◆ ", "cyan"), (with_code(body["category"]), "bold"), " · ", _("urgency"), " "]
        pieces += [(urgency["title"], f"bold {URGENCY_STYLES[urgency['level']]}"), f" – {urgency['reason']}"]
        if others:
            pieces.append((f" · {_('or')} {', '.join(others)}", "dim"))
        self._say_if_new("assessment", *pieces)
        for flag in body["red_flags"]:
            if flag["id"] not in self._flags:
                self._flags.add(flag["id"])
                self._advice.append(spoken_advice(flag))
                self._screen.block(f"⚠ {flag['title']}", flag_rows(flag), "red")

    def _say_if_new(self, about: str, *pieces: Piece) -> None:
        """In a conversation a line that says the same again only hides the others."""
        line = row(*pieces)
        if self._is_numbered or self._lines.get(about) != line:
            self._screen.line(*pieces)
        self._lines[about] = line

    def _update(self, body: Body) -> None:
        if body["stage"] == "interview" or self._is_numbered:
            self._screen.bar(body["progress"], body["message"] if body["message"] != self._notice else "")
        else:
            self._screen.live_bar(body["progress"], body["message"])
        self._notice = body["message"]

    def _queued(self, body: Body) -> None:
        priority = level_title(body["priority"])
        words = _("Waiting for the analysis: number %(position)d, priority %(priority)s")
        self._screen.line(("… ", "cyan"), words % {"position": body["position"], "priority": priority})

    def _priority(self, body: Body) -> None:
        words = _("The team changed the priority: %(priority)s") % {"priority": level_title(body["new"])}
        reason = f"  ({body['by']}: {body['reason']})" if "reason" in body else ""
        self._screen.line(("… ", "cyan"), words, (reason, "dim"))

    def _overridden(self, body: Body) -> None:
        """The new value follows with its title."""
        fields = {"category": _("Category"), "complexity": _("Complexity"), "urgency": _("Urgency")}
        words = _("The team decided: %(field)s") % {"field": fields.get(body["field"], body["field"])}
        change = f"  {level_title(body['old'])} → {level_title(body['new'])}"
        reason = f"  ({body['by']}: {body['reason']})" if "reason" in body else ""
        self._screen.line(("✎ ", "cyan"), words, (change, "bold"), (reason, "dim"))

    def _completed(self, body: Body) -> None:
        self._screen.end_bar()
        show_result(self._screen, body["result"])

    def _failed(self, body: Body) -> None:
        self._screen.end_bar()
        self._screen.block(_("The analysis failed"), [row(body["message"]), row((body["code"], "dim"))], "red")

    def _ended(self, body: Body) -> None:
        self._screen.end_bar()
        self._screen.line(("■ ", "yellow"), body["message"], (f"  ({body['reason']})", "dim"))

    def _reset(self, _body: Body) -> None:
        self._screen.line((_("The log never came that far; here it is from the first event."), "yellow"))

    def _unknown(self, body: Body) -> None:
        if not self._is_numbered:
            self._screen.line((body["type"], "dim"))


def _question_rows(text: str, question: Body) -> list[Row]:
    rows: list[Row] = [row(text.strip())]
    rows += [hanging((f"  {n}  ", "bold cyan"), choice["title"]) for n, choice in enumerate(question["choices"], 1)]
    if question["hint"] and question["hint"] not in text:
        rows.append(row((question["hint"], "italic")))
    rows.append(row((question["reason"], "dim")))
    return rows
