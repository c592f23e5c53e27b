"""The table of limits of agreement, as it prints."""

import biomarker as bm
from tests.analyses.test_limits_of_agreement import CARDIAC, MINI, WRIGHT, long, replicated


def test_table():
    table = bm.limits_of_agreement(
        long(WRIGHT, MINI, names=("Wright", "mini")), value="suvmax", readers=["Wright", "mini"], patient=None
    ).table()
    assert table.title == "Agreement of readers on SUVmax, Wright − mini"
    assert table.header == ("Quantity", "Estimate, g/mL", "95% CI", "p")
    # the numbers are R's: tests/reference/reliability.json, peak_flow
    assert [row.cells for row in table.lines] == [
        ("Bias", "−2.12", "−22.05 to 17.81", "0.825"),
        ("Lower limit of agreement", "−78.10", "−124.16 to −53.09", ""),
        ("Upper limit of agreement", "73.86", "48.86–119.93", ""),
        ("SD of a difference", "38.77", "28.87–59.00", ""),
        ("Proportional bias (slope)", "0.029", "−0.159 to 0.217", "0.749"),
        ("Changing spread (slope)", "−0.086", "−0.194 to 0.023", "0.114"),
    ]


def test_relative_scales():
    ratio = bm.limits_of_agreement(long(WRIGHT, MINI), value="suvmax", scale="ratio", patient=None).table()
    assert ratio.title.endswith("A / B")
    assert ratio.lines[3].cells[0] == "SD of a difference (log)"
    percent = bm.limits_of_agreement(long(WRIGHT, MINI), value="suvmax", scale="percent", patient=None).table()
    assert percent.header[1] == "Estimate, % of the mean"


def test_nested_components_and_lancet_style():
    table = bm.limits_of_agreement(
        long(CARDIAC["rv"], CARDIAC["ic"], patients=CARDIAC["subject"]), value="suvmax"
    ).table("lancet")
    assert [row.cells[0] for row in table.lines[4:6]] == ["SD between patients", "SD within patients"]
    assert "·" in table.lines[0].cells[1]
    assert any("MOVER" in note for note in table.footnotes)


def test_nothing_varies():
    table = bm.limits_of_agreement(long(WRIGHT, WRIGHT), value="suvmax", patient=None).table()
    assert table.lines[0].cells[1:] == ("0.00", "0.00–0.00", "NE")


def test_regression_limits_stand_under_their_means():
    table = bm.limits_of_agreement(
        long(WRIGHT, MINI), value="suvmax", readers=["A", "B"], regression=True, at=[250, 450], patient=None
    ).table()
    # the numbers are R's: tests/reference/agreement_limits.json, trend
    assert [row.cells[:2] for row in table.lines[6:]] == [
        ("By regression, at a mean of 250 g/mL",),
        ("Bias", "−7.90"),
        ("Lower limit of agreement", "−121.72"),
        ("Upper limit of agreement", "105.93"),
        ("By regression, at a mean of 450 g/mL",),
        ("Bias", "−2.16"),
        ("Lower limit of agreement", "−73.96"),
        ("Upper limit of agreement", "69.65"),
    ]


def test_replicates_of_either_reader():
    table = bm.limits_of_agreement(replicated(), value="suvmax", scale="ratio", replicates="unpaired").table()
    labels = [row.cells[0] for row in table.lines]
    assert labels[6:8] == ["SD of replicates (log), A", "SD of replicates (log), B"]
    assert any("independent readings of a value that did not change" in note for note in table.footnotes)
