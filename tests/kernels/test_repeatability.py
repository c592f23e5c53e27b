"""Repeatability and reproducibility against R and Bland and Altman, coverage, and what cannot be estimated."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.icc_sessions import cell_means, independent_intervals, nested_intervals
from biomarker.kernels.repeatability import (
    change_limits,
    pooled_variance,
    precision_trend,
    repeated_units,
    shared_error_factor,
)
from biomarker.kernels.reproducibility import effective_df, reproducibility_variance
from biomarker.kernels.variance_components import nested_and_crossed

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "repeatability.json").read_text())
FLOW = np.array(REFERENCE["peak_flow"]["values"], float)


def units(table):
    item, turn = np.indices(table.shape)
    return repeated_units(table.ravel(), item.ravel(), turn.ravel(), item.ravel())


def test_peak_flow_of_bland_and_altman_1996():
    # BMJ 1996;313:744: residual mean square 460.52 on 60 df, within-subject SD 21.5 L/min
    expected, found = REFERENCE["peak_flow"]["within"], pooled_variance(units(FLOW))
    assert round(found.variance, 2) == 460.52
    assert round(np.sqrt(found.variance), 1) == 21.5
    assert tuple(found) == pytest.approx(
        (expected["mean_square"], expected["low"], expected["high"], expected["df"]), rel=1e-10
    )
    logs, expected = pooled_variance(units(np.log(FLOW))), REFERENCE["peak_flow"]["logs"]
    assert tuple(logs)[:3] == pytest.approx((expected["mean_square"], expected["low"], expected["high"]), rel=1e-10)


def test_root_mean_square_cv():
    raw = units(FLOW)
    found = pooled_variance(raw, of=raw.squares / raw.df / raw.mean**2, weights=np.ones(20))
    assert np.sqrt(found.variance) == pytest.approx(REFERENCE["peak_flow"]["root_mean_square_cv"], rel=1e-10)
    assert found.df == pytest.approx(60)  # as many repeats of every child


@pytest.mark.parametrize(("device", "published"), [("rv", 0.1072), ("ic", 0.1379)])
def test_cardiac_output_of_bland_and_altman_1999(device, published):
    # Stat Methods Med Res 1999;8:135-160, section 5.3: within-subject variances; unequal numbers of repeats
    data = REFERENCE["cardiac_output"]
    subject = np.array(data["subject"])
    found = pooled_variance(repeated_units(data[device], subject, np.arange(subject.size), subject))
    expected = data[f"within_{device}"]
    assert round(found.variance, 4) == published
    assert tuple(found) == pytest.approx(
        (expected["mean_square"], expected["low"], expected["high"], expected["df"]), rel=1e-10
    )


def nested_errors(rng, n_patients, shared, repeats=2):
    sizes = 1 + rng.negative_binomial(1, 1 / 4.5, size=n_patients)
    patient = np.repeat(np.arange(n_patients), sizes)
    error = np.sqrt(shared) * rng.normal(size=(n_patients, repeats))[patient]
    error = error + np.sqrt(1 - shared) * rng.normal(size=(patient.size, repeats))
    item, session = np.indices(error.shape)
    return error, repeated_units(error.ravel(), item.ravel(), session.ravel(), patient[item.ravel()])


def coverage(n_patients, shared, trials, seed):
    rng = np.random.default_rng(seed)
    held = np.zeros(2)
    for _ in range(trials):
        _, found = nested_errors(rng, n_patients, shared)
        for j, is_nested in enumerate((True, False)):
            pooled = pooled_variance(found, is_nested=is_nested)
            held[j] += pooled.low <= 1 <= pooled.high
    return held / trials


def test_lesions_that_share_the_errors_of_a_scan():
    nested, naive = coverage(15, 0.6, 400, seed=1)  # standard error 1.2 %
    assert 0.91 < nested < 0.99
    assert naive < 0.85


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [10, 20, 40])
@pytest.mark.parametrize("shared", [0.0, 0.3, 0.9])
def test_coverage_table(n_patients, shared):
    nested, _ = coverage(n_patients, shared, 2000, seed=n_patients)
    assert 0.93 < nested < 0.985


def test_shared_errors_inflate_and_independent_ones_do_not():
    rng = np.random.default_rng(3)
    _, together = nested_errors(rng, 300, 0.8)
    _, apart = nested_errors(rng, 300, 0.0)
    assert shared_error_factor(together) > 2
    assert shared_error_factor(apart) < 1.1
    alone = repeated_units([1.0, 2.0, 3.0, 5.0], [0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1])
    assert shared_error_factor(alone) == 1


@given(st.integers(0, 500), st.floats(0.1, 1000))
@settings(max_examples=25, deadline=None)
def test_order_unit_and_origin_do_not_matter(seed, factor):
    rng = np.random.default_rng(seed)
    error, _ = nested_errors(rng, 6, 0.5, repeats=3)
    item, session = np.indices(error.shape)
    owner = item.ravel() // 3
    rows = np.stack([error.ravel(), item.ravel(), session.ravel(), owner])
    shuffled = rows[:, rng.permutation(rows.shape[1])]
    first, second = (
        pooled_variance(repeated_units(scale * r[0] + shift, *(part.astype(int) for part in r[1:])), is_nested=True)
        for r, scale, shift in ((rows, 1.0, 0.0), (shuffled, factor, 7.0))
    )
    assert np.array(second[:3]) / factor**2 == pytest.approx(np.array(first[:3]), rel=1e-6)


def test_patients_doubled_narrow_the_interval_and_keep_the_estimate():
    error, once = nested_errors(np.random.default_rng(4), 10, 0.5)
    item, session = np.indices(error.shape)
    owner = once.patient[item.ravel()]
    twice = repeated_units(
        np.tile(error.ravel(), 2), np.r_[item.ravel(), item.ravel() + 1000], np.tile(session.ravel(), 2),
        np.r_[owner, owner + 1000],
    )  # fmt: skip
    one, two = pooled_variance(once, is_nested=True), pooled_variance(twice, is_nested=True)
    assert two.variance == pytest.approx(one.variance)
    assert two.high / two.low < one.high / one.low


def test_limits_of_change():
    low, high = change_limits(np.array([0.0, 0.1]))
    assert low.tolist() == pytest.approx([0, np.exp(-1.959963984540054 * np.sqrt(2) * 0.1) - 1])
    assert (1 + low) * (1 + high) == pytest.approx(1)


def test_trend_knows_the_power_of_the_error():
    rng = np.random.default_rng(5)
    size = np.exp(rng.normal(size=400))
    variance = (0.1 * size**-0.5) ** 2 * rng.chisquare(1, 400)  # SD falls with the root of size
    trend = precision_trend(variance, np.ones(400), size, np.arange(400))
    assert trend.low < 2**-0.5 < trend.high
    assert trend.p_value < 1e-6
    # in another unit of size the ratio is the same, and the line goes through the same points
    other = precision_trend(variance, np.ones(400), 10 * size, np.arange(400))
    assert other.ratio == pytest.approx(trend.ratio, rel=1e-8)
    assert other.intercept + other.slope * np.log(10) == pytest.approx(trend.intercept, rel=1e-8)


def test_no_trend_is_seldom_found():
    rng = np.random.default_rng(6)
    found = 0
    for _ in range(400):
        size, patient = np.exp(rng.normal(size=60)), np.repeat(np.arange(20), 3)
        found += precision_trend(rng.chisquare(1, 60), np.ones(60), size, patient).p_value < 0.05
    assert found / 400 < 0.08  # standard error 1.1 %


def reproducibility_coverage(n, k, reader_sd, trials, seed, repeats=2):
    rng = np.random.default_rng(seed)
    true, held = reader_sd**2 + 0.3**2 + 0.4**2, 0
    item, reader, _ = np.indices((n, k, repeats))
    for _ in range(trials):
        y = rng.normal(size=(n, 1, 1)) + reader_sd * rng.normal(size=(1, k, 1)) + 0.3 * rng.normal(size=(n, k, 1))
        y = y + 0.4 * rng.normal(size=(n, k, repeats))
        cells = cell_means(y.ravel(), item.ravel(), reader.ravel(), n, k)
        found = reproducibility_variance(cells, n_draws=1024)
        held += found.low <= true <= found.high
    return held / trials


def test_coverage_of_reproducibility():
    assert 0.91 < reproducibility_coverage(15, 3, 0.2, 120, seed=1) <= 1  # standard error 2 %


def test_reproducibility_is_the_sum_of_its_components():
    # balanced: moments and REML agree, so the components must add up to the analysis of variance's
    rng = np.random.default_rng(8)
    y = rng.normal(size=(10, 1, 1)) + 0.5 * rng.normal(size=(1, 4, 1)) + 0.3 * rng.normal(size=(10, 4, 1))
    y = y + 0.3 * rng.normal(size=(10, 4, 2))
    item, reader, _ = np.indices(y.shape)
    cells = cell_means(y.ravel(), item.ravel(), reader.ravel(), 10, 4)
    within = y.var(axis=2, ddof=1).mean()
    cell = y.mean(axis=2)
    left = cell - cell.mean(axis=1, keepdims=True) - cell.mean(axis=0) + cell.mean()
    interaction = (left**2).sum() / 27
    readers = cell.mean(axis=0).var(ddof=1) - interaction / 10
    expected = readers + interaction - within / 2 + within
    assert reproducibility_variance(cells).variance == pytest.approx(expected, rel=1e-8)


def test_effective_degrees_of_freedom():
    assert effective_df([1.0, 1.0, 1.0], [2, 2, 2], [0, 0, 0], 3.0) == 0
    assert effective_df([0.0, 0.0], [2, 2], [0, 1], 2.0) == 2
    rng = np.random.default_rng(9)
    patient = np.repeat(np.arange(20), 4)
    own = rng.chisquare(1, 20)[patient]
    assert effective_df(own, np.full(80, 2), patient, 80.0) < 40 < effective_df(
        rng.chisquare(1, 80), np.full(80, 2), patient, 80.0
    )  # fmt: skip


def test_sessions_nested_and_independent_agree_where_each_patient_has_one_lesion():
    rng = np.random.default_rng(10)
    # the intervals differ in what few readers leave open, so there are twelve
    y = rng.normal(size=(60, 1, 1)) + 0.1 * rng.normal(size=(1, 12, 1)) + 0.3 * rng.normal(size=(60, 12, 1))
    y = y + 0.3 * rng.normal(size=(60, 12, 2))
    item, reader, _ = np.indices(y.shape)
    cells = cell_means(y.ravel(), item.ravel(), reader.ravel(), 60, 12)
    simple = independent_intervals(cells)
    items, cell, readers, residual = nested_and_crossed(
        y.ravel(), [item.ravel(), reader.ravel()], [reader.ravel()]
    ).variances  # fmt: skip
    total = items + cell + readers + residual
    nested = nested_intervals(cells, np.arange(60), items / total, 1 - residual / total)
    for one, two in zip(simple, nested, strict=True):
        assert (one.low, one.high) == pytest.approx((two.low, two.high), abs=0.04)
    assert np.isnan(nested_intervals(cells, np.zeros(60), 0.84, 0.92).inter.low)


def test_nothing_to_estimate():
    nothing = repeated_units([1.0, 2.0], [0, 1], [0, 0], [0, 1])
    assert nothing.df.size == 0
    assert np.isnan(pooled_variance(nothing).variance)
    alike = pooled_variance(repeated_units([1.0, 1.0], [0, 0], [0, 1], [0, 0]))
    assert (alike.variance, alike.low) == (0, 0)
    assert np.isnan(alike.high)
    one = pooled_variance(
        repeated_units([1.0, 2.0, 4.0, 4.5], [0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]), is_nested=True
    )
    assert np.isnan(one.low)
    assert one.variance > 0
    for v, x in (
        ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ([1.0, 2.0, 3.0], [0.0, 1.0, 2.0]),
        ([0.0, 0.0, 1.0], [1.0, 2.0, 3.0]),
    ):
        assert np.isnan(precision_trend(v, np.ones(3), x, np.arange(3)).ratio)
