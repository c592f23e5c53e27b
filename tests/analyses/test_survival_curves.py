"""Survival curves from frames: R's survfit and survdiff, landmarks, what counts as an event, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker import survival_curves
from biomarker.errors import DesignError, IndependenceWarning, SchemaError

FOLDER = Path(__file__).parent.parent / "reference"
REFERENCE = json.loads((FOLDER / "survival_analyses.json").read_text())
KERNEL_REFERENCE = json.loads((FOLDER / "survival.json").read_text())
VETERAN = pd.DataFrame(REFERENCE["data"]).rename(columns={"time": "os_days"})
CURVES = json.loads((FOLDER / "survival_curves.json").read_text())
LUNG = pd.DataFrame(KERNEL_REFERENCE["lung"]["data"])
HEART = pd.DataFrame(KERNEL_REFERENCE["heart"]["data"])
VETERAN["patient_id"] = [f"V{i:03d}" for i in range(len(VETERAN))]
ARGUMENTS = {"duration": "os_days", "event": "status"}


def nan(value):
    """JSON null is R's NA."""
    return float("nan") if value is None else value


def assert_curves(result, expected, *, column):
    """Compare medians and survival with summary(survfit(...))."""
    for group, n, events, *median in zip(
        result.groups, *(expected[name] for name in ("n", "events", "median", "low", "high")), strict=True
    ):
        line = result.estimate("median_survival", group=group)
        assert [line.value, line.low, line.high] == pytest.approx([nan(x) for x in median], nan_ok=True)
        assert (line.n, result.estimate("events", group=group).value) == (n, events)
    at = expected["at"]
    for name, time, *values in zip(*(at[key] for key in ("group", "time", "survival", "low", "high")), strict=True):
        group = next(group for group in result.groups if name == f"{column}={group}")
        line = result.estimate("survival", group=group, time=time)
        assert [line.value, line.low, line.high] == pytest.approx([nan(x) for x in values], rel=1e-10)
        assert line.unit == "fraction"


def test_four_groups_against_r():
    result = survival_curves(VETERAN, **ARGUMENTS, group="celltype", times=[60, 180, 365])
    assert result.groups == ("adeno", "large", "smallcell", "squamous")
    assert_curves(result, REFERENCE["by_cell"], column="celltype")
    test = result.estimate("log_rank")
    expected = REFERENCE["log_rank"]
    assert [test.statistic, test.df, test.p_value] == pytest.approx(
        [expected["chisq"], expected["df"], expected["p"]], rel=1e-10
    )
    # R leaves out adenocarcinoma at a year, past its last follow-up, though its curve has come down to 0 there
    assert result.estimate("survival", group="adeno", time=365).value == 0
    assert result.population.rows_used == 137
    assert result.unit == "days"


def test_past_the_last_follow_up_survival_is_not_estimable():
    data = VETERAN.assign(status=VETERAN["status"].where(VETERAN["os_days"] <= 300, 0))
    data["os_days"] = data["os_days"].clip(upper=300)
    result = survival_curves(data, **ARGUMENTS, group="celltype", times=[300, 365])
    lines = {group: result.estimate("survival", group=group, time=365).value for group in result.groups}
    assert lines.pop("adeno") == 0  # the last patient with adenocarcinoma had the event
    assert np.isnan(list(lines.values())).all()
    expected = "365 days is not estimable in large, smallcell, squamous: follow-up ends before (at large 300, "
    assert any(expected in note for note in result.warnings)
    assert not np.isnan(result.estimate("survival", group="large", time=300).value)


def test_log_scale_and_stratified_tests_against_r():
    result = survival_curves(
        VETERAN, **ARGUMENTS, group="trt", times=[60, 180, 365], conf_type="log", strata="celltype"
    )
    assert_curves(result, REFERENCE["by_trt_log"], column="trt")
    expected = REFERENCE["log_rank_stratified"]
    assert result.estimate("log_rank").statistic == pytest.approx(expected["chisq"], rel=1e-10)
    two = survival_curves(VETERAN, **ARGUMENTS, group="trt", strata=["celltype", "prior"]).estimate("log_rank")
    expected = REFERENCE["log_rank_two_strata"]
    assert [two.statistic, two.p_value] == pytest.approx([expected["chisq"], expected["p"]], rel=1e-10)


def test_at_risk_against_r():
    result = survival_curves(VETERAN, **ARGUMENTS, group="trt")
    assert result.at_risk_times.tolist() == [0, 200, 400, 600, 800]
    counts = [[int((VETERAN.os_days[VETERAN.trt == trt] >= t).sum()) for t in result.at_risk_times] for trt in (1, 2)]
    assert result.at_risk.tolist() == counts
    at = REFERENCE["by_trt_log"]["at"]
    own = {(trt, t): int((VETERAN.os_days[VETERAN.trt == trt] >= t).sum()) for trt in (1, 2) for t in (60, 180, 365)}
    assert list(own.values()) == at["at_risk"]


def test_median_follow_up_is_reverse_kaplan_meier():
    result = survival_curves(LUNG, duration="time", event="event", group="sex", patient=None)
    expected = REFERENCE["follow_up"]
    for group, *median in zip(result.groups, expected["median"], expected["low"], expected["high"], strict=True):
        line = result.estimate("median_follow_up", group=group)
        assert [line.value, line.low, line.high] == pytest.approx([nan(x) for x in median], nan_ok=True)
    assert result.unit == ""


def test_landmark_against_r():
    result = survival_curves(VETERAN, **ARGUMENTS, group="trt", times=[60, 180], landmark=60)
    assert_curves(result, REFERENCE["landmark"], column="trt")
    expected = REFERENCE["landmark"]["test"]
    assert result.estimate("log_rank").statistic == pytest.approx(expected["chisq"], rel=1e-10)
    gone = VETERAN[VETERAN.os_days < 60]
    reasons = {exclusion.reason: exclusion.n for exclusion in result.exclusions}
    assert reasons == {
        "with the event before the landmark of 60 days": int(gone.status.sum()),
        "censored before the landmark of 60 days": int((1 - gone.status).sum()),
    }
    assert result.population.patients_used == result.population.rows_used == 137 - len(gone)
    assert any(note.startswith("Landmark analysis") for note in result.warnings)
    assert "landmark at 60 days" in result.method.description


def test_ties_at_a_landmark_of_decimals():
    # 9.3 - 3.1 is 6.200000000000001 in binary: the event at 6.2 months counts at 6.2 months
    data = pd.DataFrame({"pfs_months": [9.3, 9.3, 12.0], "event": [1, 1, 0]})
    result = survival_curves(data, duration="pfs_months", event="event", landmark=3.1, times=6.2)
    assert result.estimate("survival").value == pytest.approx(1 / 3)


def test_left_truncation_against_r():
    with pytest.warns(IndependenceWarning, match="patient_id repeats"):
        result = survival_curves(
            HEART.assign(patient_id=np.repeat(range(86), 2)),
            duration="stop",
            event="event",
            entry="start",
            patient=None,
        )
    expected = KERNEL_REFERENCE["heart"]["km"]
    assert result.curves[0].survival == pytest.approx(expected["survival"], rel=1e-11)
    assert result.estimate("median_survival").value == expected["quantile"][1]
    times = result.at_risk_times[1:]
    assert result.at_risk[0, 1:].tolist() == [int(((HEART.stop >= t) & (HEART.start < t)).sum()) for t in times]
    assert result.at_risk[0, 0] == int((HEART.start <= 0).sum())


@pytest.mark.parametrize(
    ("column", "values", "event_values"),
    [
        ("status", {0: 1, 1: 2}, [2]),
        ("pfs_event", {0: "no", 1: "progression"}, "progression"),
        ("CNSR", {0: 1, 1: 0}, [0]),
        ("happened", {0: False, 1: True}, None),
    ],
)
def test_ways_of_saying_that_the_event_happened(column, values, event_values):
    data = VETERAN.assign(**{column: VETERAN["status"].map(values)})
    result = survival_curves(data, duration="os_days", event=column, event_values=event_values)
    assert result.estimate("events").value == VETERAN["status"].sum()
    assert any(note.startswith("Event: ") for note in result.warnings) == (event_values is not None)


@pytest.mark.parametrize(
    ("column", "values", "event_values", "message"),
    [
        ("status", {0: 1, 1: 2}, None, "which values of 'status' mean that the event happened. It holds 2, 1"),
        ("CNSR", {0: 1, 1: 0}, None, r"CNSR does in CDISC.*event_values=\[0\]"),
        ("censored", {0: True, 1: False}, None, "marks censored patients"),
        ("status", {0: "no", 1: "yes"}, "Yes", "never is 'Yes'.*did you mean 'yes'"),
    ],
)
def test_events_are_never_guessed(column, values, event_values, message):
    data = VETERAN.assign(**{column: VETERAN["status"].map(values)})
    with pytest.raises(DesignError, match=message):
        survival_curves(data, duration="os_days", event=column, event_values=event_values)


def test_one_row_a_patient():
    data = pd.concat([VETERAN, VETERAN.iloc[[0, 1, 1]]], ignore_index=True)
    with pytest.raises(DesignError, match=r"2 of 137 patients have several rows: V001 \(3 rows\), V000 \(2 rows\)"):
        survival_curves(data, **ARGUMENTS)
    with pytest.warns(IndependenceWarning, match="patient_id repeats"):
        result = survival_curves(data, **ARGUMENTS, patient=None)
    assert any("patient_id repeats" in note for note in result.warnings)


def test_negative_durations_are_named():
    data = VETERAN.assign(os_days=VETERAN["os_days"].where(~VETERAN.index.isin([3, 7]), -2))
    with pytest.raises(SchemaError) as caught:
        survival_curves(data, **ARGUMENTS)
    assert [problem.row for problem in caught.value.problems] == [3, 7]
    assert "'-2' is negative" in str(caught.value)


def test_entry_must_come_before_the_end():
    data = VETERAN.assign(entered=0.0)
    data.loc[5, "entered"] = 500.0
    with pytest.raises(SchemaError, match="row 5, entered: '500' is not before os_days"):
        survival_curves(data, **ARGUMENTS, entry="entered")


def test_zero_durations_as_in_r():
    zero = KERNEL_REFERENCE["zero"]  # survfit(Surv(c(0, 0, 1, 2, 2, 5), c(1, 0, 1, 1, 1, 0)) ~ 1)
    data = pd.DataFrame({"time": zero["data"]["t"], "event": zero["data"]["e"]})
    result = survival_curves(data, duration="time", event="event", times=[0, 2])
    assert [result.estimate("survival", time=t).value for t in (0, 2)] == pytest.approx([5 / 6, 5 / 24])
    assert any("2 of 6 patients have follow-up of length 0" in note for note in result.warnings)
    assert result.estimate("median_survival").value == zero["km"]["log-log"]["quantile"][1]


def test_nobody_has_the_event():
    data = VETERAN.assign(status=0)
    result = survival_curves(data, **ARGUMENTS, group="trt", times=100)
    median = result.estimate("median_survival", group=1)
    assert np.isnan([median.value, median.low, median.high]).all()
    at = result.estimate("survival", group=1, time=100)
    assert at.value == 1
    assert np.isnan([at.low, at.high]).all()
    assert np.isnan(result.estimate("log_rank").p_value)
    assert any("Without any event" in note for note in result.warnings)
    assert any("not reached in 1, 2" in note for note in result.warnings)


def test_everyone_has_the_event_at_once():
    data = pd.DataFrame({"pfs_months": [4.0] * 5, "event": [1] * 5})
    result = survival_curves(data, duration="pfs_months", event="event", times=[3, 4, 9])
    assert [result.estimate("survival", time=t).value for t in (3, 4, 9)] == [1, 0, 0]
    assert result.estimate("median_survival").value == 4


def test_one_patient():
    result = survival_curves(VETERAN.head(1), **ARGUMENTS, times=10)
    assert result.estimate("events").n == 1
    assert result.estimate("median_survival").value == VETERAN["os_days"][0]


def test_one_group_only_is_said():
    result = survival_curves(VETERAN.assign(arm="A"), **ARGUMENTS, group="arm")
    assert "All patients are A on arm, so there is nothing to compare." in result.warnings
    assert not any(line.quantity == "log_rank" for line in result.estimates)


def test_groups_never_at_risk_together():
    data = pd.DataFrame({"t": [1, 2, 5, 6], "event": [1, 1, 1, 1], "site": list("aabb"), "g": list("aabb")})
    result = survival_curves(data, duration="t", event="event", group="g", strata="site")
    assert np.isnan(result.estimate("log_rank").p_value)
    assert any("never at risk together" in note for note in result.warnings)


def test_categories_keep_their_order_and_empty_ones_are_left_out():
    order = ["squamous", "unheard of", "large", "smallcell", "adeno"]
    data = VETERAN.assign(celltype=pd.Categorical(VETERAN["celltype"], order))
    assert survival_curves(data, **ARGUMENTS, group="celltype").groups == ("squamous", "large", "smallcell", "adeno")


def test_missing_values_are_counted_by_column():
    data = VETERAN.astype({"os_days": float, "status": "Int64"})
    data.loc[0, "os_days"], data.loc[1, "status"], data.loc[[2, 3], "celltype"] = np.nan, pd.NA, None
    result = survival_curves(data, **ARGUMENTS, group="celltype")
    assert {e.reason: e.n for e in result.exclusions} == {
        "with os_days missing": 1,
        "with status missing": 1,
        "with celltype missing": 2,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"duration": "os_day"}, "did you mean 'os_days'"),
        ({"event": "state"}, "did you mean 'status'"),
        ({"conf_type": "loglog"}, "did you mean 'log-log'"),
        ({"times": [-1]}, "times = -1"),
        ({"times": "12"}, "times = 1, 2"),
        ({"group": "karno", "strata": "trt"}, "too many for a curve each"),
        ({"strata": "trt"}, "give group"),
        ({"group": "trt", "strata": ["trt"]}, "nothing to compare"),
        ({"landmark": 0}, "a time after 0"),
        ({"landmark": 5000.0}, "nobody is under observation at 5000 days: follow-up ends at 999"),
        ({"confidence_level": 95}, "fraction"),
    ],
)
def test_what_is_refused(changes, message):
    with pytest.raises(DesignError, match=message):
        survival_curves(VETERAN, **{**ARGUMENTS, **changes})


@given(seed=st.integers(0, 10_000), factor=st.sampled_from([0.5, 30.4375, 365.25]))
@settings(max_examples=15, deadline=None)
def test_order_of_rows_and_unit_of_time_change_nothing(seed, factor):
    shuffled = VETERAN.sample(frac=1, random_state=seed)
    result = survival_curves(VETERAN, **ARGUMENTS, group="trt")
    other = survival_curves(shuffled.assign(os_days=shuffled["os_days"] * factor), **ARGUMENTS, group="trt")
    assert other.estimate("log_rank").statistic == pytest.approx(result.estimate("log_rank").statistic, rel=1e-9)
    for group in (1, 2):
        medians = [r.estimate("median_survival", group=group).value for r in (result, other)]
        assert medians[1] == pytest.approx(medians[0] * factor)


def test_rmst_differences_against_survrm2_formulas():
    data = CURVES["sets"]["veteran"]
    frame = pd.DataFrame({"t": data["t"], "e": data["e"], "arm": np.where(np.array(data["g"]) == 1, "B", "A")})
    result = survival_curves(frame, duration="t", event="e", group="arm", tau=365, rmst_interval="normal", patient=None)
    expected = data["rmst"]
    for quantity, values in (("rmst_difference", expected["difference"]), ("rmst_ratio", expected["ratio"])):
        line = result.estimate(quantity, comparison="B v A", time=365)
        assert [line.value, line.low, line.high, line.p_value] == pytest.approx(values, rel=1e-8)
    assert result.estimate("rmst", group="B").value == pytest.approx(expected["one"][0], rel=1e-9)
    turned = survival_curves(frame, duration="t", event="e", group="arm", tau=365, reference="B", patient=None)
    assert turned.estimate("rmst_difference", comparison="A v B").value == pytest.approx(-expected["difference"][0])
    widened = survival_curves(frame, duration="t", event="e", group="arm", tau=365, patient=None)
    line = widened.estimate("rmst_difference", comparison="B v A")
    assert line.high - line.low > expected["difference"][2] - expected["difference"][1]


def test_pairs_against_survminer():
    expected = CURVES["pairwise"]
    frame = pd.DataFrame({"time": expected["time"], "status": expected["status"], "cell": expected["cell"]})
    result = survival_curves(frame, duration="time", event="status", group="cell", pairwise=True, patient=None)
    # survminer's matrix: rows large, adeno, squamous... below its columns
    names, values = expected["names"], expected["p"]
    rows, columns = names[: len(values)], names[len(values) :]
    compared = 0
    for row, line in zip(rows, values, strict=True):
        for column, p in zip(columns, line, strict=True):
            if p is not None:
                pair = " v ".join(sorted((row, column)))
                assert result.estimate("pairwise_p_value", comparison=pair).value == pytest.approx(p, rel=1e-8)
                compared += 1
    assert compared == 6


def test_response_from_day_0_is_immortal_time():
    data = VETERAN.assign(response=VETERAN["karno"] > 50)
    with pytest.raises(DesignError, match=r"immortal.*landmark"):
        survival_curves(data, **ARGUMENTS, group="response")
    with pytest.raises(DesignError, match="was measured at 56"):
        survival_curves(VETERAN, **ARGUMENTS, group="trt", measured_at={"trt": 56})
    later = survival_curves(data, **ARGUMENTS, group="response", landmark=60)
    assert any("taken to be known at the landmark" in note for note in later.warnings)
    at_start = survival_curves(data, **ARGUMENTS, group="response", measured_at={"response": 0})
    assert len(at_start.groups) == 2


def test_a_group_of_one_and_one_without_events():
    data = VETERAN.assign(arm=["one", *["rest"] * 100, *["none"] * 36])
    data.loc[data["arm"] == "none", "status"] = 0
    result = survival_curves(data, **ARGUMENTS, group="arm", times=50, pairwise=True, trend=[1, 2, 4])
    assert any("Too few patients for a curve to mean much: one 1." in note for note in result.warnings)
    assert np.isnan(result.estimate("rmst", group="none").low)
    assert np.isnan(result.estimate("survival_difference", comparison="one v none", time=50).low)


def test_late_entry_counts_and_tests():
    data = VETERAN.assign(entered=np.minimum(VETERAN["os_days"] / 2, 20))
    result = survival_curves(data, **ARGUMENTS, group="trt", entry="entered", tests=["log-rank", "gehan"], times=60)
    assert result.estimate("gehan_test").p_value > 0
    frame = result.at_risk_table()
    at = frame[(frame["group"] == 1) & (frame["time"] == 200)]["at_risk"].item()
    assert at == ((data.trt == 1) & (data.os_days >= 200) & (data.entered < 200)).sum()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tau": 2000.0}, "past follow-up, which ends at: 1.*at most"),
        ({"tau": "end"}, "a time above 0"),
        ({"tests": "wilcoxon"}, "there are log-rank, gehan"),
        ({"band": "nair"}, "hall-wellner"),
        ({"rho": -1}, "at least 0"),
        ({"trend": [1, 2, 3]}, "3 scores"),
        ({"trend": [1, 1]}, "1 of them different"),
        ({"adjust": "sidak"}, "there are"),
        ({"reference": 3}, "no value of 'trt'"),
        ({"group": None, "pairwise": True}, "there are none"),
        ({"quantiles": [25]}, "fractions"),
        ({"quantiles": ["a"]}, "give numbers"),
        ({"risk_table": "all"}, "kmunicate"),
        ({"rmst_interval": "bootstrap"}, "normal"),
        ({"measured_at": {"arm": 0}}, "does not use"),
    ],
)
def test_new_options_are_refused_in_words(changes, message):
    data = VETERAN.assign(status=VETERAN["status"].where(VETERAN["os_days"] <= 300, 0))
    data["os_days"] = data["os_days"].clip(upper=300)
    with pytest.raises(DesignError, match=message):
        survival_curves(data, **{**ARGUMENTS, "group": "trt", **changes})
