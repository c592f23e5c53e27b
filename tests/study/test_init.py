from __future__ import annotations

from pathlib import Path

import pytest

from biomarker.data.guess import guess_tables
from biomarker.data.headers import normalised
from biomarker.errors import StudyError
from biomarker.study.init import draft_study, write_first_study
from biomarker.study.load import load_study
from biomarker.study.workflow import prepare_study

EXAMPLES = Path(__file__).parents[2] / "biomarker" / "examples"
CORPUS = Path(__file__).parents[1] / "corpus"
GERMAN = (
    "Subject;Lesion No.;SUVmax 24 h;Size (cm);SUVmax d4;Response;Geburtsname\r\n"
    "01;1;2,3;1,2;3,4;CR;x\r\n"
    "01;2;ND;1,2;3,4;CR;naïve\r\n"
    "02;1;n/a*;3,2;1,1;PD;y\r\n"
)


@pytest.fixture
def german(tmp_path):
    path = tmp_path / "läsionen.csv"
    path.write_bytes(GERMAN.encode("windows-1252"))
    return path


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("SUVmax 24 h", "suvmax_24h"),
        ("SUVmax_24hrs", "suvmax_24h"),
        ("SUVmax24h", "suvmax_24h"),
        ("SUVmax 24 h p.i.", "suvmax_24h"),
        ("SUVmean (day 4)", "suvmean_4d"),
        ("SUVmax (48 h p.i.)", "suvmax_48h"),
        ("SUVpeak (4 days)", "suvpeak_4d"),
        ("SUVpeak_d7", "suvpeak_7d"),
        ("Patient\u00a0ID", "patient_id"),
    ],
)
def test_headers(header, name):
    assert normalised(header)[0] == name


def test_how_a_file_is_written_is_found_out(german):
    (guess,) = guess_tables(german)
    assert (guess.source.delimiter, guess.source.decimal, guess.source.encoding) == (";", ",", "windows-1252")
    assert guess.source.schema == "lesion"
    assert guess.source.columns == {
        "patient_id": "Subject",
        "lesion_id": "Lesion No.",
        "suvmax_24h": "SUVmax 24 h",
        "size_mm": "Size (cm)",
        "suvmax_4d": "SUVmax d4",
        "response": "Response",
    }
    assert guess.source.units == {"size_mm": "cm"}
    assert guess.source.missing == ("ND", "n/a*")
    assert "Do 'ND', 'n/a*' mean a missing cell?" in guess.remarks


def test_a_draft_is_a_study_that_loads(german, tmp_path):
    more = "".join(f"{number:02};1;{number},1;3,2;1,1;{'CR' if number % 2 else 'PD'};y\r\n" for number in range(3, 13))
    german.write_bytes((GERMAN + more).encode("windows-1252"))
    said = write_first_study([german], tmp_path / "study.toml")
    assert "biomarker validate" in said
    plan, tables = prepare_study(tmp_path / "study.toml")
    assert tables["lesions"].frame["size_mm"].tolist()[:3] == [12.0, 12.0, 32.0]
    assert tables["patients"].frame["highest_suvmax_24h"].tolist()[0] == 2.3
    assert len(tables["uptake"].frame) == 26
    roc = next(step for step in plan.steps if step.kind == "roc_curve")
    assert dict(roc.arguments)["positive"] == ["CR"]
    assert "Is that the study's rule?" in (tmp_path / "study.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["cd8", "simulated-trial"])
def test_the_examples_can_be_drafted(name, tmp_path):
    files = sorted((EXAMPLES / name).glob("*.csv"))
    write_first_study(files, tmp_path / "study.toml")
    _, tables = prepare_study(tmp_path / "study.toml")
    assert {"patients", "lesions", "uptake"} <= set(tables)
    assert tables["lesions"].schema_name == "lesion"


def test_nothing_is_overwritten(german, tmp_path):
    (tmp_path / "study.toml").write_text("mine")
    with pytest.raises(StudyError, match="is there already"):
        write_first_study([german], tmp_path / "study.toml")
    assert (tmp_path / "study.toml").read_text() == "mine"


def test_each_sheet_is_a_table(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Patients"
    for row in [["Patient", "Age"], ["01", 37], ["02", 64]]:
        book.active.append(row)
    lesions = book.create_sheet("Lesions, all")
    for row in [["Patient", "Lesion", "SUV max"], ["01", 1, 2.5], ["02", 1, 3.5]]:
        lesions.append(row)
    book.save(tmp_path / "trial.xlsx")
    first, second = guess_tables(tmp_path / "trial.xlsx")
    assert (first.source.sheet, first.source.schema) == ("Patients", "patient")
    assert (second.source.sheet, second.source.schema) == ("Lesions, all", "lesion")
    assert second.source.columns == {"patient_id": "Patient", "lesion_id": "Lesion", "suvmax": "SUV max"}


def test_odd_names_are_quoted(tmp_path):
    path = tmp_path / 'odd "file".csv'
    path.write_text('patient_id,Lesion,"SUV ""max""	",response\n1,1,2,CR\n2,1,3,PD\n', encoding="utf-8")
    (tmp_path / "study.toml").write_text(draft_study([path], folder=tmp_path), encoding="utf-8")
    source = load_study(tmp_path / "study.toml").sources[0]
    assert source.file == 'odd "file".csv'
    assert source.options["columns"]["suvmax"] == 'SUV "max"'


def test_personal_columns_are_pointed_out(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("patient_id,patient_name,birth_date,sex\n1,a,2000-01-01,F\n")
    (guess,) = guess_tables(path)
    assert [remark for remark in guess.remarks if "may tell who" in remark] == [
        "Column 'patient_name' may tell who a patient is: take it out of the file.",
        "Column 'birth_date' may tell who a patient is: take it out of the file.",
    ]


def test_files_that_give_no_study(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(StudyError, match="no analysis could be drafted"):
        draft_study([path])
    with pytest.raises(StudyError, match="name at least one table"):
        draft_study([])
    with pytest.raises(StudyError, match="no file"):
        draft_study([tmp_path / "y.csv"])


def test_what_the_data_cannot_answer_is_left_out_and_said(german, tmp_path):
    """Two patients, one with and one without response: no ROC curve has an interval."""
    text = draft_study([german], folder=tmp_path)
    assert 'kind = "roc_curve"' not in text
    assert "# Left out: roc_curve of response, highest_suvmax_24h" in text
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    from biomarker.study.workflow import run_study

    assert run_study(tmp_path / "study.toml").results


def test_a_header_with_a_line_end_does_not_break_the_draft(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text('patient_id,"birth\ndate",sex\n1,x,F\n2,y,M\n', encoding="utf-8")
    (tmp_path / "study.toml").write_text(draft_study([path], folder=tmp_path), encoding="utf-8")
    assert load_study(tmp_path / "study.toml").analyses


def test_blocks_of_lesions_become_rows(tmp_path):
    from biomarker.study.describe import validation_text

    write_first_study([CORPUS / "lesion_blocks.csv"], tmp_path / "study.toml")
    said = validation_text(tmp_path / "study.toml")
    assert "lesions: 3 rows" in said
    assert "3.5 to 4.5, median 4" in said


@pytest.mark.parametrize(
    ("text", "options", "kinds"),
    [
        (  # one block of columns per lesion, by a letter and a number
            "ID,L1_SUVmax,L1_site,L2_SUVmax,L2_site\nP1,3.2,liver,4.1,lung\nP2,3.3,bone,,\n",
            {"blocks": "L{lesion_id}_{column}", "schema": "lesion"},
            ["characteristics"],
        ),
        (  # readers by letters
            "Patient ID,Lesion #,Reader A SUVmax,Reader B SUVmax\n1,1,10,11\n1,2,9,8\n2,1,7,7.5\n3,1,4,4.5\n",
            {"blocks": "Reader {reader_id} {column}", "schema": "reading"},
            ["intraclass_correlation"],
        ),
        (  # durations in days, deaths in words, and the patient's own uptake
            "Subject,suvmax_24h,response,os_days,os_status\n1,3.2,CR,300,dead\n2,2.2,PD,100,alive\n"
            "3,1.2,SD,200,dead\n4,5.2,PR,250,alive\n",
            {"units": {"os_months": "days"}, "values": {"os_event": {"dead": "true", "alive": "false"}}},
            ["characteristics", "roc_curve", "suv_cutoff", "survival_curves", "hazard_model"],
        ),
        (  # lesions over visits: the response is derived
            "USUBJID,Lesion,Role,Visit,Day,Diameter (mm)\n1,T1,target,baseline,0,20\n1,T1,target,week 6,42,10\n"
            "2,T1,target,baseline,0,30\n2,T1,target,week 6,42,40\n",
            {"schema": "measurement"},
            ["response_rate"],
        ),
        ("Name of thing,level\na,1\nb,2\n", {}, ["characteristics"]),  # nothing is recognised, and a start is made
    ],
)
def test_wide_and_other_tables_are_drafted_and_can_be_run(tmp_path, text, options, kinds):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    write_first_study([tmp_path / "t.csv"], tmp_path / "study.toml")
    study = load_study(tmp_path / "study.toml")
    source = study.sources[0]
    assert {key: {**source.options, "schema": source.schema}[key] for key in options} == options
    assert [one.kind for one in study.analyses] == kinds
    prepare_study(tmp_path / "study.toml")


def test_visits_side_by_side_become_rows(tmp_path):
    text = "patient,lesion,SUVmax_baseline,SUVmax_week2\n1,1,10,8\n1,2,9,8\n2,1,7,7\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    write_first_study([tmp_path / "t.csv"], tmp_path / "study.toml")
    _, tables = prepare_study(tmp_path / "study.toml")
    long = tables["suvmax_by_visit"].frame
    assert long[["visit", "suvmax"]].to_numpy().tolist()[:2] == [["baseline", 10.0], ["week2", 8.0]]


def test_a_response_that_cannot_be_derived_is_left_out_and_said(tmp_path):
    text = "USUBJID,Lesion,Role,Visit,Day,Diameter (mm)\n1,T1,target,week 3,0,20\n1,T1,new,week 6,42,10\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    write_first_study([tmp_path / "t.csv"], tmp_path / "study.toml")
    assert "# Left out: response_category of measurements, as" in (tmp_path / "study.toml").read_text(encoding="utf-8")


def test_a_header_without_its_unit_is_asked_about(tmp_path):
    (tmp_path / "t.csv").write_text("patient_id,age_years,Weight\n1,50,70\n2,60,80\n", encoding="utf-8")
    text = draft_study([tmp_path / "t.csv"], folder=tmp_path)
    assert "weight_kg: the header 'Weight' names no unit; kg is taken. Is that right?" in text


def test_an_export_of_redcap_becomes_two_tables(tmp_path):
    write_first_study([CORPUS / "redcap_raw.csv"], tmp_path / "study.toml")
    _, tables = prepare_study(tmp_path / "study.toml")
    assert tables["patients"].frame["highest_suvmax"].tolist() == [2.5, 4.5]
    assert len(tables["lesions"].frame) == 3


def test_tumours_measured_at_several_visits_give_a_response(tmp_path):
    rows = ["USUBJID,TRGRPID,TRLNKID,TRTESTCD,TRSTRESC,TRSTRESN,TRSTRESU,TRLOC,TRLOBXFL,VISIT,TRDTC"]
    for patient, later in (("01", 14), ("02", 40)):
        rows.append(f"{patient},TARGET,T01,LDIAM,30,30,mm,LIVER,Y,SCREENING,2026-01-05")
        rows.append(f"{patient},TARGET,T01,LDIAM,{later},{later},mm,LIVER,,WEEK 8,2026-03-10")
    path = tmp_path / "tr.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    write_first_study([path], tmp_path / "study.toml")
    plan, tables = prepare_study(tmp_path / "study.toml")
    assert set(tables) == {"tr", "measurements", "patients"}
    assert dict(zip(*tables["patients"].frame[["patient_id", "best_response"]].T.to_numpy(), strict=True)) == {
        "01": "PR",
        "02": "PD",
    }
    assert [step.kind for step in plan.steps] == ["response_rate"]
