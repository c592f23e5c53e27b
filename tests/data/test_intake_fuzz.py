"""Whatever the bytes of a table are, reading it gives a table or one of the package's own messages, and ends."""

# ruff: noqa: RUF005 (lists of words)

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biomarker.data.column_report import column_lines
from biomarker.data.guess import guess_tables
from biomarker.data.intake import read_table
from biomarker.data.layouts import LAYOUTS
from biomarker.data.suspicions import suspicious
from biomarker.errors import BiomarkerError

CORPUS = Path(__file__).parents[1] / "corpus"
TEXTS = sorted(path for path in CORPUS.iterdir() if path.suffix in (".csv", ".txt", ".tsv", ".voistat"))
BOOKS = sorted(CORPUS.glob("*.xlsx"))
STORED = sorted(path for path in CORPUS.iterdir() if path.suffix in (".parquet", ".dcm"))
# each example must end in a second or two, on a machine at work
# FUZZ_EXAMPLES=2000 for a long look; the fuzzers of tests/fuzz look longer still
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
FUZZ = settings(deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.too_slow], max_examples=EXAMPLES)

words = st.sampled_from(
    [
        "01",
        "1",
        "2.5",
        "2,5",
        "1.234,5",
        "n/a",
        "-",
        "",
        " ",
        "<0.5",
        "#REF!",
        "Total",
        "12:30",
        "2026-11-21",
        "01/02/2026",
    ]
    + [
        "patient_id",
        "lesion_id",
        "suvmax",
        "suvmax_24h",
        '"',
        "a\nb",
        "Ã¤",
        "\u00a0",
        "1e999",
        "NaN",
        "∞",
        "9" * 400,
        "é" * 50,
    ]
) | st.text(max_size=6)
options = st.fixed_dictionaries(
    {},
    optional={
        "schema": st.sampled_from(["", "lesion", "patient", "reading", "uptake", "blood", "organ"]),
        "delimiter": st.sampled_from(["", ",", ";", "\t", "|", ";;", "="]),
        "decimal": st.sampled_from(["", ".", ",", "x"]),
        "thousands": st.sampled_from(["", ",", ".", " ", "'", "x"]),
        "dates": st.sampled_from(["", "dmy", "mdy", "ymd", "excel", "sas", "x"]),
        "encoding": st.sampled_from(
            ["", "utf-8", "utf-16", "utf-16-le", "windows-1252", "latin-1", "base64", "idna", "x"]
        ),
        "comment": st.sampled_from(["", "#"]),
        "header_rows": st.integers(-1, 4),
        "skip_rows": st.integers(-1, 4),
        "totals": st.none() | st.lists(st.sampled_from(["Total", ""]), max_size=2),
        "format": st.sampled_from(["", *LAYOUTS, "x"]),
        "part": st.sampled_from(["", "record", "lesions"]),
        "blocks": st.sampled_from(["", "{column}_{lesion_id}", "Lesion {lesion_id} {column}", "{", "{column}"]),
        "fill_down": st.lists(st.sampled_from(["patient_id", "suvmax"]), max_size=2),
        "values": st.dictionaries(st.sampled_from(["suvmax", "patient_id"]), st.dictionaries(words, words, max_size=2)),
        "constants": st.dictionaries(st.sampled_from(["patient_id", "x"]), words, max_size=1),
        "columns": st.dictionaries(st.sampled_from(["patient_id", "suvmax"]), words, max_size=2),
        "units": st.dictionaries(st.sampled_from(["suvmax", "size_mm"]), st.sampled_from(["cm", "x"]), max_size=1),
        "missing": st.lists(words, max_size=3),
    },
)


def ends_well(content: bytes, suffix: str, given_options: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        path.write_bytes(content)
        with contextlib.suppress(BiomarkerError):
            table = read_table(path, **given_options)
            assert len(column_lines(table)) == len(table.frame.columns)
            suspicious(table)
        with contextlib.suppress(BiomarkerError):
            guess_tables(path)


@FUZZ
@given(rows=st.lists(st.lists(words, max_size=6), max_size=8), mark=st.sampled_from(",;\t|"), given_options=options)
def test_rows_of_any_words(rows, mark, given_options):
    text = "\n".join(mark.join(row) for row in rows)
    ends_well(text.encode("utf-8", "surrogatepass"), ".csv", given_options)


@FUZZ
@given(
    content=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".txt", ".xlsx", ".voistat", ".parquet", ".dcm"])
)
def test_any_bytes(content, suffix):
    ends_well(content, suffix, {})


@FUZZ
@given(data=st.data(), given_options=options)
def test_damaged_files_of_the_corpus(data, given_options):
    path = data.draw(st.sampled_from(TEXTS))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    ends_well(bytes(content), path.suffix, given_options)


@FUZZ
@given(data=st.data())
def test_damaged_workbooks(data):
    """A part of the archive is changed and packed again, so that the damage reaches the reader of sheets."""
    path = data.draw(st.sampled_from(BOOKS))
    if not zipfile.is_zipfile(path):
        ends_well(path.read_bytes(), ".xlsx", {})
        return
    stream = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stream, "w") as new:
        names = old.namelist()
        hit = data.draw(st.sampled_from(names))
        for name in names:
            content = bytearray(old.read(name))
            if name == hit and content:
                at = data.draw(st.integers(0, len(content) - 1))
                content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=4))
            new.writestr(name, bytes(content))
    ends_well(stream.getvalue(), ".xlsx", {})


@FUZZ
@given(
    rows=st.lists(
        st.lists(words | st.none() | st.integers() | st.floats() | st.booleans() | st.datetimes(), max_size=5),
        max_size=6,
    ),
    given_options=options,
)
def test_workbooks_of_any_cells(rows, given_options):
    book = openpyxl.Workbook()
    for row in rows:
        try:
            book.active.append(row)
        except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):  # characters that no workbook can hold
            return
    stream = io.BytesIO()
    book.save(stream)
    kept = {key: value for key, value in given_options.items() if key not in ("delimiter", "encoding")}
    ends_well(stream.getvalue(), ".xlsx", kept)


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.name)
@FUZZ
@given(data=st.data())
def test_damaged_binary_files(path, data):
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, max(len(content) - 1, 0)))
    content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=4))
    ends_well(bytes(content), path.suffix, {"format": "dicom-sr"} if path.suffix == ".dcm" else {})
