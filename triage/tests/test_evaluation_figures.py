"""Every figure of the evaluation, against numbers made by hand."""

from __future__ import annotations

import pytest
from sklearn.metrics import f1_score

from triage.evaluation import metrics

TRUTH = ["a", "a", "a", "b", "b", "c"]
SAID = ["a", "a", "b", "b", "c", "c"]


def test_accuracy_is_the_share_that_is_right() -> None:
    right = metrics.accuracy(TRUTH, SAID)
    assert (right.part, right.n) == (4, 6)
    assert right.value == pytest.approx(2 / 3)


def test_the_interval_is_wilsons() -> None:
    low, high = metrics.Share(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    low, high = metrics.Share(10, 10).interval
    assert (round(low, 3), high) == (0.722, 1.0)


def test_macro_f1_counts_every_label_alike() -> None:
    # a: 2·2/(3+2); b: 2·1/(2+2); c: 2·1/(1+2)
    assert metrics.macro_f1(TRUTH, SAID) == pytest.approx((4 / 5 + 1 / 2 + 2 / 3) / 3)
    assert metrics.macro_f1(["a", "a"], ["a", "z"]) == pytest.approx(
        f1_score(["a", "a"], ["a", "z"], average="macro", zero_division=0)
    )


def test_precision_and_recall_of_each_label() -> None:
    b = metrics.per_label(TRUTH, SAID)[1]
    assert (b.label, b.n, b.precision, b.recall, b.f1) == ("b", 2, 0.5, 0.5, 0.5)


def test_confusion_counts_what_was_called_what() -> None:
    assert metrics.confusion(TRUTH, SAID) == {
        ("a", "a"): 2,
        ("a", "b"): 1,
        ("b", "b"): 1,
        ("b", "c"): 1,
        ("c", "c"): 1,
    }


def test_bins_hold_the_upper_edge_and_leave_out_what_is_empty() -> None:
    bins = metrics.reliability([0.0, 0.2, 0.21, 0.4, 1.0], [False, True, True, False, True], bins=5)
    assert [(one.low, one.high, one.n) for one in bins] == [(0.0, 0.2, 2), (0.2, 0.4, 2), (0.8, 1.0, 1)]
    assert bins[1].confidence == pytest.approx(0.305)
    assert bins[1].accuracy == 0.5


def test_an_edge_that_floats_cannot_hold_stays_below_it() -> None:
    assert [one.high for one in metrics.reliability([3 / 15, 0.6], [True, True])] == [3 / 15, 9 / 15]


def test_ece_weighs_each_bin_by_its_cases() -> None:
    confidences = [0.9, 0.9, 0.9, 0.9, 0.5]
    right = [True, True, True, False, False]
    assert metrics.ece(confidences, right) == pytest.approx((4 * abs(0.9 - 0.75) + 1 * 0.5) / 5)


def test_ece_of_somebody_calibrated_is_nothing() -> None:
    assert metrics.ece([0.75] * 4 + [0.5] * 2, [True, True, True, False, True, False]) == pytest.approx(0)


def test_adaptive_bins_have_equally_many_cases() -> None:
    confidences = [0.1, 0.2, 0.8, 1.0]
    # (0.1, 0.2) hold one right of two, (0.8, 1.0) two of two
    assert metrics.adaptive_ece(confidences, [False, True, True, True], bins=2) == pytest.approx((0.35 + 0.1) / 2)
    assert metrics.adaptive_ece([0.5], [True]) == 0.5


def test_coverage_is_as_large_as_the_wanted_accuracy_allows() -> None:
    confidences = [0.9, 0.8, 0.7, 0.6, 0.5]
    right = [True, True, False, True, False]
    assert metrics.coverage(confidences, right, 0.75) == metrics.Coverage(0.75, 0.8, 0.6, 0.75)
    assert metrics.coverage(confidences, right, 1.0) == metrics.Coverage(1.0, 0.4, 0.8, 1.0)


def test_coverage_does_not_cut_between_equals() -> None:
    assert metrics.coverage([0.9, 0.9], [True, False], 0.9) == metrics.Coverage(0.9, 0.0, None, None)


def test_scope_counts_what_was_sent_away() -> None:
    found = metrics.scope(of_cases=[0.9, 0.4, 0.6, 0.5], of_others=[0.1, 0.7], cutoff=0.5)
    assert (found.recall.part, found.recall.n) == (1, 2)
    assert (found.false_alarms.part, found.false_alarms.n) == (1, 4)


def test_undertriage_and_overtriage_are_told_apart_and_cost_by_their_steps() -> None:
    levels = ("low", "medium", "high")
    found = metrics.triage(["high", "high", "low", "low"], ["low", "high", "medium", "low"], levels)
    assert (found.under.part, found.over.part) == (1, 1)
    assert found.cost == pytest.approx((2 * 5 + 1) / 4)
    own = metrics.triage(["high", "low"], ["medium", "high"], levels, {"undertriage": 10, "overtriage": 2})
    assert own.cost == pytest.approx((10 + 4) / 2)


def test_languages_are_counted_apart_and_their_gap_is_between_the_extremes() -> None:
    found = metrics.by_group(["pt-BR", "en", "en", "pt-BR"], [True, True, False, True])
    assert {group: (one.part, one.n) for group, one in found.items()} == {"en": (1, 2), "pt-BR": (2, 2)}
    assert metrics.gap(found) == 0.5


def test_percentiles_are_measured_values() -> None:
    measured = [float(number) for number in range(1, 21)]
    assert (metrics.percentile(measured, 50), metrics.percentile(measured, 95)) == (10, 19)
    assert metrics.percentile([7.0], 95) == 7


def test_nothing_cannot_be_measured() -> None:
    for measure in (
        lambda: metrics.accuracy([], []),
        lambda: metrics.ece([], []),
        lambda: metrics.coverage([], [], 0.9),
        lambda: metrics.scope([], [0.1]),
        lambda: metrics.percentile([], 50),
    ):
        with pytest.raises(ValueError, match="nothing to measure"):
            measure()
    with pytest.raises(ValueError, match="between 0 and 1"):
        metrics.ece([1.5], [True])
