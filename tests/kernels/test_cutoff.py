"""The chosen cutoff and its resamples, against cutoffs chosen one at a time from rows really repeated."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gaussian_kde

from biomarker.kernels import cutoff as cutoff_module
from biomarker.kernels.cutoff import (
    CutoffRule,
    choose_cutoff,
    choose_for_weights,
    jackknife_cutoffs,
    resample_cutoffs,
)
from biomarker.kernels.cutoff_criteria import CRITERIA, CriterionSettings
from biomarker.kernels.optimism import performance
from biomarker.kernels.resampling import patient_weights
from biomarker.kernels.weighted_roc import counts_at, marker_rows

NEEDED = CriterionSettings(minimum=0.5, cost_ratio=2)
RULES = [
    *(CutoffRule(criterion=name, settings=NEEDED) for name in sorted(CRITERIA)),
    CutoffRule(ties="most_sensitive"),
    CutoffRule(ties="most_specific", candidates="midpoint"),
    CutoffRule(criterion="min_p", minimum_share=0.2),
]


def nested(seed, n_patients=12, decimals=0):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), rng.integers(1, 5, n_patients))
    truth = rng.random(patient.size) < 0.5
    marker = (rng.normal(size=patient.size) + truth + rng.normal(size=n_patients)[patient]).round(decimals)
    return marker, truth, patient


@pytest.mark.parametrize("higher", [True, False])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.criterion}-{rule.ties}-{rule.candidates}")
def test_a_resample_is_the_data_with_patients_repeated(rule, higher):
    marker, truth, patient = nested(1)
    marker = marker if higher else -marker
    rows = marker_rows(marker, truth, patient, higher_is_positive=higher)
    resampled = resample_cutoffs(rows, rule, 40, rng=3)
    for number, weight in enumerate(np.concatenate(list(patient_weights(rows.n_patients, 40, 3)))):
        repeated = np.repeat(np.arange(marker.size), weight[patient])
        again = marker_rows(marker[repeated], truth[repeated], higher_is_positive=higher)
        alone = choose_cutoff(again, rule)
        assert resampled.cutoffs[number] == pytest.approx(alone.cutoff, nan_ok=True)
        if np.isnan(alone.cutoff):
            continue
        np.testing.assert_allclose([part[number] for part in resampled.inside], alone.counts)
        np.testing.assert_allclose([part[number] for part in resampled.original], counts_at(rows, alone.cutoff))
        left_out = weight[patient] == 0
        called = marker >= alone.cutoff if higher else marker <= alone.cutoff
        cells = [called & truth, called & ~truth, ~called & truth, ~called & ~truth]
        np.testing.assert_array_equal(
            [part[number] for part in resampled.left_out], [np.sum(c & left_out) for c in cells]
        )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(sorted(CRITERIA)), st.sampled_from(["observed", "midpoint"]))
def test_negating_the_marker_changes_the_sign_of_the_cutoff_and_nothing_else(seed, criterion, candidates):
    marker, truth, _ = nested(seed)
    if truth.all() or not truth.any():
        return
    rule = CutoffRule(criterion=criterion, settings=NEEDED, candidates=candidates)
    one = choose_cutoff(marker_rows(marker, truth), rule)
    other = choose_cutoff(marker_rows(-marker, truth, higher_is_positive=False), rule)
    np.testing.assert_array_equal(other.cutoff, -one.cutoff)
    np.testing.assert_array_equal(other.tied, -one.tied[::-1])
    np.testing.assert_array_equal(other.values, one.values[::-1])
    np.testing.assert_array_equal(other.counts, one.counts)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["youden", "max_product", "closest_topleft", "min_p"]))
def test_a_monotone_scale_moves_the_cutoff_with_it(seed, criterion):
    marker, truth, patient = nested(seed)
    if truth.all() or not truth.any():
        return
    rule = CutoffRule(criterion=criterion)
    one = resample_cutoffs(marker_rows(marker, truth, patient), rule, 20, 1)
    other = resample_cutoffs(marker_rows(np.exp(marker), truth, patient), rule, 20, 1)
    np.testing.assert_allclose(other.cutoffs, np.exp(one.cutoffs), rtol=1e-12)
    np.testing.assert_array_equal(other.auc, one.auc)


def test_every_tied_optimum_and_the_one_taken():
    # at 2, 4 and 6 sensitivity + specificity is the same
    marker = np.array([1, 2, 3, 4, 5, 6])
    truth = np.array([0, 1, 0, 1, 0, 1], bool)
    rows = marker_rows(marker, truth)
    for ties, expected in (("most_sensitive", 2), ("middle", 4), ("most_specific", 6)):
        best = choose_cutoff(rows, CutoffRule(ties=ties))
        assert best.tied.tolist() == [2, 4, 6]
        assert best.cutoff == expected
    pair = choose_cutoff(marker_rows([1, 2, 3, 4], [0, 1, 0, 1]), CutoffRule())
    assert (pair.tied.tolist(), pair.cutoff) == ([2, 4], 2)  # of two the more sensitive


def test_midpoints_classify_as_observed_values_do():
    marker, truth, _ = nested(5, decimals=1)
    rows = marker_rows(marker, truth)
    observed = choose_cutoff(rows, CutoffRule())
    midpoint = choose_cutoff(rows, CutoffRule(candidates="midpoint"))
    assert midpoint.cutoff < observed.cutoff
    np.testing.assert_array_equal(midpoint.counts, observed.counts)


def test_no_admissible_cutoff():
    # the highest value is negative: no cutoff that calls anyone positive has full specificity
    best = choose_cutoff(
        marker_rows([1, 2, 3], [0, 1, 0]),
        CutoffRule(criterion="min_specificity", settings=CriterionSettings(minimum=1)),
    )
    assert np.isnan(best.cutoff)
    assert best.tied.size == 0
    assert np.isnan(performance(best.counts).sensitivity)


def test_a_constant_marker_calls_all_or_none():
    best = choose_cutoff(marker_rows([2, 2, 2], [0, 1, 0]), CutoffRule())
    assert (best.cutoff, best.values.tolist()) == (2.0, [0.0])
    resampled = resample_cutoffs(marker_rows([2, 2, 2], [0, 1, 0]), CutoffRule(candidates="midpoint"), 50, 1)
    drawn_both = np.isfinite(resampled.auc)
    assert (resampled.auc[drawn_both] == 0.5).all()


def test_two_rows_and_a_single_positive_patient():
    resampled = resample_cutoffs(marker_rows([1, 2], [0, 1]), CutoffRule(), 400, 1)
    assert resampled.n_missing_class == np.isnan(resampled.cutoffs).sum() == np.isnan(resampled.auc).sum()
    assert 0.4 < resampled.n_missing_class / 400 < 0.6  # the same row twice in half of them
    assert set(resampled.cutoffs[np.isfinite(resampled.cutoffs)]) == {2.0}
    stratified = resample_cutoffs(marker_rows([1, 2], [0, 1]), CutoffRule(), 400, 1, stratified=True)
    assert stratified.n_missing_class == 0
    assert np.isnan(jackknife_cutoffs(marker_rows([1, 2], [0, 1]), CutoffRule())).all()


def test_no_resamples_at_all():
    nothing = resample_cutoffs(marker_rows([1, 2], [0, 1]), CutoffRule(), 0, 1)
    assert nothing.cutoffs.shape == (0,)
    assert nothing.left_out.tp.shape == (0,)


def test_results_do_not_depend_on_chunks():
    rows = marker_rows(*nested(7))
    weights = np.concatenate(list(patient_weights(rows.n_patients, 50, 2)))
    whole = choose_for_weights(rows, CutoffRule(), [weights])
    parts = choose_for_weights(rows, CutoffRule(), np.array_split(weights, 7))
    np.testing.assert_array_equal(np.stack(whole.inside), np.stack(parts.inside))
    np.testing.assert_array_equal(whole.cutoffs, parts.cutoffs)


def test_leaving_out_a_patient():
    marker, truth, patient = nested(9)
    left_out = jackknife_cutoffs(marker_rows(marker, truth, patient), CutoffRule())
    for number in range(12):
        kept = patient != number
        assert left_out[number] == choose_cutoff(marker_rows(marker[kept], truth[kept]), CutoffRule()).cutoff


def test_fewer_candidates_when_there_are_very_many(monkeypatch):
    rng = np.random.default_rng(0)
    truth = rng.random(5000) < 0.4
    rows = marker_rows(rng.normal(size=5000) + truth, truth)
    exact = resample_cutoffs(rows, CutoffRule(), 100, 1)
    monkeypatch.setattr(cutoff_module, "MAX_CANDIDATES", 500)
    thinned = resample_cutoffs(rows, CutoffRule(), 100, 1)
    np.testing.assert_array_equal(exact.auc, thinned.auc)
    lost = performance(exact.inside).youden - performance(thinned.inside).youden
    assert lost.min() >= -1e-12  # a maximum over fewer cutoffs is no larger...
    assert lost.max() < 0.006  # ...and a step of 1/500 in rank changes J by little


def test_smoothed_classes_against_integrated_densities():
    rng = np.random.default_rng(4)
    truth = np.arange(80) < 30
    marker = rng.normal(size=80) + 1.2 * truth
    best = choose_cutoff(marker_rows(marker, truth), CutoffRule(smoothing="kernel"))

    def density(values):
        quarter, three_quarters = np.quantile(values, [0.25, 0.75])
        width = 0.9 * min(values.std(ddof=1), (three_quarters - quarter) / 1.349) * values.size**-0.2
        return gaussian_kde(values, bw_method=width / values.std(ddof=1))

    positive, negative = density(marker[truth]), density(marker[~truth])
    for line in range(0, best.cutoffs.size, 50):
        expected = positive.integrate_box_1d(best.cutoffs[line], np.inf)
        expected -= negative.integrate_box_1d(best.cutoffs[line], np.inf)
        assert best.values[line] == pytest.approx(expected, abs=1e-10)
    assert best.cutoff == best.cutoffs[np.argmax(best.values)]


def test_smoothing_steadies_the_cutoff():
    rng = np.random.default_rng(6)
    truth = np.arange(60) < 25
    rows = marker_rows(rng.normal(size=60) + truth, truth)
    step = resample_cutoffs(rows, CutoffRule(), 500, 1).cutoffs
    smooth = resample_cutoffs(rows, CutoffRule(smoothing="kernel"), 500, 1).cutoffs
    assert np.std(smooth) < 0.8 * np.std(step)


def test_smoothing_a_class_that_does_not_vary():
    best = choose_cutoff(marker_rows([1, 1, 2, 3, 5], [0, 0, 1, 1, 1]), CutoffRule(smoothing="kernel"))
    assert 1 <= best.cutoff <= 2
    flat = choose_cutoff(marker_rows([1, 1, 1], [0, 0, 1]), CutoffRule(smoothing="kernel"))
    assert np.isnan(flat.values).all() or np.nanmax(np.abs(flat.values)) == 0
