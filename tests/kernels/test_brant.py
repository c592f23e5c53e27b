"""Expected values: tests/reference/response_model.R (car::poTest of MASS::housing)."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from biomarker.kernels.brant import brant_tests

HOUSING = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())["housing"]


def housing():
    data = {name: np.array(column) for name, column in HOUSING["data"].items()}
    levels = {"Infl": ("Medium", "High"), "Type": ("Apartment", "Atrium", "Terrace"), "Cont": ("High",)}
    x = np.column_stack([data[name] == level for name, held in levels.items() for level in held]).astype(float)
    y = np.array([("Low", "Medium", "High").index(level) for level in data["Sat"]])
    rows = np.repeat(np.arange(y.size), data["Freq"])
    return x[rows], y[rows]


def test_proportional_odds_of_housing_are_tested_as_by_car():
    x, y = housing()
    terms, overall = brant_tests(x, y, [[column] for column in range(6)])
    expected = HOUSING["ordinal"]
    assert overall.df == expected["brant_df"]
    assert_allclose(overall.statistic, expected["brant_fixed"], rtol=1e-6)
    assert_allclose([test.statistic for test in terms], expected["brant_fixed_terms"], rtol=1e-6)
    # car 3.1 puts one block of the covariance where its transpose belongs, which makes 2 in 10,000 here
    assert_allclose(overall.statistic, expected["brant_chi"], rtol=3e-4)


def test_odds_that_are_not_proportional_are_found():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(600, 2))
    low, high = rng.logistic(size=600) + 2 * x[:, 0] > -1, rng.logistic(size=600) - x[:, 0] > 1
    level = low.astype(int) + (low & high)
    terms, overall = brant_tests(x, level, [[0], [1]])
    assert terms[0].p_value < 1e-6 < terms[1].p_value
    assert overall.p_value < 1e-6


@pytest.mark.slow
def test_level_of_the_test_holds_with_nested_rows():
    rng = np.random.default_rng(3)
    rejected = []
    for _ in range(400):
        patient = np.repeat(np.arange(40), 4)
        x = rng.normal(size=(160, 1))
        level = np.digitize(x[:, 0] + 1.5 * rng.normal(size=40)[patient] + rng.logistic(size=160), [-1, 1])
        rejected.append(brant_tests(x, level, [[0]], patient)[1].p_value < 0.05)
    assert 0.02 < np.mean(rejected) < 0.09


def test_cut_that_separates_is_left_out():
    x, y = housing()
    one_higher = np.append(y, 3)  # a single row of a fourth level
    wider = np.vstack([x, x[:1]])
    shown = brant_tests(wider, one_higher, [[0]])[1]
    assert shown.df == 6
    merged = brant_tests(wider, np.minimum(one_higher, 2), [[0]])[1]
    assert_allclose(shown.statistic, merged.statistic)


def test_fewer_than_two_cuts_have_no_test():
    x = np.arange(12.0)[:, None]
    assert np.isnan(brant_tests(x, [0] * 4 + [1, 2] * 4, [[0]])[1].p_value)
