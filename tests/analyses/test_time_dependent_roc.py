import json
import warnings
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.errors import DesignError, DirectionWarning, SchemaError

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def lung():
    """The Veterans' lung cancer trial: Karnofsky score and age."""
    frame = pd.read_csv(REFERENCE / "timed_veteran.csv")
    frame.insert(0, "patient_id", [f"P{number:03}" for number in range(len(frame))])
    return frame.rename(columns={"time": "os_days", "event": "died", "first": "karnofsky", "second": "age_years"})


ASK = {"duration": "os_days", "event": "died", "n_resamples": 100}


@pytest.fixture(scope="module")
def result(lung):
    return bm.time_dependent_roc(
        lung,
        marker="karnofsky",
        times=[60, 120, 240],
        higher_is_positive=False,
        cutoff=60,
        **ASK,
    )


def test_areas_and_brier_scores_of_the_lung_trial(result):
    # R: riskRegression::Score; tests/reference/time_dependent_roc.R
    expected = json.loads((REFERENCE / "time_dependent_roc.json").read_text())["veteran"]
    for place, time in enumerate((60, 120, 240)):
        line = result.estimate("auc", time=time)
        assert line.value == pytest.approx(expected["auc"]["first"][place])
        assert (line.value - 0.5) / line.statistic == pytest.approx(expected["auc_se"]["first"][place], rel=1e-4)
        assert 0.5 < line.low < line.value < line.high < 1
        brier = result.estimate("brier", time=time)
        assert brier.value == pytest.approx(expected["brier"][place], rel=1e-5)
        assert result.estimate("brier_null", time=time).value == pytest.approx(expected["brier_null"][place], rel=1e-5)
        assert abs(result.estimate("brier_corrected", time=time).value - brier.value) < 0.01
    rises = [result.estimate(f"brier{end}", time=time).value for end in ("_corrected", "") for time in (60, 120, 240)]
    assert sum(rises[:3]) > sum(rises[3:])  # refits are optimistic


def test_a_good_marker_fades_and_its_cutoff_is_told_as_it_was_given(result):
    assert result.estimate("auc_change", time=240).value < 0
    assert result.estimate("incident_auc", time=60).value > result.estimate("incident_auc", time=240).value
    line = result.estimate("sensitivity", time=120)
    assert line.of["cutoff"] == 60
    assert line.low < line.value < line.high
    assert "P(cutoff)" not in str(result)
    assert result.estimate("integrated_brier").value < result.estimate("brier", time=120).value
    assert result.estimate("observed_expected_ratio").value == pytest.approx(1, abs=0.1)
    groups = [line.value for line in result.estimates if line.quantity == "predicted_risk"]
    assert groups == sorted(groups)


def test_markers_are_compared_and_a_marker_with_itself_does_not_differ(lung):
    twice = lung.assign(again=lung["karnofsky"], age_years=-lung["age_years"])
    result = bm.time_dependent_roc(
        twice, marker=["karnofsky", "again", "age_years"], times=[60, 120], higher_is_positive=False, **ASK
    )
    same = result.estimate("auc_difference", first="karnofsky", second="again", time=60)
    assert (same.value, same.p_value) == (0, 1)
    other = result.estimate("auc_difference", first="karnofsky", second="age_years", time=60)
    assert other.value == pytest.approx(
        result.estimate("auc", marker="karnofsky", time=60).value
        - result.estimate("auc", marker="age_years", time=60).value
    )
    joint = result.estimate("auc_equality", first="karnofsky", second="age_years")
    assert joint.df == 2
    assert 0 < joint.p_value < 0.001


def test_results_do_not_depend_on_the_order_of_rows_nor_on_monotone_scales(lung, result):
    turned = lung.sample(frac=1, random_state=4).assign(karnofsky=lambda frame: np.exp(frame["karnofsky"] / 50))
    again = bm.time_dependent_roc(
        turned, marker="karnofsky", times=[60, 120, 240], higher_is_positive=False, cutoff=float(np.exp(1.2)), **ASK
    )
    for quantity in ("auc", "sensitivity", "npv"):
        for time in (60, 120, 240):
            one, other = (each.estimate(quantity, time=time) for each in (result, again))
            assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


def test_given_risks_are_judged_as_they_are(lung):
    risky = lung.assign(risk=1 / (1 + np.exp((lung["karnofsky"] - 60) / 20)))
    result = bm.time_dependent_roc(risky, marker="risk", times=120, as_probability="risk", **ASK)
    quantities = {line.quantity for line in result.estimates}
    assert {"brier", "scaled_brier"} <= quantities
    assert not {"brier_corrected", "integrated_brier"} & quantities
    with pytest.raises(DesignError, match="lies between 0 and 1"):
        bm.time_dependent_roc(lung, marker="karnofsky", times=120, as_probability="karnofsky", **ASK)


def test_the_wrong_direction_is_told_and_not_changed(lung):
    with pytest.warns(DirectionWarning, match="below 0.5"):
        result = bm.time_dependent_roc(lung, marker="karnofsky", times=120, **ASK)
    assert result.estimate("auc").value < 0.5


def test_small_and_perfect_data_have_intervals_and_a_warning():
    frame = pd.DataFrame(
        {"os_months": [1.0, 2, 3, 8, 9, 10], "died": [1, 1, 1, 0, 0, 1], "suvmax": [9, 8, 7, 3, 2, 1.0]}
    )
    ask = {"duration": "os_months", "event": "died", "marker": "suvmax", "patient": None, "n_resamples": 50}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = bm.time_dependent_roc(frame, times=5, cutoff=5, **ask)
    assert "3 cases and 3 controls" in str(caught[0].message)
    line = result.estimate("auc")
    assert line.value == 1
    assert 0.3 < line.low < 0.8
    share = result.estimate("sensitivity")
    assert (share.value, share.high) == (1, 1)
    assert 0.3 < share.low < 0.6


def test_a_constant_marker_says_nothing(lung):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = bm.time_dependent_roc(lung.assign(flat=3.0), marker="flat", times=120, **ASK)
    line = result.estimate("auc")
    assert line.value == pytest.approx(0.5)
    assert line.low < 0.45 < 0.55 < line.high
    assert isnan(line.p_value)
    assert any("no finite estimate" in note for note in result.method.notes)
    assert not result.calibrations


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": []}, "times"),
        ({"times": [0]}, "above 0"),
        ({"times": 5000}, "no controls"),
        ({"times": 0.5}, "no cases"),
        ({"marker": []}, "no marker"),
        ({"marker": "karnofski"}, "did you mean 'karnofsky'"),
        ({"marker": "died"}, "part of the outcome"),
        ({"cutoff": {"age": 3}}, "not among the markers"),
        ({"cutoff": "high"}, "give a number"),
        ({"marker": ["karnofsky", "age_years"], "cutoff": 3}, "name each"),
        ({"as_probability": "age_years"}, "not among the markers"),
        ({"n_resamples": 1}, "n_resamples"),
        ({"n_groups": 0}, "n_groups"),
        ({"measured_at": {"karnofsky": 30}}, "immortal"),
        ({"rng": -1}, "rng"),
    ],
)
def test_faults_are_named(lung, change, message):
    with pytest.raises(DesignError, match=message):
        bm.time_dependent_roc(lung, **{**ASK, "marker": "karnofsky", "times": 120, **change})


def test_bad_follow_up_is_named_by_row(lung):
    wrong = lung.copy()
    wrong.loc[2, "os_days"] = -5
    with pytest.raises(SchemaError, match="negative"):
        bm.time_dependent_roc(wrong, marker="karnofsky", times=120, **ASK)
    with pytest.raises(DesignError, match="no patient had the event"):
        bm.time_dependent_roc(lung.assign(died=0), marker="karnofsky", times=120, **ASK)


def test_table(result):
    table = result.table()
    assert table.title == "Karnofsky for overall survival by time"
    assert table.header == ("", "60 days", "120 days", "240 days")
    assert [row.cells[0] for row in table.lines] == [
        "Karnofsky",
        "AUC (95% CI)",
        "Incident AUC (95% CI)",
        "Sensitivity at ≤ 60, % (95% CI)",
        "Specificity at ≤ 60, % (95% CI)",
        "PPV at ≤ 60, % (95% CI)",
        "NPV at ≤ 60, % (95% CI)",
        "Brier score (without the marker)",
    ]
    assert table.lines[1].cells[1] == "0.82 (0.74–0.88)"


def test_figure(result):
    figure = result.plot().figure
    panels = [ax for ax in figure.axes if ax.axison]
    lines = {line.get_label(): line for line in panels[0].lines}
    assert lines["Karnofsky"].get_xdata()[-1] == 240
    np.testing.assert_allclose(
        lines["_asked"].get_ydata(), [result.estimate("auc", time=t).value for t in (60, 120, 240)]
    )
    dots = next(line for line in panels[1].lines if line.get_label() == "Karnofsky")
    np.testing.assert_allclose(dots.get_ydata(), 100 * result.calibrations[0].observed)
    assert not isnan(result.calibrations[0].low[0])
