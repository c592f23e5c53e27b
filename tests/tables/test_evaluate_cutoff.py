"""How performance at given cutoffs is laid out, with and without measurement error."""

import pandas as pd

from biomarker import evaluate_cutoff
from tests.analyses.test_reader_effect import ASKED as READ
from tests.analyses.test_reader_effect import lesions, readings

LESIONS = pd.DataFrame(
    {
        "patient_id": list("AAABBCCCDDEEFFGG"),
        "suvmax": [2.0, 2.6, 3.1, 3.4, 3.9, 4.1, 4.4, 4.8, 5.2, 5.9, 6.3, 6.8, 7.7, 8.1, 9.0, 12.4],
        "response": [0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1],
    }
)
ASKED = {"reference_standard": "response", "marker": "suvmax"}


def test_whole_table_of_independent_rows():
    result = evaluate_cutoff(LESIONS, **ASKED, cutoffs=4.0, repeatability={"within_cv": 0.12}, patient=None)
    table = result.table()
    assert table.title == "SUVmax at prespecified cutoffs for response"
    assert table.header == ("Quantity", "n/N", "As measured (95% CI)", "With a further error")
    further = {line.quantity: line.value for line in result.estimates if line.of.get("performance") == "further error"}
    change = result.estimate("probability_of_change").value
    # Wilson limits of 8/9, 4/7, 8/11, 4/5, 12/16: the same as R 4.2.2's prop.test(x, n, correct = FALSE) gives
    assert [row.cells for row in table.lines] == [
        ("SUVmax ≥ 4.00 g/mL",),
        ("Sensitivity, %", "8/9", "88.9 (56.5–98.0)", f"{100 * further['sensitivity']:.1f}"),
        ("Specificity, %", "4/7", "57.1 (25.0–84.2)", f"{100 * further['specificity']:.1f}"),
        ("PPV, %", "8/11", "72.7 (43.4–90.3)", f"{100 * further['ppv']:.1f}"),
        ("NPV, %", "4/5", "80.0 (37.6–96.4)", f"{100 * further['npv']:.1f}"),
        ("Accuracy, %", "12/16", "75.0 (50.5–89.8)", f"{100 * further['accuracy']:.1f}"),
        ("Youden J", "", table.lines[6].cells[2], f"{further['youden']:.2f}"),
        ("Grey zone, g/mL", "", "3.03–5.28", ""),
        ("In the grey zone, %", "7/16", "43.8 (23.1–66.8)", ""),
        ("Changed by remeasurement, expected, %", "", f"{100 * change:.1f}", ""),
    ]
    assert table.lines[6].cells[2].startswith("0.46 (")
    assert any("within-lesion CV of 12%" in note for note in table.footnotes)
    assert any("(positive: SUVmax ≥ cutoff)" in note for note in table.footnotes)


def test_nested_lesions_have_lines_for_patients():
    result = evaluate_cutoff(LESIONS, **ASKED, cutoffs=[4.0, 6.0], repeatability=0.12)
    labels = [row.cells[0] for row in result.table().lines]
    assert labels.count("Patients with a lesion in the grey zone, %") == 2
    assert labels.count("Patients with a change, expected, %") == 2
    assert [row.cells[0] for row in result.table().lines if row.is_heading] == [
        "SUVmax ≥ 4.00 g/mL",
        "SUVmax ≥ 6.00 g/mL",
    ]


def test_without_measurement_error_and_with_nothing_positive():
    result = evaluate_cutoff(LESIONS, **ASKED, cutoffs=99.0, is_prespecified=False, patient=None)
    table = result.table("nejm")
    rows = {row.cells[0]: row.cells for row in table.lines}
    assert table.header == ("Quantity", "n/N", "As measured (95% CI)")
    assert table.title == "SUVmax at given cutoffs for response"
    assert rows["PPV, %"] == ("PPV, %", "0/0", "NE")
    assert rows["Specificity, %"][1:] == ("7/7", "100.0 (64.6 to 100.0)")
    assert any("not prespecified" in note for note in table.footnotes)


def test_lower_is_positive_and_a_marker_without_a_unit():
    data = LESIONS.assign(score=-LESIONS["suvmax"])
    result = evaluate_cutoff(
        data, reference_standard="response", marker="score", cutoffs=-4.0, higher_is_positive=False,
        repeatability={"repeatability_coefficient": 5.0}, change_probability=0.025,
    )  # fmt: skip
    rows = {row.cells[0]: row.cells for row in result.table().lines}
    assert "Score ≤ −4.00" in rows
    assert rows["Grey zone"][2] == "−9.00 to 1.00"


def test_readers_at_a_cutoff():
    data = lesions()
    result = evaluate_cutoff(data, **READ, readers={"readings": readings(data)})
    table = result.table()
    cells = [row.cells for row in table.lines]
    place = next(number for number, row in enumerate(cells) if row[0] == "Readers on both sides, %")
    assert [row[0] for row in cells[place : place + 8]] == [
        "Readers on both sides, %", "Patients with readers on both sides, %", "Two readers differ, %",
        "Kappa between readers", "Sensitivity, range of 3 readers, %", "Specificity, range of 3 readers, %",
        "PPV, range of 3 readers, %", "NPV, range of 3 readers, %",
    ]  # fmt: skip
    line = result.estimate("reader_discordance", cutoff=4.0)
    assert cells[place][1] == f"{line.numerator}/30"
    assert cells[place][2].startswith(f"{100 * line.value:.1f} (")
    spread = result.estimate("reader_range", cutoff=4.0, performance="sensitivity")
    assert cells[place + 4][2] == f"{100 * spread.low:.1f}–{100 * spread.high:.1f}"
    assert any("at least one of A, B and C calls positive" in note for note in table.footnotes)
