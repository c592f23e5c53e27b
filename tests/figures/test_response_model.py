"""What is drawn of a response model: odds ratios, risk over uptake, calibration."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biomarker import DesignError, response_model

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())
BIRTHWT = pd.DataFrame(REFERENCE["birthwt"]["data"])
ENDOMETRIAL = pd.DataFrame(REFERENCE["endometrial"]["data"])
ARGUMENTS = {"response": "low", "predictors": ["lwt", "smoke"], "patient": None}


def test_forest_has_a_dot_an_interval_and_a_number_for_each_odds_ratio():
    result = response_model(BIRTHWT, **ARGUMENTS, per={"lwt": 10}, n_resamples=0)
    ax = result.plot()
    lines = [line for line in result.estimates if line.quantity == "odds_ratio"]
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "s"]
    assert dots == pytest.approx([line.value for line in lines])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Lwt, per 10", "Smoke, per unit"]
    assert ax.get_xlabel() == "Odds ratio (95% CI), low"
    assert ax.texts[0].get_text() == f"{lines[0].value:.2f} ({lines[0].low:.2f}–{lines[0].high:.2f})"
    assert "one model" in result.caption


def test_limit_beyond_the_axis_becomes_an_arrow():
    result = response_model(ENDOMETRIAL, response="HG", predictors=["NV", "PI", "EH"], patient=None, n_resamples=0)
    ax = result.plot(figure="ratios")
    assert [line.get_marker() for line in ax.lines].count(">") == 1
    assert ">1000" in ax.texts[0].get_text()


def test_shape_is_drawn_over_the_values_observed_with_knots_and_a_band():
    result = response_model(BIRTHWT, **ARGUMENTS, splines={"lwt": 4}, n_resamples=0)
    ax = result.plot()
    shape = result.shapes[0]
    curve, *rest = ax.lines
    np.testing.assert_allclose(curve.get_ydata(), 100 * shape.risk[0])
    knots = next(line for line in rest if line.get_marker() == "^")
    assert len(knots.get_xdata()) == 4
    assert len(ax.collections) == 1
    assert ax.get_ylabel() == "Probability of low (%)"
    assert "smoke 0" in result.caption
    assert np.all((shape.low <= shape.risk) & (shape.risk <= shape.high))


def test_calibration_shows_the_apparent_and_the_corrected_curve():
    result = response_model(BIRTHWT, **ARGUMENTS, n_resamples=50)
    ax = result.plot(figure="calibration")
    styles = [line.get_linestyle() for line in ax.lines]
    assert styles == ["-", "-", ":"]
    groups = result.calibration[0].groups
    np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 1], 100 * groups.observed)
    assert groups.n.sum() == 189
    assert ax.texts[0].get_text().startswith("Corrected slope 0.")


def test_ordered_response_has_a_curve_for_each_cut():
    data = BIRTHWT.assign(
        response=pd.cut(BIRTHWT["age"] + 3 * BIRTHWT["smoke"], [0, 20, 25, 60], labels=["a", "b", "c"])
    )
    result = response_model(
        data, response="response", family="ordinal", predictors=["lwt"], patient=None, n_resamples=0
    )
    for figure, text in (("shape", "Probability (%)"), ("calibration", "Observed (%)")):
        ax = result.plot(figure=figure)
        assert [entry.get_text() for entry in ax.get_legend().get_texts()] == ["b or c", "c"]
        assert ax.get_ylabel() == text


def test_unknown_figure_is_refused():
    with pytest.raises(DesignError, match="calibration"):
        response_model(BIRTHWT, **ARGUMENTS, n_resamples=0).plot(figure="calibraton")


def test_long_labels_stand_on_two_lines_so_that_the_intervals_keep_room():
    arm = ["Trastuzumab deruxtecan", "Physician's choice", "Trastuzumab deruxtecan"] * 20
    data = pd.DataFrame({"status": ["yes", "no", "no", "yes"] * 15, "arm": arm})
    result = response_model(data, response="status", positive="yes", predictors=["arm"], patient=None, n_resamples=0)
    ax = result.plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Arm: Trastuzumab deruxtecan vs\nPhysician's choice"]
    ax.figure.draw_without_rendering()
    assert ax.get_position().width > 0.15
