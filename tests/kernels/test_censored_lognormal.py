"""Left-censored log-normal fits against R's survreg, Student's t, and simulated truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student_t

from biomarker.kernels.censored_lognormal import (
    fit_censored_lognormal,
    geometric_mean_interval,
    jackknife_df,
    mean_interval,
    sigma_interval,
)
from biomarker.kernels.describe import geometric_mean, one_way_icc

R = json.loads((Path(__file__).parents[1] / "reference" / "kinetics.json").read_text(encoding="utf-8"))["censored"]
VALUES, BELOW = np.array(R["value"]), ~np.array(R["seen"], dtype=bool)


def test_estimates_and_errors_are_those_of_survreg():
    """survreg(Surv(x, seen, type = "left") ~ 1, dist = "lognormal"); ours times sqrt(n / (n - 1)), as documented."""
    fit = fit_censored_lognormal(VALUES, BELOW)
    assert (fit.mu, fit.sigma) == pytest.approx((R["mu"], R["sigma"]), rel=1e-8)
    errors = np.sqrt(np.diag(fit.covariance) * 13 / 14)
    assert errors == pytest.approx([R["se_mu"], R["se_log_sigma"]], rel=1e-7)
    assert fit.log_likelihood - np.log(VALUES[~BELOW]).sum() == pytest.approx(R["loglik"], rel=1e-10)
    gradient = np.array([1, fit.sigma**2])
    assert np.sqrt(gradient @ fit.covariance @ gradient * 13 / 14) == pytest.approx(R["se_log_mean"], rel=1e-7)


def test_without_censoring_it_is_students_t_of_the_logarithms():
    fit = fit_censored_lognormal(VALUES, np.zeros(14, bool))
    plain = geometric_mean(VALUES)
    assert np.exp(fit.mu) == pytest.approx(plain.mean, rel=1e-10)
    assert geometric_mean_interval(fit) == pytest.approx(tuple(plain.interval), rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-6, 1e6), st.randoms(use_true_random=False))
def test_units_and_order_do_not_matter(factor, random):
    order = list(range(14))
    random.shuffle(order)
    plain, other = fit_censored_lognormal(VALUES, BELOW), fit_censored_lognormal(factor * VALUES[order], BELOW[order])
    assert other.mu - np.log(factor) == pytest.approx(plain.mu, abs=1e-7)
    assert other.sigma == pytest.approx(plain.sigma, rel=1e-7)


def test_clusters_of_one_are_nearly_no_clusters_and_copies_change_nothing():
    single = fit_censored_lognormal(VALUES, BELOW, np.arange(14))
    assert single.covariance == pytest.approx(fit_censored_lognormal(VALUES, BELOW).covariance)
    twice = fit_censored_lognormal(np.repeat(VALUES, 2), np.repeat(BELOW, 2), np.repeat(np.arange(14), 2))
    assert twice.mu == pytest.approx(single.mu)
    assert (twice.df, single.df) == pytest.approx((13, 13))
    naive = fit_censored_lognormal(np.repeat(VALUES, 2), np.repeat(BELOW, 2))
    assert naive.covariance[0, 0] < 0.6 * twice.covariance[0, 0]


def test_a_half_below_the_limit_is_recovered():
    rng = np.random.default_rng(5)
    x = np.exp(rng.normal(1, 0.8, 4000))
    fit = fit_censored_lognormal(np.maximum(x, np.e), x < np.e)
    assert (fit.mu, fit.sigma) == pytest.approx((1, 0.8), abs=0.05)
    low, high = mean_interval(fit)
    assert low < np.exp(1 + 0.32) < high
    low, high = sigma_interval(fit)
    assert low < 0.8 < high


def test_too_little_is_not_estimable():
    assert np.isnan(fit_censored_lognormal([0.5, 1.0], [True, False]).mu)
    assert np.isnan(fit_censored_lognormal([1.0, 1.0], [False, False]).mu)
    one = fit_censored_lognormal(VALUES, BELOW, np.zeros(14))
    assert np.isfinite(one.mu)
    assert np.isnan(geometric_mean_interval(one).low)
    with pytest.raises(ValueError, match="positive"):
        fit_censored_lognormal([0.0, 1.0], [True, False])


def test_with_clusters_the_covariance_is_the_jackknife_over_them():
    """By hand: every fit with one patient left out, which is what a geometric mean's interval then rests on."""
    rng = np.random.default_rng(8)
    patient = np.repeat(np.arange(7), [1, 2, 3, 4, 5, 6, 7])
    value = np.exp(0.6 * rng.normal(size=7)[patient] + 0.5 * rng.normal(size=28))
    below = value < 0.6
    value[below] = 0.6
    whole = fit_censored_lognormal(value, below, patient)
    left = [fit_censored_lognormal(value[patient != one], below[patient != one]) for one in range(7)]
    change = np.array([[fit.mu - whole.mu, np.log(fit.sigma / whole.sigma)] for fit in left])
    assert whole.covariance == pytest.approx(6 / 7 * change.T @ change, rel=1e-6)
    assert 1 < whole.df < 6  # patients of unequal size
    only = fit_censored_lognormal([1.0, 2.0, 0.5, 0.5], [False, False, True, True], [1, 2, 3, 3])
    assert np.isfinite(only.covariance).all()  # without patient 1 nothing is estimable: the sandwich


def test_the_degrees_of_freedom_are_those_of_simulated_jackknife_variances():
    """Twice the squared mean over the variance of 40,000 jackknife variances, each over clusters left out in turn."""
    sizes, icc = np.array([1, 2, 2, 5, 9, 14]), 0.4
    rng = np.random.default_rng(3)
    means = rng.normal(size=(40_000, 6)) * np.sqrt(icc + (1 - icc) / sizes)
    total, n = means @ sizes, sizes.sum()
    left_out = (total[:, None] - means * sizes) / (n - sizes)
    variance = 5 / 6 * np.sum((left_out - total[:, None] / n) ** 2, axis=1)
    assert jackknife_df(sizes, icc) == pytest.approx(2 * variance.mean() ** 2 / variance.var(), rel=0.05)


def test_the_degrees_of_freedom_are_those_of_the_matrix_of_the_quadratic_form():
    sizes, icc = np.array([3, 1, 8, 2, 2, 11, 4]), 0.3
    share = sizes / sizes.sum()
    deviation = (np.eye(7) - share) * (share / (1 - share))[:, None]
    moments = deviation @ np.diag(icc + (1 - icc) / sizes) @ deviation.T
    assert jackknife_df(sizes, icc) == pytest.approx(np.trace(moments) ** 2 / np.sum(moments**2), rel=1e-10)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=12), st.floats(0, 1))
def test_degrees_of_freedom_lie_between_one_and_clusters_less_one_which_equal_sizes_have(sizes, icc):
    df = jackknife_df(sizes, icc)
    assert 1 - 1e-9 <= df <= len(sizes) - 1 + 1e-9
    assert jackknife_df([sizes[0]] * len(sizes), icc) == pytest.approx(len(sizes) - 1)


def test_limits_are_t_limits_with_these_degrees_of_freedom():
    rng = np.random.default_rng(8)
    patient = np.repeat(np.arange(6), [1, 1, 2, 3, 8, 12])
    value = np.exp(rng.normal(size=6)[patient] + 0.5 * rng.normal(size=27))
    fit = fit_censored_lognormal(value, np.zeros(27, bool), patient)
    low, high = mean_interval(fit)
    error = np.sqrt(np.array([1, fit.sigma**2]) @ fit.covariance @ np.array([1, fit.sigma**2]))
    assert np.log(high / low) / 2 == pytest.approx(student_t.ppf(0.975, fit.df) * error, rel=1e-9)
    assert fit.df == pytest.approx(jackknife_df([1, 1, 2, 3, 8, 12], max(0, one_way_icc(np.log(value), patient))))
