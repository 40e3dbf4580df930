"""Figures in words, for somebody who is no statistician; the page and the terminal show the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from triage.evaluation.alarms import Alarms
from triage.evaluation.figures import Figures
from triage.evaluation.metrics import Share, Triage


@dataclass(frozen=True, slots=True)
class Row:
    """`key` is stable; `meaning` says what the value means, in plain words."""

    key: str
    name: str
    value: str
    meaning: str


def percent(value: float) -> str:
    return f"{number_format(100 * value, 1)}\N{NO-BREAK SPACE}%"


def counted(share: Share) -> str:
    return f"{percent(share.value)} ({share.part}/{share.n})"


def part_title(figures: Figures) -> str:
    return {
        "cross_validated": _("Each case judged without having been learnt (cross-validated)"),
        "held_out": _("Sentences kept apart, from which nothing is learnt"),
        "test": _("The test file"),
        "shots": _("Few cases learnt, others asked"),
        "own_cases": _("Past cases, before anything is learnt from them"),
    }[figures.kind]


def part_counts(figures: Figures) -> str:
    about = {"n": figures.n, "learnt": figures.learnt, "categories": figures.categories, "rounds": len(figures.rounds)}
    told = _("%(n)s cases asked, %(learnt)s learnt, %(categories)s categories.") % about
    if len(figures.rounds) > 1:
        told += " " + _("Means of %(rounds)s rounds.") % about
    return told


def rows(figures: Figures, *, calibrated: bool) -> list[Row]:
    return [
        *_rightness(figures),
        *_honesty(figures, calibrated=calibrated),
        *_languages(figures),
        *_scope(figures),
        Row(
            "ms",
            _("Time per case"),
            _("%(p50)s ms; 95 of 100 within %(p95)s ms")
            % {"p50": number_format(figures.ms_p50, 1), "p95": number_format(figures.ms_p95, 1)},
            _("How long one judgement takes, one case after the other."),
        ),
    ]


def _rightness(figures: Figures) -> list[Row]:
    low, high = figures.right.interval
    between = {"low": percent(low), "high": percent(high), "n": figures.n}
    found = [
        Row(
            "accuracy",
            _("Right category"),
            percent(figures.accuracy),
            _("So many cases get the right category. %(n)s cases leave room for chance: %(low)s to %(high)s.")
            % between,
        ),
        Row(
            "macro_f1",
            _("Every category alike (macro-F1)"),
            percent(figures.macro_f1),
            _("The same, but a rare category counts as much as a frequent one. If much lower: rare ones fail."),
        ),
    ]
    if len(figures.rounds) > 1:
        values = [one.accuracy for one in figures.rounds]
        spread = _("%(least)s to %(most)s") % {"least": percent(min(values)), "most": percent(max(values))}
        found.append(
            Row("spread", _("From round to round"), spread, _("How much it depends on which cases are learnt."))
        )
    return found


def _honesty(figures: Figures, *, calibrated: bool) -> list[Row]:
    meaning = _(
        "How far confidence and reality lie apart, on average: zero is perfect, below five percent it can be believed."
    )
    if not calibrated:
        meaning = _("These scores only order cases by how much speaks for them; they do not claim to be probabilities.")
    return [
        Row("ece", _("Error of the confidence (ECE)"), percent(figures.ece), meaning),
        *(
            Row(
                f"coverage_{one.wanted:g}",
                _("Can be left alone at %(wanted)s right") % {"wanted": percent(one.wanted)},
                percent(one.share),
                _("So many cases nobody has to look at, if at least that share of them must be right.")
                if one.cutoff is None
                else _(
                    "So many cases nobody has to look at, if at least that share of them must be right: those with a "
                    "confidence of %(cutoff)s or more."
                )
                % {"cutoff": percent(one.cutoff)},
            )
            for one in figures.coverage
        ),
    ]


def _languages(figures: Figures) -> list[Row]:
    told = [
        Row(f"language_{language}", _("Right category in %(language)s") % {"language": language}, counted(share), "")
        for language, share in figures.languages.items()
    ]
    if figures.language_gap is not None:
        points = _("%(points)s points") % {"points": number_format(100 * figures.language_gap, 1)}
        meaning = _("Nobody should be served worse for the language they speak.")
        told.append(Row("gap", _("Between the languages"), points, meaning))
    return told


def _scope(figures: Figures) -> list[Row]:
    if figures.scope is None:
        return []
    return [
        Row(
            "scope_recall",
            _("Seen as no case"),
            counted(figures.scope.recall),
            _("Of sentences that have nothing to do with the flow, so many are recognised."),
        ),
        Row(
            "scope_false_alarms",
            _("Cases taken for none"),
            counted(figures.scope.false_alarms),
            _("So many real cases would be taken for something else. They are asked about, not sent away."),
        ),
    ]


def alarm_rows(alarms: Alarms) -> list[Row]:
    found = []
    if alarms.recall is not None:
        meaning = _(
            "Of sentences that tell of danger, so many raise the right alarm. One that is missed is one too many."
        )
        found.append(Row("danger", _("Danger heard"), counted(alarms.recall), meaning))
        found += [
            Row(f"danger_{language}", _("Danger heard in %(language)s") % {"language": language}, counted(share), "")
            for language, share in alarms.recall_by_language.items()
        ]
    if alarms.false_alarms is not None:
        meaning = _("Of harmless sentences, so many raise an alarm. Too many, and nobody heeds them.")
        found.append(Row("false_alarms", _("False alarms"), counted(alarms.false_alarms), meaning))
    return found


def level_rows(levels: Mapping[str, Triage], costs: Mapping[str, float]) -> list[Row]:
    names = {"urgency": _("Urgency"), "complexity": _("Complexity")}
    found = []
    for key, one in levels.items():
        about = {"what": names[key], "under": f"{costs['undertriage']:g}", "over": f"{costs['overtriage']:g}"}
        found += [
            Row(
                f"{key}_under",
                _("%(what)s: taken too lightly (undertriage)") % about,
                counted(one.under),
                _("These people would wait longer than they should."),
            ),
            Row(
                f"{key}_over",
                _("%(what)s: taken too seriously (overtriage)") % about,
                counted(one.over),
                _("These take time from others."),
            ),
            Row(
                f"{key}_cost",
                _("%(what)s: cost per case") % about,
                number_format(one.cost, 2),
                _("A level too low costs %(under)s, one too high %(over)s.") % about,
            ),
        ]
    return found
