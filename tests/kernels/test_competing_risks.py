"""Cumulative incidence, Gray's test and Fine and Gray's model against R, and what must hold for any data."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.cumulative_incidence import (
    CONF_TYPES,
    cumulative_incidence_curves,
    incidence_at,
    incidence_limits,
)
from biomarker.kernels.fine_gray import fine_gray
from biomarker.kernels.gray_test import gray_test
from biomarker.kernels.log_rank import log_rank
from biomarker.kernels.survival import kaplan_meier

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "cumulative_incidence.json").read_text())
STUDIES = ("mgus2", "bmt", "tied")


def read(name):
    with (FOLDER / f"competing_{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}
    for key in ("cause", "group", "strata"):
        if key in columns:
            columns[key] = columns[key].astype(int)
    return columns


def other_first(cause):
    return np.array([0, 2, 1])[cause]


@pytest.mark.parametrize("name", STUDIES)
def test_incidence_and_its_standard_error_are_those_of_survfit(name):
    data, expected = read(name), REFERENCE[name]
    found = incidence_at(cumulative_incidence_curves(data["duration"], data["cause"]), expected["times"])
    np.testing.assert_allclose(found.incidence, expected["incidence"], rtol=1e-12)
    np.testing.assert_allclose(found.std_error, expected["std_error"], rtol=1e-9)
    # cmprsk's variance is Aalen's, which corrects the number at risk by one: a little larger, more so in small samples
    np.testing.assert_allclose(found.std_error**2, expected["cuminc_variance"], rtol=0.25)
    assert np.all(found.std_error**2 < np.array(expected["cuminc_variance"]) * (1 + 1e-12))


def test_late_entry_is_that_of_survfit_and_etm():
    data, expected = read("late"), REFERENCE["late"]
    curves = cumulative_incidence_curves(data["duration"], data["cause"], entry=data["entry"])
    found = incidence_at(curves, expected["times"])
    np.testing.assert_allclose(found.incidence, expected["incidence"], rtol=1e-12)
    np.testing.assert_allclose(found.std_error, expected["etm_std_error"], rtol=1e-9)
    # survfit's is the infinitesimal jackknife, the same without late entry and near it with
    np.testing.assert_allclose(found.std_error, expected["std_error"], rtol=0.01)


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("call", ["gray", "gray_rho", "gray_strata"])
def test_grays_test_is_that_of_cmprsk(name, call):
    data, expected = read(name), REFERENCE[name][call]
    options = {"gray": {}, "gray_rho": {"rho": 1.0}, "gray_strata": {"strata": data.get("strata")}}[call]
    for number, cause in enumerate((data["cause"], other_first(data["cause"]))):
        found = gray_test(data["duration"], cause, data["group"], **options)
        assert found.statistic == pytest.approx(expected["statistic"][number], rel=1e-9)
        assert found.p_value == pytest.approx(expected["p"][number], rel=1e-9)
        assert found.df == expected["df"][number]


COLUMNS = {"mgus2": ("male", "age", "mspike"), "bmt": ("low", "high", "age"), "tied": ("group", "z")}


@pytest.mark.parametrize("name", STUDIES)
def test_fine_and_grays_model_is_that_of_cmprsk(name):
    data = read(name)
    x = np.column_stack([data[key].astype(float) for key in COLUMNS[name]])
    for number, cause in enumerate((data["cause"], other_first(data["cause"]))):
        expected = REFERENCE[name]["fine_gray"][number]
        found = fine_gray(x, data["duration"], cause)
        np.testing.assert_allclose(found.coefficients, expected["coef"], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(found.covariance, expected["covariance"], rtol=1e-5, atol=1e-9)
        assert found.log_likelihood_null == pytest.approx(expected["null"], rel=1e-10)
        assert found.log_likelihood == pytest.approx(expected["loglik"], rel=1e-10)
        assert found.converged


FOLLOW_UP = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2), st.integers(0, 1)), min_size=6, max_size=40)


@settings(max_examples=60, deadline=None)
@given(rows=FOLLOW_UP)
def test_incidences_and_survival_share_out_everybody(rows):
    t, cause, _ = np.array(rows).T
    curves = cumulative_incidence_curves(t, cause, n_causes=2)
    survival = kaplan_meier(t, cause > 0).survival
    np.testing.assert_allclose(curves.incidence.sum(axis=1) + survival, 1, atol=1e-12)
    assert np.all(np.diff(curves.incidence, axis=0) >= -1e-15)
    order = np.random.default_rng(1).permutation(t.size)
    again = cumulative_incidence_curves(t[order], cause[order], n_causes=2)
    np.testing.assert_array_equal(again.incidence, curves.incidence)
    swapped = cumulative_incidence_curves(t, other_first(cause), n_causes=2)
    np.testing.assert_allclose(swapped.incidence[:, ::-1], curves.incidence, atol=1e-15)


@settings(max_examples=40, deadline=None)
@given(rows=FOLLOW_UP)
def test_without_competing_events_it_is_one_minus_kaplan_meier(rows):
    t, cause, _ = np.array(rows).T
    event = cause == 1
    curves = cumulative_incidence_curves(t, event.astype(int), n_causes=1)
    km = kaplan_meier(t, event)
    np.testing.assert_allclose(curves.incidence[:, 0], 1 - km.survival, atol=1e-12)
    inside = (km.survival > 1e-9) & (km.survival < 1)
    np.testing.assert_allclose(curves.std_error[inside, 0], km.std_error[inside], rtol=1e-6, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(rows=FOLLOW_UP, factor=st.floats(0.1, 10))
def test_grays_test_knows_no_unit_of_time_nor_names_of_groups(rows, factor):
    t, cause, group = np.array(rows).T
    if len(set(group)) < 2:
        return
    one = gray_test(t, cause, group)
    for other in (gray_test(t * factor, cause, group), gray_test(t, cause, 1 - group)):
        np.testing.assert_allclose(other.statistic, one.statistic, rtol=1e-7, atol=1e-10)


def test_grays_test_without_competing_events_is_close_to_the_log_rank_test():
    # the same scores; the variances agree in large samples of groups that hardly differ
    rng = np.random.default_rng(5)
    group = np.repeat([0, 1], 10_000)
    t = rng.exponential(1 + 0.03 * group)
    event = (rng.random(20_000) < 0.7).astype(int)
    assert gray_test(t, event, group).statistic == pytest.approx(log_rank(t, event, group).statistic, rel=0.02)


def test_fine_gray_reverses_with_its_column_and_does_not_mind_the_order_of_rows():
    data = read("bmt")
    x = data["age"][:, None]
    one = fine_gray(x, data["duration"], data["cause"])
    order = np.random.default_rng(2).permutation(len(x))
    other = fine_gray(-2 * x[order], data["duration"][order], data["cause"][order])
    np.testing.assert_allclose(other.coefficients * -2, one.coefficients, rtol=1e-9)
    np.testing.assert_allclose(other.covariance * 4, one.covariance, rtol=1e-8)


def test_a_model_without_a_maximum_says_so():
    t = np.arange(1.0, 13)
    cause = np.array([1, 1, 1, 1, 2, 2, 0, 0, 2, 0, 2, 0])
    assert not fine_gray((cause == 1)[:, None].astype(float), t, cause).converged


def test_degenerate_follow_up():
    nobody = cumulative_incidence_curves([1, 2], [0, 0], n_causes=2)
    assert nobody.incidence.tolist() == [[0, 0], [0, 0]]
    assert np.isnan(nobody.low).all()
    everybody = cumulative_incidence_curves([3, 3, 3], [1, 1, 2])
    np.testing.assert_allclose(everybody.incidence, [[2 / 3, 1 / 3]])
    at = incidence_at(everybody, [1, 3, 9])
    np.testing.assert_allclose(at.incidence, [[0, 0], [2 / 3, 1 / 3], [2 / 3, 1 / 3]])
    assert np.isnan(incidence_at(nobody, [5]).incidence).all()
    assert np.isnan(gray_test([1, 2, 3], [2, 0, 2], [0, 1, 1]).p_value)
    with pytest.raises(ValueError, match="n_causes"):
        cumulative_incidence_curves([1, 2], [1, 2], n_causes=1)
    with pytest.raises(ValueError, match="two groups"):
        gray_test([1, 2], [1, 2], [0, 0])
    with pytest.raises(ValueError, match="cause of interest"):
        fine_gray([[1.0], [2.0]], [1, 2], [0, 2])
    with pytest.raises(ValueError, match="times"):
        incidence_at(everybody, [-1])


@pytest.mark.parametrize("conf_type", CONF_TYPES)
def test_limits_lie_about_the_estimate_and_within_0_and_1(conf_type):
    f, se = np.array([0.0, 0.02, 0.3, 0.9, 1.0]), np.array([0.0, 0.02, 0.1, 0.06, 0.0])
    low, high = incidence_limits(f, se, conf_type=conf_type)
    assert np.isnan(low[[0, 4]]).all()
    inside = slice(1, 4)
    assert np.all((low[inside] >= 0) & (low[inside] < f[inside]) & (f[inside] < high[inside]) & (high[inside] <= 1))
    with pytest.raises(ValueError, match="conf_type"):
        incidence_limits(f, se, conf_type="loglog")
