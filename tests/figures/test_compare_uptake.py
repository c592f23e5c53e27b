import numpy as np
import pandas as pd

from biomarker import compare_uptake
from biomarker.figures.uptake_marks import patient_marks, spread_sideways


def lesions(n_patients=6, each=4):
    rng = np.random.default_rng(2)
    patient = np.repeat(np.arange(n_patients), each)
    response = np.where(patient % 2, "PD", "PR")
    return pd.DataFrame(
        {"patient_id": patient, "response": response, "suvmax": np.exp(rng.normal(1, 0.5, patient.size))}
    )


def points(ax):
    """Return the single points: the boxes' own lines have several."""
    return [line for line in ax.lines if len(line.get_xdata()) == 1 and line.get_marker() not in ("None", None, "")]


def test_every_value_is_drawn_and_patients_are_told_apart():
    data = lesions()
    result = compare_uptake(data, marker="suvmax", group="response")
    ax = result.plot()
    drawn = sorted(float(line.get_ydata()[0]) for line in points(ax))
    assert np.allclose(drawn, sorted(data["suvmax"]))
    looks = {(line.get_marker(), line.get_color()) for line in points(ax)}
    assert len(looks) == 6
    assert ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["PR", "PD"]
    assert ax.get_ylabel() == "SUVmax (g/mL)"
    ax.figure.canvas.draw()


def test_boxes_stand_on_the_quartiles():
    data = lesions(each=1)
    result = compare_uptake(data, marker="suvmax", group="response", scale="raw")
    ax = result.plot()
    box = ax.lines[0].get_ydata()
    expected = [result.estimate(name, group="PR").value for name in ("q1", "q3")]
    assert np.allclose([box.min(), box.max()], expected)
    assert ax.get_yscale() == "linear"
    ax.figure.canvas.draw()


def test_many_patients_share_one_look():
    marks = patient_marks(np.arange(60), named=True)
    assert len({mark["marker"] for mark in marks.values()}) == 1
    assert len({(m["marker"], m["color"]) for m in patient_marks(np.arange(42), named=True).values()}) == 42


def test_equal_values_stand_side_by_side_about_the_middle():
    offsets = spread_sideways(np.array([1.0, 1.0, 1.0, 5.0]))
    assert np.allclose(sorted(offsets[:3]), [-0.15, 0, 0.15])
    assert offsets[3] == 0
    assert spread_sideways(np.array([])).size == 0
