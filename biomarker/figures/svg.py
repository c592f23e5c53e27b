"""A figure as part of an HTML page: inline SVG whose ids clash with no other's, with a name for screen readers."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_REPLACEMENT = "\ufffd"
_LINK = re.compile(r"url\(#([^)]+)\)")
_HREF = f"{{{_XLINK}}}href"
_DROPPED = {f"{{{_SVG}}}{tag}" for tag in ("metadata", "style", "script", "title", "desc")}


def inline_svg(svg: bytes, *, prefix: str, title: str, description: str = "") -> str:
    """Return matplotlib's SVG as an element to stand in an HTML page.

    Parameters
    ----------
    svg : bytes
        A whole SVG document.
    prefix : str
        Put before every id; one per figure of the page. ASCII letters, digits and hyphens.
    title, description : str
        What the figure is called, and what it shows, for a reader who cannot see it.

    Notes
    -----
    matplotlib gives the same ids in every figure and a style rule for ``*``, which in a page would hold for all of it.
    Here ids that nothing refers to are left out, the others prefixed, and the rule moved to the root element.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    root = ET.fromstring(_UNPRINTABLE.sub(_REPLACEMENT, svg.decode("utf-8")))
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in _DROPPED]:
            parent.remove(child)
    _rename_ids(root, prefix)
    _name(root, prefix, title, description)
    for length in ("width", "height", "version"):
        root.attrib.pop(length, None)  # the page gives the size; the viewBox keeps the shape
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    return ET.tostring(root, encoding="unicode")


def printable(text: str) -> str:
    """Return a text without what no file format of ours can hold: control characters, lone surrogates."""
    return _UNPRINTABLE.sub(_REPLACEMENT, text)


def with_name(svg: bytes, title: str, description: str) -> bytes:
    """Return an SVG document that has a name and a description for a reader who cannot see it."""
    said = {"title": title, "desc": description}
    elements = "".join(
        f'<{tag} id="{tag}">{escape(_UNPRINTABLE.sub(_REPLACEMENT, text))}</{tag}>'
        for tag, text in said.items()
        if text
    )
    if not elements:
        return svg
    labelled = " ".join(tag for tag, text in said.items() if text)
    head, root, rest = svg.decode("utf-8").partition("<svg ")
    attributes, end, body = rest.partition(">")
    return f'{head}{root}role="img" aria-labelledby="{labelled}" {attributes}{end}\n {elements}{body}'.encode()


def _rename_ids(root: ET.Element, prefix: str) -> None:
    used = {name for element in root.iter() for name in _references(element)}
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in used:
            element.set("id", f"{prefix}-{name}")
        for key, value in element.attrib.items():
            if key in (_HREF, "href") and value.startswith("#"):
                element.set(key, f"#{prefix}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, _LINK.sub(rf"url(#{prefix}-\1)", value))


def _references(element: ET.Element) -> list[str]:
    found = []
    for key, value in element.attrib.items():
        if key in (_HREF, "href") and value.startswith("#"):
            found.append(value[1:])
        found += _LINK.findall(value)
    return found


def _name(root: ET.Element, prefix: str, title: str, description: str) -> None:
    root.set("role", "img")
    labelled = []
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        if text:
            element = ET.Element(f"{{{_SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
            element.text = _UNPRINTABLE.sub(_REPLACEMENT, text)
            root.insert(place, element)
            labelled.append(element.attrib["id"])
    if labelled:
        root.set("aria-labelledby", " ".join(labelled))
