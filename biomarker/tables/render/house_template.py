"""A Word document of the reader's house, whose page, styles, headers and footers ours take on."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from os import PathLike
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from biomarker.errors import StudyError

# Paragraph styles that our documents are set in.
STYLE_NAMES = (
    "Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "Caption", "List Number", "Table Text",
    "Table Note",
)  # fmt: skip
_OWN_STYLES = ("Table Text", "Table Note")  # of which no house knows before it has read our manual

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MAIN_OF_DOTX = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
_WITH_MACROS = "macroEnabled"
_TYPES = "[Content_Types].xml"


@dataclass(frozen=True)
class HouseTemplate:
    """A template that was read and found to be a Word document.

    Attributes
    ----------
    name : str
        Of its file.
    package : bytes
        Its content, as a document.
    lacking : tuple of str
        The styles that our documents use and it does not have; they are made from its Normal.
    """

    name: str
    package: bytes
    lacking: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """Return what a user should know, in whole sentences."""
        lacking = [name for name in self.lacking if name not in _OWN_STYLES]
        if not lacking:
            return ()
        styles = f"style{'s' * (len(lacking) > 1)} {', '.join(lacking)}"
        return (f"{self.name} has no {styles}; made from its Normal style instead.",)


def load_template(path: str | PathLike[str]) -> HouseTemplate:
    """Read a template, a .docx or .dotx.

    Raises
    ------
    StudyError
        If there is no such file, it is no Word document, or it holds macros.
    """
    path = Path(path)
    if not path.is_file():
        raise StudyError(f"there is no template {path}; give the path of a Word document (.docx or .dotx)")
    package = path.read_bytes()
    try:
        package = _as_document(package)
        return HouseTemplate(name=path.name, package=package, lacking=_lacking(package))
    except _NotWordError as error:
        raise StudyError(f"template {path.name} {error}") from None


class _NotWordError(Exception):
    """What a file is instead of a Word document, as the end of a sentence."""


def _as_document(package: bytes) -> bytes:
    """Return a package that says it is a document, which a .dotx does not."""
    if not is_zipfile(BytesIO(package)):
        raise _NotWordError("is no Word document; open it in Word and save it as .docx")
    try:
        with ZipFile(BytesIO(package)) as old:
            parts = {name: old.read(name) for name in old.namelist()}
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        raise _NotWordError("is damaged or locked by a password; open it in Word and save it as .docx") from None
    types = parts.get(_TYPES, b"").decode("utf-8", "replace")
    if _WITH_MACROS in types:
        raise _NotWordError("holds macros, which are not carried into a report; save it as .docx")
    if _MAIN_OF_DOTX not in types:
        if _MAIN not in types:
            raise _NotWordError("is no Word document; open it in Word and save it as .docx")
        return package
    parts[_TYPES] = types.replace(_MAIN_OF_DOTX, _MAIN).encode()
    out = BytesIO()
    with ZipFile(out, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def _lacking(package: bytes) -> tuple[str, ...]:
    """Return the styles that a template does not have.

    Raises
    ------
    _NotWordError
        If it cannot be read, or one of them is no style of paragraphs.
    """
    from docx import Document
    from docx.enum.style import WD_STYLE_TYPE

    try:
        styles = Document(BytesIO(package)).styles
        found = {style.name: style.type for style in styles}
    except Exception as error:  # python-docx and lxml raise what they meet: KeyError, ValueError, XMLSyntaxError
        fault = type(error).__name__
        raise _NotWordError(f"cannot be read as a Word document ({fault}); save it anew from Word") from None
    for name in STYLE_NAMES:
        if found.get(name, WD_STYLE_TYPE.PARAGRAPH) != WD_STYLE_TYPE.PARAGRAPH:
            raise _NotWordError(f"has a style {name!r} that is not one of paragraphs; rename it there")
    return tuple(name for name in STYLE_NAMES if name not in found)
