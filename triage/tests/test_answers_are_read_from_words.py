from __future__ import annotations

import pytest

from triage.flows.answers import read_answer
from triage.tests.reading_flow import EN, PT, WEDNESDAY, flow, heard, question, reading, reais, reply


def test_one_sentence_gives_its_day_and_its_sum() -> None:
    assert heard("em 3 de março perdi 1.200 reais") == {"happened": "2026-03-03", "claim": reais("1200.00")}


def test_a_reading_points_at_the_words_it_was_read_from() -> None:
    text = "Ontem à tarde não, foi em 3 de março"
    readings = read_answer(flow(), PT, question("story"), text, WEDNESDAY)
    assert [text[one.start : one.end] for one in readings] == [text, "Ontem"]
    assert [one.source for one in readings] == ["answer:ask-story", "pattern:date"]


def test_accents_before_a_value_do_not_move_its_span() -> None:
    text = "Não é só ação: João já me deve R$ 12.000,00, é isso"
    only = reading(text)
    assert text[only.start : only.end] == "R$ 12.000,00"


def test_each_day_goes_to_the_slot_its_own_words_point_to() -> None:
    said = "Em 3 de março fui demitido da fábrica e a audiência é dia 20"
    assert heard(said) == {"happened": "2026-03-03", "hearing": "2026-03-20"}
    said = "The hearing is on 20 March. I was dismissed on March 3"
    assert heard(said, EN) == {"happened": "2026-03-03", "hearing": "2026-03-20"}


def test_words_in_another_sentence_point_at_nothing() -> None:
    assert heard("Tenho audiência. Em 3 de março perdi a casa") == {"happened": "2026-03-03"}


def test_monday_before_a_hearing_is_the_coming_one() -> None:
    assert heard("segunda tem audiência") == {"hearing": "2026-03-09"}
    assert heard("my hearing is on Monday", EN) == {"hearing": "2026-03-09"}


def test_what_has_fallen_due_lies_in_the_past_even_where_the_slot_looks_ahead() -> None:
    assert heard("o boleto do dia 15 venceu") == {"deadline": "2026-02-15"}
    assert heard("o prazo é dia 15") == {"deadline": "2026-03-15"}


def test_a_day_to_come_is_not_when_it_happened() -> None:
    assert heard("vou ser despejado amanhã") == {}
    assert heard("quinta-feira, dia 12, tenho que ir ao fórum") == {}


def test_a_slot_that_is_filled_keeps_its_words_and_its_value() -> None:
    said = "meu salário era R$ 2.000"
    assert heard(said) == {"salary": reais("2000.00")}
    assert heard(said, taken=("salary",)) == {}


def test_a_span_fills_one_slot_and_a_slot_has_one_reading() -> None:
    assert heard("me devem R$ 500 de salário") in ({"claim": reais("500.00")}, {"salary": reais("500.00")})
    assert heard("perdi R$ 500, depois R$ 700") == {"claim": reais("500.00")}


@pytest.mark.parametrize(
    ("text", "language", "partners"),
    [
        ("tenho dois sócios", PT, 2),
        ("somos três na casa e 4 sócios na firma", PT, 4),
        ("um sócio me roubou", PT, 1),
        ("sócios: 2", PT, 2),
        ("I have two partners", EN, 2),
        ("my 3 business partners", EN, 3),
        ("one of my partners left", EN, None),
        ("trabalho há 3 anos com meus sócios", PT, None),
        ("meu sócio, de 34 anos, sumiu", PT, None),
    ],
)
def test_a_count_beside_what_it_counts_fills_its_slot(text: str, language: str, partners: int | None) -> None:
    assert heard(text, language).get("partners") == partners


def test_a_unit_may_be_what_is_counted() -> None:
    assert heard("devo 3 meses de aluguel") == {"rents": 3}
    assert heard("I owe four months of rent", EN) == {"rents": 4}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("moro perto do mar", PT),
        ("me ligue no (11) 98765-4321 ou 11 98765 4321", PT),
        ("meu CPF é 123.456.789-09", PT),
        ("processo 0001234-56.2025.8.26.0100", PT),
        ("nasci em 1985", PT),
        ("nasci em 03/05/1985 na Bahia", PT),
        ("I was born on 3 May 1985", EN),
        ("quero a multa do art. 477 da CLT", PT),
        ("segundo a lei 8.245/91", PT),
        ("a Lei nº 8.245, de 18 de outubro de 1991", PT),
        ("tenho 34 anos", PT),
        ("I am 34 years old", EN),
        ("ele bebe 24/7", PT),
        ("paguei 3/4 do contrato", PT),
        ("é a segunda vez, e a segunda parcela também", PT),
        ("trabalho de segunda a sexta", PT),
        ("todo dia 10 ele atrasa", PT),
        ("até hoje nada, hoje em dia é assim", PT),
        ("I may lose my home, they may 5 times a day", EN),
        ("we live on the 15th floor", EN),
        ("servidor 10.4.22.7, versão 10.4.22", PT),
        ("no artigo 12 mil pessoas se perdem", PT),
        ("31 de fevereiro de 2025", PT),
        ("February 30, 2025", EN),
        ("45/13/2025", PT),
    ],
)
def test_other_figures_are_no_dates_and_no_sums(text: str, language: str) -> None:
    assert heard(text, language) == {}


def test_a_choice_is_heard_in_free_words_by_its_own_terms_alone() -> None:
    assert heard("me mandaram embora sem motivo") == {"reason": "unfair"}
    assert heard("não pedi a conta") == {}
    assert heard("pedi a conta, disseram que foi abandono de emprego") == {}
    assert heard("dizem que é justa causa") == {}


def test_a_reply_fills_what_it_was_asked_for_and_more() -> None:
    readings = read_answer(flow(), PT, question("claim"), "12 mil, desde 3 de março, e tenho dois sócios", WEDNESDAY)
    assert {one.slot: one.value for one in readings} == {
        "claim": reais("12000.00"),
        "happened": "2026-03-03",
        "partners": 2,
    }


def test_the_detail_of_a_yes_answers_no_other_question() -> None:
    readings = read_answer(flow(), PT, question("signed"), "Sim, em 3 de março", WEDNESDAY)
    assert {one.slot: one.value for one in readings} == {"signed": True}


def test_a_reply_that_cannot_be_read_may_still_say_something_else() -> None:
    readings = read_answer(flow(), PT, question("claim"), "não faço ideia, a audiência é segunda", WEDNESDAY)
    assert {one.slot: one.value for one in readings} == {"hearing": "2026-03-09"}


def test_of_two_days_in_a_reply_the_one_about_the_question_is_taken() -> None:
    said = "fui demitido em 3 de fevereiro, a audiência é dia 20"
    assert reply("hearing", said) == "2026-03-20"
    assert reply("happened", said) == "2026-02-03"


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("três", PT, 3),
        ("uns 5", PT, 5),
        ("só um", PT, 1),
        ("nenhum", PT, 0),
        ("2,5", PT, 2.5),
        ("tenho 2 sócios e um gerente", PT, 2),
        ("vinte e cinco", PT, 25),
        ("há 3 anos", PT, 3),
        ("two", EN, 2),
        ("twenty-five, I think", EN, 25),
        ("none", EN, 0),
        ("muitos", PT, None),
        ("CPF 123.456.789-09", PT, None),
        ("em 3 de março", PT, None),
    ],
)
def test_a_question_for_a_count_takes_digits_and_words(text: str, language: str, count: float | None) -> None:
    assert reply("partners", text, language) == count


def test_a_story_is_kept_whole_and_marks_alone_are_no_story() -> None:
    assert reply("story", "  Fui demitido.\n ") == "Fui demitido."
    assert reply("story", " ... ") is None


def test_a_place_is_the_whole_reply_or_the_one_name_in_a_long_one() -> None:
    assert reply("where", "Recife, Pernambuco") == "Recife, Pernambuco"
    long = "foi tudo numa loja que fica em São José dos Campos, perto da rodoviária"
    assert reply("where", long) == "São José dos Campos"
    assert (
        reply("where", "numa loja bem longe daqui, no interior mesmo") == "numa loja bem longe daqui, no interior mesmo"
    )
