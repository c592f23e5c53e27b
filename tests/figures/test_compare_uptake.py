import numpy as np
import pandas as pd

from biomarker import compare_uptake
from biomarker.figures.uptake_marks import patient_lanes, patient_marks, spread_sideways


def lesions(n_patients=6, each=4):
    rng = np.random.default_rng(2)
    patient = np.repeat(np.arange(n_patients), each)
    response = np.where(patient % 2, "PD", "PR")
    return pd.DataFrame(
        {"patient_id": patient, "response": response, "suvmax": np.exp(rng.normal(1, 0.5, patient.size))}
    )


def marked(ax):
    """Return what is drawn with markers: the lesions of one patient and group, or a single value."""
    return [line for line in ax.lines if line.get_linestyle() == "None" and line.get_marker() not in ("None", "")]


def test_every_value_is_drawn_and_patients_are_told_apart():
    data = lesions()
    result = compare_uptake(data, marker="suvmax", group="response")
    ax = result.plot()
    drawn = np.concatenate([line.get_ydata() for line in marked(ax)])
    assert np.allclose(sorted(drawn), sorted(data["suvmax"]))
    looks = {(line.get_marker(), line.get_color()) for line in marked(ax)}
    assert len(looks) == 6
    assert ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["PR", "PD"]
    assert ax.get_ylabel() == "SUVmax (g/mL)"
    ax.figure.canvas.draw()


def test_forty_patients_each_have_a_line_of_their_own():
    data = lesions(n_patients=40)
    ax = compare_uptake(data, marker="suvmax", group="response").plot()
    lanes = marked(ax)
    assert len(lanes) == 40
    places = [float(line.get_xdata()[0]) for line in lanes]
    assert all(np.ptp(line.get_xdata()) == 0 for line in lanes)
    assert len(set(np.round(places, 6))) == 40
    # each lane is joined from its lowest lesion to its highest
    joined = {tuple(line.get_ydata()) for line in ax.lines if line.get_color() == "0.55"}
    assert {(line.get_ydata().min(), line.get_ydata().max()) for line in lanes} == joined
    ax.figure.canvas.draw()


def test_a_patient_in_both_groups_looks_the_same_in_both():
    data = lesions().assign(response=lambda frame: np.where(np.arange(len(frame)) % 2, "PD", "PR"))
    ax = compare_uptake(data, marker="suvmax", group="response").plot()
    looks = [(line.get_marker(), line.get_color()) for line in marked(ax)]
    assert len(looks) == 12
    assert len(set(looks)) == 6


def test_pairs_are_joined():
    early = lesions().assign(scan="24 h", lesion_id=np.arange(24))
    late = early.assign(scan="48 h", suvmax=early["suvmax"] * 1.5)
    data = pd.concat([early, late], ignore_index=True).sample(frac=1, random_state=1)
    result = compare_uptake(data, marker="suvmax", group="scan", paired_by="lesion_id")
    ax = result.plot()
    lines = [line for line in ax.lines if line.get_color() == "0.6"]
    assert len(lines) == 24
    assert np.allclose([line.get_ydata()[1] / line.get_ydata()[0] for line in lines], 1.5)
    assert "lines join" in result.caption
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


def test_lanes_run_from_the_lowest_median_to_the_highest():
    offsets = patient_lanes(np.array([5.0, 6.0, 1.0, 2.0, 3.0]), np.array([0, 0, 1, 1, 2]))
    assert offsets[0] == offsets[1] > offsets[4] > offsets[2] == offsets[3]
