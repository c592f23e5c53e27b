"""The table of repeatability, as it prints."""

import numpy as np

import biomarker as bm
from tests.analyses.test_repeatability import FLOW, trial, wide


def test_table_of_peak_flow():
    table = bm.repeatability(wide(FLOW, "flow"), value="flow", session="session", bands=1, patient=None).table()
    assert table.title == "Repeatability of flow"
    assert table.header == ("Quantity", "Estimate", "95% CI", "n")
    # the numbers are R's: tests/reference/repeatability.json, peak_flow
    assert [row.cells for row in table.lines[:9]] == [
        ("Repeatability",),
        ("Within-lesion SD", "21.5", "18.2–26.1", "20"),
        ("Repeatability coefficient", "59.5", "50.5–72.4", "20"),
        ("Within-lesion CV, % (root mean square)", "7.1", "6.0–8.7", "20"),
        ("Within-lesion CV, % (from logarithms)", "7.2", "6.1–8.8", "20"),
        ("Repeatability coefficient, % (root mean square)", "19.7", "16.8–24.0", "20"),
        ("Change beyond error: decrease, %", "−18.1", "−21.6 to −15.6", "20"),
        ("Change beyond error: increase, %", "22.1", "18.5–27.5", "20"),
        ("CV of each lesion, %: median (IQR)", "5.4 (2.8–6.4)", "", "20"),
    ]
    assert any(note.startswith("A measured change in Flow of an increase of more than") for note in table.footnotes)


def test_readers_bands_and_components_have_headings():
    table = bm.repeatability(trial(), value="suvmax", session="session").table()
    headings = [row.cells[0] for row in table.lines if row.is_heading]
    assert headings == [
        "Repeatability",
        "Reproducibility over readers",
        "Within-lesion CV, %, root mean square, by mean SUVmax",
        "Variance, log scale (share of the total)",
    ]
    assert bm.repeatability(trial(sessions=1), value="suvmax").table().title == "Reproducibility of SUVmax"


def test_no_variation_prints_ne_for_the_upper_limit():
    result = bm.repeatability(wide(np.repeat(FLOW[:, :1], 2, axis=1)), value="suvmax", session="session", patient=None)
    assert result.table().lines[1].cells == ("Within-lesion SD, g/mL", "0.000", "0.000–NE", "20")
