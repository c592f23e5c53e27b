import json
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, SchemaError
from biomarker.kernels.survival import kaplan_meier

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def transplants():
    """Klein and Moeschberger's bone marrow transplants: relapse, or death in remission."""
    frame = pd.read_csv(REFERENCE / "competing_bmt.csv")
    what = frame["cause"].map({0: "none", 1: "relapse", 2: "death"})
    disease = frame["group"].map({0: "ALL", 1: "AML low risk", 2: "AML high risk"})
    disease = pd.Categorical(disease, ["ALL", "AML low risk", "AML high risk"])
    ids = [f"P{number:03}" for number in range(len(frame))]
    return pd.DataFrame({
        "patient_id": ids,
        "dfs_days": frame["duration"],
        "what": what,
        "disease": disease,
        "age_years": frame["age"],
        "mtx": frame["strata"],
    })  # fmt: skip


RATIOS = ("subdistribution_hazard_ratio", "cause_specific_hazard_ratio")
ASK = {"duration": "dfs_days", "event": "what", "censored": "none", "causes": ["relapse", "death"]}


def test_incidence_tests_and_hazard_ratios_of_the_transplants(transplants):
    # R: cmprsk::cuminc and crr, survival::survfit and coxph; tests/reference/cumulative_incidence.R
    result = bm.cumulative_incidence(
        transplants, group="disease", times=365, predictors=["disease", "age_years"], per={"age_years": 10}, **ASK
    )
    expected = json.loads((REFERENCE / "cumulative_incidence.json").read_text())["bmt"]
    all_of_them = bm.cumulative_incidence(transplants, times=365, **ASK)
    found = [all_of_them.estimate("cumulative_incidence", cause=cause).value for cause in ("relapse", "death")]
    assert found == pytest.approx(expected["incidence"][1])
    test = result.estimate("gray_test", cause="death")
    assert (test.statistic, test.df) == (pytest.approx(expected["gray"]["statistic"][1]), 2)
    whole = [line for line in result.estimates if line.of.get("cause") == "relapse"]
    ratios = {q: [np.log(line.value) for line in whole if line.quantity == q] for q in RATIOS}
    per_year = np.array([1, 1, 10])
    assert ratios[RATIOS[0]] == pytest.approx(per_year * expected["fine_gray"][0]["coef"], rel=1e-6)
    assert ratios[RATIOS[1]] == pytest.approx(per_year * expected["cause_specific"][0], rel=1e-6)
    errors = np.sqrt(np.diag(expected["fine_gray"][0]["covariance"]))
    line = result.estimate(RATIOS[0], cause="relapse", term="age_years")
    assert np.log(line.high / line.low) / 10 == pytest.approx(2 * 1.959964 * errors[2], rel=1e-5)
    ratio = result.estimate("subdistribution_hazard_ratio", cause="relapse", term="disease", level="AML low risk")
    assert ratio.of["reference"] == "ALL"
    assert result.estimate("cause_specific_hazard_ratio", cause="death", term="age_years").of["per"] == "10 years"
    assert result.estimate("events", cause="relapse", group="ALL").n == 38
    assert result.population.unit == "patient"


def test_censoring_the_other_cause_overstates_the_incidence(transplants):
    result = bm.cumulative_incidence(transplants, times=1000, **ASK)
    naive = kaplan_meier(transplants["dfs_days"], transplants["what"] == "relapse")
    at = np.searchsorted(naive.time, 1000, side="right") - 1
    assert result.estimate("cumulative_incidence", cause="relapse").value < 1 - naive.survival[at]


def test_numbers_for_causes_zero_is_censored_and_names_may_be_given(transplants):
    coded = transplants.assign(what=transplants["what"].map({"none": 0, "relapse": 1, "death": 2}))
    result = bm.cumulative_incidence(
        coded, duration="dfs_days", event="what", causes={"relapse": 1, "death": [2]}, times=365
    )
    expected = bm.cumulative_incidence(transplants, times=365, **ASK)
    assert [line.value for line in result.estimates] == [line.value for line in expected.estimates]
    assert "Causes by what: relapse is 1; death is 2; censored is 0." in result.method.notes
    assert bm.cumulative_incidence(coded, duration="dfs_days", event="what").causes == ("1", "2")


def test_late_entry_leaves_out_what_does_not_allow_for_it(transplants):
    later = transplants.assign(entry=transplants["dfs_days"] / 10)
    result = bm.cumulative_incidence(later, group="disease", entry="entry", predictors="age_years", **ASK)
    quantities = {line.quantity for line in result.estimates}
    assert "cause_specific_hazard_ratio" in quantities
    assert not quantities & {"gray_test", "subdistribution_hazard_ratio"}
    assert any("late entry" in note for note in result.method.notes)


def test_a_landmark_counts_from_itself(transplants):
    result = bm.cumulative_incidence(transplants, landmark=100, times=200, **ASK)
    assert result.population.rows_used == int((transplants["dfs_days"] >= 100).sum())
    assert any("with the event before the landmark" in one.reason for one in result.exclusions)


def test_response_from_day_0_is_refused(transplants):
    with pytest.raises(DesignError, match="immortal"):
        bm.cumulative_incidence(transplants.rename(columns={"disease": "response"}), group="response", **ASK)
    with pytest.raises(DesignError, match="landmark=100"):
        bm.cumulative_incidence(transplants, predictors="age_years", measured_at={"age_years": 100}, **ASK)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"censored": None}, "which values of 'what' mean censored"),
        ({"censored": "nome"}, "did you mean 'none'"),
        ({"causes": ["relapse"]}, "also holds 'death'"),
        ({"causes": ["relapse", "death", "none"]}, "named twice"),
        ({"causes": "relapse"}, "give a list"),
        ({"censored": ["none", "death"], "causes": ["relapse"]}, "holds 1 cause besides censoring"),
        ({"duration": "dfs"}, "did you mean 'dfs_days'"),
        ({"conf_type": "loglog"}, "did you mean 'log-log'"),
        ({"times": [-1]}, "times = -1"),
        ({"strata": "mtx"}, "strata belong to Gray's test"),
        ({"group": "age_years"}, "too many for a curve each"),
        ({"predictors": "what"}, "part of the outcome"),
        ({"predictors": "agee"}, "no column"),
        ({"landmark": 1e6}, "nobody is under observation"),
    ],
)
def test_faults_are_named(transplants, change, message):
    with pytest.raises(DesignError, match=message):
        bm.cumulative_incidence(transplants, **{**ASK, **change})


def test_bad_follow_up_is_named_by_row(transplants):
    wrong = transplants.copy()
    wrong.loc[3, "dfs_days"] = -1
    with pytest.raises(SchemaError, match="negative"):
        bm.cumulative_incidence(wrong, **ASK)
    with pytest.raises(DesignError, match="several rows"):
        bm.cumulative_incidence(transplants.assign(patient_id="P1"), **ASK)
    with pytest.raises(DesignError, match="empty"):
        bm.cumulative_incidence(transplants.iloc[:0], **ASK)


def test_missing_rows_are_left_out_and_counted(transplants):
    holes = transplants.copy()
    holes.loc[:4, "what"] = None
    result = bm.cumulative_incidence(holes, **ASK)
    assert result.population.rows_used == len(transplants) - 5
    assert result.exclusions[0].n == 5


def test_a_cause_that_nobody_had_and_times_past_follow_up():
    frame = pd.DataFrame({"os_months": [1.0, 2, 3, 4], "what": ["a", "b", "none", "none"], "arm": ["x", "x", "y", "y"]})
    ask = {"duration": "os_months", "event": "what", "censored": "none", "patient": None}
    result = bm.cumulative_incidence(frame, group="arm", times=[0.5, 3, 9], **ask)
    nothing = result.estimate("cumulative_incidence", cause="a", group="y", time=3)
    assert (nothing.value, isnan(nothing.low)) == (0, True)
    assert isnan(result.estimate("cumulative_incidence", cause="a", group="y", time=9).value)
    assert any("has no interval" in note for note in result.method.notes)
    assert any("at 9 months is not estimable" in note for note in result.method.notes)
    # in group x everybody has had an event by month 2: the incidence stays what it was
    assert result.estimate("cumulative_incidence", cause="a", group="x", time=9).value == 0.5


def test_separation_gives_no_ratio_and_says_why():
    t = np.arange(1.0, 25)
    frame = pd.DataFrame({"os_months": t, "what": ["a"] * 8 + ["b", "none"] * 8, "arm": ["x"] * 8 + ["y"] * 16})
    result = bm.cumulative_incidence(
        frame, duration="os_months", event="what", censored="none", predictors="arm", patient=None
    )
    for quantity in ("subdistribution_hazard_ratio", "cause_specific_hazard_ratio"):
        line = result.estimate(quantity, cause="a")
        assert isnan(line.value)
        assert isnan(line.high)
    assert any("no finite estimate" in note for note in result.method.notes)
    assert any("8 events of a for 1 coefficient" in note for note in result.method.notes)


def test_table(transplants):
    table = bm.cumulative_incidence(transplants, group="mtx", times=365, predictors="mtx", **ASK).table()
    assert table.title == "Cumulative incidence of relapse and death by mtx"
    assert table.header == ("", "Mtx 0", "Mtx 1", "Ratio (95% CI)", "p")
    labels = [row.cells[0] for row in table.lines]
    assert labels == [
        "Patients",
        "Relapse",
        "Events",
        "Incidence at 365 days, % (95% CI)",
        "Gray's test",
        "Subdistribution hazard ratio, Mtx, per unit",
        "Cause-specific hazard ratio, Mtx, per unit",
        "Death",
        "Events",
        "Incidence at 365 days, % (95% CI)",
        "Gray's test",
        "Subdistribution hazard ratio, Mtx, per unit",
        "Cause-specific hazard ratio, Mtx, per unit",
    ]
    assert table.lines[2].cells[1:] == ("29", "13", "", "")
    assert table.lines[4].cells[1:3] == ("", "")  # a test of the groups is of none of them


def test_figure(transplants):
    result = bm.cumulative_incidence(transplants, group="mtx", **ASK)
    ax = result.plot()
    steps = {line.get_label(): line for line in ax.lines}
    assert set(steps) == {"Mtx 0: relapse", "Mtx 0: death", "Mtx 1: relapse", "Mtx 1: death"}
    y = steps["Mtx 0: death"].get_ydata()
    assert y[0] == 0
    assert y[-1] == pytest.approx(100 * result.curves[0].incidence[-1, 1])
    assert "Gray's test: relapse p = " in ax.get_legend().get_title().get_text()
    texts = [text.get_text() for text in ax.texts]
    assert texts[:2] == ["At risk", "Mtx 0"]
    assert str(result.at_risk[0, 0]) in texts


def test_a_ratio_per_unit_that_floating_point_does_not_hold_is_infinite():
    frame = pd.DataFrame(
        {
            "os_months": np.arange(1.0, 31),
            "cause": ["death", "relapse", "none"] * 10,
            "suvmax": np.arange(30, 0, -1) * 1e-6,
        }
    )
    frame.loc[3, "suvmax"] = 5e-7
    found = bm.cumulative_incidence(
        frame, duration="os_months", event="cause", censored="none", predictors="suvmax", patient=None
    )
    assert any(line.value == np.inf for line in found.estimates if line.quantity.endswith("hazard_ratio"))


def test_a_figure_of_many_curves_has_a_legend_of_groups_and_causes_and_its_caption_no_bands():
    rows = np.arange(240)
    frame = pd.DataFrame(
        {
            "os_months": 1.0 + rows % 37,
            "cause": np.array(["death", "relapse", "withdrawal", "none"])[rows % 4],
            "arm": np.array(["a", "b", "c"])[rows // 80],
        }
    )
    ask = {"duration": "os_months", "event": "cause", "censored": "none", "patient": None}
    many = bm.cumulative_incidence(frame, group="arm", **ask)
    legend = many.plot().get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "c", "death", "relapse", "withdrawal"]
    assert "bands" not in many.caption
    few = bm.cumulative_incidence(frame, **ask)
    assert "with pointwise 95% confidence bands" in few.caption
    assert len(few.plot().collections) >= 3
