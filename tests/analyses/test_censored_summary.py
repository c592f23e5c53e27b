"""Summaries of values below a limit: given by limit or by flag, by group, and refused where nothing can be said."""

import numpy as np
import pandas as pd
import pytest

from biomarker import censored_summary
from biomarker.errors import DesignError
from biomarker.kernels.censored_lognormal import fit_censored_lognormal

VALUES = [0.5, 0.5, 0.5, 0.62, 0.7, 0.9, 1.1, 1.4, 1.5, 2.2, 2.9, 3.3, 5.8, 9.1]


def data(**more):
    frame = pd.DataFrame({"patient_id": [f"P{i}" for i in range(14)], "x": VALUES, "low": [True] * 3 + [False] * 11})
    return frame.assign(**more)


def summary(frame, **given):
    return censored_summary(frame, **({"marker": "x"} | given))


def test_a_flag_a_limit_a_zero_and_a_gap_say_the_same():
    flagged = summary(data(), below="low")
    zero = [0.0] * 3 + VALUES[3:]
    gap = [np.nan] * 3 + VALUES[3:]
    for other in (
        summary(data(x=zero), limit=0.5),
        summary(data(x=zero, lod=0.5), limit="lod"),
        summary(data(x=gap), limit=0.5, below="low"),
    ):
        assert [line.value for line in other.estimates] == pytest.approx([line.value for line in flagged.estimates])
    fit = fit_censored_lognormal(VALUES, [True] * 3 + [False] * 11)
    assert flagged.estimate("mean").value == pytest.approx(np.exp(fit.mu + fit.sigma**2 / 2))
    assert flagged.estimate("share_below_limit").numerator == 3


def test_it_is_not_what_substitution_gives():
    ours = summary(data(), below="low").estimate("geometric_mean").value
    at_limit = np.exp(np.log(VALUES).mean())
    assert ours < at_limit


def test_groups_and_nested_patients():
    result = summary(data(arm=["A", "B"] * 7, patient_id=[i // 4 for i in range(14)]), below="low", by="arm")
    assert [group.label for group in result.groups] == ["A", "B"]
    assert "robust to nesting" in result.method.name
    assert result.estimate("mean", group="A").n == 7


def test_degrees_of_freedom_are_told_where_patients_have_unequal_numbers_of_values():
    nested = summary(data(patient_id=[0, 1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5, 5, 5]), below="low")
    mean = nested.estimate("mean")
    assert 1 < mean.df < 5
    assert f"The t intervals have {mean.df:.1f} degrees of freedom" in " ".join(nested.method.notes)
    assert "Satterthwaite" in nested.method.name
    assert nested.method.settings["degrees_of_freedom"] == "Satterthwaite"
    single = summary(data(), below="low")
    assert single.estimate("mean").df == 13
    assert "Satterthwaite" not in single.method.name + single.method.description
    assert not any("degrees of freedom" in note for note in single.method.notes)


def test_most_values_below_the_limit_is_told():
    assert "rests on the few" in " ".join(summary(data(), limit=5.0).method.notes)


@pytest.mark.parametrize(
    ("more", "given", "says"),
    [
        ({}, {}, "give the limit of detection"),
        ({}, {"limit": 0}, "positive number"),
        ({}, {"limit": 20}, "every value lies below"),
        ({"x": [-1.0] * 14}, {"below": "low"}, "a limit of detection is positive"),
        ({"x": [0.5] * 3 + [0.0] * 11}, {"below": "low"}, "is 0 in a row that is not below"),
        ({"x": [np.nan] * 14}, {"limit": 1, "below": "low"}, "is missing in a row"),
        ({"low": "maybe"}, {"below": "low"}, "which values of 'low'"),
        ({}, {"limit": "lod"}, "no column 'lod'"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(more, given, says):
    with pytest.raises(DesignError, match=says):
        summary(data(**more), **given)


def test_a_group_below_the_limit_as_a_whole_keeps_its_share_and_the_others_their_means():
    data = pd.DataFrame({"arm": list("AAAABBBB"), "x": [0.2, 1.1, 2.0, 3.9, 0.1, 0.1, 0.3, 0.2]})
    data["limit"] = [0.5, 0.5, 0.5, 0.5, 0.5, 0.8, 0.5, 0.5]
    result = censored_summary(data, marker="x", limit="limit", by="arm", patient=None)
    alone = censored_summary(data[data["arm"] == "A"], marker="x", limit=0.5, patient=None)
    assert result.estimate("geometric_mean", group="A").value == alone.estimate("geometric_mean").value
    assert np.isnan(result.estimate("geometric_mean", group="B").value)
    assert result.estimate("share_below_limit", group="B").value == 1
    assert "Every value of B lies below the limit, the highest limit being 0.8." in result.method.notes
    assert result.table().lines[1].cells[3] == "NE"
    assert len(result.plot().lines) > 0
