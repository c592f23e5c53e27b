"""Nested and crossed variance components against lme4, and their invariants."""

import json
from pathlib import Path

import numpy as np
import pytest

from biomarker.kernels.icc import mean_squares, variance_components
from biomarker.kernels.variance_components import nested_and_crossed
from biomarker.kernels.variance_ratios import lowest_ratios

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "repeatability.json").read_text())
ROWS = REFERENCE["sessions"]["data"]
PATIENT, LESION, READER, SESSION = (
    np.array([row[name] for row in ROWS]) for name in ("patient", "lesion", "reader", "session")
)
Y = np.array([row["y"] for row in ROWS])


def fit(y=Y, order=slice(None)):
    nested = [PATIENT[order], LESION[order], READER[order]]
    return nested_and_crossed(y[order], nested, [READER[order], SESSION[order]])


def test_five_components_against_lme4():
    # lme4's optimiser stops at about 1e-6 of the variance
    expected = REFERENCE["sessions"]["components"]
    names = ("patient", "lesion", "cell", "reader", "session", "Residual")
    found = fit()
    assert found.variances == pytest.approx([expected[name] for name in names], rel=2e-5)
    assert found.mean == pytest.approx(REFERENCE["sessions"]["mean"], rel=1e-6)


def test_order_names_unit_and_origin_do_not_matter():
    order = np.random.default_rng(1).permutation(Y.size)
    first, second = fit(), fit(3 * Y + 100, order)
    assert second.variances / 9 == pytest.approx(first.variances, rel=1e-5)
    assert np.sqrt(np.diag(second.covariance)) / 9 == pytest.approx(np.sqrt(np.diag(first.covariance)), rel=1e-3)


def test_lesions_numbered_anew_in_each_patient_are_told_apart():
    within = np.array([LESION[: i + 1][PATIENT[: i + 1] == p].size for i, p in enumerate(PATIENT)])  # any label will do
    anew = np.zeros_like(within)
    for p in np.unique(PATIENT):
        anew[p == PATIENT] = np.unique(LESION[p == PATIENT], return_inverse=True)[1]
    again = nested_and_crossed(Y, [PATIENT, anew, READER], [READER, SESSION])
    assert again.variances == pytest.approx(fit().variances, rel=1e-9)


def test_one_way_balanced_is_the_analysis_of_variance_and_its_error():
    rng = np.random.default_rng(2)
    table = rng.normal(size=(30, 1)) + 0.4 * rng.normal(size=(30, 4))
    item = np.indices(table.shape)[0].ravel()
    found = nested_and_crossed(table.ravel(), [item])
    ms = mean_squares(table)
    assert found.variances == pytest.approx([(ms.items - ms.within) / 4, ms.within], rel=1e-8)
    # the variance of the residual mean square is 2 sigma^4 / df
    assert found.covariance[1, 1] == pytest.approx(2 * ms.within**2 / 90, rel=1e-3)


def test_a_component_of_nothing_is_zero():
    table = np.array([[1.0, 2.0, 9.0], [2.0, 9.0, 1.0], [9.0, 1.0, 2.0], [2.0, 1.0, 9.0]])
    item, reader = np.indices(table.shape)
    found = nested_and_crossed(table.ravel(), [item.ravel()], [reader.ravel()])
    moments = variance_components(mean_squares(table))
    assert moments.item == 0
    assert found.variances[0] == 0
    assert np.isnan(found.covariance[0, 0])


def test_refused():
    with pytest.raises(ValueError, match="do not vary"):
        nested_and_crossed([1.0, 1.0, 1.0], [[0, 0, 1]])
    with pytest.raises(ValueError, match="two finite"):
        nested_and_crossed([1.0, np.nan], [[0, 1]])


def test_the_search_finds_a_known_lowest_place():
    # (log(1 + a) - 1)^2 + (log(1 + b) + 1)^2 is lowest at a = e - 1 and, held there, b = 0
    found = lowest_ratios(lambda r: (np.log1p(r[:, 0]) - 1) ** 2 + (np.log1p(r[:, 1]) + 1) ** 2, 3, 2)
    assert found == pytest.approx(np.tile([np.e - 1, 0.0], (3, 1)), rel=1e-9)
