"""`manage.py simulate_flow`: figures for people, for machines, and one conversation word for word."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def simulate(*words: str) -> str:
    output = io.StringIO()
    call_command("simulate_flow", *words, stdout=output)
    return output.getvalue()


def test_it_prints_one_line_for_each_person_and_the_figures_of_all() -> None:
    printed = simulate("it-support", "--persona", "pt-network-vpn", "--persona", "en-network-slow")
    assert "pt-network-vpn" in printed and "en-network-slow" in printed
    assert json.loads(printed[printed.index("{") :])["personas"] == 2


def test_it_writes_all_figures_as_json(tmp_path: Path) -> None:
    simulate("it-support", "--persona", "pt-network-vpn", "--json", str(tmp_path / "figures.json"))
    written = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert written["flow"] == "it-support"
    assert written["personas"][0]["interview"]["category"] == "network"
    assert written["summary"]["interview"]["category"] == 1.0


def test_it_shows_a_conversation() -> None:
    shown = simulate("it-support", "--persona", "pt-software-says-two-impacts", "--show")
    assert "> O CRM trava quando salvo um contato, acho que é só comigo." in shown
    assert "Antes entendi “Só eu” e depois “Uma equipe ou setor”." in shown


def test_it_names_what_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="nobody"):
        simulate("it-support", "--persona", "nobody")
    with pytest.raises(CommandError, match="no flow file"):
        simulate("nowhere")
