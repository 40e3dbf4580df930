from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.flows.terms import Lexicon, compile_terms, covers, find, fold


@given(st.text())
def test_folding_moves_no_character(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


def test_folding_takes_case_and_accents_away() -> None:
    assert fold("NÃO Ação Über ñ") == "nao acao uber n"
    assert fold("ŒUVRE ß ﬁ İ ’") == "œuvre ß ﬁ i '"


@pytest.mark.parametrize(
    ("term", "text", "hits"),
    [
        ("demit*", "Fui DEMITIDO, vão me demitir; readmitido", ["DEMITIDO", "demitir"]),
        ("mar", "em março vi o mar", ["mar"]),
        ("(patrão|chefe)", "O patrao e a chefe", ["patrao", "chefe"]),
        ("filh(o|a|os)", "minha filha, meus filhos, filho", ["filha", "filhos", "filho"]),
        ("( meu pai | minha mãe* )", "meu pai e minha mãezinha", ["meu pai", "minha mãezinha"]),
        ("sem justa causa", "sem  justa-causa", ["sem  justa-causa"]),
        ("perdi .. emprego", "perdi o meu velho bom emprego", ["perdi o meu velho bom emprego"]),
        ("perdi .. emprego", "perdi um dois três quatro cinco emprego", []),
        ("perdi .. emprego", "Perdi tudo. Tinha emprego", []),
        ("perdi .. emprego", "perdi R$ 1.200 e o emprego", ["perdi R$ 1.200 e o emprego"]),
        ("don't pay", "they don’t pay, they dont pay", ["don’t pay", "dont pay"]),
    ],
)
def test_a_term_is_found_as_its_grammar_says(term: str, text: str, hits: list[str]) -> None:
    spans = find(compile_terms([term]), fold(text))
    assert [text[start:end] for start, end in spans] == hits


@pytest.mark.parametrize(
    "term", ["", " ", "(a", "a)", "*a", "a*b", "a|b", "()", "(a|)", "..a", "a ..", "a .. .. b", "(a ..|b)", "!"]
)
def test_a_term_against_the_grammar_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match=r"stand there|not complete"):
        compile_terms([term])


def test_no_terms_find_nothing() -> None:
    assert list(find(compile_terms([]), "anything")) == []


def test_a_command_covers_the_whole_reply_or_none() -> None:
    greeting = compile_terms(["oi", "bom dia"])
    assert covers(greeting, fold("Oi, bom dia!"))
    assert not covers(greeting, fold("Oi, fui demitido"))
    assert not covers(greeting, "")


TERMS = ["a*", "ab", "(ab|ba) c", "b .. c", "aba", "b'a", "c(a|b)"]


@given(st.text(alphabet="abc' .,", max_size=40))
def test_a_lexicon_finds_what_each_term_finds_alone(text: str) -> None:
    found = Lexicon(TERMS).scan(text)
    for term in TERMS:
        alone = set(find(compile_terms([term]), text))
        assert alone <= set(found.get(term, ()))
        assert all(compile_terms([term]).match(text, start) for start, _ in found.get(term, ()))
