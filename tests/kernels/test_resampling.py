"""Resamples of whole patients: numbering, balance, and intervals against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from biomarker.kernels.resampling import (
    bca_interval,
    chunk_size,
    fold_numbers,
    jackknife_weights,
    patient_weights,
    percentile_interval,
    seed_sequence,
)


def drawn(*args, **keywords):
    return np.concatenate(list(patient_weights(*args, **keywords)))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 200), st.integers(1, 100), st.integers(0, 2**40), st.booleans())
def test_a_resample_depends_on_its_number_alone(n_patients, n_resamples, chunk, seed, stratified):
    strata = np.arange(n_patients) % 3 if stratified else None
    whole = drawn(n_patients, 256, seed, strata=strata)
    np.testing.assert_array_equal(drawn(n_patients, n_resamples, seed, strata=strata, chunk=chunk), whole[:n_resamples])
    assert (whole.sum(axis=1) == n_patients).all()
    if stratified:
        for stratum in np.unique(strata):
            assert (whole[:, strata == stratum].sum(axis=1) == np.sum(strata == stratum)).all()


def test_every_patient_is_drawn_as_often():
    weights = drawn(12, 20_000, 5)
    # multinomial: mean 1, variance 1 - 1/12 and covariance -1/12
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.03)
    covariance = np.cov(weights.T)
    np.testing.assert_allclose(np.diag(covariance), 11 / 12, atol=0.05)
    np.testing.assert_allclose(covariance[~np.eye(12, dtype=bool)], -1 / 12, atol=0.03)


def test_seeds():
    generator = np.random.default_rng(3)
    first, second = drawn(9, 10, generator), drawn(9, 10, generator)
    assert (first != second).any()  # a Generator moves on
    np.testing.assert_array_equal(first, drawn(9, 10, np.random.default_rng(3)))
    np.testing.assert_array_equal(drawn(9, 10, [1, 2]), drawn(9, 10, np.random.SeedSequence([1, 2])))
    parent = np.random.SeedSequence(8)
    before = drawn(9, 10, parent)
    parent.spawn(5)
    np.testing.assert_array_equal(before, drawn(9, 10, parent))
    assert (drawn(9, 10, np.random.SeedSequence(8).spawn(1)[0]) != before).any()
    assert seed_sequence(parent) is parent


def test_impossible_resamples():
    with pytest.raises(ValueError, match="at least one patient"):
        drawn(0, 10, 1)
    with pytest.raises(ValueError, match="one label per patient"):
        drawn(3, 10, 1, strata=[0, 1])
    with pytest.raises(ValueError, match="n_folds"):
        next(fold_numbers(3, 4, 1, 1))
    with pytest.raises(ValueError, match="one label per patient"):
        next(fold_numbers(3, 2, 1, 1, strata=[1]))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(2, 10), st.integers(0, 1000))
def test_folds_are_even_within_strata(n_patients, n_folds, seed):
    n_folds = min(n_folds, n_patients)
    strata = np.arange(n_patients) % 4 == 0
    for folds in fold_numbers(n_patients, n_folds, 3, seed, strata=strata):
        assert np.ptp(np.bincount(folds, minlength=n_folds)) <= 1
        for stratum in (True, False):
            assert np.ptp(np.bincount(folds[strata == stratum], minlength=n_folds)) <= 1


def test_a_repeat_of_folds_depends_on_its_number_alone():
    few = list(fold_numbers(20, 5, 2, 9))
    many = list(fold_numbers(20, 5, 6, 9))
    np.testing.assert_array_equal(few, many[:2])
    assert (many[0] != many[1]).any()


def test_groups_are_left_out_when_there_are_many_patients():
    weights = np.concatenate(list(jackknife_weights(25, max_groups=10)))
    assert weights.shape == (10, 25)
    np.testing.assert_array_equal((weights == 0).sum(axis=0), 1)


def test_chunks_bound_memory():
    assert chunk_size(10) == 64
    assert chunk_size(1_000_000) == 4
    assert chunk_size(10**9) == 1


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_against_scipy(level):
    # scipy.stats.bootstrap draws its own resamples; handed to our formulas they must give its limits
    data = np.random.default_rng(2).lognormal(size=25)
    ready = {"confidence_level": level, "n_resamples": 2000}
    theirs = stats.bootstrap((data,), np.mean, method="BCa", rng=np.random.default_rng(4), **ready)
    left_out = np.concatenate(list(jackknife_weights(25))) @ data / 24
    ours = bca_interval(theirs.bootstrap_distribution, data.mean(), left_out, level)
    np.testing.assert_allclose(ours, theirs.confidence_interval, rtol=1e-10)
    plain = stats.bootstrap((data,), np.mean, method="percentile", rng=np.random.default_rng(4), **ready)
    np.testing.assert_allclose(
        percentile_interval(plain.bootstrap_distribution, level), plain.confidence_interval, rtol=1e-12
    )


def test_intervals_of_many_statistics_at_once():
    samples = np.random.default_rng(1).normal(size=(500, 2, 3))
    samples[::7, 1, 2] = np.nan
    left_out = np.random.default_rng(2).normal(size=(30, 2, 3))
    estimate = np.full((2, 3), 0.1)
    together = [*percentile_interval(samples, 0.9), *bca_interval(samples, estimate, left_out, 0.9)]
    for place in np.ndindex(2, 3):
        column = samples[(slice(None), *place)]
        column = column[~np.isnan(column)]
        alone = [
            *percentile_interval(column, 0.9),
            *bca_interval(column, 0.1, left_out[(slice(None), *place)], 0.9),
        ]
        np.testing.assert_allclose([limit[place] for limit in together], alone, rtol=1e-12)


def test_degenerate_statistics():
    same = np.full(100, 3.0)
    assert percentile_interval(same) == (3.0, 3.0)
    assert bca_interval(same, 3.0, np.full(10, 3.0)) == (3.0, 3.0)
    assert np.isnan(percentile_interval([])).all()
    assert np.isnan(percentile_interval([np.nan, np.nan])).all()
    assert np.isnan(bca_interval([np.nan, np.nan], 1.0, [1.0, 2.0])).all()
    assert np.isnan(bca_interval([1.0, 2.0], np.nan, [1.0, 2.0])).all()
    assert np.isnan(bca_interval(np.arange(50.0), 99.0, [1.0, 2.0])).all()  # every resample below the estimate
    assert np.isfinite(bca_interval(np.arange(50.0), 20.0, [np.nan, np.nan])).all()
    with pytest.raises(ValueError, match="confidence_level"):
        percentile_interval([1.0], 95)
