"""Concordance correlation against epiR, and what must not matter."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.concordance_correlation import (
    concordance,
    jackknife_intervals,
    lin_interval,
    moments,
    reading_sums,
)

FOLDER = Path(__file__).parent.parent / "reference"
REFERENCE = json.loads((FOLDER / "concordance_correlation.json").read_text())
OLD = json.loads((FOLDER / "reliability.json").read_text())
JUDGES, LESIONS = (np.array(OLD["icc"][name]["values"], float) for name in ("judges", "lesions"))
PAIRS = {
    "peak_flow": np.column_stack([OLD["peak_flow"]["wright"], OLD["peak_flow"]["mini"]]),
    "cardiac": np.column_stack([OLD["cardiac_output"]["rv"], OLD["cardiac_output"]["ic"]]),
    "judges_1_2": JUDGES[:, :2],
}


def sums_of(table, patient=None):
    n, b = table.shape
    return reading_sums(table.ravel(), np.repeat(np.arange(n), b), np.tile(np.arange(b), n), patient)


@pytest.mark.parametrize(
    ("name", "level"), [("peak_flow", 0.95), ("peak_flow_90", 0.9), ("cardiac", 0.95), ("judges_1_2", 0.95)]
)
def test_two_readers_against_epi_ccc(name, level):
    table, expected = PAIRS[name.removesuffix("_90")], REFERENCE[name]
    found = concordance(moments(sums_of(table)))
    low, high = lin_interval(found, len(table), confidence_level=level)
    assert (found.ccc[0], low, high) == pytest.approx((expected["ccc"], expected["low"], expected["high"]), rel=1e-9)
    assert found.bias_correction[0] == pytest.approx(expected["bias_correction"], rel=1e-9)
    assert found.location_shift[0] == pytest.approx(expected["location_shift"], rel=1e-9)
    assert found.scale_shift[0] == pytest.approx(expected["scale_shift"], rel=1e-9)


@pytest.mark.parametrize(("name", "table"), [("lesions", LESIONS), ("judges", JUDGES)])
def test_several_readers_against_epi_occc(name, table):
    # epi.occc divides covariances by n - 1; here Lin's n is the divisor for any number of readers, so that two readers
    # give Lin's own coefficient. With the other divisor each formula gives the other's number; precision is the same.
    given, expected = moments(sums_of(table)), REFERENCE[name]
    found = concordance(given)
    assert found.ccc[0] == pytest.approx(expected["occc_n"], rel=1e-10)
    assert found.precision[0] == pytest.approx(expected["epi_precision"], rel=1e-10)
    n = len(table)
    theirs = concordance(given._replace(covariance=given.covariance * n / (n - 1)))
    assert theirs.ccc[0] == pytest.approx(expected["epi_occc"], rel=1e-10)


def test_replicates_do_not_raise_the_coefficient():
    # means of replicates agree better than single readings; the coefficient is that of single ones
    rng = np.random.default_rng(3)
    true = rng.normal(size=4_000)
    readings = true[:, None, None] + 0.6 * rng.normal(size=(4_000, 2, 3))
    single = concordance(moments(sums_of(readings[:, :, 0]))).ccc[0]
    item, reader, _ = np.indices(readings.shape)
    sums = reading_sums(readings.ravel(), item.ravel(), reader.ravel())
    assert concordance(moments(sums)).ccc[0] == pytest.approx(1 / 1.36, abs=0.02)
    assert single == pytest.approx(1 / 1.36, abs=0.03)
    of_means = concordance(moments(sums_of(readings.mean(axis=2)))).ccc[0]
    assert of_means > 0.87


def test_paired_replicates_count_the_change_between_sessions():
    # a value that changes between sessions, read without error: agreement is perfect within sessions only
    rng = np.random.default_rng(1)
    true = rng.normal(size=(30, 1, 2)) + np.zeros((30, 2, 1))
    item, reader, session = np.indices(true.shape)
    unit = item * 2 + session
    paired = reading_sums(true.ravel(), item.ravel(), reader.ravel(), session=unit.ravel())
    unpaired = reading_sums(true.ravel(), item.ravel(), reader.ravel())
    assert concordance(moments(paired)).ccc[0] == pytest.approx(1)
    assert concordance(moments(unpaired)).ccc[0] < 0.9


def test_jackknife_by_hand():
    table, patient = LESIONS[:, :2], np.repeat(np.arange(4), 3)
    limits = jackknife_intervals(sums_of(table, patient)).ccc
    z = np.arctanh([concordance(moments(sums_of(table[patient != p]))).ccc[0] for p in range(4)])
    half = 3.182446305 * np.sqrt(3 * z.var())  # Student's t of 3 degrees of freedom
    centre = np.arctanh(concordance(moments(sums_of(table))).ccc[0])
    assert limits == pytest.approx(np.tanh([centre - half, centre + half]), rel=1e-9)


@given(st.integers(0, 10_000), st.floats(0.1, 10), st.floats(-50, 50))
@settings(max_examples=40, deadline=None)
def test_order_unit_origin_and_duplicates(seed, unit, origin):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(8, 1)) + 0.5 * rng.normal(size=(8, 3))
    one = concordance(moments(sums_of(table))).ccc[0]
    other = sums_of(unit * table[rng.permutation(8)][:, rng.permutation(3)] + origin)
    assert concordance(moments(other)).ccc[0] == pytest.approx(one, rel=1e-7)
    twice = np.repeat(table, 2, axis=0)
    assert concordance(moments(sums_of(twice))).ccc[0] == pytest.approx(one, rel=1e-10)
    own = jackknife_intervals(sums_of(table)).ccc
    doubled = jackknife_intervals(sums_of(twice, np.repeat(np.arange(8), 2))).ccc
    assert doubled == pytest.approx(own, rel=1e-9)
    assert -1 <= one <= 1


def test_degenerate():
    same = sums_of(np.tile([[1.0], [2.0], [4.0]], 2))
    assert lin_interval(concordance(moments(same)), 3) == (1, 1)
    assert jackknife_intervals(same).ccc.tolist() == [1, 1]
    flat = sums_of(np.ones((4, 2)))
    assert np.isnan(concordance(moments(flat)).ccc).all()
    assert np.isnan(lin_interval(concordance(moments(flat)), 4)).all()
    assert np.isnan(jackknife_intervals(flat).ccc).all()
    two = sums_of(np.array([[1.0, 2.0], [3.0, 3.5]]))
    assert np.isnan(jackknife_intervals(two).ccc).all()
    assert np.isnan(lin_interval(concordance(moments(two)), 2)).all()
