"""Curves of resamples: what is drawn, how often, and that chunks do not matter."""

import numpy as np
import pytest

from biomarker.kernels import resampled_roc
from biomarker.kernels.delong import delong
from biomarker.kernels.partial_auc import partial_auc
from biomarker.kernels.resampled_roc import resampled_patient_curves, resampled_row_curves
from biomarker.kernels.roc import Rates, roc_points


def together(chunks):
    chunks = list(chunks)
    return Rates(*(np.concatenate([chunk[i] for chunk in chunks]) for i in range(2)))


def sample(n=60):
    rng = np.random.default_rng(0)
    positive = np.arange(n) < n // 3
    return rng.normal(size=n).round(1) + positive, positive


def areas(rates):
    return partial_auc(rates, 0, 1)


@pytest.mark.parametrize("kind", ["rows", "patients"])
def test_spread_of_resampled_areas_is_near_the_analytic_one(kind):
    marker, positive = sample()
    if kind == "rows":
        rates = together(resampled_row_curves(roc_points(marker, positive), 4000, rng=3))
    else:
        rates = together(resampled_patient_curves(marker, positive, np.arange(60), 4000, rng=3))
    estimate = delong(marker, positive)
    assert areas(rates).mean() == pytest.approx(estimate.auc[0], abs=0.005)
    assert areas(rates).std() == pytest.approx(np.sqrt(estimate.covariance[0, 0]), rel=0.08)


def test_rows_are_resampled_within_classes():
    marker, positive = sample()
    rates = together(resampled_row_curves(roc_points(marker, positive), 200, rng=3))
    for rate, total in zip(rates, (20, 40), strict=True):
        assert rate[:, 0].tolist() == [0] * 200
        assert rate[:, -1] == pytest.approx(np.ones(200))
        assert rate * total == pytest.approx(np.round(rate * total), abs=1e-9)


@pytest.mark.parametrize("kind", ["rows", "patients"])
def test_chunks_and_length_of_the_run_change_nothing(kind, monkeypatch):
    marker, positive = sample()

    def run(n_resamples):
        if kind == "rows":
            return together(resampled_row_curves(roc_points(marker, positive), n_resamples, rng=8))
        return together(resampled_patient_curves(marker, positive, np.arange(60) // 2, n_resamples, rng=8))

    long = run(150)
    monkeypatch.setattr(resampled_roc, "CHUNK_CELLS", 500)
    short = run(40)
    assert np.array_equal(long.true_positive[:40], short.true_positive)
    assert np.array_equal(long.false_positive[:40], short.false_positive)


def test_pooling_neighbours_leaves_the_spread(monkeypatch):
    rng = np.random.default_rng(1)
    positive = np.arange(3000) < 1000
    points = roc_points(rng.normal(size=3000) + positive, positive)
    fine = areas(together(resampled_row_curves(points, 1500, rng=1)))
    monkeypatch.setattr(resampled_roc, "MAX_CORNERS", 300)
    pooled = together(resampled_row_curves(points, 1500, rng=1))
    assert pooled.true_positive.shape[1] <= 302
    assert areas(pooled).mean() == pytest.approx(fine.mean(), abs=0.001)
    assert areas(pooled).std() == pytest.approx(fine.std(), rel=0.08)


def test_a_resample_without_a_class_is_nan():
    rates = together(resampled_patient_curves([1.0, 2.0, 3.0], [False, False, True], [0, 1, 2], 100, rng=1))
    lost = np.isnan(rates.true_positive).any(axis=1) | np.isnan(rates.false_positive).any(axis=1)
    assert 10 < lost.sum() < 60  # the only positive patient is missed with probability (2/3)^3, 30 %


def test_both_ways_of_drawing_give_the_same_spread(monkeypatch):
    # five values for 3,000 rows: drawn by cell, or row by row
    rng = np.random.default_rng(1)
    positive = np.arange(3000) < 1000
    points = roc_points(rng.integers(0, 5, 3000) + positive, positive)
    by_cell = areas(together(resampled_row_curves(points, 1500, rng=1)))
    monkeypatch.setattr(resampled_roc, "ROWS_PER_CELL", 10_000)
    by_row = areas(together(resampled_row_curves(points, 1500, rng=1)))
    assert not np.array_equal(by_cell, by_row)
    assert by_cell.mean() == pytest.approx(by_row.mean(), abs=0.001)
    assert by_cell.std() == pytest.approx(by_row.std(), rel=0.08)
