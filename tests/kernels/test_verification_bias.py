"""Begg-Greenes against its published example, a second derivation, and simulation."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from biomarker.kernels.verification_bias import Cells, begg_greenes, count_cells, logit_intervals, multiple_imputation

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "verification_bias.json").read_text())

# Drum and Christacopoulos 1972, as analysed by Begg and Greenes 1983: liver scintigraphy, 650 patients.
SCINTIGRAPHY = Cells(*(np.array([row], float) for row in ([27, 231], [81, 263], [221, 429])))


def scintigraphy_rows():
    """Return truth, verified, test: one row a patient."""
    groups = [  # test, verified, truth, how many
        (1, 1, 1, 231), (1, 1, 0, 32), (1, 0, 0, 166), (0, 1, 1, 27), (0, 1, 0, 54), (0, 0, 0, 140),
    ]  # fmt: skip
    table = np.repeat([group[:3] for group in groups], [group[3] for group in groups], axis=0).astype(bool)
    return table[:, 2], table[:, 1], table[:, 0]


def test_the_published_example():
    corrected = begg_greenes(SCINTIGRAPHY)
    assert round(float(corrected["sensitivity"]), 3) == 0.836
    assert round(float(corrected["specificity"]), 3) == 0.738


@pytest.mark.parametrize("case", sorted(REFERENCE["cases"]))
def test_against_r(case):
    # R, base glm, call in tests/reference/verification_bias.R: a saturated logistic model, standardised over all tested
    expected = REFERENCE["cases"][case]
    cells = Cells(*(np.array(expected["cells"][part], float) for part in ("diseased", "verified", "tested")))
    ours = begg_greenes(cells)
    for quantity in ("sensitivity", "specificity", "ppv", "npv", "prevalence"):
        np.testing.assert_allclose(ours[quantity], expected["estimates"][quantity], rtol=1e-8)


def test_the_variance_is_that_of_begg_and_greenes():
    # Var(logit Se) = 1/n1 + 1/n0 + (1-p1)/d1 + (1-p0)/d0 (their formula, with the multinomial term written out)
    truth, verified, test = scintigraphy_rows()
    n = len(truth)
    interval = logit_intervals(truth, verified, test, np.zeros(n, int), np.arange(n))["sensitivity"]
    p1, p0 = 231 / 263, 27 / 81
    variance = 1 / 429 + 1 / 221 + (1 - p1) / 231 + (1 - p0) / 27
    half = (logit(interval.high) - logit(interval.low)) / 2
    from scipy.stats import t

    np.testing.assert_allclose(half, t.ppf(0.975, n - 1) * np.sqrt(variance * n / (n - 1)), rtol=1e-10)


def test_rows_are_counted_into_cells():
    truth, verified, test = scintigraphy_rows()
    cells = count_cells(truth, verified, test, np.zeros(len(truth), int))
    for ours, expected in zip(cells, SCINTIGRAPHY, strict=True):
        np.testing.assert_array_equal(ours, expected)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 30), min_size=4, max_size=4))
def test_with_everyone_verified_nothing_is_corrected(counts):
    tn, fp, fn, tp = counts
    cells = Cells(
        np.array([[fn, tp]], float), np.array([[tn + fn, tp + fp]], float), np.array([[tn + fn, tp + fp]], float)
    )
    corrected = begg_greenes(cells)
    np.testing.assert_allclose(corrected["sensitivity"], tp / (tp + fn))
    np.testing.assert_allclose(corrected["specificity"], tn / (tn + fp))
    np.testing.assert_allclose(corrected["ppv"], tp / (tp + fp))


def test_when_only_positives_are_verified_sensitivity_is_not_estimable_and_ppv_is():
    # Ulaner 2020: only PET-positive patients were biopsied
    cells = Cells(np.array([[0.0, 3]]), np.array([[0.0, 5]]), np.array([[18.0, 6]]))
    corrected = begg_greenes(cells)
    assert np.isnan(corrected["sensitivity"])
    assert np.isnan(corrected["npv"])
    assert corrected["ppv"] == 0.6


def test_many_tables_at_once():
    stacked = Cells(*(np.stack([part, part * 2]) for part in SCINTIGRAPHY))
    assert begg_greenes(stacked)["sensitivity"].shape == (2,)


def test_multiple_imputation_agrees_with_begg_greenes_in_large_samples():
    value, interval = multiple_imputation(SCINTIGRAPHY, np.random.default_rng(1), n_imputations=2000)["sensitivity"]
    truth, verified, test = scintigraphy_rows()
    n = len(truth)
    closed = logit_intervals(truth, verified, test, np.zeros(n, int), np.arange(n))["sensitivity"]
    assert value == pytest.approx(0.836, abs=0.005)
    assert interval.low == pytest.approx(closed.low, abs=0.01)
    assert interval.high == pytest.approx(closed.high, abs=0.01)


def simulated(rng, n_patients, lesions):
    """Lesions nested in patients; positives verified in 90 %, negatives in 40 %."""
    patient = np.repeat(np.arange(n_patients), lesions)
    shift = rng.normal(0, 0.8, n_patients)[patient]
    truth = rng.random(len(patient)) < expit(shift)
    test = rng.random(len(patient)) < expit(np.where(truth, 1.4, -1.4) + shift)
    verified = rng.random(len(patient)) < np.where(test, 0.9, 0.4)
    return patient, truth, verified, test


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_patients", "lesions", "allowed"), [(200, 1, (930, 970)), (200, 4, (930, 970)), (40, 4, (930, 985))]
)
def test_coverage(n_patients, lesions, allowed):
    rng = np.random.default_rng(11)
    _, truth, _, test = simulated(rng, 400_000, lesions)
    target = (truth & test).sum() / truth.sum()
    hits = 0
    for _ in range(1000):
        patient, truth, verified, test = simulated(rng, n_patients, lesions)
        interval = logit_intervals(truth, verified, test, np.zeros(len(test), int), patient)["sensitivity"]
        hits += interval.low <= target <= interval.high
    # 95 % of 1,000, give or take three standard errors. With 40 patients few negatives are verified, the logit is
    # skewed and the interval wide: 97.7 % covered, the safe side; its standard error is right (0.48, observed 0.50).
    assert allowed[0] <= hits <= allowed[1]
