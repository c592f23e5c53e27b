"""Write the corpus: small files, one quirk or format each. Run from the top of the repository.

Text files are written byte by byte, so that each quirk stands here to be read. Binary files are written by the
libraries that users' files come from: openpyxl, pyarrow, pyreadstat (ReadStat), pydicom and highdicom. No open library
writes SAS7BDAT: `iris.sas7bdat` is the example of the R package haven (MIT licence, see README.md); it is not written here.
"""

# ruff: noqa: E501 (a file's line stands in one line)

from __future__ import annotations

import datetime as dt
import io
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

HERE = Path(__file__).parent
HEAD = "patient_id,lesion_id,suvmax\n"

TEXTS: dict[str, bytes] = {
    "comma.csv": b"patient_id,lesion_id,suvmax\n01,1,2.5\n02,1,3.5\n",
    "semicolon_decimal_comma.csv": b"patient_id;lesion_id;suvmax\n01;1;2,5\n02;1;3,5\n",
    "tab.tsv": b"patient_id\tlesion_id\tsuvmax\n01\t1\t2.5\n",
    "tab_decimal_comma.txt": b"patient_id\tlesion_id\tsuvmax\n01\t1\t2,5\n",
    "pipe.csv": b"patient_id|lesion_id|suvmax\n01|1|2.5\n",
    "bom.csv": "\ufeffpatient_id,lesion_id,suvmax\n01,1,2.5\n".encode(),
    "utf16_le_bom.txt": "patient_id\tlesion_id\tsuvmax\n01\t1\t2.5\n".encode("utf-16"),
    "utf16_be_bom.txt": b"\xfe\xff" + "patient_id\tlesion_id\tsuvmax\n01\t1\t2.5\n".encode("utf-16-be"),
    "utf16_le_bare.txt": "patient_id\tlesion_id\tsuvmax\n01\t1\t2.5\n".encode("utf-16-le"),
    "utf16_be_bare.txt": "patient_id\tlesion_id\tsuvmax\n01\t1\t2.5\n".encode("utf-16-be"),
    "windows_1252.csv": "patient_id;lesion_id;lesion_site;suvmax\n01;1;Nackenlymphknoten größer;2,5\n".encode("cp1252"),
    "latin_1.csv": "patient_id,lesion_id,lesion_site\n01,1,Kéfir\n".encode("latin-1"),
    "garbled_utf8.csv": "patient_id,lesion_id,lesion_site\n01,1,LÃ¤sion\n02,1,√êle\n".encode(),
    "old_mac_line_ends.csv": b"patient_id,lesion_id,suvmax\r01,1,2.5\r02,1,3.5\r",
    "mixed_line_ends.csv": b"patient_id,lesion_id,suvmax\r\n01,1,2.5\n02,1,3.5\r",
    "thousands_comma.csv": b'patient_id,lesion_id,tlg_g\n01,1,"1,234.5"\n02,1,12.5\n',
    "thousands_point.csv": b"patient_id;lesion_id;tlg_g\n01;1;1.234,5\n02;1;12,5\n",
    "thousands_space.csv": "patient_id;lesion_id;tlg_g\n01;1;1\u202f234,5\n02;1;12,5\n".encode(),
    "thousands_apostrophe.csv": "patient_id;lesion_id;tlg_g\n01;1;1\u2019234.5\n02;1;12.5\n".encode(),
    "thousands_uneven.csv": b'patient_id,lesion_id,tlg_g\n01,1,"12,34.5"\n',
    "comma_of_either_kind.csv": b'patient_id,lesion_id,tlg_g\n01,1,"1,234"\n',
    "point_of_either_kind.csv": b"patient_id;lesion_id;tlg_g\n01;1;1.234\n02;1;2.500\n",
    "decimals_mixed_by_hand.csv": b"patient_id;lesion_id;suvmax\n01;1;2,5\n02;1;2.5\n",
    "quoted_newline.csv": b'patient_id,lesion_id,note\n01,1,"two\nlines, one cell"\n02,1,plain\n',
    "open_quote.csv": b'patient_id,lesion_id,note\n01,1,"never closed\n02,1,plain\n',
    "ragged.csv": b"patient_id,lesion_id,suvmax\n01,1\n02,1,3.5\n03,1,4.5,9\n",
    "preamble.csv": b"Export of 21 Nov 2026\nSite 3\n\npatient_id,lesion_id,suvmax\n01,1,2.5\n",
    "trailing_delimiter.csv": b"patient_id,lesion_id,suvmax,\n01,1,2.5,\n",
    "duplicate_header.csv": b"patient_id,lesion_id,suvmax,suvmax\n01,1,2.5,3\n",
    "nameless_index.csv": b",patient_id,lesion_id,suvmax\n0,01,1,2.5\n1,02,1,nan\n",
    "nameless_column.csv": b"patient_id,lesion_id,suvmax,\n01,1,2.5,see note\n",
    "totals_row.csv": b"patient_id,lesion_id,mtv_ml\n01,1,2.5\n02,1,3.5\nTotal,,6\n",
    "two_header_rows.csv": b"patient_id,lesion_id,24 h,,48 h,\n,,SUVmax,SUVmean,SUVmax,SUVmean\n01,1,2.5,1.5,3.5,2.5\n",
    "repeated_header.csv": b"patient_id,lesion_id,suvmax\n01,1,2.5\npatient_id,lesion_id,suvmax\n02,1,3.5\n",
    "down_filled.csv": b"patient_id,lesion_id,suvmax\n01,1,2.5\n,2,3.5\n02,1,4.5\n",
    "missing_words.csv": b"patient_id,lesion_id,suvmax\n01,1,n/a\n02,1,n/a*\n03,1,-\n04,1,ND\n05,1,\n06,1,2.5\n",
    "missing_codes.csv": b"patient_id,age_years\n01,-99\n02,999\n03,55\n",
    "below_lod.csv": b"patient_id,lesion_id,suvmax\n01,1,<0.5\n02,1,2.5\n",
    "footnote_mark.csv": "patient_id,lesion_id,suvmax\n01,1,3.2*\n02,1,12†\n".encode(),
    "plus_minus.csv": "patient_id,lesion_id,suvmax\n01,1,7.83 ± 0.55\n02,1,7.8+0.5\n".encode(),
    "summary_cells.csv": b"patient_id,lesion_id,suvmax\n01,1,9.2 (5.2-12.6)\n02,1,14/18 (77.8%)\n",
    "spreadsheet_errors.csv": b"patient_id,lesion_id,suvmax\n01,1,#REF!\n02,1,#DIV/0!\n",
    "exponent.csv": b"patient_id,lesion_id,suvmax\n01,1,1.00E-04\n",
    "minus_sign_and_micro.csv": "patient_id,lesion_id,diameter_change_percent\n01,1,\u221212.5\n".encode(),
    "hard_spaces.csv": "\u00a0patient_id,lesion_id,suvmax\u00a0\n01\u00a0,1,\u00a02.5\n".encode(),
    "units_in_header.csv": b"Subject,Lesion,Size (cm),SUVmax 24 h\n01,1,1.2,2.5\n",
    "time_of_day.csv": b"patient_id,lesion_id,suvmax\n01,1,12:30:00\n",
    "mangled_id.csv": b"patient_id,lesion_id,suvmax\n01,02-Jan,2.5\n02,1-3,3.5\n",
    "lost_zeros_patients.csv": b"patient_id,age_years\n01,50\n02,60\n",
    "dates_dmy.csv": b"patient_id,scan_date\n01,21.11.2026\n02,03.04.2026\n",
    "dates_mdy.csv": b"patient_id,scan_date\n01,11/21/2026\n",
    "dates_ambiguous.csv": b"patient_id,scan_date\n01,03/04/2026\n02,05/06/2026\n",
    "dates_dicom.csv": b"patient_id,scan_date\n01,20261121\n",
    "dates_partial.csv": b"patient_id,scan_date\n01,2014-01\n",
    "dates_serial.csv": b"patient_id,scan_date\n01,46347\n",
    "dates_two_digit_year.csv": b"patient_id,scan_date\n01,21.11.26\n",
    "status_words.csv": b"patient_id,os_months,os_event\n01,12,dead\n02,24,alive\n",
    "status_one_two.csv": b"patient_id,os_months,os_event\n01,12,2\n02,24,1\n",
    "sex_words.csv": "patient_id,sex\n01,männlich\n02,weiblich\n".encode(),
    "lesion_blocks.csv": b"patient_id,Lesion 1 SUVmax,Lesion 1 size,Lesion 2 SUVmax,Lesion 2 size\n01,2.5,12,3.5,14\n02,4.5,20,,\n",
    "reader_blocks.csv": b"patient_id,lesion_id,SUVmax_phys1,SUVmax_phys2\n01,1,2.5,2.7\n",
    "times_wide.csv": b"patient_id,lesion_id,suvmax_24h,SUV_d4\n01,1,2.5,3.5\n",
    "mean_above_max.csv": b"patient_id,lesion_id,suvmax,suvmean\n01,1,2.5,3.5\n",
    "negative_time.csv": b"patient_id,lesion_id,hours_post_injection,suvmax\n01,1,-2,2.5\n",
    "redcap_raw.csv": (
        b"record_id,redcap_repeat_instrument,redcap_repeat_instance,redcap_data_access_group,age_years,sex,"
        b"site___1,site___2,baseline_complete,suvmax,lesions_complete\n"
        b"01,,,berlin,55,F,1,0,2,,\n01,lesions,1,berlin,,,,,,2.5,2\n01,lesions,2,berlin,,,,,,-99,2\n"
        b"02,,,kiel,61,M,0,0,2,,\n02,lesions,1,kiel,,,,,,4.5,2\n"
    ),
    "redcap_labels.csv": (
        b"Record ID,Repeat Instrument,Repeat Instance,Age,Site (choice=Liver)\n"
        b"01,,,55,Checked\n01,Lesions,1,,\n02,,,61,Unchecked\n"
    ),
    "redcap_events.csv": (
        b"record_id,redcap_event_name,age_years,response\n01,baseline_arm_1,55,\n01,followup_arm_1,,PR\n"
        b"02,baseline_arm_1,61,\n02,followup_arm_1,,PD\n"
    ),
    "adtte_years.csv": b"USUBJID,PARAMCD,PARAM,AVAL,AVALU,CNSR\nA1,OS,Overall survival,2,YEARS,0\nA2,OS,Overall survival,1,YEARS,1\n",
    "adtte_no_unit.csv": b"USUBJID,PARAMCD,PARAM,AVAL,CNSR\nA1,OS,Overall survival,200,0\n",
    "adrs.csv": (
        b"USUBJID,PARAMCD,PARAM,AVALC,AVISIT\nA1,BOR,Best overall response,NON-CR/NON-PD,\nA1,RSP,Response,N,\n"
        b"A1,OVR,Response,SD,Week 6\nA1,OVR,Response,SD,Week 12\nA2,BOR,Best overall response,MISSING,\nA2,RSP,Response,Y,\n"
    ),
    "sdtm_tu.csv": (
        b"USUBJID,TULNKID,TUTESTCD,TUSTRESC,TULOC,TUEVAL,TUEVALID\n"
        b"A1,T01,TUMIDENT,TARGET,LIVER,INDEPENDENT ASSESSOR,RADIOLOGIST 1\nA1,NT01,TUMIDENT,NON-TARGET,LUNG,INVESTIGATOR,\n"
    ),
    "sdtm_tr.csv": (
        b"USUBJID,TRLNKID,TRTESTCD,TRSTRESC,TRSTRESN,TRSTRESU,TREVAL,TREVALID,VISIT\n"
        b"A1,T01,LDIAM,1.4,1.4,cm,INDEPENDENT ASSESSOR,RADIOLOGIST 1,BASELINE\n"
        b"A1,T01,LDIAM,1.6,1.6,cm,INDEPENDENT ASSESSOR,RADIOLOGIST 2,BASELINE\n"
        b"A1,,SUMDIAM,1.4,1.4,cm,INDEPENDENT ASSESSOR,RADIOLOGIST 1,BASELINE\n"
    ),
    "sdtm_rs.csv": (
        b"USUBJID,RSTESTCD,RSSTRESC,RSEVAL,VISIT\nA1,OVRLRESP,PR,INVESTIGATOR,WEEK 6\nA1,TRGRESP,PR,INVESTIGATOR,WEEK 6\n"
        b"A1,OVRLRESP,CR,INVESTIGATOR,WEEK 12\n"
    ),
    "dsr2csv.csv": (
        b'"patientID","personObserverName","timepoint","activitySession","trackingID","finding","findingSite","laterality",'
        b'"measurementConcept","measurementMethod","derivation","measurementValue","measurementUnits",\n'
        b'"P1","R1","1","1","primary","Neoplasm, Primary","Base of tongue","","SUVbw","SUV body weight","Maximum","9.5","{SUVbw}g/ml",\n'
        b'"P1","R1","1","1","primary","Neoplasm, Primary","Base of tongue","","SUVbw","SUV body weight","Mean","5.5","{SUVbw}g/ml",\n'
        b'"P1","R1","1","1","primary","Neoplasm, Primary","Base of tongue","","Volume","","","12.5","ml",\n'
        b'"P1","R1","1","1","node","Neoplasm, Secondary","Lymph node","Right","SUVbw","SUV body weight","Maximum","4.5","{SUVbw}g/ml",\n'
        b'"P1","R1","1","1","node","Neoplasm, Secondary","Lymph node","Right","SUVbw","","Peak Value Within ROI","4.1","{SUVbw}g/ml",\n'
    ),
    "regions.voistat": (
        b"# PMOD_VOI_STATISTICS\n# FORMAT[UNI]\n# DATE_TIME[2018.12.31_15:56:42]\n# VERSION[3.807]\n# AXIS[TIME]\n# DATA\n"
        b"// Component [string]\tFile [string]\tPatientName [string]\tPatientID [string]\tPatientInfo [string]\t"
        b"StudyDate [date_time]\tVoiName(Region) [string]\tTime [seconds]\tAveraged [kBq/cc]\tVolume [ccm]\n"
        b"VOI\tpet\tSubject 1\tS1\tsize = 0.0, weight = 0.0\t20000101_080000\tLiver\t3600.0\t12.5\t30.5\n"
        b"VOI\tpet\tSubject 1\tS1\tsize = 0.0, weight = 0.0\t20000101_080000\tLiver\t7200.0\t11.5\t30.5\n"
    ),
    "lifex_old.csv": (
        b"INFO_PatientID,INFO_NameOfRoi,CONVENTIONAL_SUVbwmin,CONVENTIONAL_SUVbwmean,CONVENTIONAL_SUVbwmax,CONVENTIONAL_TLG(mL)\n"
        b"P1,L1,1.5,2.5,5.5,30.5\n"
    ),
    "lifex_ibsi.csv": (
        b"INFO_PatientID,INFO_NameOfRoi,INTENSITY-BASED_MeanIntensity(IBSI:Q4LE)[SUV],"
        b"INTENSITY-BASED_MaximumIntensity(IBSI:84IY)[SUV],MORPHOLOGICAL_Volume(IBSI:RNU0)[mm3]\nP1,L1,2.5,5.5,12500\n"
    ),
    "lifex_no_unit.csv": (b"INFO_PatientID,INFO_NameOfRoi,INTENSITY-BASED_MaximumIntensity(IBSI:84IY)[]\nP1,L1,5.5\n"),
    "slicer_segments.csv": (
        b"Segment,Number of voxels [voxels],Volume [mm3] (LM),Volume [cm3] (LM),Volume [cm3] (SV),Minimum,Maximum,Mean\n"
        b"Segment_1,500,12500,12.5,12.4,0.5,9.5,4.5\n"
    ),
    "slicer_suv_appended.csv": (
        b"patientID,studyDate,dose,labelID,suvmin,suvmax,suvmean,labelName\nP1,20200102,370,1,0.5,9.5,4.5,tumor\n"
        b"patientID,studyDate,dose,labelID,suvmin,suvmax,suvmean,labelName\nP1,20200102,370,1,0.5,9.5,4.5,tumor\n"
    ),
    "pet_indic.csv": b"case,mean,min,max,peak,volume,TLG,Q1_distribution,glycosis_Q1\nP1,4.5,0.5,9.5,8.5,12.5,56.25,61.1,10.5\n",
    "pet_indic.txt": b"Mean_s = 7.41447\nMax_s = 12.5\nVolume_s = 8.25\nQ1_Distribution_s = 0.611354\n",
    "pyradiomics.csv": (
        b"Image,Mask,diagnostics_Versions_Python,original_shape_MeshVolume,original_firstorder_Maximum,wavelet-LLH_firstorder_Mean\n"
        b"i.nrrd,m.nrrd,3.9.1,12500.0,array(9.5),array([0.25])\n"
    ),
    "adtr.csv": (
        b"USUBJID,PARAMCD,AVAL,AVALU,ABLFL,TRLNKID,AVISIT,TULOC,ADY\n"
        b"A1,LDIAM1,20,mm,Y,T01,BASELINE,LYMPH NODE,-3\nA1,NLDIAM1,16,mm,Y,T01,BASELINE,LYMPH NODE,-3\n"
        b"A1,LDIAM1,20,mm,,T01,WEEK 6,LYMPH NODE,40\nA1,NLDIAM1,9,mm,,T01,WEEK 6,LYMPH NODE,40\n"
        b"A1,LDIAM2,40,mm,Y,T02,BASELINE,LIVER,-3\nA1,NLDIAM2,33,mm,Y,T02,BASELINE,LIVER,-3\n"
        b"A1,LDIAM2,20,mm,,T02,WEEK 6,LIVER,40\nA1,SDIAM,56,mm,Y,,BASELINE,,-3\n"
    ),
    "adtr_of_two_units.csv": b"USUBJID,PARAMCD,AVAL,AVALU,ABLFL,TRLNKID\nA1,LDIAM1,2.0,cm,Y,T01\nA1,LDIAM2,30,mm,Y,T02\n",
    "adtte_flagged.csv": (
        b"USUBJID,PARAMCD,PARAM,AVAL,AVALU,CNSR,ANL01FL\nA1,OS,Overall survival,12,MONTH,0,Y\n"
        b"A1,OS,Overall survival,9,MONTH,1,\nA2,OS,Overall survival,13,MONTH,1,Y\n"
    ),
    "adtte_days_called_months.csv": (
        b"USUBJID,PARAMCD,PARAM,AVAL,AVALU,CNSR,STARTDT,ADT\nA1,OS,Overall survival,12,MONTHS,0,2026-01-01,2026-01-13\n"
        b"A2,OS,Overall survival,13,MONTHS,1,2026-01-01,2026-01-14\n"
    ),
    "codes_like_numbers.csv": b"patient_id,well,suvmax\n7,1E5,2.5\n8,2E3,3.5\n",
    "header_ends_in_delimiters.csv": b"patient_id,lesion_id,suvmax,,\n01,1,2.5\n02,1,3.5\n",
    "midnight.csv": (
        b"patient_id,scan_date\n01,2026-11-21T00:00:00\n02,2026-11-22 00:00\n03,23.11.2026 00:00:00.000\n04,24NOV2026\n"
    ),
    "booleans_as_floats.csv": b"patient_id,os_event\n01,1.0\n02,0.0\n03,\n",
    "percent_signs.csv": (
        b"patient_id,lesion_id,diameter_change_percent,ki67\n01,1,45%,20%\n02,1,-30.5 %,5.5%\n03,1,12,7%\n"
    ),
    "separator_line.csv": b"sep=;\npatient_id;suvmax\n01;2.5\n",
    "row_names.txt": b'"patient_id" "lesion_id" "suvmax"\n"1" "01" "1" 2.5\n"2" "02" "1" 3.5\n',
    "utf32.csv": "patient_id,lesion_id,suvmax\n01,1,2.5\n".encode("utf-32"),
    "dash_of_windows.csv": "patient_id,note\n01,2\u20133 lesions\n".encode("cp1252"),
    "tab_point_of_either_kind.tsv": b"patient_id\tlesion_id\ttlg_g\n01\t1\t1.234\n02\t1\t2.500\n",
    "words_beside_numbers.csv": (
        b"patient_id,lesion_id,suvmax\n01,1,3.2 g/mL\n02,1,3.2 (max)\n03,1,45%\n04,1,~3\n05,1,2026-01-03\n"
    ),
    "too_small_a_number.csv": b"patient_id,lesion_id,suvmax\n01,1,1e-400\n",
    "totals_with_words.csv": ("organ,mgy_per_mbq\ntotal body,0.5\nliver,1.5\nTotal (n=2),2\nMean ± SD,1\n".encode()),
    "empty.csv": b"\n\n",
    "header_alone.csv": b"patient_id,suvmax\n",
    "nul.csv": b"patient_id,suvmax\n01,\x00\n",
    "workbook_by_another_name.xlsx": b"patient_id,suvmax\n01,2.5\n",
    "not_a_parquet.parquet": b"PAR1 and no more",
    "not_a_sas_file.sas7bdat": b"this is no SAS data set" * 20,
    "not_dicom.dcm": b"this is no DICOM file",
    "old_excel.xls": b"\xd0\xcf\x11\xe0",
}


def books() -> None:
    """Write the workbooks."""

    def save(name: str, **sheets: list[list[object]]) -> openpyxl.Workbook:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(HERE / name)
        return book

    head = ["patient_id", "lesion_id", "suvmax"]
    save("two_sheets.xlsx", Patients=[["patient_id", "age_years"], ["01", 50]], Lesions=[head, ["01", 1, 2.5]])
    book = save("merged_patients.xlsx", s=[head, ["01", 1, 2.5], [None, 2, 3.5], ["02", 1, 4.5]])
    book["s"].merge_cells("A2:A3")
    book.save(HERE / "merged_patients.xlsx")
    book = save("merged_across.xlsx", s=[head, ["01", 1, 2.5], ["02", "not done", None]])
    book["s"].merge_cells("B3:C3")
    book.save(HERE / "merged_across.xlsx")
    rows = [["patient_id", "24 h", None, "48 h"], [None, "SUVmax", "SUVmean", "SUVmax"], ["01", 2.5, 1.5, 3.5]]
    book = save("two_header_rows.xlsx", s=rows)
    book["s"].merge_cells("A1:A2")
    book["s"].merge_cells("B1:C1")
    book.save(HERE / "two_header_rows.xlsx")
    save("formula_unsaved.xlsx", s=[head, ["01", 1, "=1+1.5"]])
    save("formula_errors.xlsx", s=[head, ["01", 1, "#REF!"], ["02", 1, "#N/A"]])
    save(
        "totals_row.xlsx", s=[["patient_id", "lesion_id", "mtv_ml"], ["01", 1, 2.5], ["02", 1, 3.5], ["Total", None, 6]]
    )
    save(
        "dates.xlsx", s=[["patient_id", "scan_date"], ["01", dt.date(2026, 11, 21)], ["02", dt.datetime(2026, 11, 22)]]
    )
    save("dates_as_serials.xlsx", s=[["patient_id", "scan_date"], ["01", 46347]])
    save("numbers_as_text.xlsx", s=[head, ["01", "1", "2.5"], ["02", "1", 3.5]])
    save("lost_zeros.xlsx", s=[head, [1, 1, 2.5]])
    book = save("hidden.xlsx", s=[head, ["01", 1, 2.5], ["02", 1, 3.5]], lists=[["a"], [1]])
    book["s"].row_dimensions[3].hidden = True
    book["s"].column_dimensions["B"].hidden = True
    book["lists"].sheet_state = "hidden"
    book.save(HERE / "hidden.xlsx")
    save("spare_notes.xlsx", s=[[*head, None], ["01", 1, 2.5, "check this"]])
    save("preamble.xlsx", s=[["Site 3"], [None], head, ["01", 1, 2.5]])
    book = save("shown_as_percent.xlsx", s=[[*head[:2], "diameter_change_percent"], ["01", 1, 0.45], ["02", 1, -0.3]])
    book["s"]["C2"].number_format, book["s"]["C3"].number_format = "0%", "0.0%"
    book.save(HERE / "shown_as_percent.xlsx")
    book = save("shown_with_zeros.xlsx", s=[head, [7, 1, 2.5], [8, 1, 3.5]])
    book["s"]["A2"].number_format = book["s"]["A3"].number_format = "000"
    book.save(HERE / "shown_with_zeros.xlsx")
    # by fullCalcOnLoad openpyxl asks for its formulas to be computed; a spreadsheet program has done so
    computed = (b'fullCalcOnLoad="1"', b"")
    valued = (b"<v>4242</v>", b"<f>1+1.5</f><v>2.5</v>")
    _with_formula("formula_saved.xlsx", valued, computed)
    _with_formula("formula_never_computed.xlsx", (b"<v>4242</v>", b"<f>1+1.5</f><v>0</v>"))
    bare = (b"<v>4242</v>", b"<f>1+1.5</f>")
    _with_formula("formula_outside_its_size.xlsx", bare, (b'<dimension ref="A1:C2"', b'<dimension ref="A1"'), computed)


def _with_formula(file: str, *changes: tuple[bytes, bytes]) -> None:
    """Write a workbook with a formula as other programs write it: with a value, with a zero, or with none."""
    import zipfile

    book = openpyxl.Workbook()
    for row in (["patient_id", "lesion_id", "suvmax"], ["01", 1, 4242]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(HERE / file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            for old_part, new_part in changes:
                content = content.replace(old_part, new_part)
            new.writestr(name, content)


def stored() -> None:
    """Write the files of SAS, SPSS, Stata and Parquet."""
    frame = pd.DataFrame({"USUBJID": ["01", "02"], "AGE": [55.0, None], "SCANDT": [dt.date(2026, 11, 21)] * 2})
    pyreadstat.write_xport(frame, str(HERE / "v5.xpt"), file_format_version=5, table_name="T")
    pyreadstat.write_xport(frame, str(HERE / "v8.xpt"), file_format_version=8, table_name="T")
    pyreadstat.write_xport(frame.assign(AGE=[55.0, 1.0]), str(HERE / "special_missing.xpt"), file_format_version=5)
    data = bytearray((HERE / "special_missing.xpt").read_bytes())
    one = bytes.fromhex("4110000000000000")  # 1.0 as an IBM double
    at = data.rindex(one)
    data[at : at + 8] = b"A" + bytes(7)  # .A, as SAS writes it; no open library does
    (HERE / "special_missing.xpt").write_bytes(bytes(data))

    coded = pd.DataFrame({"patient_id": ["01", "02", "03"], "sex": [1.0, 2.0, 2.0], "suvmax": [2.5, -99.0, 3.5]})
    labels = {"sex": {1: "Male", 2: "Female"}, "suvmax": {-99: "not done"}}
    pyreadstat.write_sav(
        coded,
        str(HERE / "labels.sav"),
        variable_value_labels=labels,
        missing_ranges={"suvmax": [{"lo": -99, "hi": -99}]},
    )
    pyreadstat.write_sav(coded, str(HERE / "compressed.zsav"), compress=True, variable_value_labels=labels)
    pyreadstat.write_dta(
        pd.DataFrame({"patient_id": ["01", "02", "03"], "sex": [1, 2, 2], "suvmax": [2.5, "a", "z"]}),
        str(HERE / "extended_missing.dta"),
        variable_value_labels={"sex": {1: "Male", 2: "Female"}},
        missing_user_values={"suvmax": ["a", "z"]},
    )
    pd.DataFrame({"patient_id": ["01"], "suvmax": pd.array([2.3], dtype="float32")}).to_stata(
        HERE / "single_precision.dta", write_index=False
    )
    pyreadstat.write_dta(
        pd.DataFrame({"patient_id": ["01", "02"], "scan_date": [24431.0, 24107.0]}),
        str(HERE / "days_of_old_stata.dta"),
        variable_format={"scan_date": "%dN/D/CY"},
    )
    table = pa.table({"patient_id": ["01", "02"], "suvmax": [0.1 + 0.2, None], "seen": [True, None]})
    pq.write_table(table, HERE / "plain.parquet")
    dictionary = pa.table({"patient_id": ["01", "02"], "sex": pa.array(["F", "M"]).dictionary_encode()})
    pq.write_table(dictionary, HERE / "categories.parquet", compression="zstd")


def reports() -> None:
    """Write a structured report by highdicom, and one that is no report by pydicom."""
    import pydicom
    from highdicom import UID
    from highdicom.sr import (
        CodedConcept,
        Comprehensive3DSR,
        FindingSite,
        Measurement,
        MeasurementReport,
        MeasurementsAndQualitativeEvaluations,
        ObservationContext,
        ObserverContext,
        PersonObserverIdentifyingAttributes,
        TimePointContext,
        TrackingIdentifier,
    )
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.sr.codedict import codes

    def code(value: str, scheme: str, meaning: str) -> CodedConcept:
        return CodedConcept(value=value, scheme_designator=scheme, meaning=meaning)

    suv, unit = code("126401", "DCM", "SUVbw"), code("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight")

    def measured(name: CodedConcept, value: float, of: CodedConcept, how: CodedConcept | None = None) -> Measurement:
        return Measurement(name=name, value=value, unit=of, derivation=how)

    groups = [
        MeasurementsAndQualitativeEvaluations(
            tracking_identifier=TrackingIdentifier(uid=UID(f"1.2.826.0.1.3680043.8.498.{number}"), identifier=name),
            finding_type=code("108369006", "SCT", "Neoplasm"),
            finding_sites=[FindingSite(anatomic_location=code("10200004", "SCT", "Liver"))],
            measurements=[
                measured(suv, highest, unit, code("56851009", "SCT", "Maximum")),
                measured(suv, mean, unit, code("373098007", "SCT", "Mean")),
                measured(code("118565006", "SCT", "Volume"), volume, code("mm3", "UCUM", "cubic millimeter")),
            ],
        )
        for number, (name, highest, mean, volume) in enumerate([("L1", 9.5, 4.5, 12500.0), ("L2", 6.5, 3.5, 8000.0)], 1)
    ]
    observer = ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=PersonObserverIdentifyingAttributes(name="Reader^One"),
    )
    content = MeasurementReport(
        observation_context=ObservationContext(observer_person_context=observer),
        procedure_reported=code("44136-0", "LN", "PET whole body"),
        imaging_measurements=groups,
    )
    del TimePointContext
    evidence = Dataset()
    evidence.PatientID, evidence.PatientName, evidence.PatientBirthDate, evidence.PatientSex = "P1", "", "", ""
    evidence.StudyInstanceUID, evidence.SeriesInstanceUID = "1.2.3.4", "1.2.3.4.5"
    evidence.SOPInstanceUID, evidence.SOPClassUID = "1.2.3.4.5.6", "1.2.840.10008.5.1.4.1.1.128"
    evidence.StudyID = evidence.StudyDate = evidence.StudyTime = evidence.AccessionNumber = ""
    evidence.ReferringPhysicianName = ""
    report = Comprehensive3DSR(
        evidence=[evidence],
        content=content,
        series_number=1,
        series_instance_uid="1.2.3.4.6",
        sop_instance_uid="1.2.3.4.6.1",
        instance_number=1,
        manufacturer="biomarker",
    )
    report.save_as(HERE / "tid1500.dcm")
    image = Dataset()
    image.Modality, image.PatientID = "PT", "P1"
    image.SOPClassUID, image.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.128", "1.2.3.4.7"
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    image.file_meta = meta
    image.save_as(HERE / "an_image.dcm", enforce_file_format=True)


def main() -> int:
    for name, content in TEXTS.items():
        (HERE / name).write_bytes(content)
    books()
    stored()
    reports()
    return 0


if __name__ == "__main__":
    sys.exit(main())
