import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.paired_proportions import (
    MCNEMAR_METHODS,
    PAIRED_DIFFERENCES,
    UNPAIRED_DIFFERENCES,
    cochran_q,
    mcnemar,
    paired_difference,
    paired_ratio,
    unpaired_difference,
)

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "compare_tests.json").read_text())
counts = st.tuples(*[st.integers(0, 40)] * 4).filter(lambda c: sum(c) > 0)


def limits(measure):
    return [measure.value, measure.low, measure.high]


@pytest.mark.parametrize("expected", REFERENCE["paired"], ids=lambda e: str(e["counts"]))
def test_mcnemar_agrees_with_r(expected):
    # stats::mcnemar.test, stats::binom.test; R 4.2.2, compare_tests.R
    _, b, c, _ = expected["counts"]
    for form in ("asymptotic", "corrected"):
        found = mcnemar(b, c, method=form)
        # without a discordant unit, or with equal numbers, R's correction goes below zero difference and comes back up
        if form == "corrected" and b == c:
            assert (found.statistic, found.p_value) == (0, 1)
        else:
            assert [found.statistic, found.p_value] == pytest.approx(expected[form], abs=1e-13)
    assert mcnemar(b, c, method="exact").p_value == pytest.approx(expected["exact"], abs=1e-13)
    assert mcnemar(b, c, method="mid-p").p_value == pytest.approx(expected["midp"], abs=1e-13)


def test_mcnemar_reproduces_fagerland():
    # Fagerland MW, Lydersen S, Laake P. BMC Med Res Methodol 2013;13:91: table 1, p = 0.034, 0.077, 0.070, 0.039
    found = [mcnemar(1, 7, method=form).p_value for form in ("asymptotic", "corrected", "exact", "mid-p")]
    assert np.round(found, 3).tolist() == [0.034, 0.077, 0.070, 0.039]


@pytest.mark.parametrize("form", MCNEMAR_METHODS)
def test_no_discordant_unit_is_no_evidence(form):
    assert mcnemar(0, 0, method=form).p_value == 1


@given(b=st.integers(0, 60), c=st.integers(0, 60))
@settings(max_examples=50, deadline=None)
def test_mcnemar_is_symmetric_and_ordered(b, c):
    p = {form: mcnemar(b, c, method=form).p_value for form in MCNEMAR_METHODS}
    assert p == pytest.approx({form: mcnemar(c, b, method=form).p_value for form in MCNEMAR_METHODS})
    assert 0 <= p["mid-p"] <= p["exact"] <= 1
    assert p["asymptotic"] <= p["corrected"] + 1e-12


def test_cochran_agrees_with_its_permutation_variance():
    expected = REFERENCE["cochran"]
    found = cochran_q(expected["results"])
    assert found.statistic == pytest.approx(expected["statistic"], rel=1e-12)
    assert (found.df, found.p_value) == (3, pytest.approx(expected["p"], rel=1e-10))


def test_cochran_of_two_conditions_is_mcnemar():
    rng = np.random.default_rng(3)
    x = rng.random((40, 2)) < [0.7, 0.5]
    plain = mcnemar((x[:, 0] & ~x[:, 1]).sum(), (~x[:, 0] & x[:, 1]).sum())
    assert cochran_q(x).statistic == pytest.approx(plain.statistic)


def test_cochran_without_any_change():
    assert cochran_q([[1, 1, 1], [0, 0, 0]]) == (0.0, 2, 1.0)


@pytest.mark.parametrize("expected", REFERENCE["paired"], ids=lambda e: str(e["counts"]))
def test_tango_agrees_with_the_likelihood_equation(expected):
    found = paired_difference(*expected["counts"])
    assert [found.low, found.high] == pytest.approx(expected["tango"], abs=1e-10)


@pytest.mark.parametrize(
    ("table", "method", "low", "high"),
    [
        # Tango T. Stat Med 1998;17:891-908: contact lenses; Newcombe RG. Stat Med 1998;17:2635-2650, table II
        ((43, 0, 1, 0), "tango", -0.1181, 0.0594),
        ((1, 1, 7, 12), "tango", -0.5172, -0.0260),
        ((1, 1, 7, 12), "newcombe", -0.5069, -0.0256),
        ((36, 12, 2, 0), "newcombe", 0.0569, 0.3404),
    ],
)
def test_paired_differences_reproduce_published_ones(table, method, low, high):
    found = paired_difference(*table, method=method)
    assert np.round([found.low, found.high], 4).tolist() == [low, high]


@given(table=counts, method=st.sampled_from(list(PAIRED_DIFFERENCES)))
@settings(max_examples=60, deadline=None)
def test_paired_difference_holds_its_value_and_changes_sign(table, method):
    a, b, c, d = table
    found, swapped = paired_difference(a, b, c, d, method=method), paired_difference(a, c, b, d, method=method)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert limits(swapped) == pytest.approx([-found.value, -found.high, -found.low], abs=1e-9)


@given(table=counts)
@settings(max_examples=60, deadline=None)
def test_tango_and_mcnemar_decide_alike(table):
    a, b, c, d = table
    found = paired_difference(a, b, c, d)
    p = mcnemar(b, c).p_value
    if abs(p - 0.05) > 1e-6:
        assert (p < 0.05) == (found.low > 0 or found.high < 0)


def test_paired_ratio_is_the_log_method_where_it_can_be():
    # 319, 78, 22: log ratio log(397/341), variance (78 + 22)/(397 * 341); Nam and Blackwelder 2002
    found = paired_ratio(319, 78, 22)
    error = np.sqrt(100 / (397 * 341))
    expected = 397 / 341 * np.exp(np.array([0, -1, 1]) * 1.959963984540054 * error)
    assert limits(found) == pytest.approx(expected.tolist(), rel=1e-12)


def test_paired_ratio_of_a_zero_is_bonett_and_price():
    found = paired_ratio(0, 0, 7)
    assert found.value == found.low == 0
    assert 0 < found.high < 1
    assert "Bonett" in found.reason
    assert paired_ratio(0, 7, 0).high == np.inf
    same = paired_ratio(5, 0, 0)
    assert same.value == 1
    assert same.low < 1 < same.high
    assert np.isnan(paired_ratio(0, 0, 0).value)


@pytest.mark.parametrize("expected", REFERENCE["unpaired"], ids=lambda e: str(e["counts"]))
def test_miettinen_nurminen_agrees_with_the_likelihood_equation(expected):
    found = unpaired_difference(*expected["counts"], method="miettinen-nurminen")
    assert [found.low, found.high] == pytest.approx(expected["miettinen_nurminen"], abs=1e-8)


@pytest.mark.parametrize(
    ("table", "method", "low", "high"),
    [
        # Newcombe RG. Stat Med 1998;17:873-890, table II, method 10
        ((56, 70, 48, 80), "newcombe", 0.0524, 0.3339),
        ((9, 10, 3, 10), "newcombe", 0.1705, 0.8090),
        ((6, 7, 2, 7), "newcombe", 0.0582, 0.8062),
        ((5, 56, 0, 29), "newcombe", -0.0381, 0.1926),
    ],
)
def test_unpaired_differences_reproduce_newcombe(table, method, low, high):
    found = unpaired_difference(*table, method=method)
    assert np.round([found.low, found.high], 4).tolist() == [low, high]


@given(table=counts, method=st.sampled_from(list(UNPAIRED_DIFFERENCES)))
@settings(max_examples=40, deadline=None)
def test_unpaired_difference_holds_its_value_and_changes_sign(table, method):
    x1, more1, x2, more2 = table
    n1, n2 = x1 + more1, x2 + more2
    found = unpaired_difference(x1, n1, x2, n2, method=method)
    swapped = unpaired_difference(x2, n2, x1, n1, method=method)
    if n1 == 0 or n2 == 0:
        assert np.isnan(found.low)
        assert found.reason == "a group has no row"
    else:
        assert -1 <= found.low <= found.value <= found.high <= 1
        assert limits(swapped) == pytest.approx([-found.value, -found.high, -found.low], abs=1e-9)


def test_arrays_equal_their_scalars():
    rng = np.random.default_rng(5)
    tables = rng.integers(0, 15, size=(4, 20))
    for method in PAIRED_DIFFERENCES:
        together = paired_difference(*tables, method=method)
        for column in range(20):
            alone = paired_difference(*tables[:, column], method=method)
            assert [part[column] for part in together[:3]] == pytest.approx(limits(alone), nan_ok=True)


def test_nothing_measured_has_a_reason():
    assert paired_difference(0, 0, 0, 0).reason == "there is no row in which both were measured"


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match="finite and not negative"):
        mcnemar(-1, 2)
    with pytest.raises(ValueError, match="successes <= trials"):
        unpaired_difference(5, 4, 1, 2)
    with pytest.raises(ValueError, match="0 or 1"):
        cochran_q([[0, 2], [1, 1]])
    with pytest.raises(ValueError, match="two or more conditions"):
        cochran_q([[0], [1]])
    for function in (mcnemar, paired_difference, unpaired_difference):
        arguments = (1, 2) if function is mcnemar else (1, 2, 1, 2)
        with pytest.raises(ValueError, match="choose from"):
            function(*arguments, method="wald")
