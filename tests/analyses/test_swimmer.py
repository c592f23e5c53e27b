"""swimmer: order, marks, counts against the survival kernels, and refusals."""

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SchemaError

ASKED = {"duration": "pfs_months", "event": "progressed"}


def patients():
    return pd.DataFrame(
        {
            "patient_id": ["P1", "P2", "P3", "P4", "P5", "P6"],
            "pfs_months": [3.0, 12.5, 7.0, 0.5, 9.0, 12.5],
            "progressed": [True, False, True, True, True, False],
            "arm": ["B", "A", "A", "B", "A", None],
            "response": ["SD", "CR", "PR", "PD", "PR", "NE"],
            "response_months": [np.nan, 2.0, 1.5, np.nan, 9.0, np.nan],
            "treated": [False, True, False, False, False, False],
        }
    )


def test_longest_first_and_within_groups():
    result = bm.swimmer(patients(), **ASKED)
    assert result.patients == ("P2", "P6", "P5", "P3", "P1", "P4")
    assert result.durations.tolist() == sorted(patients()["pfs_months"], reverse=True)
    grouped = bm.swimmer(patients(), **ASKED, group="arm", response="response")
    assert grouped.patients == ("P2", "P5", "P3", "P1", "P4", "P6")
    assert grouped.group.codes.tolist() == [0, 0, 0, 1, 1, -1]
    assert grouped.response.levels == ("CR", "PR", "SD", "PD", "NE")
    by_response = bm.swimmer(patients(), **ASKED, response="response", sort="response")
    assert by_response.patients == ("P2", "P5", "P3", "P1", "P4", "P6")
    assert bm.swimmer(patients(), **ASKED, sort="table").patients[:2] == ("P1", "P2")


def test_marks_and_arrows_go_with_their_patients():
    result = bm.swimmer(patients(), **ASKED, events={"First response": "response_months"}, ongoing="treated")
    marks = dict(zip(result.patients, result.marks["First response"], strict=True))
    assert (marks["P2"], marks["P3"], marks["P5"]) == (2.0, 1.5, 9.0)
    assert np.isnan(marks["P1"])
    assert [name for name, still in zip(result.patients, result.ongoing, strict=True) if still] == ["P2"]
    without = bm.swimmer(patients(), **ASKED)
    assert without.ongoing.tolist() == (~without.happened).tolist()
    assert any("lost ones among them" in note for note in without.method.notes)


def test_numbers():
    result = bm.swimmer(patients(), **ASKED, group="arm", events={"First response": "response_months"})
    curves = bm.survival_curves(patients(), **ASKED)
    found = next(line for line in result.estimates if line.quantity == "median_follow_up" and "group" not in line.of)
    expected = curves.estimate("median_follow_up")
    assert (found.value, found.low) == pytest.approx((expected.value, expected.low), nan_ok=True)
    first = {line.quantity: line for line in result.estimates if line.of.get("group") == "A"}
    assert (first["events"].value, first["events"].n) == (2, 3)
    assert first["longest_follow_up"].value == 12.5
    assert first["total_follow_up"].value == 28.5
    share = result.estimate("share_with", group="A", marker="First response")
    assert share.numerator == 3
    time = result.estimate("median_time", group="A", marker="First response")
    assert (time.value, time.low, time.high, time.unit) == (2.0, 1.5, 9.0, "months")
    assert result.estimate("share_with", group="B").value == 0
    assert np.isnan(result.estimate("median_time", group="B").value)


def test_response_colours_but_compares_nothing():
    result = bm.swimmer(patients(), **ASKED, response="response")
    assert any("known only later" in note for note in result.method.notes)
    assert not any("response" in line.of.values() for line in result.estimates)
    assert all(np.isnan(line.p_value) for line in result.estimates)


def test_order_of_rows_does_not_matter():
    expected = bm.swimmer(patients(), **ASKED, group="arm")
    found = bm.swimmer(patients().sample(frac=1, random_state=4), **ASKED, group="arm")
    assert sorted(zip(found.patients, found.durations, strict=True)) == sorted(
        zip(expected.patients, expected.durations, strict=True)
    )
    assert found.to_frame().equals(expected.to_frame())


@pytest.mark.parametrize(
    ("change", "arguments", "error", "message"),
    [
        ({"pfs_months": [-1, 1, 1, 1, 1, 1]}, {}, SchemaError, "is negative"),
        ({"response_months": [3.5, 1, 1, 0, 1, 1]}, {"events": {"R": "response_months"}}, SchemaError, "after the end"),
        ({"response_months": [-1, 1, 1, 0, 1, 1]}, {"events": {"R": "response_months"}}, SchemaError, "is negative"),
        ({"response_months": ["x", 1, 1, 0, 1, 1]}, {"events": {"R": "response_months"}}, SchemaError, "not a number"),
        ({"treated": True}, {"ongoing": "treated"}, SchemaError, "is ongoing although progressed happened"),
        ({"treated": "maybe"}, {"ongoing": "treated"}, DesignError, "give a column of true and false"),
        ({"patient_id": "P1"}, {}, DesignError, "have several rows"),
        ({"progressed": "yes"}, {}, DesignError, "give event_values"),
        ({}, {"events": {"R": "response_month"}}, DesignError, "did you mean 'response_months'"),
        ({}, {"events": ["response_months"]}, DesignError, "give a label and a column"),
        ({}, {"events": {str(n): "response_months" for n in range(8)}}, DesignError, "tell 7 apart"),
        ({}, {"sort": "durations"}, DesignError, "did you mean 'duration'"),
        ({}, {"sort": "group"}, DesignError, "needs the column"),
        ({}, {"group": "arms"}, DesignError, "did you mean 'arm'"),
        ({"response": range(6)}, {"response": "pfs_months", "confidence_level": 95}, DesignError, "give a fraction"),
    ],
)
def test_refused(change, arguments, error, message):
    with pytest.raises(error, match=message):
        bm.swimmer(patients().assign(**change), **{**ASKED, **arguments})


def test_no_rows_and_one_row():
    with pytest.raises(DesignError, match="no rows"):
        bm.swimmer(patients().iloc[:0], **ASKED)
    assert bm.swimmer(patients().iloc[:1], **ASKED).patients == ("P1",)
