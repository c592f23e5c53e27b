import re
from html.parser import HTMLParser

from biomarker.tables import Row, Table
from biomarker.tables.render.html import notebook, page, render

EXPECTED = """<table class="biomarker">
<caption><span><b>Table 1.</b> Predictive values at SUVmax ≥ 4.0</span></caption>
<thead>
<tr><th scope="col">Quantity</th><th scope="col" class="number">n/N</th><th scope="col" class="number">%</th>\
<th scope="col" class="number">95% CI</th><th scope="col">Comment</th></tr>
</thead>
<tbody>
<tr class="heading"><th scope="rowgroup" colspan="5">Lesions</th></tr>
<tr><th scope="row" class="indent-1">Sensitivity</th><td class="number">25<END 1.42>/33</span></td>\
<td class="number">75<END 1.42>.8</span></td><td class="number">57<END 3.69>.7–88.9</span></td><td>exact</td></tr>
<tr><th scope="row" class="indent-1">LR+ − 1</th><td class="number"></td><td class="number">−0<END 1.42>.97</span></td>\
<td class="number">−1<END 3.69>.2 to 0.3</span></td><td>a &amp; b</td></tr>
</tbody>
<tbody>
<tr class="heading"><th scope="rowgroup" colspan="5">Patients</th></tr>
<tr><th scope="row" class="indent-1">PPV</th><td class="number">0<END 1.42>/0</span></td>\
<td class="number">NE<END 1.42></span></td><td class="number">NE<END 3.69></span></td>\
<td>not &lt;estimable&gt;</td></tr>
</tbody>
<tfoot>
<tr><td colspan="5"><div><p>CI, confidence interval.</p><p>NE, not estimable: 0/0_rows.</p></div></td></tr>
</tfoot>
</table>
"""


def test_snapshot(table):
    expected = re.sub(r"<END ([\d.]+)>", r'<span class="end" style="min-width:\1em">', EXPECTED)
    assert render(table, label="Table 1.") == expected


def test_an_empty_column_label_is_no_header():
    rendered = render(Table(title="t", header=["", "n"], rows=[["a", "1"]]))
    assert '<tr><td></td><th scope="col" class="number">n</th></tr>' in rendered


def test_a_table_without_notes_has_no_foot():
    assert "<tfoot>" not in render(Table(title="t", header=["a"], rows=[["b"]]))


def test_line_ends_and_deep_indents():
    rendered = render(Table(title="t", header=["a"], rows=[Row(("x\ny",), indent=9)]))
    assert '<th scope="row" class="indent-3">x<br>y</th>' in rendered


def test_a_page_stands_alone(table):
    class Loads(HTMLParser):
        found: tuple = ()

        def handle_starttag(self, tag, attrs):
            named = dict(attrs)
            if (
                tag in ("script", "link", "img", "iframe", "object")
                or "src" in named
                or "url" in named.get("style", "")
            ):
                self.found += ((tag, attrs),)

    whole = page(table)
    reader = Loads()
    reader.feed(whole)
    assert reader.found == ()
    assert "default-src 'none'" in whole
    assert "url(" not in whole
    assert "@import" not in whole


def test_a_notebook_gets_the_style_sheet_with_the_table(table):
    assert notebook(table).startswith("<style>")
    assert str(render(table)) in notebook(table)
    style = notebook(table).partition("</style>")[0]
    assert "table.biomarker" in style
    # Jupyter's own rules for tables are `:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td`: ours must weigh more
    assert style.count("table.biomarker") == style.count(".biomarker-scroll table.biomarker")
    assert ".biomarker-scroll table.biomarker { color: inherit;" in style  # dark paper, light ink


def test_labels_over_columns_span_them_and_their_columns_are_named_below(rich):
    head = str(render(rich)).partition("</thead>")[0]
    assert '<th scope="col" rowspan="2">Quantity</th>' in head
    assert '<th scope="colgroup" class="spanner" colspan="2"><span>Lesions<sup>a</sup></span></th>' in head
    assert '<th scope="col" class="number">SUVmax (g/mL)<sup>b</sup></th>' in head
    assert head.count("<tr") == 2


def test_marks_stand_raised_in_reading_order_and_open_their_notes(rich):
    rendered = str(render(rich))
    assert re.findall("<sup>(.*?)</sup>", rendered) == ["a", "b", "c", "d", "b", "d,e", "a", "b", "c", "d", "e"]
    assert "<p>CI, confidence interval.</p><p><sup>a</sup> Nested in patients.</p>" in rendered


def test_what_stands_behind_the_point_has_the_same_room_in_every_row(rich):
    ends = re.findall(r'1?\d<span class="end" style="min-width:([\d.]+)em">', str(render(rich)))
    assert len(ends) == 4
    assert ends[0] == ends[2]
    assert ends[1] == ends[3]


def test_a_word_longer_than_a_line_may_be_broken():
    rendered = render(Table(title="t", header=["a"], rows=[["x" * 60]]))
    assert str(rendered).count("<wbr>") == 2
