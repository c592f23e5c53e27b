"""What is drawn of a hazard model: one dot and interval a hazard ratio."""

import json
from pathlib import Path

import pandas as pd
import pytest

from biomarker import hazard_model

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "survival_analyses.json").read_text())
VETERAN = pd.DataFrame(REFERENCE["data"]).rename(columns={"time": "os_days"})
VETERAN["patient_id"] = range(len(VETERAN))
ARGUMENTS = {"duration": "os_days", "event": "status"}


def test_dots_intervals_and_labels():
    options = {"reference": {"celltype": "squamous"}, "per": {"age": "doubling", "karno": 10}}
    ax = hazard_model(VETERAN, **ARGUMENTS, predictors=["celltype", "age", "karno"], **options).plot()
    expected = REFERENCE["cox"]
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "s"]
    assert dots == pytest.approx(expected["ratio"], rel=1e-7)
    intervals = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2 and line.get_marker() == "None"]
    assert [list(ends) for ends in intervals[:5]] == [
        pytest.approx(ends, rel=1e-7) for ends in zip(expected["low"], expected["high"], strict=True)
    ]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "Celltype: adeno vs squamous",
        "Celltype: large vs squamous",
        "Celltype: smallcell vs squamous",
        "Age, per doubling",
        "Karno, per 10",
    ]
    assert ax.get_xscale() == "log"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first at the top
    assert ax.texts[0].get_text() == "3.22 (1.81–5.72)"
    assert ax.get_xlabel() == "Hazard ratio (95% CI), overall survival"
    assert 1 in ax.get_xticks()


def test_a_narrow_axis_still_has_ticks():
    ax = hazard_model(VETERAN, **ARGUMENTS, predictors="age").plot()
    ax.figure.canvas.draw()
    assert ax.get_xticks().tolist() == [0.7, 1, 1.4]
    low, high = ax.get_xlim()
    assert low < 0.7 < 1.4 < high


def test_limits_off_the_axis_become_arrows():
    few = VETERAN.assign(unit=VETERAN["karno"] / 1e4)
    ax = hazard_model(few, **ARGUMENTS, predictors=["unit"]).plot()
    assert any(line.get_marker() == "<" for line in ax.lines)
    low, high = ax.get_xlim()
    assert 1e-4 < low < 1 < high < 1e4
