"""What is drawn of survival curves: steps, censored patients, patients at risk."""

import numpy as np
import pandas as pd
import pytest

from biomarker import survival_curves

WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
FREIREICH = pd.DataFrame(
    {
        "patient_id": range(42),
        "remission_weeks": WEEKS + PLACEBO,
        "relapse": RELAPSE + [1] * 21,
        "arm": ["6-MP"] * 21 + ["Placebo"] * 21,
    }
)
ARGUMENTS = {"duration": "remission_weeks", "event": "relapse"}


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_steps_censored_patients_and_numbers_at_risk():
    ax = survival_curves(FREIREICH, **ARGUMENTS, group="arm").plot()
    curves = [line for line in ax.lines if line.get_label() != "_censored"]
    censored = [line for line in ax.lines if line.get_label() == "_censored"]
    x, y = curves[0].get_data()
    assert x.tolist() == [0, 6, 7, 10, 13, 16, 22, 23, 35]  # flat to the end of follow-up
    assert y == pytest.approx([100, 85.7, 80.7, 75.3, 69.0, 62.7, 53.8, 44.8, 44.8], abs=0.05)
    assert curves[0].get_drawstyle() == "steps-post"
    assert curves[1].get_ydata()[-1] == 0
    assert curves[0].get_linestyle() != curves[1].get_linestyle()  # told apart in grey
    assert censored[0].get_xdata().tolist() == [6, 9, 10, 11, 17, 19, 20, 25, 32, 34, 35]
    assert censored[1].get_xdata().size == 0
    assert texts(ax) == ["At risk", "6-MP", "21", "15", "8", "4", "Placebo", "21", "8", "2", "0"]
    assert ax.get_xlabel() == "Time (weeks)"
    assert ax.get_ylabel() == "Remission (%)"
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["6-MP: median 23.0 (13.0–NR) weeks", "Placebo: median 8.0 (4.0–11.0) weeks"]
    assert ax.get_legend().get_title().get_text() == "Log-rank p < 0.001"


def test_the_bands_are_the_limits():
    result = survival_curves(FREIREICH, **ARGUMENTS)
    band = result.plot().collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(100 * np.nanmin(result.curves[0].low))


def test_the_band_goes_on_until_the_curve_is_at_0():
    data = pd.DataFrame({"patient_id": range(4), "t_months": [1, 2, 3, 9], "event": [1, 0, 0, 1]})
    band = survival_curves(data, duration="t_months", event="event").plot().collections[0].get_paths()[0].vertices
    assert band[:, 0].max() == 9


def test_numbers_at_risk_lie_within_the_figure():
    ax = survival_curves(FREIREICH, **ARGUMENTS, group="arm").plot()
    ax.figure.canvas.draw()
    whole = ax.figure.bbox
    for text in ax.texts:
        box = text.get_window_extent()
        assert box.y0 >= whole.y0
        assert box.x0 >= whole.x0


def test_from_a_landmark_without_groups():
    ax = survival_curves(FREIREICH.rename(columns={"remission_weeks": "os_months"}), duration="os_months",
                         event="relapse", landmark=6).plot()  # fmt: skip
    assert ax.get_xlabel() == "Time from the landmark (months)"
    assert ax.get_ylabel() == "Overall survival (%)"
    assert texts(ax) == ["At risk", "33", "18", "11", "5", "4"]  # followed to 6, 12, 18, 24 and 30 months
    assert ax.get_legend().get_texts()[0].get_text().startswith("All patients: median")


def test_nobody_has_the_event():
    ax = survival_curves(FREIREICH.assign(relapse=0), **ARGUMENTS, group="arm").plot()
    assert ax.get_legend().get_title().get_text() == "Log-rank test not estimable"
    assert "median NR" in ax.get_legend().get_texts()[0].get_text()


def test_a_dollar_in_a_group_is_no_formula():
    ax = survival_curves(FREIREICH.assign(arm=FREIREICH["arm"] + " $x$"), **ARGUMENTS, group="arm").plot()
    ax.figure.canvas.draw()
    assert "6-MP $x$" in texts(ax)


def test_kmunicate_rows_count_the_censored_and_the_events():
    result = survival_curves(FREIREICH, **ARGUMENTS, group="arm", risk_table="kmunicate")
    ax = result.plot()
    at_risk, censored, events = ["21", "15", "8", "4"], ["0", "3", "7", "8"], ["0", "5", "7", "9"]
    assert texts(ax)[:16] == ["6-MP", "At risk", *at_risk, "Censored", *censored, "Events", *events]
    ax.figure.canvas.draw()
    assert all(text.get_window_extent().y0 >= ax.figure.bbox.y0 for text in ax.texts)
    frame = result.at_risk_table()
    assert frame.columns.tolist() == ["group", "time", "at_risk", "events", "censored"]
    assert (frame["at_risk"] + frame["events"] + frame["censored"] >= 21).all()


def test_simultaneous_bands_are_drawn_and_said():
    result = survival_curves(FREIREICH, **ARGUMENTS, group="arm", band="hall-wellner")
    band = result.plot().collections[0].get_paths()[0].vertices
    assert np.nanmin(band[:, 1]) == pytest.approx(100 * np.nanmin(result.bands[0].low))
    assert "simultaneous 95% Hall-Wellner bands" in result.caption


def test_many_groups_have_no_shades_and_long_names_are_broken():
    many = FREIREICH.assign(arm=[f"group {i % 6}" for i in range(42)])
    result = survival_curves(many, **ARGUMENTS, group="arm")
    assert len(result.plot().collections) == 0
    assert "confidence" not in result.caption
    long = FREIREICH.assign(arm=FREIREICH["arm"] + " given with a great many words about its schedule and its dose")
    ax = survival_curves(long, **ARGUMENTS, group="arm").plot()
    ax.figure.canvas.draw()
    assert "\n" in ax.get_legend().get_texts()[0].get_text()
    assert any(text.get_text().endswith("…") for text in ax.texts)
