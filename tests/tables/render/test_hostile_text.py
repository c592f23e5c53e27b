"""Whatever text a table holds, every format carries it, escapes it, and gives it back."""

import csv
import re
from html.parser import HTMLParser
from io import BytesIO, StringIO

from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from openpyxl import load_workbook
from striprtf.striprtf import rtf_to_text

from biomarker.tables import Spanner, Table, heading, noted
from biomarker.tables.render import FORMATS, csv_text, excel, html, latex, markdown, rtf, word, write_table_files
from biomarker.tables.render.characters import legible, on_one_line, superscript
from biomarker.tables.render.columns import panels

ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></table><h1>x</h1>", "&lt;b&gt;", "&amp;amp;",
    '"><b>', "]]>", "=cmd|' /C calc'!A0", "+1", "-1", "@x", "\t=1", "{{ 7*7 }}", "{% raw %}", "\\", "\\\\", "\\|",
    "a|b", "|", "||", "`a", "``", "*x*", "**x**", "_x_", "~~x~~", "[a](http://x)", "![a](b)", "$x$", "$$",
    "\\input{/etc/passwd}", "\\end{table}",
    "%", "#", "^", "~", "--", "", " ", "\n", "a\nb", "\r\n", "\x00", "\x1b[31m", "\ud800", "\ufffe",
    "\u202eabc", "a\u2066b", "\u202a", "=1+1", "+cmd|x", "8-12", "5/30", "x" * 300, "{\\object x}", "\\'41",
    "שלום", "مرحبا", "_x0041_", "_x000D_", "é", "e\u0301", "肿瘤", "😀", "µ≥−–", "1.0", "−1.0", "007",
]  # fmt: skip
texts = (
    st.sampled_from(ATTACKS)
    | st.text(st.characters(codec=None), max_size=10)
    | st.text("\\|`*_~[]$<>&#=+-@'\"!{}\n \t1.", max_size=8)
)
tables = st.builds(
    lambda title, header, rows, group, notes, over, marked: Table(
        title=title,
        header=[noted(header[0], marked), *header[1:]],
        rows=[[rows[0][0], noted(rows[0][1], marked, over), rows[0][2]], heading(noted(group, over)), *rows[1:]],
        footnotes=notes,
        spanners=[Spanner(noted(over, marked), 1, 2)],
        units=["", marked, ""],
    ),
    texts,
    st.lists(texts, min_size=3, max_size=3),
    st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=3),
    texts,
    st.lists(texts, max_size=2),
    texts,
    texts,
)
modest = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cells_of(table, mark="{}"):
    """Return the lines of the body as texts that a reader should find, each with its mark, headings as one text."""
    return [
        [
            legible(cell).strip() + (mark.format(table.marks_of(notes)) if table.marks_of(notes) else "")
            for cell, notes in zip(row.cells, row.notes, strict=True)
        ]
        for row in table.lines
    ]


class TableReader(HTMLParser):
    """Collects the texts of cells, and refuses any tag that a table of ours does not have."""

    ours = frozenset(
        ["table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "span", "b", "p", "div", "br", "sup", "wbr"]
    )

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.text, self.open = [], None, []

    def handle_starttag(self, tag, attrs):
        assert tag in self.ours, tag
        for name, value in attrs:
            assert name in ("class", "scope", "colspan", "rowspan", "style")
            assert name != "style" or re.fullmatch(r"min-width:[\d.]+em", value)
        if tag == "wbr":
            return
        self.open.append(tag)
        if tag == "tr":
            self.lines.append([])
        if tag in ("th", "td"):
            self.text = ""
        if tag == "br":
            self.open.pop()
            self.text += "\n"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in ("th", "td"):
            self.lines[-1].append(self.text)
            self.text = None

    def handle_data(self, data):
        if self.text is not None:
            self.text += data


@modest
@given(table=tables)
def test_html_gives_every_text_back(table):
    reader = TableReader()
    reader.feed(str(html.render(table)))
    reader.close()
    assert reader.open == []
    assert reader.lines[2 : 2 + len(table.lines)] == cells_of(table)


@settings(modest, max_examples=25)
@given(table=tables)
def test_word_gives_every_text_back(table):
    document = Document(BytesIO(word.to_bytes(table)))
    found = [[cell.text for cell in row.cells] for row in document.tables[0].rows[2:]]
    wanted = [line if len(line) > 1 else line * 3 for line in cells_of(table)]
    assert found == wanted


@modest
@given(table=tables)
def test_excel_gives_every_text_back_and_holds_no_formula(table):
    sheet = load_workbook(BytesIO(excel.to_bytes(table))).active
    for number, (row, texts_of_row) in enumerate(zip(table.lines, cells_of(table), strict=True), start=4):
        for place, text in enumerate(texts_of_row, start=1):
            cell = sheet.cell(number, place)
            assert cell.data_type in ("s", "n")
            if cell.data_type == "n" and cell.value is not None:
                pattern = cell.number_format.partition(";")[0]
                decimals = re.match(r"0(?:\.(0+))?", pattern)[1] or ""
                shown = f"{cell.value:.{len(decimals)}f}".replace("-", "−")
                assert shown + (re.findall('"(.*)"', pattern) or [""])[0] == superscript_end(text, shown)
            else:
                shown = on_one_line(text) if row.is_heading else text
                assert (cell.value or "").replace("_x005F_", "_") == shown


def superscript_end(text, number):
    """Return a marked number with its mark raised, as a number format shows it."""
    return number + superscript(text[len(number) :])


@modest
@given(table=tables)
def test_markdown_gives_every_text_back(table):
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown.render(table))
    assert not [token for token in page if token.type == "html_block"]
    lines, line, in_body = [], [], False
    for token in page:
        in_body = token.type == "tbody_open" or (in_body and token.type != "tbody_close")
        if in_body and token.type == "inline":
            line.append("".join(map(inline_text, token.children)))
        if in_body and token.type == "tr_close":
            lines.append(line)
            line = []
    wanted = [[*row, "", ""] if len(row) == 1 else row for row in cells_of(table, "<sup>{}</sup>")]
    assert [[plain(cell) for cell in row] for row in lines] == [[plain(cell) for cell in row] for row in wanted]


def inline_text(token):
    assert token.type in ("text", "html_inline", "strong_open", "strong_close", "text_special"), token.type
    if token.type == "html_inline":
        assert token.content in ("<br>", "<sup>", "</sup>")
        return "\n" if token.content == "<br>" else token.content
    return token.content


def plain(text):
    """Blanks at the ends of a line are no part of a Markdown cell."""
    return [line.strip() for line in text.strip().split("\n")]


@modest
@given(table=tables)
def test_latex_holds_no_command_of_the_data(table):
    body = latex.render(table)
    body = body.replace("\\allowbreak{}", "")
    for ours in ("\\textbackslash{}", "\\textasciitilde{}", "\\textasciicircum{}"):
        body = body.replace(ours, "")
    assert "\\input" not in body
    kinds = ("table", "sidewaystable")
    begins, ends = ([body.count(f"\\{word}{{{kind}}}") for kind in kinds] for word in ("begin", "end"))
    assert ends == begins
    assert sum(begins) == len(panels(table))  # upright, or turned where it is wide
    assert body.count("{") - body.count("\\{") == body.count("}") - body.count("\\}")
    assert "$" not in body.replace("\\$", "")


@modest
@given(table=tables)
def test_rtf_is_ascii_and_gives_every_text_back(table):
    content = rtf.to_bytes(table)
    assert content.isascii()
    read = rtf_to_text(content.decode("ascii"), errors="ignore")
    read = read.encode("utf-16", "surrogatepass").decode("utf-16")  # it reads one unit at a time
    for row in cells_of(table):
        assert "".join("|".join(row).split()) in "".join(read.split())
    assert "\\object" not in content.decode().replace("\\\\", "")


@modest
@given(table=tables)
def test_no_field_of_the_csv_is_a_formula_or_a_date(table):
    content = csv_text.to_bytes(table).decode("utf-8-sig")
    lines = list(csv.reader(StringIO(content, newline="")))
    assert {len(line) for line in lines} == {3}
    for field in (field for line in lines for field in line):
        shown = field.strip().lstrip("\u00a0\u200b\ufeff")
        assert re.match(r"-?\d+(\.\d+)?$", shown) or not re.match(r"[=+\-@＝＋－＠]|\d+/\d+$|\d+-\d+$", shown)
    assert lines[0][0] == csv_text.harmless(table.title)


@settings(max_examples=10, deadline=None)
@given(table=tables)
def test_every_format_is_written_and_is_the_same_twice(tmp_path_factory, table):
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    written = write_table_files(table, first, "name")
    write_table_files(table, second, "name")
    assert [path.name for path in written] == [f"name.{suffix}" for suffix in FORMATS]
    assert all(path.read_bytes() == (second / path.name).read_bytes() for path in written)
