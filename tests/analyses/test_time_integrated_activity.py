"""Time-integrated activity of organs, and the doses that follow from S values."""

import numpy as np
import pandas as pd
import pytest

from biomarker import organ_doses, time_integrated_activity
from biomarker.errors import DesignError

HOURS = np.array([2.0, 24, 48, 96, 144])
LIFE = 78.41
S = {"Liver": {"Liver": 0.07, "Spleen": 0.001}, "Spleen": {"Liver": 0.002, "Spleen": 0.6}}


def organs(n=3):
    rows = [
        pd.DataFrame(
            {
                "patient_id": f"P{i}",
                "organ": organ,
                "hours": HOURS,
                "activity_percent": (share + i) * 0.5 ** (HOURS / 300),
                "injected": 37.0 + i,
                "arm": "AB"[i % 2],
            }
        )
        for i in range(n)
        for organ, share in (("Liver", 15.0), ("Spleen", 3.0))
    ]
    return pd.concat(rows, ignore_index=True)


def integrate(data, **given):
    return time_integrated_activity(
        data, **({"time": "hours", "activity": "activity_percent", "nuclide": "89Zr", "method": "exponential"} | given)
    )


def exact(percent):
    return percent / 100 / (np.log(2) / LIFE + np.log(2) / 300)


def test_coefficients_in_hours():
    result = integrate(organs())
    for i in range(3):
        line = result.estimate("time_integrated_activity_coefficient", patient=f"P{i}", organ="Spleen")
        assert (line.value, line.unit) == (pytest.approx(exact(3 + i), rel=1e-6), "h")
    mean = result.estimate("time_integrated_activity_coefficient", organ="Liver", summary="mean")
    assert mean.value == pytest.approx(exact(16), rel=1e-6)
    sd = result.estimate("time_integrated_activity_coefficient", organ="Liver", summary="SD")
    assert sd.value == pytest.approx(exact(1), rel=1e-6)


def test_becquerel_are_divided_by_what_was_injected_and_days_are_hours():
    data = organs().rename(columns={"activity_percent": "activity_mbq"}).assign(days=lambda f: f["hours"] / 24)
    result = integrate(data, activity="activity_mbq", injected="injected", time="days")
    assert result.estimate("time_integrated_activity", patient="P1", organ="Liver").unit == "MBq·h"
    line = result.estimate("time_integrated_activity_coefficient", patient="P1", organ="Liver")
    assert line.value == pytest.approx(100 * exact(16) / 38, rel=1e-6)
    bare = integrate(data, activity="activity_mbq")
    assert {line.quantity for line in bare.estimates} == {"time_integrated_activity", "share_after_last"}
    with pytest.raises(DesignError, match="not divided by the injected activity"):
        organ_doses(bare, s_values=S)


def test_uncorrected_activity_gives_the_same():
    raw = organs().assign(activity_percent=lambda f: f["activity_percent"] * 0.5 ** (f["hours"] / LIFE))
    plain, other = integrate(organs()), integrate(raw, decay_corrected=False)
    assert [line.value for line in other.estimates] == pytest.approx([line.value for line in plain.estimates])


def test_more_than_all_of_the_activity_is_told():
    data = organs(1).assign(activity_percent=250.0)
    assert "all of the injected activity" in " ".join(integrate(data).method.notes)


def test_a_curve_without_a_fit_is_named():
    data = organs(1)
    data.loc[data["organ"] == "Spleen", "activity_percent"] = [1.0, 2.0, 4.0, 6.0, 9.0]
    result = integrate(data)
    assert "patient P0, organ Spleen" in " ".join(result.method.notes)
    trapezoid = integrate(data, method="trapezoid")
    of = {"quantity": "time_integrated_activity", "organ": "Spleen"}
    assert result.estimate(**of).value == trapezoid.estimate(**of).value


def test_doses_are_coefficients_times_s_values():
    result = integrate(organs())
    doses = organ_doses(result, s_values=S)
    expected = 0.07 * exact(15) + 0.002 * exact(3)
    assert doses.estimate("absorbed_dose", patient="P0", organ="Liver").value == pytest.approx(expected, rel=1e-6)
    table = pd.DataFrame(
        [(s, t, v) for s, row in S.items() for t, v in row.items()], columns=["source", "target", "s_value"]
    )
    again = organ_doses(
        organs(), s_values=table, time="hours", activity="activity_percent", nuclide="89Zr",
        integration={"method": "exponential"}, by="arm",
    )  # fmt: skip
    line = again.estimate("absorbed_dose", patient="P0", organ="Liver")
    assert line.value == pytest.approx(expected, rel=1e-6)
    assert again.groups == ("A", "B")


@pytest.mark.parametrize(
    ("change", "given", "says"),
    [
        (lambda f: f, {"nuclide": "89Zt"}, "did you mean '89Zr'"),
        (lambda f: f.assign(activity_percent=-1.0), {}, "activities are 0 or more"),
        (lambda f: f, {"injected": 0}, "injected is 0"),
        (lambda f: f, {"injected": "hours"}, "one positive injected activity"),
        (lambda f: f, {"tail": "long"}, "tail is 'long'"),
        (lambda f: f, {"start": "late"}, "start is 'late'"),
        (lambda f: f, {"method": "fit"}, "method is 'fit'"),
        (lambda f: f.drop(columns="organ"), {}, "no column 'organ'"),
        (lambda f: f.assign(organ="Liver"), {}, "two values at hours 2"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(change, given, says):
    with pytest.raises(DesignError, match=says):
        integrate(change(organs()), **given)


@pytest.mark.parametrize(
    ("s_values", "given", "says"),
    [
        ({"Liver": {"Liver": 0.1}}, {}, "no S values from 'Spleen'"),
        ({"Liver": {"Liver": -0.1}, "Spleen": {}}, {}, "number of 0 or more"),
        ({"Liver": 0.1}, {}, "table of tables"),
        ([1], {}, "table of tables"),
        (S, {"nuclide": None}, "nuclide is lacking"),
        (S, {"integration": {"tial": "none"}}, "did you mean 'tail'"),
        (S, {"integration": "tail"}, "integration is"),
    ],
)
def test_s_values_that_do_not_serve(s_values, given, says):
    with pytest.raises(DesignError, match=says):
        organ_doses(
            organs(),
            s_values=s_values,
            **({"time": "hours", "activity": "activity_percent", "nuclide": "89Zr"} | given),
        )


def test_s_values_that_are_lacking_are_told_of_and_count_as_zero():
    data = pd.DataFrame({"organ": ["Liver", "Spleen"], "coefficient_h": [12.0, 3.0]})
    gaps = {"Liver": {"Liver": 0.1}, "Spleen": {"Spleen": 0.8, "Liver": 0.001}}
    result = organ_doses(data, s_values=gaps, patient=None)
    said = " ".join(result.method.notes)
    assert "1 S value is not given and taken as zero, so that doses are lower bounds: Liver to Spleen." in said
    assert result.estimate("absorbed_dose", organ="Spleen", summary="mean").value == pytest.approx(2.4)
    whole = {"Liver": {"Liver": 0.1, "Spleen": 0.0}, "Spleen": gaps["Spleen"]}
    assert not any("not given" in note for note in organ_doses(data, s_values=whole, patient=None).method.notes)
