import csv
from io import StringIO

import pandas as pd
import pytest

from biomarker.tables import Table
from biomarker.tables.render.csv_text import harmless, render, to_bytes


def test_snapshot(rich):
    assert list(csv.reader(StringIO(render(rich), newline=""))) == [
        ["Uptake and response", "", "", "", ""],
        ["Quantity", "Lesionsᵃ: n/N", "Lesionsᵃ: %", "Uptake: SUVmax (g/mL)ᵇ", "Uptake: p"],
        ["Groupᶜ", "", "", "", ""],
        ["\u00a0\u00a0Responding", "5 of 30", "16.7", "1.20 (0.80–1.91)ᵈ", "<0.001"],
        ["\u00a0\u00a0Otherᵇ", "12 of 30", "40.0", "12.3 (8.0–19.1)", "0.27ᵈ,ᵉ"],
        ["CI, confidence interval.", "", "", "", ""],
        ["ᵃ Nested in patients.", "", "", "", ""],
        ["ᵇ Fasting.", "", "", "", ""],
        ["ᶜ Read by two readers.", "", "", "", ""],
        ["ᵈ Naive.", "", "", "", ""],
        ["ᵉ Last.", "", "", "", ""],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "＝1", "\t=1", " =1", "\u00a0=1"])
def test_what_looks_like_a_formula_gets_an_apostrophe(text):
    assert harmless(text).startswith("'")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("5/30", "5 of 30"), ("8-12", "8–12"), ("−0.35", "-0.35"), ("-1", "-1"), ("1.2", "1.2"), ("a-b", "a-b")],
)
def test_numbers_stay_numbers_and_counts_become_no_dates(text, shown):
    assert harmless(text) == shown


def test_it_begins_with_the_mark_by_which_excel_knows_its_encoding_and_pandas_reads_it(rich, tmp_path):
    (tmp_path / "t.csv").write_bytes(to_bytes(rich))
    assert to_bytes(rich).startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(tmp_path / "t.csv", skiprows=1, encoding="utf-8-sig")
    assert frame["Lesionsᵃ: %"].dropna().tolist() == [16.7, 40.0]


def test_commas_quotes_and_line_ends_stay_in_their_field():
    table = Table(title="t", header=["a", "b"], rows=[['x,"y"', "p\nq"]])
    assert list(csv.reader(StringIO(render(table), newline="")))[2] == ['x,"y"', "p q"]
