"""Limits of agreement with the mean against R, and what must not matter."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.limits_nested import within_item
from biomarker.kernels.limits_with_mean import limits_with_mean

FOLDER = Path(__file__).parent.parent / "reference"
REFERENCE = json.loads((FOLDER / "agreement_limits.json").read_text())
ICC = json.loads((FOLDER / "reliability.json").read_text())["icc"]


@pytest.mark.parametrize(
    ("name", "level"), [("lesions", {}), ("judges", {}), ("lesions_90", {"coverage": 0.9, "confidence_level": 0.9})]
)
def test_sums_of_squares_against_r(name, level):
    # Christensen et al. 2020: (SSB + SSE) / N, chi-square limits of each recovered for the sum; stats::anova, stats::qf
    found = limits_with_mean(ICC[name.removesuffix("_90")]["values"], **level)
    expected = REFERENCE["loam"][name]
    assert (found.limit, *found.interval) == pytest.approx(
        (expected["limit"], expected["low"], expected["high"]), rel=1e-10
    )
    assert (found.statistic, found.p_value) == pytest.approx((expected["f"], expected["p"]), rel=1e-9)
    assert found.sd_residual == pytest.approx(expected["sd_residual"], rel=1e-10)
    assert found.sd_reader == pytest.approx(expected["sd_reader"], rel=1e-10, abs=1e-12)


def test_nested_replicates_against_lme4():
    # balanced, so REML is the analysis of variance: the limit is 1.96 times the root of 3/4 of the four variances
    data = REFERENCE["nested_readers"]
    y, reader, lesion = (np.array(data[name]) for name in ("y", "reader", "lesion"))
    means = np.zeros((36, 4))
    np.add.at(means, (lesion, reader), y / 2)
    parts = [within_item(y[reader == j], lesion[reader == j]) for j in range(4)]
    pooled = parts[0]._replace(variance=np.mean([part.variance for part in parts]), df=144)
    found = limits_with_mean(means, np.repeat(np.arange(12), 3), pooled)
    assert found.limit == pytest.approx(1.959963985 * np.sqrt(0.75 * data["total"]), rel=1e-6)
    assert found.sd_reader**2 == pytest.approx(data["reader_var"], rel=1e-5)


@given(st.integers(0, 10_000), st.floats(0.1, 10))
@settings(max_examples=40, deadline=None)
def test_order_unit_sign_and_items_do_not_matter(seed, unit):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(5), rng.integers(1, 4, size=5))
    x = rng.normal(size=(patient.size, 3))
    one = limits_with_mean(x, patient)
    order, columns = rng.permutation(patient.size), rng.permutation(3)
    moved = -unit * x[order][:, columns] + 100 * rng.normal(size=(patient.size, 1))
    other = limits_with_mean(moved, patient[order])
    assert other.limit == pytest.approx(unit * one.limit, rel=1e-8)
    assert other.interval.high == pytest.approx(unit * one.interval.high, rel=1e-8)
    assert other.reader_means == pytest.approx(-unit * one.reader_means[columns], abs=1e-9 * unit + 1e-10)
    assert one.interval.low <= one.limit <= one.interval.high


def test_degenerate():
    same = limits_with_mean(np.tile([[1.0], [2.0], [4.0]], 3))
    assert same.limit == 0
    assert np.isnan(same.p_value)
    single = limits_with_mean([[1.0, 2.0, 3.0]])
    assert np.isnan(single.limit)
    assert single.reader_means == pytest.approx([-1, 0, 1])
    with pytest.raises(ValueError, match="at least two readers"):
        limits_with_mean([[1.0], [2.0]])
    with pytest.raises(ValueError, match="one patient"):
        limits_with_mean([[1.0, 2.0], [2.0, 3.0]], [1])
