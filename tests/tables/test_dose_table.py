import pandas as pd
import pytest

from biomarker import dose_table, effective_dose, example_folder


@pytest.fixture(scope="module")
def cd8():
    return pd.read_csv(example_folder("cd8") / "dosimetry.csv")


def test_a_published_table_comes_out_as_it_was_printed(cd8):
    """Every mean and SD of Farwell 2022, with the digits of the paper."""
    printed = pd.read_csv(example_folder("cd8") / "dosimetry.csv", dtype=str)
    table = dose_table(cd8, by="group", sd="dose_per_activity_sd").table()
    shown = {row.cells[0]: row.cells[1:] for row in table.lines if not row.is_heading}
    assert table.header == ("Organ", "All dose levels", "0.5 mg", "1.5 mg")
    for organ, rows in printed.groupby("organ"):
        expected = [f"{row.dose_per_activity} ± {row.dose_per_activity_sd}" for row in rows.itertuples()]
        assert list(shown[organ]) == expected, organ
    assert table.lines[-2].cells == ("Effective dose (mSv/MBq)",)


def test_groups_with_patients_are_compared(cd8):
    table = dose_table(cd8, by="group", sd="dose_per_activity_sd", n={"0.5 mg": 4, "1.5 mg": 5}).table()
    assert table.header[2:] == ("0.5 mg (n = 4)", "1.5 mg (n = 5)", "Difference (95% CI)", "p")
    assert [(spanner.label, spanner.first, spanner.last) for spanner in table.spanners] == [("1.5 mg − 0.5 mg", 4, 5)]
    assert table.lines[0].cells[3:] == ("0.75 ± 0.19", "−0.080 (−0.31 to 0.15)", "0.402")


def test_effective_dose_by_group(cd8):
    table = effective_dose(cd8, by="group", missing="zero").table()
    assert table.title == "Effective dose (mSv/MBq) with the weights of ICRP Publication 103"
    assert [row.cells for row in table.lines][-4:] == [
        ("Remainder", "0.18", "0.20", "0.17"),
        ("Effective dose",),
        ("As computed", "0.67", "0.69", "0.66"),
        ("As printed", "0.65", "0.67", "0.64"),
    ]
