"""The empirical curve against pROC and scikit-learn, and the curves of resamples against curves of copied rows."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import trapezoid

from biomarker.kernels.delong import auc
from biomarker.kernels.roc import Rates, flipped, ordered_rows, roc_points, weighted_rates

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "roc.json").read_text(encoding="utf-8"))


def marker_of(case):
    data = REFERENCE["data"][case["data"]]
    return np.array(data["markers"][case["marker"]], float), np.array(data["positive"], bool)


def case_name(case):
    return "-".join(str(case[key]) for key in ("data", "marker", "focus", "low") if key in case)


@pytest.mark.parametrize("case", REFERENCE["areas"], ids=case_name)
def test_corners_agree_with_proc(case):
    marker, positive = marker_of(case)
    points = roc_points(marker, positive)
    assert points.sensitivity == pytest.approx(case["sensitivities"], abs=1e-14)
    assert points.specificity == pytest.approx(case["specificities"], abs=1e-14)


@pytest.mark.parametrize("case", REFERENCE["areas"], ids=case_name)
def test_corners_agree_with_scikit_learn(case):
    metrics = pytest.importorskip("sklearn.metrics")
    marker, positive = marker_of(case)
    false_positive, true_positive, cutoff = metrics.roc_curve(positive, marker, drop_intermediate=False)
    points = roc_points(marker, positive)
    assert points.sensitivity == pytest.approx(true_positive)
    assert 1 - points.specificity == pytest.approx(false_positive)
    assert points.cutoff[1:] == pytest.approx(cutoff[1:])
    assert auc(marker, positive) == pytest.approx(metrics.roc_auc_score(positive, marker))


def samples():
    return st.integers(2, 15).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(0, 5), min_size=n, max_size=n).map(lambda row: np.array(row, float)),
            st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda row: any(row) and not all(row)).map(np.array),
            st.lists(st.integers(0, 3), min_size=n, max_size=n).map(np.array),
        )
    )


@settings(max_examples=60, deadline=None)
@given(samples(), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_weights_do_what_copies_do(sample, weights):
    marker, positive, patient = sample
    times = np.array(weights)[patient]
    rates = weighted_rates(ordered_rows(marker, positive, patient), [weights])
    copied, copied_positive = np.repeat(marker, times), np.repeat(positive, times)
    if not copied_positive.any() or copied_positive.all():
        assert np.isnan(rates.true_positive).all() or np.isnan(rates.false_positive).all()
        return
    area = trapezoid(rates.true_positive[0], rates.false_positive[0])
    assert area == pytest.approx(auc(copied, copied_positive), abs=1e-12)
    points = roc_points(copied, copied_positive)
    corners = set(zip(rates.true_positive[0].round(9), rates.false_positive[0].round(9), strict=True))
    assert corners == set(zip(points.sensitivity.round(9), (1 - points.specificity).round(9), strict=True))


def test_flipping_twice_gives_the_curve_back():
    curve = Rates(np.array([[0.0, 0.25, 0.75, 1.0]]), np.array([[0.0, 0.0, 0.5, 1.0]]))
    assert flipped(curve).true_positive.tolist() == [[0.0, 0.5, 1.0, 1.0]]
    assert np.array_equal(flipped(flipped(curve)), curve)


def test_a_constant_marker_has_two_corners():
    points = roc_points(np.ones(5), [True, False, True, False, False])
    assert points.sensitivity.tolist() == [0, 1]
    assert points.specificity.tolist() == [1, 0]


def test_patients_of_another_length_are_refused():
    with pytest.raises(ValueError, match="patient"):
        ordered_rows([1.0, 2.0], [True, False], [0])
