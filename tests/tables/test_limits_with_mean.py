"""The table of limits of agreement with the mean, as it prints."""

import numpy as np
import pandas as pd

import biomarker as bm
from tests.analyses.test_limits_of_agreement import long, replicated


def test_table_on_the_ratio_scale():
    table = bm.limits_of_agreement(replicated(readers="ABC", sessions=1), value="suvmax", scale="ratio").table()
    assert table.title == "Agreement of 3 readers on SUVmax"
    assert table.header == ("Quantity", "Estimate, ratio", "95% CI", "p")
    assert [row.cells for row in table.lines[:9]] == [
        ("With the mean of the readers",),
        ("Limits of agreement with the mean (×/÷)", "1.15", "1.13–1.36", ""),
        ("Deviation from the mean, A", "0.97", "0.94–1.01", ""),
        ("Deviation from the mean, B", "1.00", "0.96–1.03", ""),
        ("Deviation from the mean, C", "1.03", "0.99–1.07", ""),
        ("SD between readers (log)", "0.017", "0.000–0.170", ""),
        ("SD of a reading within reader and item (log)", "0.086", "0.071–0.116", ""),
        ("Readers read alike", "", "", "0.229"),
        ("A / B",),
    ]
    assert [row.cells[0] for row in table.lines if row.is_heading][1:] == ["A / B", "A / C", "B / C"]
    assert any("×/÷, the limits lie this far" in note for note in table.footnotes)


def test_differences_and_no_difference_at_all():
    table = bm.limits_of_agreement(replicated(readers="ABC"), value="suvmax").table("jnm")
    assert table.header == ("Quantity", "Estimate, g/mL", "95% CI", "P")
    assert table.lines[1].cells[0] == "Limits of agreement with the mean (±)"
    assert table.lines[8].cells == ("A − B",)
    values = np.arange(1.0, 8.0)
    three = pd.concat([long(values, values), long(values, values, names=("C", "D")).query("reader_id == 'C'")])
    same = bm.limits_of_agreement(three, value="suvmax", patient=None).table()
    assert same.lines[1].cells[1:3] == ("0.00", "0.00–0.00")
    assert same.lines[7].cells == ("Readers read alike", "", "", "NE")
