"""What a draft of a study says about the corpus: how each file is written; and where it asks instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from biomarker.data.guess import guess_tables
from biomarker.data.intake import read_tables
from biomarker.errors import BiomarkerError

CORPUS = Path(__file__).parents[1] / "corpus"

# the settings proposed, under which the table then reads without a fault
PROPOSED = [
    ("semicolon_decimal_comma.csv", {"delimiter": ";", "decimal": ","}),
    ("pipe.csv", {"delimiter": "|"}),
    ("utf16_be_bare.txt", {"encoding": "utf-16-be"}),
    ("utf16_le_bom.txt", {"encoding": "utf-16"}),
    ("windows_1252.csv", {"encoding": "windows-1252", "delimiter": ";"}),
    ("thousands_comma.csv", {"thousands": ",", "decimal": "."}),
    ("thousands_point.csv", {"thousands": ".", "decimal": ","}),
    ("thousands_space.csv", {"thousands": " ", "decimal": ","}),
    ("thousands_apostrophe.csv", {"thousands": "'", "decimal": "."}),
    ("preamble.csv", {"skip_rows": 3}),
    ("preamble.xlsx", {"skip_rows": 2}),
    ("two_header_rows.csv", {"header_rows": 2}),
    ("two_header_rows.xlsx", {"header_rows": 2}),
    ("totals_row.csv", {"totals": ("Total",)}),
    ("down_filled.csv", {"fill_down": ("patient_id",)}),
    ("missing_codes.csv", {"missing": ("-99", "999")}),
    ("dates_dmy.csv", {"dates": "dmy"}),
    ("dates_mdy.csv", {"dates": "mdy"}),
    ("dates_dicom.csv", {"dates": "ymd"}),
    ("status_words.csv", {"values": {"os_event": {"dead": "true", "alive": "false"}}}),
    ("sex_words.csv", {"values": {"sex": {"männlich": "male", "weiblich": "female"}}}),
    ("units_in_header.csv", {"units": {"size_mm": "cm"}, "schema": "lesion"}),
    ("lesion_blocks.csv", {"blocks": "Lesion {lesion_id} {column}", "schema": "lesion"}),
    ("reader_blocks.csv", {"blocks": "{column}_phys{reader_id}", "schema": "reading"}),
    ("adtte_years.csv", {"format": "adtte", "schema": "patient"}),
    ("adrs.csv", {"format": "adrs", "schema": "patient"}),
    ("sdtm_tr.csv", {"format": "sdtm-tr", "schema": "reading"}),
    ("sdtm_tu.csv", {"format": "sdtm-tu"}),
    ("redcap_raw.csv", {"format": "redcap", "part": "record", "schema": "patient"}),
    ("redcap_labels.csv", {"format": "redcap", "part": "record", "schema": "patient"}),
    ("redcap_events.csv", {"format": "redcap", "schema": "patient"}),
    ("dsr2csv.csv", {"format": "dicom-sr-csv", "schema": "reading"}),
    ("tid1500.dcm", {"format": "dicom-sr", "schema": "reading"}),
    ("regions.voistat", {"format": "pmod", "schema": "uptake"}),
    ("lifex_ibsi.csv", {"format": "lifex", "schema": "lesion"}),
    ("slicer_segments.csv", {"format": "slicer", "constants": {"patient_id": "slicer_segments"}}),
    ("slicer_suv_appended.csv", {"format": "slicer-suv", "schema": "lesion"}),
    ("pet_indic.csv", {"format": "pet-indic"}),
    ("pyradiomics.csv", {"format": "pyradiomics"}),
    ("hidden.xlsx", {"sheet": "s"}),
]
# what a person must say first: the draft is written, and reading it asks
ASKED = [
    ("dates_ambiguous.csv", 'write dates = "dmy" or dates = "mdy"', "could be more than one day"),
    ("comma_of_either_kind.csv", 'write decimal = "," or decimal = "." with thousands = ","', "could be one of two"),
    ("point_of_either_kind.csv", 'write decimal = "." or decimal = "," with thousands = "."', "could be 1234 or 1.234"),
    ("status_one_two.csv", "say which mean yes", "is neither yes nor no"),
    ("formula_errors.xlsx", "", "is a formula error"),
    ("decimals_mixed_by_hand.csv", "", "is not a number while decimal"),
]


@pytest.mark.parametrize(("name", "settings"), PROPOSED, ids=[case[0] for case in PROPOSED])
def test_how_a_file_is_written_is_proposed(name, settings):
    guess = guess_tables(CORPUS / name)[0]
    assert {key: getattr(guess.source, key) for key in settings} == settings
    assert len(read_tables({"table": guess.source})["table"].frame)


@pytest.mark.parametrize(("name", "remark", "message"), ASKED, ids=[case[0] for case in ASKED])
def test_what_fits_two_ways_is_asked(name, remark, message):
    (guess,) = guess_tables(CORPUS / name)
    assert remark in " ".join(guess.remarks)
    with pytest.raises(BiomarkerError, match=message):
        read_tables({"table": guess.source})


def test_every_repeating_instrument_is_a_table():
    record, lesions = guess_tables(CORPUS / "redcap_raw.csv")
    assert (record.source.schema, lesions.source.schema) == ("patient", "lesion")
    assert lesions.source.columns == {"patient_id": "record_id", "lesion_id": "repeat_instance"}
    assert "Does '-99' mean a missing cell?" in lesions.remarks


def test_an_uptake_without_its_kind_is_asked_about():
    (guess,) = guess_tables(CORPUS / "times_wide.csv")
    assert guess.source.columns == {"suv_4d": "SUV_d4"}
    assert "suv_4d does not say which SUV it is: max, mean or peak?" in guess.remarks


def _messy_workbook(path: Path) -> Path:
    """Write a title page, and a sheet with a header of two rows, a patient written once and a row of totals."""
    book = Workbook()
    book.active.title = "Info"
    book.active.append(["Exported by the core lab"])
    sheet = book.create_sheet("PET")
    sheet.append(["Subject", "Lesion", "Tracer PET", "", "CT"])
    sheet.append(["", "no.", "SUVmax", "SUVmean", "Long axis (cm)"])
    sheet.merge_cells("C1:D1")
    for row in (["A1", 1, "4,5", "3,1", "2,2"], ["", 2, "6,5", "4,2", "1,2"], ["A2", 1, "9,5", "6,1", "3,2"]):
        sheet.append(row)
    sheet.append(["Total", "", "6,8", "", ""])
    book.save(path)
    return path


def test_a_title_page_is_left_out_and_said(tmp_path):
    (guess,) = guess_tables(_messy_workbook(tmp_path / "lesions.xlsx"))
    assert guess.source.sheet == "PET"
    assert guess.remarks[0].startswith("Left out, as it does not read as a table: sheet 'Info'")


def test_two_header_rows_are_seen_beside_a_row_of_totals(tmp_path):
    (guess,) = guess_tables(_messy_workbook(tmp_path / "lesions.xlsx"))
    assert (guess.source.header_rows, guess.source.totals, guess.source.schema) == (2, ("Total",), "lesion")
