"""Delimited text (CSV, TSV, TXT) to rows of cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterator
from itertools import islice

from biomarker.errors import StudyError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BY_SUFFIX = {".csv": ",", ".tsv": "\t", ".txt": "\t", ".voistat": "\t"}
# UTF-8 read as windows-1252 or as Mac Roman, and saved so
_GARBLED = re.compile(r"[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€.|√[^\s\d]")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_CONTROLS = re.compile("[\x80-\x9f]")  # letters of windows-1252 that latin-1 has no letters for
_BYTES_LOOKED_AT = 4096


def delimited_rows(
    data: bytes,
    *,
    file: str,
    suffix: str = ".csv",
    delimiter: str = "",
    encoding: str = "utf-8",
    comment: str = "",
    skip_rows: int | None = 0,
) -> Iterator[list[str]]:
    r"""Split delimited text into rows of cells.

    Parameters
    ----------
    data : bytes
        The whole file; lines may end in LF, CRLF or CR.
    file : str
        Its name, for messages.
    suffix : str
        Ending of its name, which sets the delimiter where none is given: comma for ``.csv``, else tab.
    delimiter : str
        One character.
    encoding : str
        A byte-order mark at the start is tolerated.
    comment : str
        Beginning of a line that is no header.
    skip_rows : int
        Lines before the header; None where they are not known, and the header is not looked at.

    Raises
    ------
    StudyError
        If the bytes are not text in this encoding, or the header is one cell that another delimiter would split.

    Examples
    --------
    >>> list(delimited_rows(b"patient_id;suvmax\r01;2,3\r", file="a.csv", delimiter=";"))
    [['patient_id', 'suvmax'], ['01', '2,3']]
    """
    delimiter = delimiter or _BY_SUFFIX.get(suffix.lower(), ",")
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise StudyError(f'{file}: delimiter = {delimiter!r} is not one character such as ",", ";" or "\\t"')
    text = decoded(data, file=file, encoding=encoding)
    if skip_rows is not None:
        _check_delimiter(text, delimiter, file=file, comment=comment, skip_rows=skip_rows)
    return _rows(text, delimiter, file=file)


def _rows(text: str, delimiter: str, *, file: str) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)
    # newline=None turns every line end into "\n", a bare CR too
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise StudyError(
            f"{file}: line {reader.line_num}: {error}; a cell that holds a quotation mark must be quoted, "
            "with the mark doubled"
        ) from None


def decoded(data: bytes, *, file: str, encoding: str = "utf-8") -> str:
    """Decode a file's bytes, naming the place where they are not text in `encoding`."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # base64 and its like are codecs too, but not of text
    except (LookupError, ValueError):
        raise StudyError(
            f"{file}: unknown encoding {encoding!r}; use a name such as 'utf-8', 'utf-16' or 'windows-1252'"
        ) from None
    if name == "utf-8" and data.startswith(_WIDE_MARKS):
        raise StudyError(f'{file}: the file is UTF-32, not UTF-8; set encoding = "utf-32"')
    if name == "utf-8" and data.startswith(_BYTE_ORDER_MARKS):
        raise StudyError(f'{file}: the file is UTF-16, not UTF-8; set encoding = "utf-16"')
    if name == "utf-16" and not data.startswith(_BYTE_ORDER_MARKS):
        name = _byte_order(data)
    try:
        text = data.decode("utf-8-sig" if name == "utf-8" else name)
    except UnicodeDecodeError as error:
        raise StudyError(_undecodable(data, error, file=file, encoding=encoding)) from None
    except UnicodeError:
        raise StudyError(f"{file}: not {encoding}; save the file as UTF-8") from None
    at = text.find("\0")
    if at >= 0:
        line = _line(text[:at].encode("utf-8", "replace"))
        raise StudyError(
            f"{file}: line {line} holds a NUL character, so this is no plain text; it may be a workbook under "
            'another name, or UTF-16 (set encoding = "utf-16")'
        )
    control = _CONTROLS.search(text) if name == "iso8859-1" else None
    if control:
        line = _line(text[: control.start()].encode())
        raise StudyError(
            f"{file}: line {line} holds 0x{ord(control[0]):02X}, which is no letter of {encoding}; "
            'set encoding = "windows-1252"'
        )
    return text


def _byte_order(data: bytes) -> str:
    """Return the order of the bytes of text without a mark: of Latin letters and figures, the upper one is zero."""
    start = data[:_BYTES_LOOKED_AT]
    return "utf-16-be" if start[::2].count(0) > start[1::2].count(0) else "utf-16-le"


def _undecodable(data: bytes, error: UnicodeDecodeError, *, file: str, encoding: str) -> str:
    line = _line(data[: error.start])
    return (
        f"{file}: not {encoding}: byte 0x{data[error.start]:02X} at position {error.start} (line {line}); "
        'save the file as UTF-8 or set encoding, for instance encoding = "windows-1252"'
    )


def _line(before: bytes) -> int:
    """Return the number of the line that follows these bytes, whichever line ends they use."""
    return 1 + before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")


def garbled(text: str) -> str:
    """Return letters that were decoded wrongly before the file was written, or ``""``.

    Examples
    --------
    >>> garbled("LÃ¤sion"), garbled("Läsion")
    ('Ã¤', '')
    """
    match = _GARBLED.search(text)
    return match[0] if match else ""


def _check_delimiter(text: str, delimiter: str, *, file: str, comment: str, skip_rows: int = 0) -> None:
    lines = islice(io.StringIO(text, newline=None), skip_rows, None)
    header = next((line for line in lines if line.strip() and not (comment and line.lstrip().startswith(comment))), "")
    separator = _SEPARATOR_LINE.fullmatch(header)
    if separator:
        mark = separator[1].encode("unicode_escape").decode()
        raise StudyError(
            f"{file}: the first line, {header.strip()}, tells Excel the delimiter: set skip_rows = 1 and "
            f'delimiter = "{mark}"'
        )
    if delimiter in header:
        return
    if re.fullmatch(r'"[^"]*"(?: "[^"]*")+\s*', header):
        raise StudyError(f'{file}: the names of the header are quoted and parted by spaces: set delimiter = " "')
    splits = {mark: header.count(mark) + 1 for mark in DELIMITERS}
    best = max(splits, key=lambda mark: splits[mark])
    if splits[best] > 1:
        name = DELIMITERS.get(delimiter, repr(delimiter))
        comma = ' and, for numbers such as 2,3, decimal = ","' if best == ";" else ""
        raise StudyError(
            f"{file}: the header is a single cell when split at the {name}; the {DELIMITERS[best]} splits it into "
            f'{splits[best]}: set delimiter = "{best.encode("unicode_escape").decode()}"{comma}'
        )
