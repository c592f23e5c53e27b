"""A cutoff against measurement error: closed forms against simulated second measurements, and published values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from biomarker.kernels.remeasurement import (
    REPEATABILITY_FACTOR,
    MeasurementError,
    error_from_percent_limits,
    error_from_percent_repeatability,
    error_from_readings,
    error_from_repeatability,
    error_from_within_cv,
    expected_counts,
    grey_zone,
    probability_of_change,
)

# Bland JM, Altman DG. Measurement error. BMJ 1996;313:744: peak expiratory flow of 20 children, four readings each of
# which the first five children are given here; the worked within-subject sd of all is 21.5 L/min.
FLOW = np.array(
    [[190, 220, 200, 200], [220, 200, 240, 230], [260, 260, 240, 280], [210, 300, 280, 265], [270, 265, 280, 270]]
)


def test_readings_against_analysis_of_variance():
    item = np.repeat(np.arange(5), 4)
    found = error_from_readings(FLOW.ravel(), item, "raw")
    within = stats.f_oneway(*FLOW)  # F = between / within mean square
    between_mean_square = 4 * np.var(FLOW.mean(axis=1), ddof=1)
    assert found.error.sd**2 == pytest.approx(between_mean_square / within.statistic)
    assert (found.n_items, found.df) == (5, 15)
    assert found.root_mean_square_cv == pytest.approx(np.sqrt(np.mean(stats.variation(FLOW, axis=1, ddof=1) ** 2)))


def test_log_readings_and_items_read_once_or_unevenly():
    values, item = [2.0, 2.4, 5.0, 5.5, 4.6, 9.0], ["a", "a", "b", "b", "b", "c"]
    found = error_from_readings(values, item)
    logs = np.log([2.0, 2.4]), np.log([5.0, 5.5, 4.6])
    assert found.error.sd == pytest.approx(np.sqrt(sum(np.sum((x - x.mean()) ** 2) for x in logs) / 3))
    assert (found.n_items, found.df) == (2, 3)
    assert found.error.within_cv == pytest.approx(np.sqrt(np.exp(found.error.sd**2) - 1))


def test_published_factors():
    # QIBA: RC = 2.77 wSD. Bland and Altman 1999, systolic pressure, observer J: within-subject variance 37.408, RC
    # 16.95
    assert pytest.approx(2.77, abs=0.002) == REPEATABILITY_FACTOR
    assert MeasurementError(37.408**0.5, "raw").repeatability_coefficient == pytest.approx(16.95, abs=0.005)
    # FDG SUVmax, QIBA profile: limits of change of about -28 % to +39 % for wCV 12 %
    low, high = error_from_within_cv(0.12).percent_limits
    assert (low, high) == pytest.approx((-0.28, 0.39), abs=0.005)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 0.6))
def test_every_way_to_state_an_error_is_the_same_error(cv):
    error = error_from_within_cv(cv)
    assert error.within_cv == pytest.approx(cv)
    assert error_from_percent_limits(*error.percent_limits).sd == pytest.approx(error.sd)
    assert error_from_percent_repeatability(cv * REPEATABILITY_FACTOR).sd == pytest.approx(error.sd)
    raw = error_from_repeatability(cv)
    assert raw.repeatability_coefficient == pytest.approx(cv)
    assert np.isnan(raw.within_cv)
    assert np.isnan(raw.percent_limits).all()


@settings(max_examples=50, deadline=None)
@given(
    st.floats(0.5, 20), st.floats(0.02, 0.5), st.sampled_from(["log", "raw"]), st.floats(0.01, 0.45),
    st.sampled_from(["remeasured", "true"]),
)  # fmt: skip
def test_the_class_changes_with_the_given_probability_at_the_edges_of_the_grey_zone(
    cutoff, sd, scale, probability, against
):
    error = MeasurementError(sd, scale)
    low, high = grey_zone(cutoff, error, probability=probability, compared_with=against)
    assert low < cutoff < high
    edges = [low, high] if scale == "log" or low > 0 else [high]
    np.testing.assert_allclose(
        probability_of_change(edges, cutoff, error, compared_with=against), probability, rtol=1e-9
    )
    assert probability_of_change(cutoff, cutoff, error) == 0.5


def test_one_repeatability_coefficient_to_either_side():
    low, high = grey_zone(4.0, MeasurementError(0.3, "raw"), probability=0.025)
    assert high - 4.0 == pytest.approx(0.3 * REPEATABILITY_FACTOR)
    assert 4.0 - low == pytest.approx(0.3 * REPEATABILITY_FACTOR)
    low, high = grey_zone(4.0, MeasurementError(0.1), probability=0.025)
    assert np.log(high / 4.0) == pytest.approx(0.1 * REPEATABILITY_FACTOR) == pytest.approx(np.log(4.0 / low))


@pytest.mark.parametrize("scale", ["log", "raw"])
def test_against_simulated_second_measurements(scale):
    # true values spread evenly over a range far wider than the error: then the first measurement is all one knows
    rng = np.random.default_rng(1)
    error = MeasurementError(0.15, scale)
    true = rng.uniform(-2, 2, 2_000_000) + 5
    first = true + rng.normal(0, 0.15, true.size)
    second = true + rng.normal(0, 0.15, true.size)
    cutoff = 5.0
    for distance in (0.05, 0.2, 0.4):
        near = np.abs(first - cutoff - distance) < 0.005
        measured, at = (np.exp(cutoff + distance), np.exp(cutoff)) if scale == "log" else (cutoff + distance, cutoff)
        expected = np.mean(second[near] < cutoff), np.mean(true[near] < cutoff)
        error_of_share = 3.5 * np.sqrt(0.25 / near.sum())
        assert probability_of_change(measured, at, error) == pytest.approx(expected[0], abs=error_of_share)
        assert probability_of_change(measured, at, error, compared_with="true") == pytest.approx(
            expected[1], abs=error_of_share
        )


@pytest.mark.parametrize("higher", [True, False])
def test_expected_counts_against_added_noise(higher):
    rng = np.random.default_rng(2)
    truth = np.arange(50) < 20
    marker = np.exp(rng.normal(1.2, 0.6, 50) + 0.5 * truth * (1 if higher else -1))
    error = error_from_within_cv(0.2)
    tp, fp, fn, tn = expected_counts(marker, truth, 4.0, error, higher_is_positive=higher, further_error=[0, 1, 2])
    called = marker >= 4.0 if higher else marker <= 4.0
    assert (tp[0], fp[0]) == (np.sum(called & truth), np.sum(called & ~truth))
    for line, multiple in ((1, 1), (2, 2)):
        noisy = marker * np.exp(rng.normal(0, error.sd * np.sqrt(multiple), (20_000, 50)))
        called = noisy >= 4.0 if higher else noisy <= 4.0
        assert tp[line] == pytest.approx((called & truth).sum(axis=1).mean(), abs=0.06)
        assert fp[line] == pytest.approx((called & ~truth).sum(axis=1).mean(), abs=0.06)
    np.testing.assert_allclose(tp + fn, 20)
    np.testing.assert_allclose(fp + tn, 30)


def test_no_error_at_all():
    exact = MeasurementError(0.0)
    np.testing.assert_array_equal(probability_of_change([3.9, 4.0, 4.1], 4.0, exact), [0, 0.5, 0])
    assert grey_zone(4.0, exact) == pytest.approx((4.0, 4.0))
    table = expected_counts([3.9, 4.0, 4.1], [0, 1, 1], 4.0, exact)
    assert (table.tp, table.fp) == (2, 0)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: MeasurementError(-1),
        lambda: MeasurementError(np.nan),
        lambda: MeasurementError(0.1, "cubic"),
        lambda: MeasurementError(0.1).transform([0.0]),
        lambda: error_from_within_cv(-0.1),
        lambda: error_from_within_cv(np.nan),
        lambda: error_from_percent_limits(0.3, -0.2),
        lambda: error_from_percent_limits(-1, 0.3),
        lambda: error_from_readings([1.0, 2.0], ["a", "b"]),
        lambda: error_from_readings([1.0, np.nan], ["a", "a"]),
        lambda: error_from_readings([1.0, -2.0], ["a", "a"]),
        lambda: error_from_readings([1.0, 2.0], ["a"]),
        lambda: grey_zone(4.0, MeasurementError(0.1), probability=0.5),
        lambda: expected_counts([1.0, 2.0], [1], 1.5, MeasurementError(0.1)),
        lambda: expected_counts([1.0, 2.0], [0, 1], 1.5, MeasurementError(0.1), further_error=-1),
    ],
)
def test_impossible_input(impossible):
    with pytest.raises(
        ValueError, match=r"scale|deviation|positive|negative|limits|lower|twice|finite|probability|per row"
    ):
        impossible()
