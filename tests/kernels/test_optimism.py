"""What is left of a data-driven cutoff's performance in new patients."""

import numpy as np
import pytest
from scipy.special import ndtr

from biomarker.kernels.cutoff import CutoffRule, choose_cutoff, resample_cutoffs
from biomarker.kernels.cutoff_criteria import Counts
from biomarker.kernels.interval import Interval
from biomarker.kernels.optimism import (
    apparent_performance,
    bootstrap_632_plus,
    corrected_interval,
    cross_validated_counts,
    cross_validated_performance,
    left_out_performance,
    ordinary_bootstrap,
    performance,
    selection_frequency,
)
from biomarker.kernels.resampling import fold_numbers
from biomarker.kernels.weighted_roc import counts_at, marker_rows


def simulate(n_trials, n_patients, separation, n_resamples=60, n_repeats=3):
    """Return for each trial the true J of its Youden cutoff, and J apparent, by either bootstrap, and held out."""
    rng = np.random.default_rng(20261121)
    found = []
    for trial in range(n_trials):
        patient = np.repeat(np.arange(n_patients), 1 + rng.poisson(2, n_patients))
        truth = (np.arange(n_patients) % 5 < 2)[patient]
        shared = rng.normal(size=n_patients)[patient]
        marker = np.sqrt(0.5) * (shared + rng.normal(size=patient.size)) + separation * truth
        rows, rule = marker_rows(marker, truth, patient), CutoffRule()
        chosen = choose_cutoff(rows, rule)
        apparent = performance(chosen.counts)
        resampled = resample_cutoffs(rows, rule, n_resamples, trial)
        held_out = cross_validated_counts(rows, rule, n_repeats=n_repeats, rng=trial)
        found.append(
            [
                ndtr(separation - chosen.cutoff) - ndtr(-chosen.cutoff),
                apparent.youden,
                ordinary_bootstrap(apparent, resampled).youden,
                bootstrap_632_plus(apparent, resampled, truth.mean()).youden,
                cross_validated_performance(held_out).youden,
            ]
        )
    return np.array(found, float)


def test_a_useless_marker_has_a_corrected_youden_near_0():
    found = simulate(400, 24, 0.0)
    _, apparent, ordinary, plus, held_out = found.mean(axis=0)
    _, _, _, plus_error, held_out_error = found.std(axis=0) / np.sqrt(len(found))
    assert apparent > 0.12
    assert 0.25 < ordinary / apparent < 0.5  # what the ordinary bootstrap leaves: 1 - 1/sqrt(2) or more
    assert abs(plus) < 0.02 + 2.6 * plus_error
    assert abs(held_out) < 2.6 * held_out_error


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [15, 40])
@pytest.mark.parametrize("separation", [0.0, 0.75, 1.5])
def test_bias_from_useless_to_good_markers(n_patients, separation):
    found = simulate(600, n_patients, separation, n_resamples=150, n_repeats=8)
    true, apparent, _, plus, held_out = found.mean(axis=0)
    _, _, _, plus_error, held_out_error = (found - found[:, :1]).std(axis=0) / np.sqrt(len(found))
    assert apparent - true > 0.05
    assert abs(plus - true) < 0.02 + 2.6 * plus_error
    assert abs(held_out - true) < 0.03 + 2.6 * held_out_error


def test_held_out_patients_are_classified_without_themselves():
    rng = np.random.default_rng(3)
    patient = np.repeat(np.arange(11), rng.integers(1, 4, 11))
    truth = rng.random(patient.size) < 0.5
    marker = rng.normal(size=patient.size) + truth
    rows, rule = marker_rows(marker, truth, patient), CutoffRule()
    counts = cross_validated_counts(rows, rule, n_folds=4, n_repeats=3, rng=5)
    for repeat, folds in enumerate(fold_numbers(11, 4, 3, 5, strata=rows.patient_classes())):
        expected = np.zeros(4)
        for fold in range(4):
            kept = folds[patient] != fold
            found = choose_cutoff(marker_rows(marker[kept], truth[kept]), rule).cutoff
            called, held = marker >= found, ~kept
            expected += [
                np.sum(held & called & truth), np.sum(held & called & ~truth),
                np.sum(held & ~called & truth), np.sum(held & ~called & ~truth),
            ]  # fmt: skip
        np.testing.assert_array_equal([cell[repeat] for cell in counts], expected)
        assert expected.sum() == patient.size


def test_folds_are_at_most_one_a_patient_and_a_class_may_be_missing_from_training():
    rows = marker_rows([1, 2, 3, 4, 5], [0, 0, 0, 0, 1])
    counts = cross_validated_counts(rows, CutoffRule(), n_repeats=2, rng=1)
    # holding out the only positive row leaves a class missing: that fold gives no table
    np.testing.assert_array_equal(sum(counts), [4, 4])


def test_parts_of_a_performance_fit_together():
    rng = np.random.default_rng(1)
    truth = np.arange(50) < 20
    rows = marker_rows(rng.normal(size=50) + truth, truth)
    apparent = apparent_performance(rows, CutoffRule())
    resampled = resample_cutoffs(rows, CutoffRule(), 200, 1)
    for corrected in (bootstrap_632_plus(apparent, resampled, 0.4), left_out_performance(resampled)):
        assert corrected.youden == pytest.approx(corrected.sensitivity + corrected.specificity - 1)
    plus = bootstrap_632_plus(apparent, resampled, 0.4)
    assert plus.accuracy == pytest.approx(0.4 * plus.sensitivity + 0.6 * plus.specificity)
    assert left_out_performance(resampled).youden < plus.youden < apparent.youden


def test_the_632_plus_weights_at_their_ends():
    apparent = performance(Counts(*(np.array(cell) for cell in (8.0, 2.0, 2.0, 8.0))))
    rows = marker_rows(np.arange(20), np.arange(20) >= 10)
    resampled = resample_cutoffs(rows, CutoffRule(), 10, 1)

    def left_out(*cells):
        return resampled._replace(left_out=Counts(*(np.array([cell], float) for cell in cells)))

    # no overfitting: the weight of the .632 estimator; none but overfitting: the left-out value alone
    assert bootstrap_632_plus(apparent, left_out(8, 2, 2, 8), 0.5).youden == pytest.approx(0.6)
    assert bootstrap_632_plus(apparent, left_out(4, 6, 6, 4), 0.5).youden == pytest.approx(-0.2)
    better = bootstrap_632_plus(apparent, left_out(9, 1, 1, 9), 0.5)
    assert better.youden == pytest.approx(0.368 * 0.6 + 0.632 * 0.8)


def test_a_perfect_marker_has_no_optimism_to_speak_of():
    rows = marker_rows(np.arange(60.0), np.arange(60) >= 30)
    apparent = apparent_performance(rows, CutoffRule())
    resampled = resample_cutoffs(rows, CutoffRule(), 200, 1)
    assert apparent.youden == 1
    assert 0.94 < bootstrap_632_plus(apparent, resampled, 0.5).youden < 1


def test_selection_frequencies_sum_to_1():
    rng = np.random.default_rng(8)
    truth = np.arange(40) < 15
    rows = marker_rows(rng.normal(size=40).round(1) + truth, truth)
    resampled = resample_cutoffs(rows, CutoffRule(), 300, 1)
    cutoffs, shares = selection_frequency(resampled.cutoffs)
    assert shares.sum() == pytest.approx(1)
    assert set(cutoffs) <= set(np.concatenate([rows.positive, rows.negative]))
    np.testing.assert_array_equal(counts_at(rows, resampled.cutoffs).tp, resampled.original.tp)
    assert selection_frequency([np.nan])[0].size == 0


def test_the_corrected_interval_is_the_wider_side_of_two_shifted_ones():
    samples = np.linspace(0.2, 0.6, 401)  # 95 % of them within 0.21 to 0.59, mean 0.4
    narrow, wide, askew = Interval(0.36, 0.44), Interval(0.0, 0.9), Interval(0.0, 0.41)
    assert corrected_interval(samples, 0.4, narrow, 0.3) == pytest.approx((0.11, 0.49))
    assert corrected_interval(samples, 0.4, wide, 0.3) == pytest.approx((-0.1, 0.8))
    assert corrected_interval(samples, 0.4, askew, 0.3) == pytest.approx((-0.1, 0.49))
    assert corrected_interval(samples, 0.4, narrow, 0.95).high == 1
    nothing = np.array([np.nan])
    assert corrected_interval(nothing, 0.4, narrow, 0.3) == pytest.approx((0.26, 0.34))
    assert np.isnan(corrected_interval(nothing, np.nan, Interval(np.nan, np.nan), 0.3)).all()
