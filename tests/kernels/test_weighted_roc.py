"""The sorted marker and its weighted ROC curve, against rows really repeated."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from biomarker.kernels.weighted_roc import counts_at, marker_rows, weighted_auc

tied_data = st.integers(4, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 6), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda truth: 0 < sum(truth) < len(truth)),
        st.lists(st.integers(0, 9), min_size=n, max_size=n),
        st.integers(0, 2**32),
    )
)


@settings(max_examples=60, deadline=None)
@given(tied_data, st.booleans())
def test_weighted_area_is_that_of_repeated_rows(data, higher):
    marker, truth, patient, seed = (np.array(part) for part in data)
    rows = marker_rows(marker, truth, patient, higher_is_positive=higher)
    weights = np.random.default_rng(int(seed)).integers(0, 4, (5, rows.n_patients))
    areas = weighted_auc(rows, weights)
    code = np.unique(patient, return_inverse=True)[1]
    for weight, area in zip(weights, areas, strict=True):
        repeated = np.repeat(np.arange(marker.size), weight[code])
        if len(set(truth[repeated])) < 2:
            assert np.isnan(area)
        else:
            expected = roc_auc_score(truth[repeated], marker[repeated] * (1 if higher else -1))
            assert area == pytest.approx(expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(tied_data, st.booleans(), st.integers(-1, 7))
def test_counts_are_counts(data, higher, cutoff):
    marker, truth = (np.array(part) for part in data[:2])
    called = marker >= cutoff if higher else marker <= cutoff
    counts = counts_at(marker_rows(marker, truth, higher_is_positive=higher), cutoff)
    expected = [np.sum(called & truth), np.sum(called & ~truth), np.sum(~called & truth), np.sum(~called & ~truth)]
    np.testing.assert_array_equal(counts, expected)


def test_cutoffs_outside_the_range_and_unknown():
    rows = marker_rows([1, 2, 3, 4], [0, 1, 0, 1])
    tp, fp, _, _ = counts_at(rows, [-5, 99, np.nan])
    np.testing.assert_array_equal(tp, [2, 0, np.nan])
    np.testing.assert_array_equal(fp, [2, 0, np.nan])


def test_patients_classes():
    rows = marker_rows([1, 2, 3, 4, 5], [0, 1, 0, 1, 1], ["a", "b", "c", "c", "b"])
    assert rows.patient_classes().tolist() == [0, 1, 2]


def test_rows_in_any_order_are_the_same_rows():
    rng = np.random.default_rng(0)
    marker, truth, patient = rng.integers(0, 5, 40), rng.random(40) < 0.5, rng.integers(0, 9, 40)
    shuffle = rng.permutation(40)
    for names in (patient, None):
        one = marker_rows(marker, truth, names)
        other = marker_rows(marker[shuffle], truth[shuffle], None if names is None else names[shuffle])
        np.testing.assert_array_equal(one.positive_patient, other.positive_patient)
        np.testing.assert_array_equal(one.negative_patient, other.negative_patient)


@pytest.mark.parametrize(
    ("marker", "truth", "patient"),
    [
        ([1, 2], [1, 1], None),
        ([1, 2], [0, 0], None),
        ([], [], None),
        ([1, np.nan], [0, 1], None),
        ([1, np.inf], [0, 1], None),
        ([1, 2], [0, 1, 1], None),
        ([1, 2], [0, 1], ["a"]),
    ],
)
def test_impossible_rows(marker, truth, patient):
    with pytest.raises(ValueError, match=r"class|finite|per row"):
        marker_rows(marker, truth, patient)
