"""Expected values: tests/reference/correlation.R (cor.test, inverse correlation matrices, lm, psych::r.con)."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from biomarker.kernels.correlation import kendall, pearson, spearman
from biomarker.kernels.correlation_partial import partial_correlation, repeated_measures_correlation

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "correlation.json").read_text())
LESIONS = REFERENCE["lesions"]
PATIENT = np.array(LESIONS["patient_id"])
RAW = {time: np.array(LESIONS[f"suvmax_{time}"]) for time in ("2h", "24h", "48h", "135h")}
LOGS = {time: np.log(values) for time, values in RAW.items()}
# Hollander and Wolfe (1973), p. 187: Hunter lightness of canned tuna, and a panel's score
TUNA = ([44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1], [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8])
DATA = {"tuna": TUNA, "cd8": (RAW["2h"], RAW["24h"])}

pairs = st.lists(st.tuples(st.integers(-6, 6).map(float), st.integers(-6, 6).map(float)), min_size=5, max_size=25)


@pytest.mark.parametrize("name", DATA)
def test_coefficients_agree_with_r(name):
    x, y = DATA[name]
    expected = REFERENCE[name]
    found = pearson(x, y)
    values = (found.value, *found.interval, found.statistic, found.p_value)
    assert_allclose(values, [expected["pearson"][part] for part in ("value", "low", "high", "t", "p")], rtol=1e-9)
    found = spearman(x, y)
    assert_allclose((found.value, *found.interval), [expected["spearman"][part] for part in ("value", "low", "high")])
    assert_allclose(found.p_value, expected["spearman_p"], rtol=1e-9)
    found = kendall(x, y)
    assert_allclose((found.value, found.p_value), (expected["kendall"]["value"], expected["kendall"]["p"]), rtol=1e-9)
    if np.isfinite(found.statistic):
        assert_allclose(found.statistic, expected["kendall"]["statistic"], rtol=1e-9)


def test_partial_correlations_agree_with_r():
    found = partial_correlation(LOGS["24h"], LOGS["135h"], LOGS["2h"])
    expected = REFERENCE["partial_pearson"]
    assert_allclose(
        (found.value, found.df, found.p_value), [expected[part] for part in ("value", "df", "p")], rtol=1e-9
    )
    controls = np.column_stack([LOGS["2h"], LOGS["48h"]])
    found = partial_correlation(LOGS["24h"], LOGS["135h"], controls, method="spearman")
    expected = REFERENCE["partial_spearman"]
    assert_allclose(
        (found.value, found.df, found.p_value), [expected[part] for part in ("value", "df", "p")], rtol=1e-9
    )


def test_partial_kendall_agrees_with_the_formulas_of_ppcor():
    controls = np.column_stack([LOGS["2h"], LOGS["48h"]])
    found = partial_correlation(LOGS["24h"], LOGS["135h"], controls, method="kendall")
    expected = REFERENCE["partial_kendall"]
    values = (found.value, found.statistic, found.p_value, *found.interval)
    assert_allclose(values, [expected[part] for part in ("value", "statistic", "p", "low", "high")], rtol=1e-9)
    assert np.isnan(partial_correlation([1, 2, 3, 4], [2, 1, 4, 3], [1, 1, 1, 1], method="kendall").value)


def test_values_beyond_the_range_of_their_squares_are_correlated():
    x, y = (np.array(values) for values in TUNA)
    for scale in (1e200, 1e-300):
        assert_allclose(pearson(x * scale, y).value, pearson(x, y).value, rtol=1e-9)


def test_repeated_measures_correlation_agrees_with_r():
    found = repeated_measures_correlation(LOGS["2h"], LOGS["24h"], PATIENT)
    expected = REFERENCE["rmcorr"]
    values = (found.value, found.df, found.p_value, *found.interval)
    assert_allclose(values, [expected[part] for part in ("value", "df", "p", "low", "high")], rtol=1e-9)


def test_repeated_measures_correlation_of_the_paper():
    # Bland and Altman (1995), the example of Bakdash and Marusich (2017): r = -0.507, 38 df, p = 0.0008, (-0.707,
    # -0.223)
    pingouin = pytest.importorskip("pingouin")
    data = pingouin.read_dataset("rm_corr")
    found = repeated_measures_correlation(data["pH"], data["PacO2"], data["Subject"])
    assert (round(found.value, 3), found.df, round(found.p_value, 4)) == (-0.507, 38, 0.0008)
    theirs = pingouin.rm_corr(data=data, x="pH", y="PacO2", subject="Subject").iloc[0]
    # pingouin prints its interval to 2 digits
    assert_allclose(np.round(found.interval, 2), theirs["CI95"], atol=1e-9)


def test_exact_spearman_by_listing_all_orders():
    for x, y in (([1, 2, 2, 4, 5], [3, 1, 1, 5, 4]), ([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])):
        a, b = stats.rankdata(x), stats.rankdata(y)
        every = np.array([np.dot(a, order) for order in permutations(b)])
        tails = np.mean(every <= a @ b), np.mean(every >= a @ b)
        assert_allclose(spearman(x, y).p_value, min(1, 2 * min(tails)))


@settings(deadline=None, max_examples=50)
@given(pairs)
def test_scipy_agrees(rows):
    x, y = np.transpose(rows)
    if np.ptp(x) > 0 and np.ptp(y) > 0:
        assert_allclose(pearson(x, y).value, stats.pearsonr(x, y).statistic, atol=1e-12)
        assert_allclose(spearman(x, y).value, stats.spearmanr(x, y).statistic, atol=1e-12)
        assert_allclose(kendall(x, y).value, stats.kendalltau(x, y).statistic, atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(pairs, st.floats(0.1, 10), st.floats(-10, 10))
def test_direction_and_scale(rows, scale, shift):
    x, y = np.transpose(rows)
    for method in (pearson, spearman, kendall):
        before, moved, negated = method(x, y), method(x, shift + scale * y), method(x, -y)
        assert_allclose(moved.value, before.value, atol=1e-9)
        assert_allclose(negated.value, -before.value, atol=1e-12)
        assert_allclose(method(y, x).p_value, before.p_value, rtol=1e-9)
        if np.isfinite(before.interval.low):
            assert -1 <= before.interval.low <= before.value <= before.interval.high <= 1


def test_partial_correlation_without_controls_is_the_correlation():
    x, y = RAW["2h"], RAW["24h"]
    none = np.empty((x.size, 0))
    assert_allclose(partial_correlation(x, y, none)[0], pearson(x, y)[0])
    assert_allclose(partial_correlation(x, y, none, method="spearman").interval, spearman(x, y).interval)


def test_levels_of_patients_do_not_enter_the_repeated_measures_correlation():
    level = np.random.default_rng(1).normal(size=16)[PATIENT] * 50
    found = repeated_measures_correlation(LOGS["2h"] + level, LOGS["24h"] - level, PATIENT)
    assert_allclose(found.value, REFERENCE["rmcorr"]["value"], rtol=1e-9)


def test_degenerate_input():
    for method in (pearson, spearman, kendall):
        constant = method([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])
        assert np.isnan([constant.value, *constant.interval, constant.p_value]).all()
        assert np.isnan(method([1.0], [2.0]).value)
        with pytest.raises(ValueError, match="as many values"):
            method([1.0], [1.0, 2.0])
        with pytest.raises(ValueError, match="finite"):
            method([1.0, np.inf], [1.0, 2.0])
    perfect = spearman([1, 2, 3, 4], [10, 20, 30, 40])
    assert perfect.value == 1
    assert np.isnan(perfect.interval).all()  # Fisher's z is infinite
    assert_allclose(perfect.p_value, 2 / 24)
    assert pearson([1, 2, 3], [2, 4, 6]).p_value == 0
    assert np.isnan(repeated_measures_correlation([1.0, 1.0, 2.0, 2.0], [1, 2, 3, 4], [1, 1, 2, 2]).value)
    assert np.isnan(partial_correlation([1, 2, 3, 4, 5], [2, 4, 1, 3, 5], [1, 2, 3, 4, 5]).value)
    with pytest.raises(ValueError, match="finite"):
        partial_correlation([1, 2, 3], [1, 2, 3], [1, 2, np.nan])
