import pandas as pd
import pytest

import biomarker as bm
from biomarker.analyses.immortal_time import check_known_in_time
from biomarker.errors import DesignError

PATIENTS = pd.DataFrame({
    "pfs_months": [3.0, 6.0, 9.0],
    "scan_months": [0.0, 1.5, 2.0],
    "entered": [0.0, 2.0, 2.0],
    "suv": 5.0,
    "suv_week6": 4.0,
    "response": "PR",
})  # fmt: skip


def check(columns, **given):
    return check_known_in_time(columns, PATIENTS, **given)


def test_a_marker_of_the_start_is_let_through_in_silence():
    assert check(["suvmax", "arm"]) == ""
    assert check(["response"], measured_at={"response": 0}) == ""


@pytest.mark.parametrize(
    "column",
    [
        "response",
        "best_overall_response",
        "Response",
        "diameter_change_percent",
        "Best Overall Response",
        "Response (RECIST 1.1)",
        "week8_response",
        "responders",
        "ORR",
        "change from baseline",
        "delta_suv",
    ],
)
def test_a_response_from_day_0_is_refused_with_what_to_do(column):
    with pytest.raises(DesignError, match=r"immortal.*landmark=.*time-varying"):
        check([column])


def test_a_declared_time_is_held_against_the_landmark():
    with pytest.raises(DesignError, match=r"'suv_week6' was measured at 1.5.*landmark=1.5"):
        check(["suv_week6"], measured_at={"suv_week6": 1.5})
    with pytest.raises(DesignError, match=r"landmark=1\.5"):
        check(["suv_week6"], measured_at={"suv_week6": 1.5}, landmark=1.0)
    assert check(["suv_week6"], measured_at={"suv_week6": 1.5}, landmark=1.5) == ""


def test_each_patient_may_have_a_time_of_their_own():
    with pytest.raises(DesignError, match="was measured at scan_months, after the clock starts for 2 of 3 patients"):
        check(["suv"], measured_at={"suv": "scan_months"})
    assert check(["suv"], measured_at={"suv": "scan_months"}, entry="entered") == ""
    assert check(["suv"], measured_at={"suv": "scan_months"}, landmark=2) == ""
    with pytest.raises(DesignError, match="no column"):
        check(["suv"], measured_at={"suv": "scan_day"})


def test_a_response_at_an_undeclared_time_is_named_in_a_note():
    assert check(["response"], landmark=2.0).startswith("response is taken to be known at the landmark")
    assert "at entry" in check(["response"], entry="entered")


@pytest.mark.parametrize("wrong", [5, {"suv": True}, {"suv": None}, {"suv": float("nan")}])
def test_times_that_are_none_are_refused(wrong):
    with pytest.raises(DesignError, match="measured_at"):
        check(["suv"], measured_at=wrong)


@pytest.mark.parametrize(
    "column", ["prior_response", "response to previous therapy", "exchange_rate", "suvmax_baseline"]
)
def test_what_came_before_is_let_through(column):
    assert check([column]) == ""


def test_times_of_patients_that_cannot_be_read_are_refused_and_those_missing_told():
    texts = PATIENTS.assign(suv=[1.0, 2.0, 3.0], scan_months=["0", "week 6", "0"])
    with pytest.raises(DesignError, match="holds 'week 6', which is no time"):
        check_known_in_time(["suv"], texts, measured_at={"suv": "scan_months"})
    holes = PATIENTS.assign(suv=[1.0, 2.0, None], scan_months=[0.0, None, None])
    note = check_known_in_time(["suv"], holes, measured_at={"suv": "scan_months"})
    assert note == "When suv was measured is not told for 1 of 3 patients; it is taken to be known at the start."


def test_strata_are_held_to_it_too():
    frame = pd.DataFrame(
        {
            "os_months": range(1, 13),
            "died": [1, 0] * 6,
            "cause": ["a", "b"] * 6,
            "suv": [3, 1, 2] * 4,
            "response": [0, 1, 1] * 4,
        }
    )
    ask = {"duration": "os_months", "patient": None, "strata": "response"}
    with pytest.raises(DesignError, match="immortal"):
        bm.hazard_model(frame, event="died", predictors="suv", **ask)
    with pytest.raises(DesignError, match="immortal"):
        bm.cumulative_incidence(frame, event="cause", censored=[], group="suv", **ask)


def test_a_time_of_a_column_that_is_not_there_is_no_silence():
    with pytest.raises(DesignError, match=r"measured_at names 'suvv', which is no column .did you mean 'suv'"):
        check(["suv"], measured_at={"suvv": 3})
