"""Figures of clearance, Patlak, organs, doses and censored values hold the data they are of."""

import numpy as np
import pandas as pd
import pytest

import biomarker as bm

HOURS = np.array([0.5, 2, 6, 24, 48, 96, 168])


def blood(n):
    curve = 10 * 0.5 ** (HOURS / 5) + 15 * 0.5 ** (HOURS / 50)
    rows = [
        pd.DataFrame(
            {"patient_id": f"P{i}", "hours": HOURS, "activity_percent_per_l": (1 + i / 10) * curve, "arm": "AB"[i % 2]}
        )
        for i in range(n)
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("n", [1, 5])
def test_clearance_has_a_mark_for_each_sample_and_a_line_through_them(n):
    data = blood(n)
    ax = bm.clearance(data, time="hours", activity="activity_percent_per_l", terms=2, by="arm").plot()
    marks = [line for line in ax.lines if line.get_linestyle() == "None"]
    drawn = np.sort(np.concatenate([line.get_ydata() for line in marks]))
    np.testing.assert_allclose(drawn, np.sort(data["activity_percent_per_l"]))
    curves = [line for line in ax.lines if line.get_linestyle() != "None" and len(line.get_xdata())]
    assert len(curves) == n
    first = curves[0]
    near = np.interp(24, first.get_xdata(), first.get_ydata())
    assert near == pytest.approx(data["activity_percent_per_l"][3], rel=1e-3)
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "Time after injection (h)"


def test_patlak_lines_go_through_their_points():
    time = np.array([1.0, 24, 48, 96])
    data = pd.DataFrame({"lesion_id": "L1", "hours": time, "blood": 5.0, "suv": 5 * (0.3 + 0.02 * time)})
    ax = bm.patlak(data, time="hours", plasma="blood", tissue="suv", t_star=24, patient=None).plot()
    filled, open_, line = ax.lines
    np.testing.assert_allclose(filled.get_ydata(), [0.78, 1.26, 2.22])
    np.testing.assert_allclose(open_.get_xdata(), [1.0])
    np.testing.assert_allclose(line.get_ydata(), [0.78, 2.22])


def test_the_key_of_clearance_has_line_and_mark_of_each_group_in_their_order():
    data = blood(5)
    data["arm"] = pd.Categorical(data["arm"], ["B", "A"])
    ax = bm.clearance(data, time="hours", activity="activity_percent_per_l", terms=2, by="arm").plot()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["B", "A"]
    assert [line.get_marker() for line in ax.get_legend().get_lines()] == ["o", "s"]


def test_many_patlak_lines_are_faint_and_their_mean_is_heavy():
    time = np.array([1.0, 24, 48, 96])
    data = pd.concat(
        pd.DataFrame(
            {"lesion_id": f"L{k}", "hours": time, "blood": 5.0, "suv": 5 * (0.3 + 0.001 * k * time), "arm": "AB"[k % 2]}
        )
        for k in range(1, 61)
    )
    result = bm.patlak(data, time="hours", plasma="blood", tissue="suv", t_star=24, by="arm", patient=None)
    ax = result.plot()
    heavy = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in heavy] == ["Mean of A", "Mean of B"]
    slopes = [np.diff(line.get_ydata())[0] / np.diff(line.get_xdata())[0] for line in heavy]
    assert slopes == pytest.approx([0.031, 0.030])
    assert {line.get_alpha() for line in ax.lines if line not in heavy} == {0.5}


def test_organs_have_thin_patients_and_a_thick_mean():
    rows = [
        (p, organ, t, v * (1 + 0.1 * p))
        for p in range(3)
        for organ, v in (("Liver", 15), ("Spleen", 3))
        for t in (2, 24, 96)
    ]
    data = pd.DataFrame(rows, columns=["patient_id", "organ", "hours", "activity_percent"])
    ax = bm.time_integrated_activity(data, time="hours", activity="activity_percent", nuclide="89Zr").plot()
    thick = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in thick] == ["Liver", "Spleen"]
    np.testing.assert_allclose(thick[0].get_ydata(), [16.5] * 3)
    assert len(ax.lines) == 8


def test_doses_stand_at_their_means_and_parts_add_up():
    cd8 = pd.read_csv(bm.example_folder("cd8") / "dosimetry.csv")
    result = bm.dose_table(cd8, by="group", sd="dose_per_activity_sd")
    ax = result.plot()
    marks = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert [line.get_label() for line in marks] == ["All dose levels", "0.5 mg", "1.5 mg"]
    organs = cd8[(cd8["group"] == "0.5 mg") & ~cd8["organ"].str.contains("Effective")]
    np.testing.assert_allclose(marks[1].get_xdata(), organs["dose_per_activity"])
    assert result.figure_size[1] > 3
    whole = bm.effective_dose(cd8, by="group", missing="zero")
    ax = whole.plot()
    ends = {}
    for bar in ax.patches:
        row = round(bar.get_y() + bar.get_height() / 2)
        ends[row] = max(ends.get(row, 0), bar.get_x() + bar.get_width())
    shown = [whole.estimate("effective_dose", group=group).value for group in whole.groups]
    np.testing.assert_allclose([ends[row] for row in range(3)], shown)
    assert [line.get_xdata()[0] for line in ax.lines] == [0.65, 0.67, 0.64]


def test_the_fitted_distribution_passes_the_known_values():
    data = pd.DataFrame({"suvmax": [0.0, 0.0, 0.7, 1.1, 2.0, 3.9]})
    result = bm.censored_summary(data, marker="suvmax", limit=0.5, patient=None)
    ax = result.plot()
    marks, line, limit = ax.lines
    np.testing.assert_allclose(marks.get_ydata(), np.arange(3, 7) / 6)
    median = np.interp(0.5, line.get_ydata(), line.get_xdata())
    assert median == pytest.approx(result.estimate("geometric_mean").value, rel=1e-2)
    assert limit.get_xdata()[0] == 0.5
