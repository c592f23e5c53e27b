"""The binormal curve against Stata's rocfit, a general optimiser in R and regression in R."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import trapezoid

from biomarker.kernels.binormal import (
    binormal_fit,
    binormal_fit_from_counts,
    binormal_regression,
    binormal_sensitivity,
)
from biomarker.kernels.roc import roc_points

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "roc.json").read_text(encoding="utf-8"))


def marker_of(case):
    data = REFERENCE["data"][case["data"]]
    return np.array(data["markers"][case["marker"]], float), np.array(data["positive"], bool)


def case_name(case):
    return "-".join(str(case[key]) for key in ("data", "marker", "focus", "low") if key in case)


def test_published_fit():
    # Stata manual, rocfit on the ratings of Hanley and McNeil 1982: a, b, cutpoints, area, log likelihood.
    fit = binormal_fit_from_counts([33, 6, 6, 11, 2], [3, 2, 2, 11, 33])
    assert (fit.a, fit.b, fit.auc) == pytest.approx((1.656782, 0.713002, 0.911331), abs=5e-7)
    assert fit.cutpoints == pytest.approx([0.169768, 0.463215, 0.766860, 1.797938], abs=5e-7)
    assert fit.log_likelihood == pytest.approx(-123.64855, abs=5e-6)
    # Stata's errors (0.310456, 0.215882, 0.029506) are from the observed information, ours from the expected
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx([0.310456, 0.215882], rel=0.01)
    assert np.sqrt(fit.auc_variance) == pytest.approx(0.029506, rel=0.01)


@pytest.mark.parametrize("case", REFERENCE["binormal"], ids=case_name)
def test_likelihood_and_regression_agree_with_r(case):
    marker, positive = marker_of(case)
    fit, expected = binormal_fit(marker, positive), case["likelihood"]
    # optim stops early on flat likelihoods, so ours may be higher by a hair and never lower
    assert fit.log_likelihood >= expected["log_likelihood"] - 1e-9
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-6)
    assert (fit.a, fit.b, fit.auc) == pytest.approx((expected["a"], expected["b"], expected["auc"]), abs=1e-3)
    line = binormal_regression(roc_points(marker, positive))
    assert (line.a, line.b) == pytest.approx(tuple(case["regression"]), abs=1e-10)


def test_covariance_is_the_inverse_of_the_full_information():
    # the expected information written out in full: sum over categories of gradient products over probabilities
    negatives, positives = np.array([33, 6, 6, 11, 2]), np.array([3, 2, 2, 11, 33])
    fit = binormal_fit_from_counts(negatives, positives)
    theta = np.concatenate(([fit.a, fit.b], fit.cutpoints))

    def shares(theta):
        a, b, cuts = theta[0], theta[1], theta[2:]
        rows = [stats.norm.cdf(cuts), stats.norm.cdf(b * cuts - a)]
        return np.concatenate([np.diff(np.concatenate(([0], row, [1]))) for row in rows])

    step = 1e-6
    gradient = np.array([(shares(theta + step * e) - shares(theta - step * e)) / (2 * step) for e in np.eye(6)])
    size = np.repeat([negatives.sum(), positives.sum()], 5)
    full = np.linalg.inv((gradient * size / shares(theta)) @ gradient.T)
    assert fit.covariance == pytest.approx(full[:2, :2], rel=1e-6)


def test_swapping_the_classes_mirrors_the_curve():
    rng = np.random.default_rng(3)
    positive = np.arange(80) < 35
    marker = rng.normal(size=80) * np.where(positive, 1.4, 1.0) + positive
    fit, mirrored = binormal_fit(marker, positive), binormal_fit(-marker, ~positive)
    assert (mirrored.a, mirrored.b) == pytest.approx((fit.a / fit.b, 1 / fit.b), rel=1e-6)
    assert mirrored.auc == pytest.approx(fit.auc, abs=1e-8)
    assert mirrored.auc_variance == pytest.approx(fit.auc_variance, rel=1e-6)
    assert binormal_fit(np.exp(marker), positive).auc == fit.auc


def test_truth_is_recovered_from_many_rows():
    rng = np.random.default_rng(4)
    positive = np.arange(40_000) < 20_000
    marker = np.exp(np.where(positive, 1.5, 0) + rng.normal(size=40_000) * np.where(positive, 1.25, 1))  # a 1.2, b 0.8
    fit = binormal_fit(marker, positive)
    assert np.abs(np.array([fit.a - 1.2, fit.b - 0.8]) / np.sqrt(np.diag(fit.covariance))).max() < 3
    assert abs(fit.auc - stats.norm.cdf(1.2 / np.sqrt(1.64))) < 3 * np.sqrt(fit.auc_variance)


@pytest.mark.parametrize(
    ("marker", "positive"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1]),  # separated: one cutoff does it
        ([1, 1, 1, 1], [0, 0, 1, 1]),  # constant
        ([1, 2], [0, 1]),
    ],
)
def test_without_a_maximum_everything_is_nan(marker, positive):
    fit = binormal_fit(marker, positive)
    assert np.isnan([fit.a, fit.b, fit.auc, fit.auc_variance, fit.log_likelihood]).all()
    assert np.isnan(binormal_regression(roc_points(marker, positive)).auc)


def test_sensitivity_of_the_fitted_curve():
    fit = binormal_fit_from_counts([33, 6, 6, 11, 2], [3, 2, 2, 11, 33])
    grid = np.linspace(0, 1, 100_001)
    assert trapezoid(binormal_sensitivity(fit, grid), grid) == pytest.approx(fit.auc, abs=1e-6)


@pytest.mark.parametrize(("negatives", "positives"), [([1, -1], [1, 1]), ([0, 0], [1, 1]), ([1], [1, 2])])
def test_impossible_counts_are_refused(negatives, positives):
    with pytest.raises(ValueError, match=r"counts|shape"):
        binormal_fit_from_counts(negatives, positives)
