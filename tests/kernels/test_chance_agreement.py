"""Coefficients of any number of readers against published examples, R, statsmodels and the krippendorff package."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats import inter_rater

from biomarker.kernels.chance_agreement import (
    brennan_prediger,
    conger_kappa,
    fleiss_kappa,
    gwet_coefficient,
    percent_agreement,
    rating_sums,
    specific_agreement,
)
from biomarker.kernels.kappa import agreement_weights, cohen_kappa
from biomarker.kernels.krippendorff import LEVELS, krippendorff_alpha

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "categorical_agreement.json").read_text())
WEIGHTED = {
    "percent": percent_agreement,
    "fleiss": fleiss_kappa,
    "gwet": gwet_coefficient,
    "brennan_prediger": brennan_prediger,
    "conger": conger_kappa,
}


def observers():
    """Return 12 units by four observers as codes; Krippendorff's example, in the version of Gwet 2014."""
    ratings = np.array([[np.nan if r is None else r for r in row] for row in REFERENCE["observers"]["ratings"]])
    return np.where(np.isnan(ratings), 0, ratings).astype(int) - 1


def psychiatrists():
    return np.array([np.repeat(np.arange(5), row) for row in REFERENCE["psychiatrists"]["counts"]])


def pairs(table):
    table = np.asarray(table)
    return np.array([(i, j) for (i, j), n in np.ndenumerate(table) for _ in range(n)])


def value(coefficient, codes, n_categories, **more):
    return coefficient(rating_sums(codes, n_categories).total(), **more).coefficient


@pytest.mark.parametrize("scheme", [None, "linear", "quadratic"])
@pytest.mark.parametrize(
    ("codes", "q", "name"),
    [
        (observers(), 5, "observers"),
        (pairs(REFERENCE["diagnoses"]["table"]), 3, "diagnoses"),
        (pairs(REFERENCE["pregnancies"]["table"]), 3, "pregnancies"),
    ],
)
def test_against_the_formulas_in_r(codes, q, name, scheme):
    expected = REFERENCE[name]["family"][scheme or "none"]
    weights = agreement_weights(scheme, range(q))
    for quantity, coefficient in WEIGHTED.items():
        assert value(coefficient, codes, q, weights=weights) == pytest.approx(expected[quantity], abs=1e-12)
    if scheme is None:  # Gwet's alpha is Krippendorff's at the nominal level
        assert value(krippendorff_alpha, codes, q, level="nominal", values=range(q)) == pytest.approx(
            expected["alpha"], abs=1e-12
        )


def test_gwet_2014_as_published():
    # the worked examples of the Handbook, as the R package irrCAC prints them
    four = partial(value, codes=observers(), n_categories=5, weights=np.eye(5))
    assert four(percent_agreement) == pytest.approx(0.8181818, abs=5e-8)
    assert four(gwet_coefficient) == pytest.approx(0.77544, abs=5e-6)
    assert four(fleiss_kappa) == pytest.approx(0.76117, abs=5e-6)
    assert four(conger_kappa) == pytest.approx(0.76282, abs=5e-6)
    assert four(brennan_prediger) == pytest.approx(0.77273, abs=5e-6)
    two = partial(value, codes=pairs(REFERENCE["pregnancies"]["table"]), n_categories=3, weights=np.eye(3))
    assert two(gwet_coefficient) == pytest.approx(0.8493305, abs=5e-8)
    assert two(fleiss_kappa) == pytest.approx(0.7962397, abs=5e-8)  # Scott's pi
    assert two(brennan_prediger) == pytest.approx(0.835)


def test_krippendorff_as_published():
    published = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}
    for level in LEVELS:
        found = value(krippendorff_alpha, observers(), 5, level=level, values=range(1, 6))
        assert found == pytest.approx(published[level], abs=5e-4)
        assert found == pytest.approx(REFERENCE["observers"]["alpha"][level], abs=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_against_the_krippendorff_package(level):
    krippendorff = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(4)
    codes = rng.integers(-1, 4, size=(40, 5))
    ratings = np.where(codes < 0, np.nan, codes + 1.0)
    expected = krippendorff.alpha(reliability_data=ratings.T, level_of_measurement=level)
    assert value(krippendorff_alpha, codes, 4, level=level, values=range(1, 5)) == pytest.approx(expected, abs=1e-10)


def test_fleiss_1971_as_published_and_statsmodels():
    found = value(fleiss_kappa, psychiatrists(), 5, weights=np.eye(5))
    assert found == pytest.approx(0.430, abs=5e-4)
    counts = np.array(REFERENCE["psychiatrists"]["counts"])
    assert found == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-12)
    family = REFERENCE["psychiatrists"]["family"]
    assert found == pytest.approx(family["fleiss"], abs=1e-12)
    assert value(gwet_coefficient, psychiatrists(), 5, weights=np.eye(5)) == pytest.approx(family["gwet"], abs=1e-12)


def test_two_readers_are_cohens():
    table = REFERENCE["diagnoses"]["table"]
    for scheme in (None, "linear", "quadratic"):
        weights = agreement_weights(scheme, range(3))
        found = value(conger_kappa, pairs(table), 3, weights=weights)
        assert found == pytest.approx(cohen_kappa(table, weights).value, abs=1e-12)


def test_pabak_and_specific_agreement():
    # Byrt 1993: PABAK is 2 p - 1; Cicchetti and Feinstein 1990: positive agreement 2a / (2a + b + c)
    codes = pairs([[80, 10], [5, 5]])
    assert value(brennan_prediger, codes, 2, weights=np.eye(2)) == pytest.approx(0.70)
    assert value(specific_agreement, codes, 2, category=0) == pytest.approx(160 / 175)
    assert value(specific_agreement, codes, 2, category=1) == pytest.approx(10 / 25)


def test_one_category():
    codes = np.zeros((6, 3), int)
    for coefficient in (fleiss_kappa, conger_kappa):
        assert np.isnan(value(coefficient, codes, 2, weights=np.eye(2)))
    assert np.isnan(value(krippendorff_alpha, codes, 2, level="nominal", values=[0, 1]))
    assert value(gwet_coefficient, codes, 2, weights=np.eye(2)) == 1
    assert value(percent_agreement, codes, 2, weights=np.eye(2)) == 1
    assert np.isnan(value(gwet_coefficient, codes, 1, weights=np.eye(1)))
    assert np.isnan(value(specific_agreement, codes, 2, category=1))


def test_an_unused_category_counts_for_gwet_and_brennan_prediger_only():
    codes = pairs([[40, 9], [6, 45]])
    for coefficient, changes in ((gwet_coefficient, True), (brennan_prediger, True), (conger_kappa, False)):
        two, three = (value(coefficient, codes, q, weights=np.eye(q)) for q in (2, 3))
        assert bool(abs(two - three) > 1e-6) is changes


def test_units_are_added_up_and_weighted():
    codes, units = observers(), np.arange(12) // 3
    by_unit = rating_sums(codes, 5, units)
    for part, whole in zip(by_unit.total(), rating_sums(codes, 5).total(), strict=True):
        assert np.allclose(part, whole)
    left_out = by_unit.weighted([0, 1, 1, 1])
    for part, whole in zip(left_out, rating_sums(codes[3:], 5).total(), strict=True):
        assert np.allclose(part, whole)


@pytest.mark.parametrize("codes", [[0, 1], [[0, 3]], [[-2, 0]]])
def test_refused(codes):
    with pytest.raises(ValueError, match="codes"):
        rating_sums(codes, 3)


def test_unknown_level():
    with pytest.raises(ValueError, match="no level 'metric'"):
        value(krippendorff_alpha, observers(), 5, level="metric", values=range(5))


TABLES = st.integers(2, 4).flatmap(
    lambda r: st.lists(st.lists(st.integers(-1, 2), min_size=r, max_size=r), min_size=4, max_size=12)
)


def nearly(a, b):
    return (np.isnan(a) and np.isnan(b)) or a == pytest.approx(b, abs=1e-9)


@given(TABLES, st.permutations(range(3)), st.randoms())
@settings(max_examples=60, deadline=None)
def test_names_and_order_do_not_matter(rows, names, random):
    codes = np.array(rows)
    renamed = np.where(codes < 0, -1, np.array(names)[np.clip(codes, 0, 2)])
    shuffled = codes[random.sample(range(len(codes)), len(codes))]
    reversed_order = np.where(codes < 0, -1, 2 - codes)
    for coefficient in WEIGHTED.values():
        plain, graded = np.eye(3), agreement_weights("quadratic", range(3))
        expected = value(coefficient, codes, 3, weights=plain)
        assert nearly(value(coefficient, renamed, 3, weights=plain), expected)
        assert nearly(value(coefficient, shuffled, 3, weights=plain), expected)
        assert nearly(value(coefficient, np.vstack([codes, codes]), 3, weights=plain), expected)
        assert nearly(
            value(coefficient, reversed_order, 3, weights=graded), value(coefficient, codes, 3, weights=graded)
        )
    for level in ("nominal", "ordinal", "interval"):
        alpha = partial(value, krippendorff_alpha, n_categories=3, level=level, values=range(3))
        assert nearly(alpha(codes=reversed_order), alpha(codes=codes))
