"""What it costs a turn to know what the case is like and to listen for hints of danger: by turns with and without."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from itertools import count

from django.conf import settings

from benchmarks import turns
from benchmarks.figures import Figure, figure
from triage import classifiers, learning, orchestrator
from triage.classifiers import About
from triage.flows.loader import current_version
from triage.orchestrator import recollection

RULES, LEARNT = "triage.analysis.rules.RulesAnalyzer", "triage.analysis.attentive.AttentiveAnalyzer"
TOLD = (
    "Fui mandada embora em março, o patrão disse que depois acertava e até hoje não recebi rescisão nem FGTS. "
    "Tenho duas crianças e o aluguel vence dia {}."
)
REPLIES = (
    "olha, não sei dizer certinho, faz uns {} meses, minha irmã é que guarda esses papéis",
    "acho que não, ninguém me falou nada disso. Já liguei {} vezes e não atendem",
    "sim, mas foi tudo de boca. Éramos {} pessoas no serviço",
)
_numbers = count(2)  # so that no message was ever heard before


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="the median of these is reported")
    parser.add_argument("--interviews", type=int, default=10, help="whole interviews in each round, of either kind")
    parser.add_argument("--quick", action="store_true", help="learn with the quick model alone: two minutes, not ten")


def run(options: Namespace) -> list[Figure]:
    turns.load_flows()
    version = current_version(turns.FLOW).pk
    for about in (About.DANGER, About.CATEGORY, *(() if options.quick else (About.CATEGORY,))):
        began = time.perf_counter()
        assert learning.train(version, about)
        print(f"learnt {about}: {time.perf_counter() - began:.0f} s", flush=True)
    classifiers.forget()
    found: dict[str, tuple[list[list[float]], list[list[float]]]] = {RULES: ([], []), LEARNT: ([], [])}
    for analyzer in found:
        _listen_by(analyzer)
        _interviews(1)  # models load, once in each process
    for _ in range(options.rounds):
        for analyzer, (firsts, others) in found.items():
            _listen_by(analyzer)
            first, other = _interviews(options.interviews)
            firsts.append(first)
            others.append(other)
    names = {RULES: "by rules alone", LEARNT: "with what was learnt"}
    return [
        figure(f"{what} {names[analyzer]}", found[analyzer][place])
        for place, what in enumerate(("the first message,", "an answer,"))
        for analyzer in found
    ]


def _listen_by(analyzer: str) -> None:
    settings.TRIAGE_ANALYZER = analyzer
    recollection.analyzer.cache_clear()


def _interviews(number: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each first message, and of each answer: a sentence or two, as people who are worried type."""
    firsts: list[float] = []
    others: list[float] = []
    for _ in range(number):
        began = time.perf_counter()
        outcome = orchestrator.open_case(
            actor=turns.GUEST,
            flow_id=turns.FLOW,
            language=turns.LANGUAGE,
            text=TOLD.format(next(_numbers)),
            consented=True,
        )
        firsts.append((time.perf_counter() - began) * 1000)
        while outcome.status == "interviewing":
            reply = REPLIES[len(others) % len(REPLIES)].format(next(_numbers))
            began = time.perf_counter()
            outcome = orchestrator.answer(actor=turns.GUEST, case_id=outcome.case_id, text=reply)
            others.append((time.perf_counter() - began) * 1000)
    return firsts, others
