"""Clearance against R on Indometh, against a constructed truth, and with what cannot be fitted."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from biomarker import clearance
from biomarker.errors import DesignError, SchemaError

R = json.loads((Path(__file__).parents[1] / "reference" / "kinetics.json").read_text(encoding="utf-8"))["indometh"]


@pytest.fixture(scope="module")
def indometh():
    blocks = [pd.DataFrame({"patient_id": s, "hours": d["time"], "ug_ml": d["conc"]}) for s, d in R.items()]
    return pd.concat(blocks, ignore_index=True).assign(arm=lambda f: np.where(f["patient_id"] < "4", "A", "B"))


def fit(data, **given):
    return clearance(data, **({"time": "hours", "activity": "ug_ml"} | given))


@pytest.mark.parametrize("patient", R)
def test_half_lives_and_areas_are_those_of_nls(indometh, patient):
    result = fit(indometh, terms=2, weights="constant", dose=25.0)
    d = R[patient]
    for phase in (1, 2):
        line = result.estimate("half_life", patient=patient, phase=phase)
        assert line.value == pytest.approx(d["half_lives"][phase - 1], rel=1e-5)
        half_width = stdtrit(7, 0.975) * d["two"]["se"][f"lrc{phase}"]
        assert (line.low, line.high) == pytest.approx(
            (line.value * np.exp(-half_width), line.value * np.exp(half_width)), rel=1e-4
        )
    auc = result.estimate("auc", patient=patient)
    assert auc.value == pytest.approx(d["auc"], rel=1e-5)
    assert result.estimate("clearance", patient=patient).value == pytest.approx(25 / d["auc"], rel=1e-5)
    assert result.estimate("aicc", patient=patient, terms=2).value == pytest.approx(d["aicc_two"], rel=1e-8)


def test_over_patients_it_is_the_geometric_mean(indometh):
    result = fit(indometh, terms=2, weights="constant")
    logs = np.log([d["auc"] for d in R.values()])
    line = result.estimate("auc", summary="geometric mean")
    assert line.value == pytest.approx(np.exp(logs.mean()), rel=1e-6)
    half = stdtrit(5, 0.975) * logs.std(ddof=1) / np.sqrt(6)
    assert (line.low, line.high) == pytest.approx((np.exp(logs.mean() - half), np.exp(logs.mean() + half)), rel=1e-5)


def test_two_phases_are_chosen_for_indometacin(indometh):
    result = fit(indometh)
    assert result.terms == 2
    assert any("lowest AICc" in note for note in result.method.notes)


def exact(n_patients=4, half_lives=(5.0, 50.0), fractions=(0.4, 0.6), time=(0.5, 2, 6, 24, 48, 96, 168)):
    t = np.array(time, dtype=float)
    curve = sum(f * 0.5 ** (t / h) for f, h in zip(fractions, half_lives, strict=True))
    blocks = [
        pd.DataFrame({"patient_id": f"P{i}", "hours_post_injection": t, "activity_percent_per_l": (25 + i) * curve})
        for i in range(n_patients)
    ]
    return pd.concat(blocks, ignore_index=True)


BLOOD = {"time": "hours_post_injection", "activity": "activity_percent_per_l"}


def test_volume_and_clearance_follow_from_percent_per_litre():
    result = clearance(exact(), **BLOOD, terms=2)
    assert result.estimate("central_volume", patient="P0").value == pytest.approx(4.0, rel=1e-5)
    area = 25 * (0.4 * 5 + 0.6 * 50) / np.log(2)
    line = result.estimate("clearance", patient="P0")
    assert (line.value, line.unit) == (pytest.approx(100 / area, rel=1e-5), "L/h")
    mean = (0.4 * 25 + 0.6 * 2500) / (0.4 * 5 + 0.6 * 50) / np.log(2)
    assert result.estimate("mean_residence_time", patient="P0").value == pytest.approx(mean, rel=1e-5)
    assert result.estimate("phase_fraction", patient="P0", phase=1).value == pytest.approx(0.4, rel=1e-5)


def test_biologic_and_effective_half_lives_with_and_without_correction_for_decay():
    data = exact()
    result = clearance(data, **BLOOD, terms=2, nuclide="Zr-89")
    effective = result.estimate("half_life_effective", patient="P0", phase=2).value
    assert effective == pytest.approx(1 / (1 / 50 + 1 / 78.41), rel=1e-5)
    raw = data.assign(activity_percent_per_l=lambda f: f.iloc[:, 2] * 0.5 ** (f["hours_post_injection"] / 78.41))
    again = clearance(raw, **BLOOD, terms=2, nuclide="89Zr", decay_corrected=False)
    assert again.estimate("half_life_biologic", patient="P0", phase=2).value == pytest.approx(50, rel=1e-5)
    with pytest.raises(DesignError, match="give the nuclide"):
        clearance(raw, **BLOOD, decay_corrected=False)


def test_days_and_hours_give_one_answer():
    data = exact()
    days = data.assign(days=data["hours_post_injection"] / 24).drop(columns="hours_post_injection")
    result = clearance(days, time="days", activity="activity_percent_per_l", terms=2, nuclide="89Zr")
    line = result.estimate("half_life_effective", patient="P0", phase=2)
    assert (line.value * 24, line.unit) == (pytest.approx(1 / (1 / 50 + 1 / 78.41), rel=1e-5), "d")


def test_groups_are_compared_by_ratios(indometh):
    result = fit(indometh, terms=2, weights="constant", by="arm")
    line = result.estimate("geometric_mean_ratio", term="auc", group="B")
    logs = {arm: np.log([R[p]["auc"] for p in names]) for arm, names in (("A", "123"), ("B", "456"))}
    assert line.value == pytest.approx(np.exp(logs["B"].mean() - logs["A"].mean()), rel=1e-6)
    assert 0 < line.p_value < 1
    assert line.of["reference"] == "A"


def test_rows_in_any_order_and_patients_doubled(indometh):
    plain = fit(indometh, terms=2)
    shuffled = fit(indometh.sample(frac=1, random_state=1), terms=2)
    assert [line.value for line in shuffled.estimates] == pytest.approx(
        [line.value for line in plain.estimates], nan_ok=True
    )
    doubled = fit(pd.concat([indometh, indometh.assign(patient_id=lambda f: f["patient_id"] + "x")]), terms=2)
    assert doubled.estimate("auc", summary="geometric mean").value == pytest.approx(
        plain.estimate("auc", summary="geometric mean").value
    )


def test_profile_limits_hold_the_estimate(indometh):
    line = fit(indometh[indometh["patient_id"] == "6"], terms=2, interval="profile").estimate("auc")
    assert line.low < line.value < line.high


def test_samples_below_the_limit_are_left_out_and_counted():
    data = exact()
    data["below_lod"] = data["hours_post_injection"] > 100
    data.loc[data["below_lod"], "activity_percent_per_l"] = 0.0
    result = clearance(data, **BLOOD, terms=2, below_lod="below_lod")
    assert result.estimate("half_life", patient="P0", phase=2).value == pytest.approx(50, rel=1e-5)
    assert [e.n for e in result.exclusions] == [4]
    assert "none was set to zero" in " ".join(result.method.notes)


def test_a_patient_who_cannot_be_fitted_is_named():
    data = pd.concat([exact(), exact(1).head(1).assign(patient_id="single"), exact(1).assign(
        patient_id="rising", activity_percent_per_l=np.arange(7.0) + 1)])  # fmt: skip
    notes = " ".join(clearance(data, **BLOOD, terms=1).method.notes)
    assert "single: 1 sample where 1 exponential needs 2" in notes
    assert "rising: the activity does not fall" in notes


@pytest.mark.parametrize(
    ("change", "given", "says"),
    [
        (lambda f: f.assign(ug_ml=0.0), {}, "activity of 0 at 0.25 h"),
        (lambda f: f.assign(ug_ml=-1.0), {}, "below_lod"),
        (lambda f: f.assign(hours=-f["hours"]), {}, "0 or more"),
        (lambda f: f.assign(hours=1.0), {}, "two values at hours 1"),
        (lambda f: f.assign(ug_ml=f["hours"]), {"terms": 1}, "does not fall"),
        (lambda f: f.groupby("patient_id").head(1), {}, "1 sample where"),
        (lambda f: f.rename(columns={"hours": "when"}), {"time": "when"}, "in what unit is 'when'"),
        (lambda f: f, {"time_unit": "fortnights"}, "time_unit"),
        (lambda f: f, {"nuclide": "89Zn"}, "did you mean '89Zr'"),
        (lambda f: f, {"terms": 4}, "terms is 4"),
        (lambda f: f, {"terms": "two"}, "terms is 'two'"),
        (lambda f: f, {"weights": "log"}, "weights is 'log'"),
        (lambda f: f, {"area": "log"}, "area is 'log'"),
        (lambda f: f, {"interval": "wald"}, "interval is"),
        (lambda f: f, {"dose": -1}, "dose is -1"),
        (lambda f: f, {"dose": "hours"}, "one positive dose a patient"),
        (lambda f: f, {"activity": "ug"}, "no column 'ug'"),
        (lambda f: f.assign(ug_ml=np.nan), {}, "no row is left"),
        (lambda f: f.head(0), {}, "no rows"),
        (lambda f: f.assign(arm=f["hours"]), {"by": "arm"}, "more than one group"),
        (lambda f: f.assign(low=True), {"below_lod": "low"}, "below the limit of detection"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(indometh, change, given, says):
    with pytest.raises(DesignError, match=says):
        fit(change(indometh), **given)


def test_text_among_the_numbers_names_its_cells(indometh):
    data = indometh.astype({"ug_ml": object})
    data.loc[3, "ug_ml"] = "<0.05"
    with pytest.raises(SchemaError, match=r"<0\.05"):
        fit(data)


def test_areas_with_decay_add_its_rate():
    data = exact()
    rates = np.log(2) * (1 / np.array([5, 50]) + 1 / 78.41)
    result = clearance(data, **BLOOD, terms=2, nuclide="89Zr")
    line = result.estimate("auc_decaying", patient="P0")
    assert line.value == pytest.approx(25 * np.sum(np.array([0.4, 0.6]) / rates), rel=1e-5)
    assert line.unit == result.estimate("auc", patient="P0").unit
    raw = data.assign(activity_percent_per_l=lambda f: f.iloc[:, 2] * 0.5 ** (f["hours_post_injection"] / 78.41))
    again = clearance(raw, **BLOOD, terms=2, nuclide="89Zr", decay_corrected=False)
    of_raw = clearance(raw, **BLOOD, terms=2)  # the plain areas of the activity as it is
    for name in ("auc", "auc_decaying", "auc_trapezoid", "auc_trapezoid_decaying"):
        assert again.estimate(name, patient="P1").value == pytest.approx(
            result.estimate(name, patient="P1").value, rel=1e-6
        )
    assert of_raw.estimate("auc", patient="P1").value == pytest.approx(
        result.estimate("auc_decaying", patient="P1").value, rel=1e-5
    )
    assert of_raw.estimate("auc_trapezoid", patient="P1").value == pytest.approx(
        result.estimate("auc_trapezoid_decaying", patient="P1").value, rel=1e-9
    )
    with pytest.raises(DesignError, match="no estimate"):
        of_raw.estimate("auc_decaying", patient="P1")


def test_curves_that_rise_do_not_end_or_end_early_are_told_of():
    hours = np.array([0.5, 1, 2, 4, 8, 24, 48])
    falls = 10 * np.exp(-hours / 12)
    values = {
        "a": falls,
        "b": np.array([1, 2, 3.5, 5, 4.5, 2, 0.7]),
        "c": np.array([10, 10.5, 11, 11.5, 11.8, 12, 12.2]),
        "d": 10 * np.exp(-hours / 60),
    }
    data = pd.concat([pd.DataFrame({"patient_id": k, "hours": hours, "a": v}) for k, v in values.items()])
    said = " ".join(clearance(data, time="hours", activity="a", terms=1).method.notes)
    assert "In 1 of 4 curves activity rises after the first sample" in said
    assert "1 of 4 curves do not fall at their end" in said
    assert "In 1 of 4 curves more than 20% of the area lies beyond" in said
    good = clearance(data[data["patient_id"] == "a"], time="hours", activity="a", terms=1).method.notes
    assert not any("rises" in note or "beyond" in note or "at their end" in note for note in good)
