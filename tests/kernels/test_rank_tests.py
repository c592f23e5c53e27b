"""Expected values: tests/reference/group_difference.R (wilcox.test; exactRankTests::wilcox.exact under ties)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from biomarker.kernels.rank_tests import hodges_lehmann, mann_whitney, pseudo_median, signed_rank
from biomarker.kernels.ranks import midranks, row_midranks

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "group_difference.json").read_text())
LESIONS = REFERENCE["lesions"]
UPTAKE = {time: np.array(LESIONS[f"suvmax_{time}"]) for time in ("2h", "24h")}
IMMUNO = np.array(LESIONS["on_immunotherapy"]) == 1
ON, OFF = UPTAKE["24h"][IMMUNO], UPTAKE["24h"][~IMMUNO]
AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLY = [1.15, 0.88, 0.90, 0.74, 1.21]
DEPRESSION = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]) - np.array(
    [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
)

tied = st.lists(st.integers(-6, 6).map(float), min_size=1, max_size=12)
untied = st.lists(st.integers(-200, 200).map(float), min_size=2, max_size=12, unique=True)


@pytest.mark.parametrize(("name", "first", "second"), [("placenta", AT_TERM, EARLY), ("immuno", ON, OFF)])
def test_mann_whitney_agrees_with_r(name, first, second):
    expected = REFERENCE[f"rank_sum_{name}"]
    asymptotic = mann_whitney(first, second, method="asymptotic")
    assert asymptotic.statistic == expected["w"]
    assert_allclose(asymptotic.p_value, expected["p_asymptotic"], rtol=1e-12)
    assert_allclose(mann_whitney(first, second, method="exact").p_value, expected["p_conditional"], rtol=1e-9)


def test_auto_is_exact_without_ties_only():
    assert mann_whitney(AT_TERM, EARLY).exact
    assert_allclose(mann_whitney(AT_TERM, EARLY).p_value, REFERENCE["rank_sum_placenta"]["p_exact"], rtol=1e-12)
    assert not mann_whitney(ON, OFF).exact
    assert round(mann_whitney(ON, OFF).p_value, 3) == 0.013  # on record for the 24 v 18 lesions, taken as independent


def test_hodges_lehmann_agrees_with_r():
    expected = REFERENCE["rank_sum_placenta"]
    found = hodges_lehmann(AT_TERM, EARLY)
    assert found.exact
    assert_allclose((found.shift, *found.interval), (expected["shift"], expected["low"], expected["high"]), rtol=1e-12)
    for name, first, second in (("placenta", AT_TERM, EARLY), ("immuno", ON, OFF)):
        expected = REFERENCE[f"rank_sum_{name}"]
        found = hodges_lehmann(first, second, method="asymptotic")
        # R finds the jump of its statistic by uniroot, to 1e-4 by default; the jump is at a difference of two values
        limits = (expected["low_asymptotic"], expected["high_asymptotic"])
        assert_allclose(found.interval, limits, atol=1.5e-4)


def test_signed_rank_agrees_with_r():
    cd8 = UPTAKE["24h"] - UPTAKE["2h"]
    for name, differences in (("depression", DEPRESSION), ("cd8", cd8)):
        expected = REFERENCE[f"signed_{name}"]
        found = signed_rank(differences, method="asymptotic")
        assert found.statistic == expected["v"]
        assert_allclose(found.p_value, expected["p_asymptotic"], rtol=1e-12)
        assert_allclose(signed_rank(differences, method="exact").p_value, expected["p_conditional"], rtol=1e-9)
    assert round(signed_rank(cd8).p_value, 3) == 0.010  # on record, lesions taken as independent
    assert_allclose(signed_rank(DEPRESSION).p_value, REFERENCE["signed_depression"]["p_exact"], rtol=1e-12)


def test_pseudo_median_agrees_with_r():
    expected = REFERENCE["signed_depression"]
    found = pseudo_median(DEPRESSION)
    assert_allclose((found.shift, *found.interval), (expected["centre"], expected["low"], expected["high"]), rtol=1e-12)
    found = pseudo_median(DEPRESSION, method="asymptotic")
    assert_allclose(found.interval, (expected["low_asymptotic"], expected["high_asymptotic"]), atol=1e-4)


@settings(deadline=None, max_examples=60)
@given(tied, tied)
def test_scipy_agrees(first, second):
    test = mann_whitney(first, second, method="asymptotic")
    theirs = stats.mannwhitneyu(first, second, method="asymptotic")
    assert test.statistic == theirs.statistic
    if np.isfinite(test.p_value):
        assert_allclose(test.p_value, theirs.pvalue, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(untied, st.integers(1, 11))
def test_exact_p_is_scipys_without_ties(values, cut):
    first, second = values[: min(cut, len(values) - 1)], values[min(cut, len(values) - 1) :]
    theirs = stats.mannwhitneyu(first, second, method="exact").pvalue
    assert_allclose(mann_whitney(first, second).p_value, theirs, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(tied, tied)
def test_p_is_unmoved_by_swapping_negating_and_monotone_scales(first, second):
    p_value = mann_whitney(first, second, method="exact").p_value
    a, b = np.array(first), np.array(second)
    for p_other in (
        mann_whitney(b, a, method="exact").p_value,
        mann_whitney(-a, -b, method="exact").p_value,
        mann_whitney(np.exp(a), np.exp(b), method="exact").p_value,
    ):
        assert_allclose(p_other, p_value, rtol=1e-9)


@settings(deadline=None, max_examples=60)
@given(untied, untied)
def test_exact_interval_is_the_shifts_the_exact_test_accepts(first, second):
    interval = hodges_lehmann(first, np.array(second) + 0.5).interval  # halves: no ties between the groups
    y = np.array(second) + 0.5
    for limit, inward in ((interval.low, 0.25), (interval.high, -0.25)):
        if np.isfinite(limit):
            assert mann_whitney(np.array(first) - limit - inward, y, method="exact").p_value > 0.05
            assert mann_whitney(np.array(first) - limit + inward, y, method="exact").p_value <= 0.05


@settings(deadline=None, max_examples=40)
@given(untied)
def test_signed_rank_interval_is_the_centres_the_test_accepts(values):
    sample = np.array(values)
    found = pseudo_median(sample, method="exact")
    assert found.interval.low <= found.shift <= found.interval.high
    if np.isfinite(found.interval.low):
        # just outside: nothing is tied there but by accident, which the conditional test would take into account
        outside = sample - (found.interval.low - 1e-6)
        assert signed_rank(outside, method="exact").p_value <= 0.05 + 1e-12


def test_degenerate_input():
    assert np.isnan(mann_whitney([], [1.0]).p_value)
    assert np.isnan(mann_whitney([1.0, 1.0], [1.0]).p_value)
    assert mann_whitney([1.0, 1.0], [1.0], method="exact").p_value == 1.0
    assert np.isnan(hodges_lehmann([], [1.0]).shift)
    few = hodges_lehmann([1.0, 2.0], [5.0])  # 3 values cannot give 95 %
    assert few.shift == -3.5
    assert few.interval == (-np.inf, np.inf)
    assert np.isnan(signed_rank([0.0, 0.0]).p_value)
    assert signed_rank([1.0]).p_value == 1.0
    assert np.isnan(pseudo_median([]).shift)
    assert pseudo_median([1.0, 2.0]).interval == (-np.inf, np.inf)
    with pytest.raises(ValueError, match="finite"):
        mann_whitney([np.nan], [1.0])


@settings(deadline=None, max_examples=40)
@given(tied)
def test_midranks_are_scipys(values):
    sample = np.array(values)
    assert_allclose(midranks(sample), stats.rankdata(sample))
    assert_allclose(row_midranks(sample[None, :])[0], stats.rankdata(sample))


def test_averages_too_many_to_lay_out_are_the_same(monkeypatch):
    differences = np.random.default_rng(6).normal(size=61).round(1)
    laid_out = pseudo_median(differences)
    monkeypatch.setattr("biomarker.kernels.rank_tests.LAID_OUT", 10)
    searched = pseudo_median(differences)
    assert_allclose((searched.shift, *searched.interval), (laid_out.shift, *laid_out.interval), atol=1e-12)
