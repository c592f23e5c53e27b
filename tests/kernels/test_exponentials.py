"""Exponential fits against R's nls on Indometh, against curves that are exactly exponential, and at their edges."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.exponentials import aicc, delta_interval, fit_exponentials, profile_interval

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "kinetics.json").read_text(encoding="utf-8"))
INDOMETH = REFERENCE["indometh"]


def log_area(theta):
    half = theta.size // 2
    return np.log(np.sum(np.exp(theta[:half] - theta[half:])))


@pytest.mark.parametrize("subject", INDOMETH)
def test_two_terms_are_those_of_nls(subject):
    """R 4: nls(conc ~ A1 exp(-exp(lrc1) time) + ...); it stops at a relative offset of 1e-7, hence the tolerance."""
    d = INDOMETH[subject]
    fit = fit_exponentials(d["time"], d["conc"], 2)
    assert np.log(2) / fit.rates == pytest.approx(d["half_lives"], rel=2e-6)
    assert fit.rss == pytest.approx(d["two"]["rss"], rel=1e-10)
    assert np.exp(log_area(fit.parameters)) == pytest.approx(d["auc"], rel=2e-6)
    errors = np.sqrt(np.diag(fit.covariance))[2:]
    assert errors == pytest.approx([d["two"]["se"]["lrc1"], d["two"]["se"]["lrc2"]], rel=1e-5)
    low, high = delta_interval(fit, log_area, confidence_level=0.95)
    from scipy.special import stdtrit

    assert (high - low) / 2 == pytest.approx(stdtrit(7, 0.975) * d["auc_se"] / d["auc"], rel=1e-5)


@pytest.mark.parametrize("subject", INDOMETH)
def test_proportional_errors_are_nls_of_logarithms(subject):
    d = INDOMETH[subject]["log"]
    fit = fit_exponentials(INDOMETH[subject]["time"], INDOMETH[subject]["conc"], 2, weights="proportional")
    assert fit.parameters == pytest.approx(
        [d["coef"][name] for name in ("a1", "a2", "lrc1", "lrc2")], rel=1e-5, abs=1e-5
    )
    assert fit.rss == pytest.approx(d["rss"], rel=1e-10)


@pytest.mark.parametrize("subject", INDOMETH)
def test_the_corrected_criterion(subject):
    d = INDOMETH[subject]
    found = [fit_exponentials(d["time"], d["conc"], terms).rss for terms in (1, 2)]
    assert aicc(found[0], 11, 2) == pytest.approx(d["aicc_one"], rel=1e-10)
    assert aicc(found[1], 11, 4) == pytest.approx(d["aicc_two"], rel=1e-10)
    assert np.isinf(aicc(1.0, 6, 4))


def test_profile_limits_are_roots_of_the_refitted_sum_of_squares():
    d = INDOMETH["6"]
    fit = fit_exponentials(d["time"], d["conc"], 2)
    for place, name in ((2, "lrc1"), (3, "lrc2")):
        limits = profile_interval(fit, lambda theta, place=place: theta[place], d["time"], d["conc"])
        assert limits == pytest.approx(REFERENCE["profile_lrc_subject_6"][name], abs=1e-6)


def test_a_rate_that_the_data_do_not_bound_has_an_infinite_limit():
    d = INDOMETH["1"]
    fit = fit_exponentials(d["time"], d["conc"], 2)
    assert profile_interval(fit, lambda theta: theta[3], d["time"], d["conc"]).low == -np.inf


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.5, 1e4),
    st.floats(0.05, 0.95),
    st.floats(2, 8),
    st.floats(6, 20),
    st.sampled_from(["constant", "proportional"]),
)
def test_what_is_exactly_two_exponentials_is_found(total, fraction, half_life, ratio, weights):
    time = np.array([0.25, 1, 2, 4, 8, 16, 32, 64, 128])
    slow = half_life * ratio
    value = total * (fraction * 0.5 ** (time / half_life) + (1 - fraction) * 0.5 ** (time / slow))
    fit = fit_exponentials(time, value, 2, weights=weights)
    assert np.log(2) / fit.rates == pytest.approx([half_life, slow], rel=1e-4)
    assert fit.amplitudes.sum() == pytest.approx(total, rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(1e-3, 1e3), st.randoms(use_true_random=False))
def test_units_and_order_of_rows_do_not_matter(of_value, of_time, random):
    d = INDOMETH["6"]
    time, value = np.array(d["time"]), np.array(d["conc"])
    order = list(range(time.size))
    random.shuffle(order)
    plain = fit_exponentials(time, value, 2, weights="proportional")
    other = fit_exponentials(of_time * time[order], of_value * value[order], 2, weights="proportional")
    assert other.rates * of_time == pytest.approx(plain.rates, rel=1e-5)
    assert other.amplitudes == pytest.approx(of_value * plain.amplitudes, rel=1e-5)


def test_faults_of_a_fit_are_told():
    time = np.array([1.0, 2, 4, 8, 16, 32])
    assert fit_exponentials(time, 5 + 0.1 * time, 1).reason == "the activity does not fall"
    one = 10 * np.exp(-0.1 * time)
    assert fit_exponentials(time, one, 2).reason != ""
    assert fit_exponentials(time, one, 1).reason == ""
    bare = fit_exponentials(time[:2], one[:2], 1)
    assert bare.df == 0
    assert np.isnan(delta_interval(bare, log_area).low)


@pytest.mark.parametrize(
    ("time", "value", "terms", "weights", "says"),
    [
        ([1, 2], [2, 1], 2, "constant", "need 4 times"),
        ([1, 1, 1], [2, 1, 1], 1, "constant", "need 2 times"),
        ([1, 2, 3], [2, 1, 0], 1, "proportional", "positive"),
        ([1, 2, 3], [2, 1, -1], 1, "1/y2", "positive"),
        ([1, 2, 3], [2, 1, 1], 1, "poisson", "no weights"),
        ([1, 2, 3], [2, 1, 1], 1, [1, 0, 1], "positive, one a value"),
        ([1, 2, np.nan], [2, 1, 1], 1, "constant", "finite"),
        ([1, 2], [2, 1, 1], 1, "constant", "one length"),
    ],
)
def test_impossible_input(time, value, terms, weights, says):
    with pytest.raises(ValueError, match=says):
        fit_exponentials(time, value, terms, weights=weights)
