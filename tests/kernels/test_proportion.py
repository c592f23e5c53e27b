import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.proportion import (
    INTERVALS,
    clopper_pearson_interval,
    interval_method,
    proportion,
    wilson_interval,
)

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "predictive_values.json").read_text())
counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("expected", REFERENCE["proportions"], ids=lambda e: f"{e['x']} of {e['n']}")
def test_limits_agree_with_r(expected):
    # stats::prop.test(correct = FALSE), stats::binom.test, qbeta; R 4.2.2, predictive_values.R
    for name, method in INTERVALS.items():
        limits = method(expected["x"], expected["n"])
        assert limits == pytest.approx(expected[name.replace("-", "_")], abs=1e-12)
    assert wilson_interval(expected["x"], expected["n"], confidence_level=0.9) == pytest.approx(expected["wilson_90"])


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        # Newcombe RG. Stat Med 1998;17:857-872, table I, method 3 (score) ...
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_reproduces_newcombe_table_1(x, n, low, high):
    assert np.round(wilson_interval(x, n), 4) == pytest.approx([low, high])


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        # ... and method 5 (Clopper-Pearson)
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0000, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_clopper_pearson_reproduces_newcombe_table_1(x, n, low, high):
    assert np.round(clopper_pearson_interval(x, n), 4) == pytest.approx([low, high])


def test_clopper_pearson_reproduces_the_printed_intervals_of_trials():
    # 10/15 and 7/8 detected with 89Zr-Df-IAB22M2C; 25/30 PPV in Dehdashti F. Breast Cancer Res Treat 2018
    printed = {(10, 15): "38-88", (7, 8): "47-100", (1, 2): "1-99", (1, 3): "1-91", (25, 30): "65-94"}
    for (x, n), limits in printed.items():
        low, high = clopper_pearson_interval(x, n)
        assert f"{100 * low:.0f}-{100 * high:.0f}" == limits


@pytest.mark.parametrize("name", INTERVALS)
def test_none_all_and_nothing(name):
    low, high = INTERVALS[name]([0, 10, 0], [10, 10, 0])
    assert np.isnan([low[2], high[2]]).all()
    if name != "agresti-coull":  # which is cut to [0, 1], and closes before the end
        assert low[0] == 0.0
        assert high[1] == 1.0
    assert 0 < high[0] < 1
    assert low[1] == pytest.approx(1 - high[0])


@pytest.mark.parametrize("name", INTERVALS)
@given(count=counts, level=st.floats(0.5, 0.999))
@settings(max_examples=40, deadline=None)
def test_interval_holds_its_proportion_and_mirrors(name, count, level):
    x, n = count
    low, high = INTERVALS[name](x, n, confidence_level=level)
    other_low, other_high = INTERVALS[name](n - x, n, confidence_level=level)
    assert 0 <= low <= x / n <= high <= 1
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high), abs=1e-10)


@given(count=counts)
@settings(max_examples=50, deadline=None)
def test_agresti_coull_contains_wilson_and_clopper_pearson_holds_jeffreys(count):
    low, high = wilson_interval(*count)
    wide = INTERVALS["agresti-coull"](*count)
    exact, jeffreys = clopper_pearson_interval(*count), INTERVALS["jeffreys"](*count)
    assert wide.low <= low + 1e-12
    assert wide.high >= high - 1e-12
    assert exact.low <= jeffreys.low + 1e-12
    assert exact.high >= jeffreys.high - 1e-12


def test_clopper_pearson_never_covers_less_than_it_says():
    n = 25
    low, high = clopper_pearson_interval(np.arange(n + 1), n)
    from scipy.stats import binom

    truth = np.linspace(0.01, 0.99, 99)[:, None]
    covered = (binom.pmf(np.arange(n + 1), n, truth) * ((low <= truth) & (truth <= high))).sum(axis=1)
    assert covered.min() >= 0.95


def test_arrays_broadcast_and_equal_their_scalars():
    x, n = np.arange(4)[:, None], np.array([5, 9])
    low, high = wilson_interval(x, n)
    assert low.shape == high.shape == (4, 2)
    assert (low[2, 1], high[2, 1]) == wilson_interval(2, 9)


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (np.nan, 5), (1, np.inf)])
def test_impossible_counts_are_refused(x, n):
    with pytest.raises(ValueError, match=r"successes|finite"):
        wilson_interval(x, n)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_impossible_levels_are_refused(level):
    with pytest.raises(ValueError, match="confidence_level"):
        wilson_interval(1, 2, confidence_level=level)


def test_unknown_interval_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="wilson, clopper-pearson, jeffreys, agresti-coull"):
        interval_method("wald")


def test_proportion_of_nothing_is_undefined():
    assert np.isnan(proportion(0, 0))
    assert proportion([1, 0], [4, 0])[0] == 0.25
