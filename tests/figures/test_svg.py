import re
from xml.etree import ElementTree as ET

import pytest

from biomarker.figures.export import picture_of
from biomarker.figures.svg import inline_svg
from biomarker.figures.theme import journal_axes, themed

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def svg() -> bytes:
    with themed():
        axes = journal_axes(None)
        axes.plot([0, 1, 2], [1, 3, 2], "o-", label="<a> & b")
        axes.legend()
    return picture_of(axes).svg


def test_ids_of_two_figures_do_not_clash_and_every_reference_is_met(svg):
    seen: set[str] = set()
    for prefix in ("figure-1", "figure-2"):
        inline = inline_svg(svg, prefix=prefix, title="t")
        ids = re.findall(r'\bid="([^"]+)"', inline)
        used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', inline))
        assert len(ids) == len(set(ids))
        assert {"".join(pair) for pair in used} <= set(ids)
        assert used
        assert not seen & set(ids)
        seen |= set(ids)


def test_the_figure_has_a_name_for_those_who_cannot_see_it(svg):
    root = ET.fromstring(inline_svg(svg, prefix="f", title="ROC <curve> & band", description="It rises."))
    names = {element.get("id"): element.text for element in root}
    assert root.get("role") == "img"
    assert [names[name] for name in root.get("aria-labelledby").split()] == ["ROC <curve> & band", "It rises."]
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]


def test_no_style_for_the_whole_page_and_no_foreign_address(svg):
    inline = inline_svg(svg, prefix="f", title="t")
    assert "<style" not in inline
    assert "<metadata" not in inline
    assert "<!DOCTYPE" not in inline
    addresses = set(re.findall(r"https?://[^\"' )<]+", inline))
    assert addresses == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }  # names of formats, never asked for


def test_the_page_gives_the_size(svg):
    root = ET.fromstring(inline_svg(svg, prefix="f", title="t"))
    assert root.get("width") is root.get("height") is None
    assert root.get("viewBox")


def test_texts_stay_escaped(svg):
    inline = inline_svg(svg, prefix="f", title="</title><script>alert(1)</script>")
    assert "<script" not in inline
    assert "&lt;a&gt; &amp; b" in inline


def test_characters_that_no_page_can_hold_are_made_visible():
    raw = b'<svg xmlns="http://www.w3.org/2000/svg"><text>a\x07b</text><script>x</script></svg>'
    inline = inline_svg(raw, prefix="f", title="\x00\ud800")
    assert "a\ufffdb" in inline
    assert "script" not in inline
