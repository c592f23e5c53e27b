"""Kaplan-Meier and the log-rank family on published data sets against R survival, Klein and Moeschberger's formulas."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.log_rank import WEIGHTS, log_rank, trend_test
from biomarker.kernels.survival import CONF_TYPES, kaplan_meier, survival_quantile

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "survival_curves.json").read_text())
SETS = REFERENCE["sets"]
# names in the reference of the weights that take parameters
FLEMING = {"fh 0 1": (0, 1), "fh 1 0": (1, 0), "fh 1 1": (1, 1), "fh .5 .5": (0.5, 0.5), "fh .5 2": (0.5, 2)}


def floats(values):
    """JSON null is R's NA."""
    return np.array([np.nan if x is None else x for x in np.atleast_1d(values)], float)


def assert_curve(curve, expected):
    rows = np.searchsorted(curve.time, floats(expected["time"]))
    assert curve.time[rows] == pytest.approx(floats(expected["time"]), rel=1e-12)
    assert curve.at_risk[rows].tolist() == floats(expected["at_risk"]).tolist()
    assert curve.survival[rows] == pytest.approx(floats(expected["survival"]), rel=1e-9, abs=1e-14)
    inside = (curve.survival[rows] > 0) & (curve.survival[rows] < 1)
    assert curve.std_error[rows][inside] == pytest.approx(floats(expected["std_error"])[inside], rel=1e-8)
    for name in ("low", "high"):
        assert getattr(curve, name)[rows][inside] == pytest.approx(floats(expected[name])[inside], rel=1e-8, abs=1e-12)
    # Where a limit rises again, quantile() and print() of R's survfit disagree: the one takes a later crossing, the
    # other, and ours, the first. Such limits are left out here, and tested below.
    falls = [np.all(np.diff(limit[~np.isnan(limit)]) <= 1e-12) for limit in (curve.survival, curve.low, curve.high)]
    for i, share in enumerate((0.25, 0.5, 0.75)):
        theirs = floats([expected[name][i] for name in ("quantile", "quantile_low", "quantile_high")])
        ours = np.array(survival_quantile(curve, share))
        assert ours[falls] == pytest.approx(theirs[falls], rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("conf_type", CONF_TYPES)
def test_curves_and_quantiles_of_seven_data_sets(name, conf_type):
    data = SETS[name]
    assert_curve(kaplan_meier(data["t"], data["e"], conf_type=conf_type), data["km"][conf_type])


@pytest.mark.parametrize("name", REFERENCE["entry"])
@pytest.mark.parametrize("conf_type", CONF_TYPES)
def test_late_entry(name, conf_type):
    # Stanford heart transplants from acceptance, monoclonal gammopathy on the scale of age
    data = REFERENCE["entry"][name]
    curve = kaplan_meier(data["stop"], data["event"], entry=data["start"], conf_type=conf_type)
    assert_curve(curve, data["km"][conf_type])


@pytest.mark.parametrize("name", SETS)
def test_against_survdiff_with_rho(name):
    data = SETS[name]
    for expected in data["tests"]:
        ours = log_rank(data["t"], data["e"], data["g"], weights="fleming-harrington", rho=expected["rho"])
        assert ours.statistic == pytest.approx(expected["chisq"], rel=1e-9)
        assert ours.p_value == pytest.approx(expected["p"], rel=1e-8)
        assert ours.covariance == pytest.approx(np.array(expected["var"]), rel=1e-9)


@pytest.mark.parametrize("name", ["veteran", "pbc", "myeloid"])
def test_strata_against_survdiff(name):
    data = SETS[name]
    strata = REFERENCE["strata"][f"{name}_strata"]
    if name == "pbc":
        strata = np.array(strata) - min(strata)
    for expected in REFERENCE["strata"][name]:
        ours = log_rank(data["t"], data["e"], data["g"], strata=strata, weights="fleming-harrington",
                        rho=expected["rho"])  # fmt: skip
        assert ours.statistic == pytest.approx(expected["chisq"], rel=1e-9)


def test_a_limit_that_rises_again_is_crossed_where_rs_print_has_it():
    # print(survfit(Surv(time, status) ~ 1, aml, conf.type = "log")): median 27, 0.95LCL 18, 0.95UCL 45, where
    # quantile() says 48: the upper limit is 0.458 at 45 weeks and 0.462 at 48
    curve = kaplan_meier(SETS["aml"]["t"], SETS["aml"]["e"], conf_type="log")
    assert list(survival_quantile(curve)) == [27, 18, 45]


def weighted_cases():
    for name, data in {**SETS, **REFERENCE["groups"]}.items():
        for scheme, expected in data["weighted"].items():
            yield pytest.param(data, scheme, expected, id=f"{name}-{scheme}")


@pytest.mark.parametrize(("data", "scheme", "expected"), list(weighted_cases()))
def test_weighted_tests_by_klein_and_moeschbergers_formulas(data, scheme, expected):
    rho, gamma = FLEMING.get(scheme, (0, 0))
    weights = "fleming-harrington" if scheme in FLEMING else scheme
    ours = log_rank(data["t"], data["e"], data["g"], weights=weights, rho=rho, gamma=gamma)
    assert ours.statistic == pytest.approx(expected["chisq"], rel=1e-8)
    assert ours.observed - ours.expected == pytest.approx(np.array(expected["z"]), rel=1e-7, abs=1e-9)
    assert trend_test(ours).z == pytest.approx(expected["trend"], rel=1e-8)


def test_catheters_as_printed():
    # Klein and Moeschberger, Survival Analysis (2nd ed.), table 7.3: time to infection of kidney dialysis patients
    printed = {"log-rank": 2.53, "gehan": 0.002, "tarone-ware": 0.40, "modified-peto": 1.28, "fh 0 1": 9.67,
               "fh 1 0": 1.39, "fh 1 1": 9.83, "fh .5 .5": 9.28, "fh .5 2": 8.18}  # fmt: skip
    data = SETS["catheter"]
    for scheme, chi_square in printed.items():
        rho, gamma = FLEMING.get(scheme, (0, 0))
        weights = "fleming-harrington" if scheme in FLEMING else scheme
        ours = log_rank(data["t"], data["e"], data["g"], weights=weights, rho=rho, gamma=gamma)
        assert ours.statistic == pytest.approx(chi_square, abs=0.006), scheme


def test_trend_over_stages_of_larynx_cancer_as_printed():
    # Klein and Moeschberger, example 7.6: log-rank 22.76 with 3 df, trend Z 3.72
    data = REFERENCE["groups"]["larynx"]
    test = log_rank(data["t"], data["e"], data["g"])
    assert (test.df, round(test.statistic, 2), round(trend_test(test).z, 2)) == (3, 22.76, 3.72)
    reversed_scores = trend_test(test, [4, 3, 2, 1])
    assert reversed_scores.z == pytest.approx(-trend_test(test).z)
    assert trend_test(test, [10, 20, 30, 40]).z == pytest.approx(trend_test(test).z)


@pytest.mark.slow  # 4 s of import
def test_where_lifelines_differs():
    from lifelines.statistics import logrank_test

    data = {name: np.array(SETS["catheter"][name]) for name in "teg"}
    one, zero = data["g"] == 1, data["g"] == 0

    def theirs(**options):
        return logrank_test(data["t"][one], data["t"][zero], data["e"][one], data["e"][zero], **options).test_statistic

    assert theirs() == pytest.approx(log_rank(*data.values()).statistic, rel=1e-9)
    for weighting, weights in (("wilcoxon", "gehan"), ("tarone-ware", "tarone-ware"), ("peto", "peto")):
        assert theirs(weightings=weighting) == pytest.approx(log_rank(*data.values(), weights=weights).statistic)


patients = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 1)), min_size=4, max_size=30).filter(
    lambda rows: len({g for _, _, g in rows}) == 2
)


@given(patients, st.sampled_from(WEIGHTS))
@settings(max_examples=60, deadline=None)
def test_weights_do_not_know_names_or_units(rows, weights):
    t, e, g = np.array(rows).T
    options = {"weights": weights, "rho": 0.5, "gamma": 1.0}
    test = log_rank(t, e, g, **options)
    swapped = log_rank(t * 30.4, e, 1 - g, **options)
    assert swapped.statistic == pytest.approx(test.statistic, rel=1e-7, abs=1e-9, nan_ok=True)
    assert (test.observed - test.expected).sum() == pytest.approx(0, abs=1e-9)
    # with two groups the trend is the test itself
    assert trend_test(test).statistic == pytest.approx(test.statistic, rel=1e-6, abs=1e-9, nan_ok=True)


def test_unknown_weights_and_scores_are_refused():
    with pytest.raises(ValueError, match="unknown weights"):
        log_rank([1, 2], [1, 1], [0, 1], weights="wilcoxon")
    with pytest.raises(ValueError, match="at least 0"):
        log_rank([1, 2], [1, 1], [0, 1], weights="fleming-harrington", rho=-1)
    with pytest.raises(ValueError, match="one score per group"):
        trend_test(log_rank([1, 2], [1, 1], [0, 1]), [1, 2, 3])


def test_no_events_no_trend():
    assert np.isnan(trend_test(log_rank([1, 2], [0, 0], [0, 1])).p_value)
