"""Partial areas against pROC, and against the whole area."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.delong import auc
from biomarker.kernels.partial_auc import mcclish_corrected, partial_auc, whole_auc
from biomarker.kernels.roc import roc_points
from biomarker.kernels.roc_points import as_rates

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "roc.json").read_text(encoding="utf-8"))


def marker_of(case):
    data = REFERENCE["data"][case["data"]]
    return np.array(data["markers"][case["marker"]], float), np.array(data["positive"], bool)


def case_name(case):
    return "-".join(str(case[key]) for key in ("data", "marker", "focus", "low") if key in case)


@pytest.mark.parametrize("case", REFERENCE["partial"], ids=case_name)
def test_agrees_with_proc(case):
    marker, positive = marker_of(case)
    rates = as_rates(roc_points(marker, positive))
    raw = partial_auc(rates, case["low"], case["high"], focus=case["focus"])[0]
    assert raw == pytest.approx(case["raw"], abs=1e-12)
    corrected = mcclish_corrected(raw, case["low"], case["high"])
    if case["corrected"] is None:  # pROC gives NA below the chance line, where the formula falls under one half
        assert corrected < 0.5
    else:
        assert corrected == pytest.approx(case["corrected"], abs=1e-12)


def test_some_reference_lies_below_chance():
    assert any(case["corrected"] is None for case in REFERENCE["partial"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=12, max_size=12),
    st.floats(0.05, 0.95),
    st.sampled_from(["specificity", "sensitivity"]),
)
def test_parts_add_up_to_the_whole(values, middle, focus):
    marker, positive = np.array(values, float), np.arange(12) < 5
    rates = as_rates(roc_points(marker, positive))
    parts = partial_auc(rates, 0, middle, focus=focus) + partial_auc(rates, middle, 1, focus=focus)
    assert parts[0] == pytest.approx(auc(marker, positive), abs=1e-12)
    assert whole_auc(rates)[0] == pytest.approx(auc(marker, positive), abs=1e-12)
    assert mcclish_corrected(auc(marker, positive), 0, 1) == pytest.approx(auc(marker, positive))


def test_perfect_and_chance():
    perfect = as_rates(roc_points([1, 2, 3, 4], [False, False, True, True]))
    assert partial_auc(perfect, 0.8, 1.0) == pytest.approx([0.2])
    assert partial_auc(perfect, 0.8, 1.0, focus="sensitivity") == pytest.approx([0.2])
    constant = as_rates(roc_points(np.ones(4), [False, False, True, True]))
    for focus in ("specificity", "sensitivity"):
        assert mcclish_corrected(partial_auc(constant, 0.6, 0.9, focus=focus), 0.6, 0.9) == pytest.approx([0.5])


@pytest.mark.parametrize(
    ("low", "high", "focus"),
    [(0.9, 0.9, "specificity"), (1.0, 0.9, "specificity"), (-0.1, 1, "specificity"), (0, 1, "ppv")],
)
def test_impossible_ranges_are_refused(low, high, focus):
    rates = as_rates(roc_points([1, 2], [False, True]))
    with pytest.raises(ValueError, match=r"range|focus"):
        partial_auc(rates, low, high, focus=focus)
