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
<tr><th scope="row" class="indent-1">Sensitivity</th><td class="number">25/33</td><td class="number">75.8</td>\
<td class="number">57.7–88.9</td><td>exact</td></tr>
<tr><th scope="row" class="indent-1">LR+ − 1</th><td class="number"></td><td class="number">−0.97</td>\
<td class="number">−1.2 to 0.3</td><td>a &amp; b</td></tr>
</tbody>
<tbody>
<tr class="heading"><th scope="rowgroup" colspan="5">Patients</th></tr>
<tr><th scope="row" class="indent-1">PPV</th><td class="number">0/0</td><td class="number">NE</td>\
<td class="number">NE</td><td>not &lt;estimable&gt;</td></tr>
</tbody>
<tfoot>
<tr><td colspan="5"><div><p>CI, confidence interval.</p><p>NE, not estimable: 0/0_rows.</p></div></td></tr>
</tfoot>
</table>
"""


def test_snapshot(table):
    assert render(table, label="Table 1.") == EXPECTED


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
            if tag in ("script", "link", "img", "iframe", "object") or "src" in named or "style" in named:
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
