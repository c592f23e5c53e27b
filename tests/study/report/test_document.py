import pytest

from biomarker.analyses.result import Exclusion, Method, Population, Result
from biomarker.figures.export import Picture
from biomarker.study.report.document import Input, Report, Section, inputs_table, section_of
from biomarker.tables import Table

TABLE = Table(title="A table", header=["a"], footnotes=["Said beneath it."])
PICTURE = Picture(png=b"", svg=b"", pdf=b"", width=1, height=1)


def section(name, **parts):
    return Section(name=name, kind="x", title=name, **parts)


def test_tables_and_figures_are_numbered_apart_from_1():
    sections = (
        section("a", table=TABLE),
        section("b", picture=PICTURE),
        section("c", table=TABLE, picture=PICTURE),
        section("d"),
    )
    numbered = Report(title="t", sections=sections).numbered()
    assert [(one.table_number, one.figure_number) for one in numbered] == [(1, None), (None, 1), (2, 2), (None, None)]


def test_notes_beneath_the_table_are_not_told_twice():
    assert section("a", table=TABLE, notes=("Said beneath it.", "Not said.")).other_notes == ("Not said.",)
    assert section("a", notes=("Said beneath it.",)).other_notes == ("Said beneath it.",)


def test_rows_left_out_are_listed_up_to_a_limit():
    few = Exclusion(reason="with suvmax missing", rows=(5, 9))
    many = Exclusion(reason="with response missing", rows=tuple(range(1, 1042)))
    one = Exclusion(reason="with size missing", rows=("x",))
    lines = section("a", exclusions=(few, many, one)).left_out
    assert lines[0] == "2 with suvmax missing: rows 5, 9"
    assert lines[1].startswith("1,041 with response missing: rows 1, 2, ")
    assert lines[1].endswith(", 40 and 1,001 more")
    assert lines[2] == "1 with size missing: row x"


def test_inputs_are_laid_out_with_their_missing_words():
    entries = (
        Input(name="lesions", file="l.csv", rows=1234, sha256="ab" * 32, missing=(("n/a", 3), ("-", 1))),
        Input(name="patients", file="p.csv", rows=2, notes=("A column was renamed.",)),
    )
    table = inputs_table(Report(title="t", inputs=entries))
    assert [row.cells for row in table.lines] == [
        ("lesions", "l.csv", "1,234", "abababababab", "“n/a” 3, “-” 1"),
        ("patients", "p.csv", "2", "", "none"),
    ]
    assert table.footnotes[-1] == "patients: A column was renamed."


def result_of(kind=Result):
    population = Population(rows_in=3, rows_used=2, exclusions=(Exclusion(reason="missing", rows=(1,)),))
    return kind(estimates=(), method=Method(name="m", notes=("A note.",)), population=population)


def test_a_section_of_a_result_takes_its_words_from_it():
    result = result_of()
    made = section_of(result, name="d", kind="x", table=TABLE)
    assert made.title == made.caption == "A table"
    assert made.notes == ("A note.",)
    assert made.exclusions == result.exclusions
    assert section_of(result, name="d", kind="x", title="Mine", table=TABLE).title == "Mine"
    assert section_of(result, name="d", kind="x").title == "d"


def test_a_caption_of_the_result_is_used():
    class Drawn(Result):
        caption = "What is drawn."

    assert section_of(result_of(Drawn), name="d", kind="x", table=TABLE).caption == "What is drawn."


def test_a_report_cannot_be_changed():
    report = Report(title="t")
    with pytest.raises(AttributeError):
        report.title = "u"
