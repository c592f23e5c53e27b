"""The table of agreement on categories, as it prints."""

import biomarker as bm
from tests.analyses.test_categorical_agreement import PREGNANCIES, from_table, long, trial


def test_two_readers_as_printed():
    table = bm.categorical_agreement(from_table(PREGNANCIES), value="category", patient=None).table()
    assert table.title == "Agreement of readers A and B on category"
    assert table.header == ("Quantity", "n", "Estimate (95% CI)", "p")
    # kappa, AC1 and the others are those of Gwet 2014, see tests/analyses
    assert [row.cells for row in table.lines] == [
        ("Unweighted",),
        ("Percent agreement, %", "100", "89.0 (81.4–93.7)", ""),
        ("Cohen kappa", "100", "0.80 (0.65–0.89)", "<0.001"),
        ("Fleiss kappa", "100", "0.80 (0.65–0.89)", "<0.001"),
        ("Gwet AC1", "100", "0.85 (0.74–0.92)", "<0.001"),
        ("Brennan-Prediger coefficient", "100", "0.84 (0.72–0.91)", "<0.001"),
        ("Krippendorff alpha",),
        ("Nominal", "100", "0.80 (0.65–0.89)", "<0.001"),
        ("Agreement on each category",),
        ("a, %", "13", "100.0 (75.3–100.0)", ""),
        ("b, %", "31", "78.4 (63.0–88.6)", ""),
        ("c, %", "67", "91.1 (84.2–95.1)", ""),
    ]
    assert "Fleiss kappa of two readers is Scott's pi." in table.footnotes


def test_two_categories_have_indices():
    table = bm.categorical_agreement(from_table([[40, 9], [6, 45]]), value="category", patient=None).table()
    rows = {row.cells[0]: row.cells[1:] for row in table.lines if not row.is_heading}
    assert rows["Brennan-Prediger coefficient (PABAK)"][1].startswith("0.70 (")
    assert rows["Prevalence index"] == ("100", "−0.05", "")
    assert rows["Bias index"] == ("100", "0.03", "")
    assert any("called a less that both called b" in note for note in table.footnotes)


def test_pairs_sessions_and_weights_stand_under_their_headings():
    data = trial().assign(session=1)
    both = data._append(data.assign(session=2), ignore_index=True)
    table = bm.categorical_agreement(both, value="category", session="session", weights="linear").table("lancet")
    headings = [row.cells[0] for row in table.lines if row.is_heading]
    assert headings == [
        "Unweighted", "Linear weights", "Krippendorff alpha", "Agreement on each category", "Readers R1 and R2",
        "Readers R1 and R3", "Readers R2 and R3", "Session 1", "Session 2", "Between sessions, reader R1",
        "Between sessions, reader R2", "Between sessions, reader R3",
    ]  # fmt: skip
    cells = [row.cells for row in table.lines]
    place = cells.index(("Readers R1 and R2",))
    assert [row[0] for row in cells[place + 1 : place + 5]] == [
        "Percent agreement, %", "Cohen kappa", "Percent agreement, linear weights, %", "Cohen kappa, linear weights",
    ]  # fmt: skip
    assert "·" in cells[1][2]


def test_undefined_kappa_prints_as_not_estimable():
    data = long([("seen", "seen")] * 8)
    table = bm.categorical_agreement(data, value="category", categories=["seen", "missed"], patient=None).table()
    rows = {row.cells[0]: row.cells[1:] for row in table.lines if not row.is_heading}
    assert rows["Cohen kappa"] == ("8", "NE", "")
    assert rows["Gwet AC1"][1].startswith("1.00 (0.")
    assert rows["missed, %"][1] == "NE"
