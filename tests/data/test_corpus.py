"""Every file of the corpus is read right or refused right: the frame it gives, or what the message says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from biomarker.data.intake import read_table
from biomarker.data.suspicions import suspicious
from biomarker.errors import BiomarkerError

CORPUS = Path(__file__).parents[1] / "corpus"
LESIONS = {"schema": "lesion"}
PATIENTS = {"schema": "patient"}
COMMA = {"delimiter": ";", "decimal": ","}
ONE = {"patient_id": ["01"], "lesion_id": ["1"], "suvmax": [2.5]}
TWO = {"patient_id": ["01", "02"], "lesion_id": ["1", "1"], "suvmax": [2.5, 3.5]}
VOLUMES = {"patient_id": ["01", "02"], "lesion_id": ["1", "1"], "mtv_ml": [2.5, 3.5]}
LOADS = {"patient_id": ["01", "02"], "lesion_id": ["1", "1"], "tlg_g": [1234.5, 12.5]}

# file, options of read_table, and columns of the frame that must come out
READ = [
    ("comma.csv", LESIONS, TWO),
    ("semicolon_decimal_comma.csv", LESIONS | COMMA, TWO),
    ("tab.tsv", LESIONS, ONE),
    ("tab_decimal_comma.txt", LESIONS | {"decimal": ","}, ONE),
    ("pipe.csv", LESIONS | {"delimiter": "|"}, ONE),
    ("bom.csv", LESIONS, ONE),
    ("utf16_le_bom.txt", LESIONS | {"encoding": "utf-16"}, ONE),
    ("utf16_be_bom.txt", LESIONS | {"encoding": "utf-16"}, ONE),
    ("utf16_le_bare.txt", LESIONS | {"encoding": "utf-16-le"}, ONE),
    ("utf16_be_bare.txt", LESIONS | {"encoding": "utf-16-be"}, ONE),
    ("windows_1252.csv", LESIONS | COMMA | {"encoding": "windows-1252"}, {"lesion_site": ["Nackenlymphknoten größer"]}),
    ("latin_1.csv", LESIONS | {"encoding": "latin-1"}, {"lesion_site": ["Kéfir"]}),
    ("old_mac_line_ends.csv", LESIONS, TWO),
    ("mixed_line_ends.csv", LESIONS, TWO),
    ("thousands_comma.csv", LESIONS | {"thousands": ","}, LOADS),
    ("thousands_point.csv", LESIONS | COMMA | {"thousands": "."}, LOADS),
    ("thousands_space.csv", LESIONS | COMMA | {"thousands": " "}, LOADS),
    ("thousands_apostrophe.csv", LESIONS | {"delimiter": ";", "thousands": "'"}, LOADS),
    ("comma_of_either_kind.csv", LESIONS | {"thousands": ","}, {"tlg_g": [1234.0]}),
    ("comma_of_either_kind.csv", LESIONS | {"decimal": ","}, {"tlg_g": [1.234]}),
    ("point_of_either_kind.csv", LESIONS | {"delimiter": ";", "decimal": "."}, {"tlg_g": [1.234, 2.5]}),
    ("point_of_either_kind.csv", LESIONS | COMMA | {"thousands": "."}, {"tlg_g": [1234.0, 2500.0]}),
    ("quoted_newline.csv", LESIONS, {"note": ["two\nlines, one cell", "plain"]}),
    ("preamble.csv", LESIONS | {"skip_rows": 3}, ONE),
    ("trailing_delimiter.csv", LESIONS, ONE),
    ("nameless_index.csv", LESIONS, {"patient_id": ["01", "02"], "suvmax": [2.5, None]}),
    ("totals_row.csv", LESIONS | {"totals": ["Total"]}, VOLUMES),
    (
        "two_header_rows.csv",
        {"header_rows": 2},
        {
            "patient_id": ["01"],
            "24 h SUVmax": [2.5],
            "24 h SUVmean": [1.5],
            "48 h SUVmax": [3.5],
            "48 h SUVmean": [2.5],
        },
    ),
    (
        "down_filled.csv",
        LESIONS | {"fill_down": ["patient_id"]},
        {"patient_id": ["01", "01", "02"], "lesion_id": ["1", "2", "1"], "suvmax": [2.5, 3.5, 4.5]},
    ),
    ("missing_words.csv", LESIONS | {"missing": ["n/a", "n/a*", "-", "ND"]}, {"suvmax": [None] * 5 + [2.5]}),
    ("missing_codes.csv", PATIENTS | {"missing": ["-99", "999"]}, {"age_years": [None, None, 55.0]}),
    ("exponent.csv", LESIONS, {"suvmax": [1e-4]}),
    ("minus_sign_and_micro.csv", LESIONS, {"diameter_change_percent": [-12.5]}),
    ("hard_spaces.csv", LESIONS, ONE),
    (
        "units_in_header.csv",
        LESIONS
        | {
            "columns": {
                "patient_id": "Subject",
                "lesion_id": "Lesion",
                "size_mm": "Size (cm)",
                "suvmax_24h": "SUVmax 24 h",
            },
            "units": {"size_mm": "cm"},
        },
        {"size_mm": [12.0], "suvmax_24h": [2.5]},
    ),
    ("dates_dmy.csv", PATIENTS | {"dates": "dmy"}, {"scan_date": ["2026-11-21", "2026-04-03"]}),
    ("dates_mdy.csv", PATIENTS | {"dates": "mdy"}, {"scan_date": ["2026-11-21"]}),
    ("dates_ambiguous.csv", PATIENTS | {"dates": "mdy"}, {"scan_date": ["2026-03-04", "2026-05-06"]}),
    ("dates_dicom.csv", PATIENTS | {"dates": "ymd"}, {"scan_date": ["2026-11-21"]}),
    ("dates_serial.csv", PATIENTS | {"dates": "excel"}, {"scan_date": ["2026-11-21"]}),
    (
        "status_words.csv",
        PATIENTS | {"values": {"os_event": {"dead": "true", "alive": "false"}}},
        {"os_event": [True, False]},
    ),
    (
        "status_one_two.csv",
        PATIENTS | {"values": {"os_event": {"2": "true", "1": "false"}}},
        {"os_event": [True, False]},
    ),
    (
        "sex_words.csv",
        PATIENTS | {"values": {"sex": {"männlich": "male", "weiblich": "female"}}},
        {"sex": ["male", "female"]},
    ),
    (
        "lesion_blocks.csv",
        LESIONS | {"blocks": "Lesion {lesion_id} {column}", "columns": {"suvmax": "SUVmax", "size_mm": "size"}},
        {
            "patient_id": ["01", "01", "02"],
            "lesion_id": ["1", "2", "1"],
            "suvmax": [2.5, 3.5, 4.5],
            "size_mm": [12, 14, 20],
        },
    ),
    (
        "reader_blocks.csv",
        {"schema": "reading", "blocks": "{column}_phys{reader_id}", "columns": {"suvmax": "SUVmax"}},
        {"reader_id": ["1", "2"], "suvmax": [2.5, 2.7]},
    ),
    ("times_wide.csv", LESIONS | {"columns": {"suv_4d": "SUV_d4"}}, {"suvmax_24h": [2.5], "suv_4d": [3.5]}),
    (
        "redcap_raw.csv",
        PATIENTS | {"format": "redcap", "part": "record", "columns": {"patient_id": "record_id"}},
        {"patient_id": ["01", "02"], "age_years": [55, 61], "site___1": [1, 0], "baseline_complete": [2, 2]},
    ),
    (
        "redcap_raw.csv",
        LESIONS
        | {
            "format": "redcap",
            "part": "lesions",
            "missing": ["-99"],
            "columns": {"patient_id": "record_id", "lesion_id": "repeat_instance"},
        },
        {
            "patient_id": ["01", "01", "02"],
            "lesion_id": ["1", "2", "1"],
            "suvmax": [2.5, None, 4.5],
            "age_years": [55, 55, 61],
        },
    ),
    (
        "redcap_labels.csv",
        {"format": "redcap", "part": "record"},
        {"Record ID": ["01", "02"], "Site (choice=Liver)": [True, False]},
    ),
    (
        "redcap_events.csv",
        PATIENTS | {"format": "redcap", "columns": {"patient_id": "record_id"}},
        {"patient_id": ["01", "02"], "age_years": [55, 61], "response": ["PR", "PD"]},
    ),
    ("adtte_years.csv", PATIENTS | {"format": "adtte"}, {"os_months": [24.0, 12.0], "os_event": [True, False]}),
    (
        "adrs.csv",
        PATIENTS | {"format": "adrs"},
        {"patient_id": ["A1", "A2"], "best_overall_response": ["Non-CR/Non-PD", None], "response": ["N", "Y"]},
    ),
    (
        "sdtm_tu.csv",
        LESIONS | {"format": "sdtm-tu"},
        {"lesion_id": ["T01", "NT01"], "target": [True, False], "lesion_site": ["LIVER", "LUNG"]},
    ),
    (
        "sdtm_tr.csv",
        {"schema": "reading", "format": "sdtm-tr"},
        {"reader_id": ["RADIOLOGIST 1", "RADIOLOGIST 2"], "session": ["BASELINE"] * 2, "size_mm": [14.0, 16.0]},
    ),
    (
        "adtr.csv",
        LESIONS | {"format": "adtr"},
        {"lesion_id": ["T01", "T02"], "size_mm": [20.0, 40.0], "short_axis_mm": [16.0, 33.0]},
    ),
    (
        "adtr.csv",
        {"schema": "measurement", "format": "adtr", "part": "visits"},
        {
            "lesion_id": ["T01", "T01", "T02", "T02"],
            "visit": ["baseline", "WEEK 6", "baseline", "WEEK 6"],
            "day": [-3, 39, -3, 39],  # ADY has no day 0
            "role": ["target"] * 4,
            "is_node": [True, True, False, False],
            "diameter_mm": [16.0, 9.0, 40.0, 20.0],
        },
    ),
    ("adrs.csv", {"format": "adrs", "part": "visits"}, {"visit": ["Week 6", "Week 12"], "response": ["SD", "SD"]}),
    ("adtte_flagged.csv", PATIENTS | {"format": "adtte"}, {"os_months": [12.0, 13.0], "os_event": [True, False]}),
    ("codes_like_numbers.csv", {}, {"patient_id": ["7", "8"], "well": ["1E5", "2E3"], "suvmax": [2.5, 3.5]}),
    ("header_ends_in_delimiters.csv", LESIONS, TWO),
    (
        "midnight.csv",
        PATIENTS | {"dates": "dmy"},
        {"scan_date": ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"]},
    ),
    ("booleans_as_floats.csv", PATIENTS, {"os_event": [True, False, None]}),
    ("percent_signs.csv", LESIONS, {"diameter_change_percent": [45.0, -30.5, 12.0], "ki67": [20.0, 5.5, 7.0]}),
    ("separator_line.csv", {"skip_rows": 1, "delimiter": ";"}, {"suvmax": [2.5]}),
    ("utf32.csv", LESIONS | {"encoding": "utf-32"}, ONE),
    ("utf16_be_bare.txt", LESIONS | {"encoding": "utf-16"}, ONE),
    ("dash_of_windows.csv", {"encoding": "windows-1252"}, {"note": ["2–3 lesions"]}),
    ("tab_point_of_either_kind.tsv", LESIONS | {"decimal": "."}, {"tlg_g": [1.234, 2.5]}),
    ("totals_with_words.csv", {"totals": ["Total (n=2)", "Mean ± SD"]}, {"organ": ["total body", "liver"]}),
    ("shown_as_percent.xlsx", LESIONS, {"diameter_change_percent": [45.0, -30.0]}),
    ("shown_with_zeros.xlsx", LESIONS, {"patient_id": ["007", "008"]}),
    ("days_of_old_stata.dta", PATIENTS, {"scan_date": ["2026-11-21", "2026-01-01"]}),
    ("sdtm_rs.csv", {"format": "sdtm-rs"}, {"session": ["WEEK 6", "WEEK 12"], "response": ["PR", "CR"]}),
    (
        "dsr2csv.csv",
        {"schema": "reading", "format": "dicom-sr-csv"},
        {
            "lesion_id": ["primary", "node"],
            "suvmax": [9.5, 4.5],
            "suvmean": [5.5, None],
            "suvpeak": [None, 4.1],
            "volume_ml": [12.5, None],
            "laterality": [None, "right"],
        },
    ),
    (
        "regions.voistat",
        {"schema": "uptake", "format": "pmod"},
        {
            "patient_id": ["S1", "S1"],
            "tissue": ["Liver"] * 2,
            "hours_post_injection": [1, 2],
            "activity_kbq_per_ml": [12.5, 11.5],
        },
    ),
    (
        "lifex_old.csv",
        LESIONS | {"format": "lifex"},
        {"patient_id": ["P1"], "lesion_id": ["L1"], "suvmean": [2.5], "suvmax": [5.5], "tlg_g": [30.5]},
    ),
    ("lifex_ibsi.csv", LESIONS | {"format": "lifex"}, {"suvmean": [2.5], "suvmax": [5.5], "volume_ml": [12.5]}),
    (
        "lifex_no_unit.csv",
        LESIONS | {"format": "lifex"},
        {"INTENSITY-BASED_MaximumIntensity(IBSI:84IY)[]": [5.5]},
    ),
    (
        "slicer_segments.csv",
        LESIONS | {"format": "slicer", "constants": {"patient_id": "P1"}, "columns": {"suvmax": "Maximum"}},
        {"patient_id": ["P1"], "lesion_id": ["Segment_1"], "volume_ml": [12.5], "suvmax": [9.5]},
    ),
    (
        "slicer_suv_appended.csv",
        LESIONS | {"format": "slicer-suv", "dates": "ymd"},
        {"patient_id": ["P1"], "lesion_id": ["tumor"], "suvmax": [9.5], "scan_date": ["2020-01-02"]},
    ),
    (
        "pet_indic.csv",
        {"format": "pet-indic"},
        {"suvmean": [4.5], "suvmax": [9.5], "tlg_g": [56.25], "volume_ml": [12.5]},
    ),
    (
        "pet_indic.txt",
        {"format": "pet-indic-text", "delimiter": "="},
        {"suvmean": [7.41447], "suvmax": [12.5], "q1_distribution_fraction": [0.611354]},
    ),
    (
        "pyradiomics.csv",
        {"format": "pyradiomics"},
        {"volume_ml": [12.5], "original_firstorder_Maximum": [9.5], "wavelet-LLH_firstorder_Mean": [0.25]},
    ),
    ("two_sheets.xlsx", LESIONS | {"sheet": "Lesions"}, ONE),
    (
        "merged_patients.xlsx",
        LESIONS,
        {"patient_id": ["01", "01", "02"], "lesion_id": ["1", "2", "1"], "suvmax": [2.5, 3.5, 4.5]},
    ),
    (
        "two_header_rows.xlsx",
        {"header_rows": 2},
        {"patient_id": ["01"], "24 h SUVmax": [2.5], "24 h SUVmean": [1.5], "48 h SUVmax": [3.5]},
    ),
    ("formula_saved.xlsx", LESIONS, ONE),
    ("totals_row.xlsx", LESIONS | {"totals": ["Total"]}, VOLUMES),
    ("dates.xlsx", PATIENTS, {"scan_date": ["2026-11-21", "2026-11-22"]}),
    ("dates_as_serials.xlsx", PATIENTS | {"dates": "excel"}, {"scan_date": ["2026-11-21"]}),
    ("numbers_as_text.xlsx", LESIONS, TWO),
    ("hidden.xlsx", LESIONS | {"sheet": "s"}, TWO),
    ("preamble.xlsx", LESIONS | {"skip_rows": 1}, ONE),
    (
        "v5.xpt",
        PATIENTS | {"columns": {"patient_id": "USUBJID", "age_years": "AGE", "scan_date": "SCANDT"}},
        {"patient_id": ["01", "02"], "age_years": [55.0, None], "scan_date": ["2026-11-21"] * 2},
    ),
    ("v8.xpt", {}, {"USUBJID": ["01", "02"], "AGE": [55.0, None], "SCANDT": ["2026-11-21"] * 2}),
    ("special_missing.xpt", {}, {"AGE": [55.0, None]}),
    ("labels.sav", {}, {"sex": ["Male", "Female", "Female"], "suvmax": [2.5, None, 3.5]}),
    ("labels.sav", {"coded": "codes"}, {"sex": [1, 2, 2], "suvmax": [2.5, None, 3.5]}),
    ("compressed.zsav", {}, {"sex": ["Male", "Female", "Female"], "suvmax": [2.5, -99, 3.5]}),
    ("extended_missing.dta", {}, {"sex": ["Male", "Female", "Female"], "suvmax": [2.5, None, None]}),
    ("single_precision.dta", {}, {"suvmax": [2.3]}),
    ("plain.parquet", {}, {"patient_id": ["01", "02"], "suvmax": [0.1 + 0.2, None], "seen": [True, None]}),
    ("categories.parquet", {}, {"patient_id": ["01", "02"], "sex": ["F", "M"]}),
    (
        "tid1500.dcm",
        {"schema": "reading", "format": "dicom-sr"},
        {
            "patient_id": ["P1", "P1"],
            "lesion_id": ["L1", "L2"],
            "reader_id": ["Reader^One"] * 2,
            "lesion_site": ["Liver"] * 2,
            "suvmax": [9.5, 6.5],
            "suvmean": [4.5, 3.5],
            "volume_ml": [12.5, 8.0],
        },
    ),
]

# file, options, and what the message says
REFUSED = [
    ("semicolon_decimal_comma.csv", LESIONS, r'set delimiter = ";" and, for numbers such as 2,3, decimal = ","'),
    ("semicolon_decimal_comma.csv", LESIONS | {"delimiter": ";"}, r"'2,5' is not a number while decimal = '\.'"),
    ("pipe.csv", LESIONS, r'set delimiter = "\|"'),
    ("utf16_le_bom.txt", LESIONS, r'set encoding = "utf-16"'),
    ("utf16_be_bare.txt", LESIONS, r'UTF-16 \(set encoding = "utf-16"\)'),
    ("windows_1252.csv", LESIONS | COMMA, r'encoding = "windows-1252"'),
    ("thousands_comma.csv", LESIONS, r"set thousands = ',' and decimal = '\.'"),
    ("thousands_point.csv", LESIONS | COMMA, r"set thousands = '\.' and decimal = ','"),
    ("thousands_space.csv", LESIONS | COMMA, r"set thousands = ' ' and decimal = ','"),
    ("thousands_uneven.csv", LESIONS | {"thousands": ","}, "'12,34.5' is not a number"),
    ("comma_of_either_kind.csv", LESIONS, r"could be one of two: set decimal = ',' .* thousands = ',' if it parts"),
    ("point_of_either_kind.csv", LESIONS | {"delimiter": ";"}, r'could be 1234 or 1.234; set thousands = "\."'),
    ("decimals_mixed_by_hand.csv", LESIONS | {"delimiter": ";"}, r"row 2, suvmax: '2,5' is not a number while"),
    ("decimals_mixed_by_hand.csv", LESIONS | COMMA, r"row 3, suvmax: '2\.5' is not a number while decimal = ','"),
    ("open_quote.csv", LESIONS, "line 3: unexpected end of data; a cell that holds a quotation mark"),
    ("ragged.csv", LESIONS, r"row 2: the row has 2 cells where the header has 3\n.*row 4: the row has 4 cells"),
    ("preamble.csv", LESIONS, "skip_rows"),
    ("duplicate_header.csv", LESIONS, "suvmax: stands twice in the header, as columns 3 and 4"),
    ("nameless_column.csv", LESIONS, "column 4 has cells but no name"),
    ("totals_row.csv", LESIONS, r"row 4: begins with 'Total' .* totals = \['Total'\]; .* totals = \[\]"),
    ("repeated_header.csv", LESIONS, "row 3: repeats the header"),
    ("down_filled.csv", LESIONS, "row 3, patient_id: must not be missing"),
    (
        "missing_words.csv",
        LESIONS,
        r"row 3, suvmax: 'n/a\*' is not a number; if it means a missing cell, name it.*\n.*row 5, suvmax: 'ND' is not",
    ),
    ("missing_codes.csv", PATIENTS, "'-99' is below the least .*\n.*'999' is above the most"),
    ("below_lod.csv", LESIONS, "'<0.5' is a limit, not a number"),
    ("footnote_mark.csv", LESIONS, r"'3.2\*' is a number with a mark on it; .*\n.*'12†' is a number with a mark"),
    ("plus_minus.csv", LESIONS, r"'7.83 ± 0.55' holds two numbers\n.*'7.8\+0.5' holds several numbers"),
    ("summary_cells.csv", LESIONS, r"'9.2 \(5.2-12.6\)' holds several.*\n.*'14/18 \(77.8%\)' holds several"),
    ("spreadsheet_errors.csv", LESIONS, "'#REF!' is a formula error of a spreadsheet\n.*'#DIV/0!' is a formula error"),
    ("time_of_day.csv", LESIONS, "'12:30:00' is a time of day"),
    ("dates_dmy.csv", PATIENTS, 'if it is day, month, year, set dates = "dmy"\n.*could be more than one day'),
    ("dates_ambiguous.csv", PATIENTS, 'could be more than one day; say how .*: dates = "dmy" or dates = "mdy"'),
    ("dates_ambiguous.csv", PATIENTS | {"dates": "dym"}, "dates = 'dym'"),
    ("dates_mdy.csv", PATIENTS | {"dates": "dmy"}, "'11/21/2026' is not a date while dates = 'dmy'"),
    ("dates_partial.csv", PATIENTS, "'2014-01' is a part of a date"),
    ("dates_serial.csv", PATIENTS, 'the number of a day in Excel needs dates = "excel"'),
    ("dates_two_digit_year.csv", PATIENTS | {"dates": "dmy"}, "'21.11.26' has a year of two digits"),
    ("status_words.csv", PATIENTS, "'dead' is neither yes nor no"),
    ("status_one_two.csv", PATIENTS, "'2' is neither yes nor no"),
    ("sex_words.csv", PATIENTS, "'männlich' is not one of Female, Male"),
    ("lesion_blocks.csv", LESIONS | {"blocks": "Tumour {lesion_id} {column}"}, "no header follows blocks"),
    ("lesion_blocks.csv", LESIONS | {"blocks": "Lesion {lesion_id}"}, "a header with two places"),
    ("mean_above_max.csv", LESIONS, "'3.5' is above suvmax of the same row, 2.5"),
    ("negative_time.csv", LESIONS, "'-2' is below the least this column may hold, 0 h"),
    ("redcap_raw.csv", LESIONS | {"format": "redcap"}, "lesions repeat in this export; .* part = 'lesions'"),
    ("redcap_raw.csv", LESIONS | {"format": "redcap", "part": "lesion"}, "no part 'lesion' .*did you mean 'lesions'"),
    ("redcap_raw.csv", LESIONS | {"format": "recap"}, "unknown format = 'recap' .*did you mean 'redcap'"),
    ("adtte_no_unit.csv", PATIENTS | {"format": "adtte"}, "OS: the unit of AVAL is not said"),
    ("adrs.csv", PATIENTS | {"format": "adtte"}, "needs the columns AVAL .*CNSR"),
    (
        "adtte_days_called_months.csv",
        PATIENTS | {"format": "adtte"},
        "OS: AVAL is said to be in months, and is ADT less",
    ),
    (
        "adtr_of_two_units.csv",
        LESIONS | {"format": "adtr"},
        "AVALU of diameters holds cm, mm; give them all in one unit",
    ),
    ("adtr.csv", LESIONS | {"format": "adtr", "part": "visit"}, "no part 'visit' .*did you mean 'visits'"),
    ("separator_line.csv", {}, r'sep=;, tells Excel the delimiter: set skip_rows = 1 and delimiter = ";"'),
    ("row_names.txt", {}, r'quoted and parted by spaces: set delimiter = " "'),
    ("row_names.txt", {"delimiter": " "}, "row 2: the row has 4 cells where the header has 3; if each row begins with"),
    ("utf32.csv", {}, r'the file is UTF-32, not UTF-8; set encoding = "utf-32"'),
    ("dash_of_windows.csv", {"encoding": "latin-1"}, r'line 2 holds 0x96, .* set encoding = "windows-1252"'),
    ("tab_point_of_either_kind.tsv", LESIONS, r'could be 1234 or 1.234; set thousands = "\."'),
    (
        "words_beside_numbers.csv",
        LESIONS,
        "(?s)'3.2 g/mL' is a number with words.*'45%' is a percentage.*'2026-01-03' is a date",
    ),
    ("too_small_a_number.csv", LESIONS, "'1e-400' is too small to be told from 0"),
    ("totals_with_words.csv", {}, r"(?s)row 4: begins with 'Total \(n=2\)'.*row 5: begins with 'Mean ± SD'"),
    ("formula_never_computed.xlsx", LESIONS, "the formula in C2 was saved by a program that does not compute it"),
    ("formula_outside_its_size.xlsx", LESIONS, "the formula in C2 has no saved value"),
    ("two_sheets.xlsx", LESIONS, r"2 sheets \(Patients, Lesions\); name one"),
    ("merged_across.xlsx", LESIONS, r"row 3: 'not done' cells B3:C3 are merged over columns"),
    ("formula_unsaved.xlsx", LESIONS, "the formula in C2 has no saved value"),
    ("formula_errors.xlsx", LESIONS, "'#REF!' is a formula error of a spreadsheet\n.*'#N/A' is a formula error"),
    ("totals_row.xlsx", LESIONS, "row 4: begins with 'Total'"),
    ("dates_as_serials.xlsx", PATIENTS, 'the number of a day in Excel needs dates = "excel"'),
    ("hidden.xlsx", LESIONS, r"2 sheets \(s, lists \(hidden\)\)"),
    ("spare_notes.xlsx", LESIONS, "column 4 has cells but no name"),
    ("an_image.dcm", {"format": "dicom-sr"}, "not a structured report, but PT data"),
    ("not_dicom.dcm", {"format": "dicom-sr"}, "not a readable DICOM file"),
    ("empty.csv", {}, "the file is empty"),
    ("header_alone.csv", {}, "a header and no rows"),
    ("nul.csv", {}, "line 2 holds a NUL character"),
    ("workbook_by_another_name.xlsx", {}, "not an Excel workbook"),
    ("not_a_parquet.parquet", {}, "not a Parquet file"),
    ("not_a_sas_file.sas7bdat", {}, r"not a readable \.sas7bdat file"),
    ("old_excel.xls", {}, "save it as .xlsx"),
    ("tab.tsv", {"sheet": "a"}, "sheet = 'a' is for workbooks"),
    ("v5.xpt", {"delimiter": ";"}, "delimiter = ';' is for delimited text"),
]

# read, and pointed at by the data report
POINTED_AT = [
    ("garbled_utf8.csv", LESIONS, [(2, "lesion_site"), (3, "lesion_site")], "decoded wrongly"),
    ("mangled_id.csv", LESIONS, [(2, "lesion_id")], "turned into a date"),
]


def as_list(cells: pd.Series) -> list[object]:
    if pd.api.types.is_datetime64_any_dtype(cells):
        return [f"{cell:%Y-%m-%d}" for cell in cells]
    return [None if pd.isna(cell) else cell for cell in cells]


@pytest.mark.parametrize(("name", "options", "columns"), READ, ids=[f"{case[0]}-{i}" for i, case in enumerate(READ)])
def test_read(name, options, columns):
    frame = read_table(CORPUS / name, **options).frame
    assert {column: as_list(frame[column]) for column in columns} == columns


@pytest.mark.parametrize(
    ("name", "options", "message"), REFUSED, ids=[f"{case[0]}-{i}" for i, case in enumerate(REFUSED)]
)
def test_refused(name, options, message):
    with pytest.raises(BiomarkerError, match=message):
        read_table(CORPUS / name, **options)


@pytest.mark.parametrize(("name", "options", "places", "rule"), POINTED_AT, ids=[case[0] for case in POINTED_AT])
def test_pointed_at(name, options, places, rule):
    found = suspicious(read_table(CORPUS / name, **options))
    assert [(one.row, one.column) for one in found if rule in one.rule] == places


def test_every_file_of_the_corpus_has_a_case():
    tried = {case[0] for case in (*READ, *REFUSED, *POINTED_AT)} | OWN
    assert {path.name for path in CORPUS.iterdir() if path.suffix not in (".py", ".md") and path.is_file()} == tried
    assert len(tried) >= 60


OWN = {"iris.sas7bdat", "lost_zeros.xlsx", "lost_zeros_patients.csv"}


def test_a_data_set_that_sas_itself_wrote():
    """Fisher's iris data: means and counts as Fisher 1936 and R's `iris` have them."""
    frame = read_table(CORPUS / "iris.sas7bdat").frame
    assert len(frame) == 150
    numbers = frame.select_dtypes("number")
    assert numbers.mean().round(6).tolist() == [5.843333, 3.057333, 3.758, 1.199333]
    assert frame.iloc[:, 4].value_counts().tolist() == [50, 50, 50]


def test_zeros_that_a_spreadsheet_ate_are_named():
    from biomarker.data.intake import TableSource, read_tables

    sources = {
        "patients": TableSource(file=CORPUS / "lost_zeros_patients.csv", schema="patient"),
        "lesions": TableSource(file=CORPUS / "lost_zeros.xlsx", schema="lesion"),
    }
    with pytest.raises(BiomarkerError, match=r"did you mean '01'\? leading zeros differ"):
        read_tables(sources)


def test_words_of_missing_cells_are_kept():
    table = read_table(CORPUS / "missing_words.csv", schema="lesion", missing=["n/a", "n/a*", "-", "ND"])
    assert table.tokens["token"].tolist() == ["n/a", "n/a*", "-", "ND", ""]
    assert read_table(CORPUS / "special_missing.xpt").tokens["token"].tolist() == [".A"]
    assert read_table(CORPUS / "extended_missing.dta").tokens["token"].tolist() == [".a", ".z"]
    assert read_table(CORPUS / "labels.sav").tokens["token"].tolist() == ["-99"]


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("merged_patients.xlsx", {}, "cells merged over rows (A2:A3) were given to each of their rows"),
        ("hidden.xlsx", {"sheet": "s"}, "row 3 is hidden in the spreadsheet"),
        ("hidden.xlsx", {"sheet": "s"}, "column B is hidden in the spreadsheet"),
        ("hidden.xlsx", {"sheet": "lists"}, "the sheet 'lists' is hidden"),
        ("adtte_years.csv", {"format": "adtte"}, "CNSR 0 was read as an event, and 1 as censored"),
        ("nameless_index.csv", {}, "the first column has no name and counts the rows"),
        ("totals_row.csv", {"totals": ["Total"]}, "row 4 (Total) sums up others and was left out"),
        (
            "two_header_rows.csv",
            {"header_rows": 2},
            "the 2 rows of the header were joined: patient_id, lesion_id, 24 h",
        ),
        ("labels.sav", {}, "sex was read by the labels of its values (1 Male, 2 Female)"),
        ("slicer_suv_appended.csv", {"format": "slicer-suv"}, "1 repeated headers and 1 rows"),
        ("lifex_no_unit.csv", {"format": "lifex"}, "may be of SUV or not"),
        ("down_filled.csv", {"fill_down": ["patient_id"]}, "1 empty cells of patient_id took what stands above"),
        (
            "adrs.csv",
            {"format": "adrs"},
            'OVR stands more than once for a subject and was left out; set part = "visits"',
        ),
    ],
)
def test_what_was_done_is_said(name, options, said):
    assert said in " ".join(read_table(CORPUS / name, **options).notes)
