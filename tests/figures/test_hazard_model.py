"""What is drawn of a hazard model: one dot and interval a hazard ratio."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biomarker import hazard_model
from biomarker.errors import DesignError

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
    assert [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()] == [
        "Celltype: adeno vs squamous",
        "Celltype: large vs squamous",
        "Celltype: smallcell vs squamous",
        "Age, per doubling",
        "Karno, per 10",
    ]
    assert ax.get_xscale() == "log"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first at the top
    assert ax.texts[0].get_text() == "3.22 (1.81–5.72)"
    assert ax.get_xlabel().replace("\n", " ") == "Hazard ratio (95% CI), overall survival"
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


def bent():
    suvmax = np.exp(np.random.default_rng(1).normal(2, 0.5, len(VETERAN)) - VETERAN["karno"] / 100)
    data = VETERAN.assign(suvmax=suvmax)
    options = {"splines": "suvmax", "per": {"suvmax": "doubling"}, "n_resamples": 0}
    return hazard_model(data, **ARGUMENTS, predictors=["suvmax", "karno"], **options)


def test_a_spline_is_drawn_over_the_marker():
    result = bent()
    ax = result.plot()
    shape = result.shapes[0]
    curve = next(line for line in ax.lines if len(line.get_xdata()) == shape.marker.size)
    assert curve.get_ydata() == pytest.approx(shape.ratio)
    dot = next(line for line in ax.lines if line.get_marker() == "o")
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (shape.reference, 1)
    rug = next(line for line in ax.lines if line.get_marker() == "|")
    assert sorted(rug.get_xdata()) == pytest.approx(sorted(shape.observed))
    knots = next(line for line in ax.lines if line.get_marker() == "^")
    assert knots.get_xdata() == pytest.approx(shape.knots)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_xlabel() == "SUVmax (g/mL)"
    assert ax.get_ylabel() == f"Hazard ratio vs {shape.reference:.3g} g/mL,\noverall survival"
    assert "restricted cubic spline" in result.caption
    # at the reference the band has no width
    at = np.argmin(np.abs(np.log(shape.marker / shape.reference)))
    assert shape.low[at] == pytest.approx(1, abs=0.02)


def test_the_ratios_of_a_spline_are_those_of_its_values():
    ax = bent().plot(figure="ratios")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[-1] == "Karno, per unit"
    assert labels[0].startswith("SUVmax: 1.98 vs 4.1")


def test_two_splines_have_a_panel_each():
    result = hazard_model(
        VETERAN, **ARGUMENTS, predictors=["age", "karno"], splines={"age": 3, "karno": [30, 60, 90]}, n_resamples=0
    )
    ax = result.plot()
    assert [panel.get_xlabel() for panel in ax.child_axes] == ["Age (years)", "Karno"]
    ax.figure.canvas.draw()
    upper, lower = (panel.get_tightbbox() for panel in ax.child_axes)
    assert upper.y0 > lower.y1  # no label runs into the panel beneath


def test_residuals_over_time():
    result = hazard_model(
        VETERAN, **ARGUMENTS, predictors=["celltype", "karno"], per={"karno": 10}, figure="residuals", n_resamples=0
    )
    ax = result.plot()
    panels = ax.child_axes
    for panel, course in zip(panels, result.residuals, strict=True):
        dots, *_ = [line for line in panel.lines if line.get_marker() == "o"]
        assert dots.get_ydata() == pytest.approx(course.value)
        assert dots.get_xdata() == pytest.approx(course.position)
    assert panels[0].get_ylabel() == "Multiple of the\nmodel's effect"
    assert panels[1].get_ylabel() == "Log hazard ratio"
    assert panels[1].texts[0].get_text().startswith("Karno, per 10 (p ")
    dashed = next(line for line in panels[1].lines if line.get_linestyle() == "--")
    assert dashed.get_ydata()[0] == pytest.approx(np.log(result.estimate("hazard_ratio", term="karno").value))
    assert panels[1].get_xlabel() == "Time (days)"
    assert "Schoenfeld" in result.caption
    ax.figure.canvas.draw()
    assert panels[0].get_tightbbox().y0 > panels[1].get_tightbbox().y1


def test_what_cannot_be_drawn():
    result = hazard_model(VETERAN, **ARGUMENTS, predictors="karno", n_resamples=0)
    with pytest.raises(DesignError, match="no predictor has a spline"):
        result.plot(figure="shape")
    with pytest.raises(DesignError, match="did you mean 'residuals'"):
        result.plot(figure="residual")
