import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score, matthews_corrcoef

from biomarker.kernels.two_by_two import QUANTITIES, agreement_error, predictive_values_at_prevalence, two_by_two

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "predictive_values.json").read_text())
cells = st.tuples(*[st.integers(0, 60)] * 4).filter(lambda c: sum(c) > 0)
full_cells = st.tuples(*[st.integers(1, 60)] * 4)


def limits(measure):
    return [measure.value, measure.low, measure.high]


@pytest.mark.parametrize("expected", REFERENCE["tables"], ids=lambda e: str(e["counts"]))
def test_quantities_agree_with_epir(expected):
    # epiR::epi.tests(method = "wilson" | "exact"), odds ratio by logistic regression; predictive_values.R
    wilson = two_by_two(*expected["counts"])
    exact = two_by_two(*expected["counts"], interval="clopper-pearson")
    for name in ("sensitivity", "specificity", "ppv", "npv", "accuracy", "prevalence"):
        assert limits(wilson[name]) == pytest.approx(expected[f"{name}_wilson"], abs=1e-12)
    for name in ("sensitivity", "specificity", "ppv", "npv"):
        assert limits(exact[name]) == pytest.approx(expected[f"{name}_exact"], abs=1e-12)
    for name in ("lr_positive", "lr_negative"):
        assert limits(wilson[name]) == pytest.approx(expected[name], rel=1e-12)
    assert limits(wilson["diagnostic_odds_ratio"]) == pytest.approx(expected["diagnostic_odds_ratio"], rel=1e-11)


@pytest.mark.parametrize("expected", REFERENCE["tables"], ids=lambda e: str(e["counts"]))
def test_kappa_and_mcc_agree_with_r(expected):
    # kappa and its variance: psych::cohen.kappa (Fleiss, Cohen and Everitt); MCC: numerical delta method
    counts = tuple(np.asarray(float(count)) for count in expected["counts"])
    kappa, kappa_error = agreement_error("kappa", counts)
    mcc, mcc_error = agreement_error("mcc", counts)
    assert kappa == pytest.approx(expected["kappa"], abs=1e-12)
    assert kappa_error**2 == pytest.approx(expected["kappa_variance"], abs=1e-12)
    assert mcc == pytest.approx(expected["mcc"], abs=1e-12)
    assert mcc_error**2 == pytest.approx(expected["mcc_variance"], rel=1e-7)  # the reference differentiates numerically


def test_likelihood_ratios_reproduce_a_published_example():
    # Paired1, test y1, as printed in the README of DTComPair 1.2.0 (Stock C, Hielscher T, Discacciati A 2023)
    found = two_by_two(397, 84, 54, 177)
    assert limits(found["lr_positive"]) == pytest.approx([2.7351124, 2.2860079, 3.2724472], abs=6e-8)
    assert limits(found["lr_negative"]) == pytest.approx([0.1765568, 0.1356142, 0.2298601], abs=6e-8)


def test_youden_of_independent_rows_is_newcombes_difference():
    # sensitivity 56/70 against false positives 48/80: Newcombe RG. Stat Med 1998;17:873-890, table II, method 10
    youden = two_by_two(56, 48, 14, 32)["youden"]
    assert limits(youden) == pytest.approx([0.2, 0.0524, 0.3339], abs=6e-5)


@pytest.mark.parametrize("expected", REFERENCE["mercaldo"], ids=lambda e: str(e["prevalence"]))
def test_predictive_values_elsewhere_agree_with_mercaldo(expected):
    # the equations of Mercaldo, Lau and Zhou 2007 written out in R, for their 240, 178, 87, 288
    for adjusted in (False, True):
        found = predictive_values_at_prevalence(240, 87, 178, 288, expected["prevalence"], adjusted=adjusted)
        for name in ("ppv", "npv"):
            expected_limits = expected["adjusted" if adjusted else "standard"][name]
            assert limits(found[name]) == pytest.approx(expected_limits, abs=1e-12)


def test_a_grid_of_prevalences_keeps_its_shape_and_order():
    grid = np.linspace(0.01, 0.99, 50)
    found = predictive_values_at_prevalence(25, 5, 8, 8, grid)
    assert found["ppv"].value.shape == (50,)
    assert np.all(np.diff(found["ppv"].value) > 0)
    assert np.all(np.diff(found["npv"].value) < 0)
    at_own = predictive_values_at_prevalence(25, 5, 8, 8, 33 / 46)
    assert at_own["ppv"].value == pytest.approx(25 / 30)
    assert at_own["npv"].value == pytest.approx(0.5)


@pytest.mark.parametrize("prevalence", [0, 1, 1.2, -0.1, np.nan])
def test_impossible_prevalences_are_refused(prevalence):
    with pytest.raises(ValueError, match="prevalence"):
        predictive_values_at_prevalence(25, 5, 8, 8, prevalence)


@given(counts=cells)
@settings(max_examples=60, deadline=None)
def test_no_undefined_number_without_a_reason(counts):
    for name, found in two_by_two(*counts).items():
        if np.isnan(limits(found)).any() or np.isinf(limits(found)).any():
            assert found.reason, name
        else:
            assert found.low <= found.value <= found.high, name


@given(counts=cells)
@settings(max_examples=60, deadline=None)
def test_swapping_the_classes_swaps_the_quantities(counts):
    tp, fp, fn, tn = counts
    one, other = two_by_two(tp, fp, fn, tn), two_by_two(tn, fn, fp, tp)
    for name, mirror in [("sensitivity", "specificity"), ("ppv", "npv"), ("youden", "youden"), ("kappa", "kappa"),
                         ("mcc", "mcc"), ("diagnostic_odds_ratio", "diagnostic_odds_ratio")]:  # fmt: skip
        assert limits(one[name]) == pytest.approx(limits(other[mirror]), nan_ok=True, abs=1e-9)


@given(counts=full_cells)
@settings(max_examples=30, deadline=None)
def test_inverting_the_test_inverts_the_ratios(counts):
    tp, fp, fn, tn = counts
    one, other = two_by_two(tp, fp, fn, tn), two_by_two(fn, tn, tp, fp)
    assert one["lr_positive"].value == pytest.approx(other["lr_negative"].value)
    ratio, inverse = one["diagnostic_odds_ratio"], other["diagnostic_odds_ratio"]
    assert limits(ratio) == pytest.approx([1 / inverse.value, 1 / inverse.high, 1 / inverse.low])
    assert limits(one["mcc"]) == pytest.approx([-other["mcc"].value, -other["mcc"].high, -other["mcc"].low], abs=1e-9)


@given(counts=full_cells)
@settings(max_examples=30, deadline=None)
def test_scores_agree_with_scikit_learn(counts):
    tp, fp, fn, tn = counts
    truth = np.repeat([1, 0, 1, 0], counts)
    called = np.repeat([1, 1, 0, 0], counts)
    found = two_by_two(tp, fp, fn, tn)
    assert found["f1"].value == pytest.approx(f1_score(truth, called))
    assert found["mcc"].value == pytest.approx(matthews_corrcoef(truth, called))
    assert found["kappa"].value == pytest.approx(cohen_kappa_score(truth, called), abs=1e-12)


def test_zero_cells_give_a_point_and_the_one_limit_there_is():
    found = two_by_two(10, 0, 2, 8)
    assert found["lr_positive"].value == found["lr_positive"].high == np.inf
    assert 1 < found["lr_positive"].low < found["sensitivity"].value / 0.05
    assert "zero" in found["lr_positive"].reason
    assert found["lr_negative"].reason == ""  # its own formula has no zero
    found = two_by_two(0, 3, 4, 5)
    assert found["lr_positive"][:2] == (0.0, 0.0)
    assert np.isfinite(found["lr_positive"].high)
    assert found["diagnostic_odds_ratio"].low == 0.0


def test_a_test_that_is_always_positive_leaves_doubt_in_its_likelihood_ratio():
    # sensitivity and 1 - specificity are both 1, and the log method would say 1 to 1
    found = two_by_two(5, 5, 0, 0)["lr_positive"]
    assert found.value == 1
    assert found.low < 0.6
    assert found.high > 1.7


def test_nothing_is_added_to_a_zero_unless_asked_for():
    asked = two_by_two(10, 0, 2, 8, continuity=0.5)
    assert asked["lr_positive"].value == pytest.approx((10.5 / 13) / (0.5 / 9))
    assert asked["lr_positive"].reason == "0.5 was added to each cell, as asked"
    assert asked["sensitivity"] == two_by_two(10, 0, 2, 8)["sensitivity"]
    assert two_by_two(10, 1, 2, 8, continuity=0.5)["lr_positive"] == two_by_two(10, 1, 2, 8)["lr_positive"]


def test_perfect_agreement_has_an_exact_limit():
    found = two_by_two(10, 0, 0, 10)
    upper = 1 - 0.025 ** (1 / 20)  # Clopper-Pearson for 0 of 20 that disagree
    for name in ("mcc", "kappa"):
        assert limits(found[name]) == pytest.approx([1, 1 - 2 * upper, 1])
        assert "exact" in found[name].reason
    assert limits(two_by_two(0, 10, 10, 0)["mcc"]) == pytest.approx([-1, -1, -1 + 2 * upper])


@pytest.mark.parametrize("counts", [(-1, 0, 0, 1), (1, np.nan, 0, 1), (np.inf, 0, 0, 1)])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError, match="finite and not negative"):
        two_by_two(*counts)


def test_many_tables_equal_each_alone():
    rng = np.random.default_rng(4)
    tables = rng.integers(0, 12, size=(4, 30))
    together = two_by_two(*tables)
    for column in range(30):
        alone = two_by_two(*tables[:, column])
        for name in QUANTITIES:
            assert [part[column] for part in together[name][:3]] == pytest.approx(limits(alone[name]), nan_ok=True)
            assert together[name].reason[column] == alone[name].reason


def test_intervals_of_mcc_and_kappa_cover():
    # Wald limits cover 0.89-0.92 here
    rng = np.random.default_rng(1)
    shares = np.array([0.24, 0.14, 0.06, 0.56])
    truth = two_by_two(*shares)
    found = two_by_two(*rng.multinomial(30, shares, size=4000).T)
    for name in ("mcc", "kappa", "f1", "youden"):
        known = ~np.isnan(found[name].low)
        covered = (found[name].low <= truth[name].value) & (truth[name].value <= found[name].high)
        assert 0.935 < covered[known].mean() < 0.975, name
