from __future__ import annotations

import pytest

from triage.tests.reading_flow import EN, PT, reply


@pytest.mark.parametrize(
    ("text", "language"),
    [(text, PT) for text in ("Sim", "s", "SIM!", "claro", "sim, assinei ontem", "tenho sim", "assinei", "acho que sim")]
    + [(text, PT) for text in ("com certeza", "Infelizmente sim", "isso mesmo", "yes", "👍", "sim, mas não li")]
    + [(text, EN) for text in ("yes", "Yeah", "y", "I did", "of course", "I think so", "yes, I didn't read it", "sim")],
)
def test_yes_in_many_words(text: str, language: str) -> None:
    assert reply("signed", text, language) is True


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (text, PT)
        for text in ("Não", "n", "nao", "ainda não", "não assinei nada", "eu não tenho", "nunca", "claro que não")
    ]
    + [(text, PT) for text in ("acho que não", "com certeza não", "isso não", "de jeito nenhum", "no")]
    + [
        (text, EN)
        for text in ("no", "Nope", "n", "not yet", "I didn't", "never", "of course not", "I don't think so", "não")
    ],
)
def test_no_in_many_words(text: str, language: str) -> None:
    assert reply("signed", text, language) is False


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("então, deixa eu ver... sim, é muita coisa na cabeça", PT, True),
        ("olha moço, não, nada disso, eu acho", PT, False),
        ("so, let me think... not that I know of, I hardly sleep", EN, False),
        ("right, no... sorry, I talk too much", EN, False),
        ("hm, sim, quer dizer, não", PT, None),
    ],
)
def test_yes_and_no_are_found_among_many_words(text: str, language: str, value: bool | None) -> None:
    assert reply("signed", text, language) is value


@pytest.mark.parametrize(
    ("text", "language"),
    [(text, PT) for text in ("não sei", "talvez", "não lembro", "No trabalho", "o patrão gritou comigo", "", "?")]
    + [(text, EN) for text in ("I don't know", "maybe", "not sure", "the boss shouted at me and everybody heard it")],
)
def test_neither_yes_nor_no(text: str, language: str) -> None:
    assert reply("signed", text, language) is None


@pytest.mark.parametrize(
    ("text", "language", "choice"),
    [
        ("Sem justa causa", PT, "unfair"),
        ("SEM JUSTA CAUSA.", PT, "unfair"),
        ("justa causa", PT, "fair"),
        ("fui mandado embora sem justa causa", PT, "unfair"),
        ("foi sem motivo nenhum", PT, "unfair"),
        ("pedi demissao", PT, "own"),
        ("eu pedi as contas", PT, "own"),
        ("unfair", PT, "unfair"),
        ("2", PT, "fair"),
        ("2)", PT, "fair"),
        ("opção 3", PT, "own"),
        ("demissão", PT, "own"),
        ("without cause", EN, "unfair"),
        ("number 2", EN, "fair"),
        ("I quit, sadly", EN, "own"),
        ("4", PT, None),
        ("0", PT, None),
        ("causa", PT, None),
        ("não pedi demissão", PT, None),
        ("justa causa ou pedi demissão, um dos dois", PT, None),
        ("sei lá", PT, None),
    ],
)
def test_a_choice_by_title_term_id_or_number(text: str, language: str, choice: str | None) -> None:
    assert reply("reason", text, language) == choice


@pytest.mark.parametrize(
    ("text", "language", "category"),
    [
        ("Trabalho e emprego", PT, "work"),
        ("trabalho", PT, "work"),
        ("familia", PT, "family"),
        ("2", PT, "family"),
        ("é família e filhos, eu acho", PT, "family"),
        ("family", EN, "family"),
        ("something else", EN, "other"),
        ("meu vizinho", PT, None),
    ],
)
def test_a_category_by_its_title_or_a_part_of_it(text: str, language: str, category: str | None) -> None:
    assert reply("subject", text, language) == category
