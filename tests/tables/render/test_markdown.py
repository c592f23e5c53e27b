from markdown_it import MarkdownIt

from biomarker.tables import Table
from biomarker.tables.render.markdown import paragraph_text, render

EXPECTED = r"""**Predictive values at SUVmax ≥ 4.0**

| Quantity      |   n/N |     % |      95% CI | Comment            |
|---------------|------:|------:|------------:|--------------------|
| **Lesions**   |       |       |             |                    |
|   Sensitivity | 25/33 | 75.8  | 57.7–88.9   | exact              |
|   LR+ − 1     |       | −0.97 | −1.2 to 0.3 | a & b              |
| **Patients**  |       |       |             |                    |
|   PPV         |  0/0  | NE    | NE          | not &lt;estimable> |

CI, confidence interval.

NE, not estimable: 0/0_rows.
"""


def test_snapshot(table):
    assert render(table).replace("\u00a0", " ") == EXPECTED


def test_it_is_a_table_to_a_markdown_reader(table):
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(render(table))
    assert page.count("<table>") == 1
    assert page.count("<tr>") == 6
    assert '<td style="text-align:right">25/33</td>' in page
    assert "<strong>Lesions</strong>" in page


def test_line_ends_in_a_cell_are_breaks():
    assert "| a<br>b |" in render(Table(title="t", header=["x"], rows=[["a\nb"]]))


def test_a_note_never_begins_a_list_a_heading_or_a_quotation():
    reader = MarkdownIt("commonmark")
    for note in ("# a", "1. a", "12) a", "- a", "+ a", "* a", "> a", "=== ", "---", "    a", "```", "~~~"):
        assert reader.render(paragraph_text(note)).startswith("<p>"), note


def test_no_title_no_empty_bold():
    assert render(Table(title="", header=["a"], rows=[["b"]])).startswith("| a")


def test_marks_are_raised_and_labels_over_columns_stand_before_theirs(rich):
    lines = render(rich).splitlines()
    header = [cell.strip() for cell in lines[2].strip("|").split("|")]
    assert header == [
        "Quantity",
        "Lesions<sup>a</sup>: n/N",
        "Lesions<sup>a</sup>: %",
        "Uptake: SUVmax (g/mL)<sup>b</sup>",
        "Uptake: p",
    ]
    assert lines[4].startswith("| **Group**<sup>c</sup>")
    assert "<sup>e</sup> Last." in lines


def test_points_meet_in_the_text_itself(rich):
    rows = [line for line in render(rich).splitlines() if "Responding" in line or "Other" in line]
    assert len({line.replace("<0.001", " 0.001").index(".", 60) for line in rows}) == 1
