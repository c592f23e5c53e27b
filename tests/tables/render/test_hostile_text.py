"""Whatever text a table holds, every format carries it, escapes it, and gives it back."""

from html.parser import HTMLParser
from io import BytesIO

from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from openpyxl import load_workbook

from biomarker.tables import Table, heading
from biomarker.tables.render import FORMATS, excel, html, latex, markdown, word, write_table_files
from biomarker.tables.render.characters import legible, on_one_line

ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></table><h1>x</h1>", "&lt;b&gt;", "&amp;amp;",
    '"><b>', "]]>", "=cmd|' /C calc'!A0", "+1", "-1", "@x", "\t=1", "{{ 7*7 }}", "{% raw %}", "\\", "\\\\", "\\|",
    "a|b", "|", "||", "`a", "``", "*x*", "**x**", "_x_", "~~x~~", "[a](http://x)", "![a](b)", "$x$", "$$",
    "\\input{/etc/passwd}", "\\end{table}",
    "%", "#", "^", "~", "--", "", " ", "\n", "a\nb", "\r\n", "\x00", "\x1b[31m", "\ud800", "\ufffe",
    "\u202eabc", "_x0041_", "_x000D_", "é", "e\u0301", "肿瘤", "😀", "µ≥−–", "1.0", "−1.0", "007",
]  # fmt: skip
texts = (
    st.sampled_from(ATTACKS)
    | st.text(st.characters(codec=None), max_size=10)
    | st.text("\\|`*_~[]$<>&#=+-@'\"!{}\n \t1.", max_size=8)
)
tables = st.builds(
    lambda title, header, rows, group, notes: Table(
        title=title, header=header, rows=[rows[0], heading(group), *rows[1:]], footnotes=notes
    ),
    texts,
    st.lists(texts, min_size=3, max_size=3),
    st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=3),
    texts,
    st.lists(texts, max_size=2),
)
modest = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cells_of(table):
    """Return the lines of the body as texts that a reader should find, headings as one text."""
    return [[legible(cell).strip() for cell in row.cells] for row in table.lines]


class TableReader(HTMLParser):
    """Collects the texts of cells, and refuses any tag that a table of ours does not have."""

    ours = frozenset(["table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "span", "b", "p", "div", "br"])

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.text, self.open = [], None, []

    def handle_starttag(self, tag, attrs):
        assert tag in self.ours, tag
        assert all(name in ("class", "scope", "colspan") for name, _ in attrs)
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
    assert reader.lines[1 : 1 + len(table.lines)] == cells_of(table)


@settings(modest, max_examples=25)
@given(table=tables)
def test_word_gives_every_text_back(table):
    document = Document(BytesIO(word.to_bytes(table)))
    found = [[cell.text for cell in row.cells] for row in document.tables[0].rows[1:]]
    wanted = [line if len(line) > 1 else line * 3 for line in cells_of(table)]
    assert found == wanted


@modest
@given(table=tables)
def test_excel_gives_every_text_back_and_holds_no_formula(table):
    sheet = load_workbook(BytesIO(excel.to_bytes(table))).active
    for number, (row, texts_of_row) in enumerate(zip(table.lines, cells_of(table), strict=True), start=3):
        for place, text in enumerate(texts_of_row, start=1):
            cell = sheet.cell(number, place)
            assert cell.data_type in ("s", "n")
            if cell.data_type == "n" and cell.value is not None:
                decimals = cell.number_format.partition(";")[0].partition(".")[2]
                assert f"{cell.value:.{len(decimals)}f}".replace("-", "−") == text
            else:
                shown = on_one_line(text) if row.is_heading else text
                assert (cell.value or "").replace("_x005F_", "_") == shown


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
    wanted = [[*row, "", ""] if len(row) == 1 else row for row in cells_of(table)]
    assert [[plain(cell) for cell in row] for row in lines] == [[plain(cell) for cell in row] for row in wanted]


def inline_text(token):
    assert token.type in ("text", "html_inline", "strong_open", "strong_close", "text_special"), token.type
    if token.type == "html_inline":
        assert token.content == "<br>"
        return "\n"
    return token.content


def plain(text):
    """Blanks at the ends of a line are no part of a Markdown cell."""
    return [line.strip() for line in text.strip().split("\n")]


@modest
@given(table=tables)
def test_latex_holds_no_command_of_the_data(table):
    body = latex.render(table)
    for ours in ("\\textbackslash{}", "\\textasciitilde{}", "\\textasciicircum{}"):
        body = body.replace(ours, "")
    assert "\\input" not in body
    assert body.count("\\end{table}") == body.count("\\begin{table}") == 1
    assert body.count("{") - body.count("\\{") == body.count("}") - body.count("\\}")
    assert "$" not in body.replace("\\$", "")


@settings(max_examples=10, deadline=None)
@given(table=tables)
def test_every_format_is_written_and_is_the_same_twice(tmp_path_factory, table):
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    written = write_table_files(table, first, "name")
    write_table_files(table, second, "name")
    assert [path.name for path in written] == [f"name.{suffix}" for suffix in FORMATS]
    assert all(path.read_bytes() == (second / path.name).read_bytes() for path in written)
