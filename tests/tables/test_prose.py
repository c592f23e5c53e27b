"""Sentences take on the decimal mark and the p-values of a journal; versions, addresses and criteria do not."""

import pytest

from biomarker.analyses.uptake_from_summaries import compare_uptake_from_summaries
from biomarker.tables import Table, noted
from biomarker.tables.prose import prose, table_in_prose
from biomarker.tables.style import style_named


@pytest.mark.parametrize(
    ("style", "before", "after"),
    [
        ("plain", "p = 0.0065 at 6.5", "p = 0.0065 at 6.5"),
        ("lancet", "p = 0.0065 at 6.5, 1.96√2 SD.", "p = 0·0065 at 6·5, 1·96√2 SD."),
        ("jama", "p < 0.001 and an AUC of 0.5; p-values", "P < .001 and an AUC of 0.5; P values"),
        ("nejm", "p = 0.04", "P = 0.04"),
        ("lancet", "NumPy 2.4.6, RECIST 1.1, doi 10.1016/j.x, .632+ and 0·5", "NumPy 2.4.6, RECIST 1.1, doi 10.1016/j.x, .632+ and 0·5"),  # noqa: E501 - one sentence, twice
    ],
)  # fmt: skip
def test_sentences_are_in_the_hand_of_the_journal(style, before, after):
    assert prose(before, style_named(style)) == after


def test_a_table_has_one_decimal_mark():
    table = Table(
        title="At 6.5", header=["", "Estimate"], rows=[[noted("SUVmax ≥ 6.5", "Of 0.5."), "0·81"]],
        footnotes=["Knots at 2.56."], style=style_named("lancet"),
    )  # fmt: skip
    text = table_in_prose(table).to_markdown()
    assert "." not in text.replace("56.", "").replace("5.", "")
    assert "At 6·5" in text
    assert "Knots at 2·56." in text
    assert "Of 0·5." in text


def test_a_plain_table_is_left_as_it_is():
    table = Table(title="At 6.5", header=["", "p"], rows=[["SUVmax ≥ 6.5", "0.03"]])
    assert table_in_prose(table) is table


def test_the_table_of_a_result_is_in_the_hand_of_its_journal():
    result = compare_uptake_from_summaries(means=[7.83, 5.73], se=[0.55, 0.47], n=18, groups=["0.5 mg", "1.5 mg"])
    table = result.table("lancet")
    assert "0.5" not in " ".join(row.cells[0] for row in table.lines)
