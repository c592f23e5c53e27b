import numpy as np
import pandas as pd

from biomarker import uptake_over_time


def cells(table):
    return [row.cells for row in table.lines]


def course(**columns):
    data = pd.DataFrame({"lesion_id": list("abcd") * 2, "hours": [2] * 4 + [24] * 4, **columns})
    return data.assign(suvmax=[1.0, 2.0, 4.0, 8.0, 2.0, 2.0, 6.0, 16.0])


def test_one_tissue():
    table = uptake_over_time(course(), marker="suvmax", time="hours", patient=None).table()
    assert table.title == "SUVmax (g/mL) by time after injection"
    assert table.header == (
        "Time", "n", "Mean (SD; SE)", "Median (quartiles)", "Range", "Geometric mean (95% CI)", "Estimate (95% CI)",
        "p", "Peak, n (%)",
    )  # fmt: skip
    assert cells(table) == [
        ("2 h", "4", "3.75 (3.10; 1.55)", "3.00 (1.75–5.00)", "1.00–8.00", "2.83 (0.68–11.75)", "", "", "1 (25)"),
        ("24 h", "4", "6.50 (6.61; 3.30)", "4.00 (2.00–8.50)", "2.00–16.00", "4.43 (0.90–21.77)", *cells(table)[1][6:]),
    ]
    # ratios 2, 1, 1.5, 2: geometric mean 6^(1/4); b is as high at both times and peaks at the earlier
    assert cells(table)[1][6].startswith("1.57 (")
    assert cells(table)[1][8] == "3 (75)"


def test_tissues_ratios_and_overall_tests():
    rng = np.random.default_rng(1)
    rows = [
        (patient, tissue, lesion, hours, float(np.exp(rng.normal(level * hours / 48, 0.2))))
        for patient in "abcdef"
        for tissue, lesion, level in (("tumour", "1", 1.0), ("tumour", "2", 1.0), ("liver", None, 0.2))
        for hours in (2, 24, 48)
    ]
    data = pd.DataFrame(rows, columns=["patient_id", "tissue", "lesion_id", "hours", "suvmax"])
    result = uptake_over_time(
        data, marker="suvmax", time="hours", tissue="tissue", reference_tissue="liver", n_resamples=99
    )
    table = result.table()
    labels = [row[0] for row in cells(table)]
    assert labels == [
        "tumour", "2 h", "24 h", "48 h", "liver", "2 h", "24 h", "48 h", "Ratio to liver: geometric mean (95% CI)",
        "tumour, 2 h", "tumour, 24 h", "tumour, 48 h",
    ]  # fmt: skip
    assert cells(table)[1][1] == "12 (6)"
    assert cells(table)[5][1] == "6"
    notes = [note for note in table.footnotes if note.startswith("Any difference between times")]
    assert len(notes) == 2
    assert "Friedman, times permuted within patients" in notes[0]
    assert not any("ranks" in note for note in table.footnotes)  # they are not in the table
    assert "SE, standard error that allows for lesions nested in patients" in table.footnotes[0]
    assert table.footnotes[-1] == "54 measurements in 6 patients analysed; none excluded."


def test_a_single_time_has_no_comparison():
    table = uptake_over_time(course().query("hours == 2"), marker="suvmax", time="hours", patient=None).table()
    assert table.header[-1] == "Geometric mean (95% CI)"


def test_zeros_print_as_not_estimable():
    data = course().replace({"suvmax": {1.0: 0.0}})
    table = uptake_over_time(data, marker="suvmax", time="hours", patient=None, scale="raw").table()
    assert cells(table)[0][5] == "NE"
    assert [spanner.label for spanner in table.spanners] == ["Difference from 2 h"]
