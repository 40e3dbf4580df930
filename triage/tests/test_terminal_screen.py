"""A case on the terminal: framed for eyes, plain for pipes, harmless for both."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from triage.terminal.events import EventView
from triage.terminal.screen import Screen

FLAG = {
    "id": "violence",
    "title": "Violência em casa",
    "advice": "Saia de perto e peça ajuda.",
    "numbers": [{"number": "190", "title": "Polícia"}],
    "evidence": [],
}
QUOTE = {"message_id": "m1", "start": 0, "end": 7, "text": "R$ 300", "source": "pattern:money"}


def written(*bodies: dict[str, Any], is_terminal: bool = False, **how: Any) -> str:
    output = io.StringIO()
    view = EventView(Screen(Console(file=output, force_terminal=is_terminal, width=80)), "en", **how)
    for seq, body in enumerate(bodies, 1):
        view.show({"case_id": "case_1", "seq": seq, "at": "2026-03-10T15:00:00.000Z", **body})
    return output.getvalue()


def said(text: str, role: str = "client", question: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "message_added", "role": role, "text": text, "message_id": "m1", "question": question}


def assessed(*flags: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "assessment_updated",
        "category": {"id": "family", "title": "Family", "code": "FA", "evidence": []},
        "alternatives": [],
        "urgency": {"level": "critical", "title": "Critical", "hours": 2, "deadline": None, "reason": "Danger"},
        "red_flags": list(flags),
        "understood": [],
        "missing": [],
    }


def result(**fields: Any) -> dict[str, Any]:
    return {
        "category": {"id": "family", "title": "Family", "code": "FA", "evidence": [QUOTE]},
        "alternatives": [],
        "complexity": {
            "level": "medium",
            "title": "Medium",
            "score": 4.0,
            "factors": [{"id": "sum", "title": "Large sum", "weight": 2.5, "evidence": [QUOTE, QUOTE]}],
        },
        "urgency": {"level": "high", "title": "High", "hours": 24, "deadline": "2026-03-15", "reason": "A date"},
        "red_flags": [],
        "confidence": 0.83,
        "summary": "My own words",
        "understood": [{"slot": "sum", "title": "Sum", "value": {}, "text": "R$ 300,00", "evidence": QUOTE}],
        "documents": ["Identity card"],
        "next_steps": ["Call us"],
        "strategy": "simple",
        "flow_type": "direct_simple",
        "stages": [{"analyzer": "rules", "status": "failed", "ms": 12, "cost": 0, "note": "out of time"}],
        "review": {"needed": True, "reasons": ["low_confidence"]},
        **fields,
    }


def test_escape_sequences_of_a_client_do_not_reach_the_terminal() -> None:
    shown = written(said("\x1b]0;owned\x07 \x9b2J\x1b[31m evil \u202e"))
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
    assert "evil" in shown


def test_brackets_are_words_and_not_markup() -> None:
    assert "[bold]my[/bold] [link=file:///etc/passwd]boss" in written(
        said("[bold]my[/bold] [link=file:///etc/passwd]boss")
    )


def test_a_pipe_gets_neither_colours_nor_frames_nor_broken_lines() -> None:
    shown = written(assessed(FLAG), said("x" * 300), {"type": "triage_completed", "result": result()})
    assert "x" * 300 in shown
    assert not set("\x1b╭│╰") & set(shown)


def test_a_terminal_gets_frames() -> None:
    assert "╭" in written(assessed(FLAG), is_terminal=True)


def test_advice_and_numbers_of_a_danger_are_shown_once() -> None:
    advice = "Saia de perto e peça ajuda.\n190 – Polícia"
    shown = written(assessed(FLAG), said(f"{advice}\n\nSince when?", "interviewer"), assessed(FLAG))
    assert shown.count("Saia de perto e peça ajuda.") == 1
    assert "190" in shown
    assert "Since when?" in shown


def test_a_question_comes_with_its_reason_hint_and_numbered_choices() -> None:
    choices = [{"id": "a", "title": "Rented"}, {"id": "b", "title": "Owned"}]
    asked = {"id": "q", "kind": "choice", "text": "Which home?", "reason": "Rules differ.", "hint": "One is enough."}
    shown = written(said("Which home?", "interviewer", {**asked, "choices": choices, "number": 2, "most": 8}))
    assert "2" in shown.splitlines()[0]
    for words in ("Which home?", "1  Rented", "2  Owned", "One is enough.", "Rules differ."):
        assert words in shown


def test_what_was_typed_here_is_not_shown_again_but_older_words_are() -> None:
    shown = written(said("told before"), said("typed now"), typed_after=1)
    assert "told before" in shown
    assert "typed now" not in shown


def test_in_a_conversation_an_assessment_that_says_the_same_is_shown_once() -> None:
    assert written(assessed(), assessed()).count("Family") == 1


def test_somebody_who_watches_sees_every_event_with_its_number() -> None:
    shown = written(assessed(), assessed(), {"type": "from_the_future"}, is_numbered=True)
    assert shown.count("Family") == 2
    assert [line.split()[0] for line in shown.splitlines() if ":00:00" in line] == ["1", "2", "3"]
    assert "from_the_future" in shown


def test_the_result_shows_quotes_factors_papers_steps_and_failed_stages() -> None:
    shown = written({"type": "triage_completed", "result": result()})
    expected = ["Family [FA]", "“R$ 300”", "Large sum +2.5", "83%", "24 hours", "R$ 300,00", "Identity card"]
    for words in [*expected, "1. Call us", "✗ rules  12 ms  out of time", "low confidence", "“My own words”"]:
        assert words in shown
    assert shown.count("Large sum +2.5  “R$ 300”\n") == 1


def test_a_changed_priority_says_who_and_why_only_to_staff() -> None:
    changed = {"type": "priority_changed", "field": "priority", "old": "low", "new": "high"}
    assert "The team changed the priority: high" in written(changed)
    assert "bob: She called" in written({**changed, "by": "bob", "reason": "She called"})
