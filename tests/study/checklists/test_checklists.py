"""Checklists say only what the run shows: a study of one analysis, of many, and with text of its own."""

import json
import tomllib
from importlib.resources import files

import pytest
from docx import Document

from biomarker.errors import StudyError
from biomarker.references import Reference
from biomarker.study.checklists.checked_run import run_of
from biomarker.study.checklists.files import checklist_tables
from biomarker.study.checklists.filled import EVIDENCE, NAMES, Answer, Item, answers, checklist, chosen
from biomarker.study.load import load_study
from biomarker.study.workflow import run_study
from biomarker.tables.style import style_named

READINGS = "patient_id,lesion_id,reader_id,suvmax\n" + "".join(
    f"{1 + lesion // 2:02},{lesion + 1},R{reader},{(2 + lesion % 9) * (0.91 + 0.03 * step):.3f}\n"
    for lesion in range(24)
    for reader, step in ((1, 5 * lesion % 7), (2, (5 * lesion + 1) % 7))
)
OF_THE_HEAD = ("tracer", "registration", "data_source", "preparation")  # and so shown without any analysis
MORE = """
[[analysis]]
name = "who"
kind = "characteristics"
table = "patients"
variables = ["sex"]

[[analysis]]
name = "flow"
kind = "participant_flow"
table = "lesions"
marker = "suvmax"
cutoff = 4.0
reference_standard = "response"
positive = ["CR", "PR"]

[data.readings]
file = "readings.csv"
schema = "reading"

[[analysis]]
name = "error"
kind = "repeatability"
table = "readings"
value = "suvmax"
scale = "log"

[[analysis]]
name = "limits"
kind = "limits_of_agreement"
table = "readings"
value = "suvmax"
scale = "percent"
"""


def run(folder, extra: str = ""):
    path = folder / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")
    (folder / "readings.csv").write_text(READINGS, encoding="utf-8")
    done = run_study(path)
    return run_of(done.plan.study, done.tables, done.outcomes, (), style_named("plain"))


def told(table) -> dict[str, tuple[str, str]]:
    """Return status and place of each item by its number."""
    rows = [row.cells for row in table.lines if not row.is_heading]
    return {cells[0].partition(".")[0]: (cells[1], cells[2]) for cells in rows}


@pytest.mark.parametrize(
    ("key", "entries", "items"), [("stard", 34, 30), ("remark", 20, 20), ("grras", 15, 15), ("tripod_ai", 52, 27)]
)
def test_every_item_of_the_guideline_is_there_once(key, entries, items):
    numbers = [item.number for item in checklist(key).items]
    assert len(numbers) == len(set(numbers)) == entries
    assert list(dict.fromkeys(int(number.rstrip("abcdefg")) for number in numbers)) == list(range(1, items + 1))
    assert isinstance(checklist(key).reference, Reference)


def test_what_shows_an_item_is_known_and_all_of_it_is_used():
    used = {name for key in NAMES for item in checklist(key).items for name in item.shown_by}
    assert used == set(EVIDENCE)
    for key in NAMES:
        content = tomllib.loads((files("biomarker.study.checklists") / "items" / f"{key}.toml").read_text("utf-8"))
        assert all(len(entry["topic"]) < 110 for entry in content["item"])
        assert all(entry.get("shown_by") for entry in content["item"] if "lacks" in entry)


def test_kinds_of_the_checklists_are_kinds():
    from biomarker.study.plan import kinds

    assert set().union(*(checklist(key).kinds for key in NAMES)) <= set(kinds())


@pytest.mark.parametrize(
    ("shown", "lacks", "supplied", "status"),
    [
        ("", "", "", "not reported"),
        ("", "why", "", "not reported"),
        ("Table 1", "", "", "reported"),
        ("Table 1", "why", "", "in part"),
        ("Table 1", "why", "because", "reported"),
        ("", "", "because", "reported"),
    ],
)
def test_an_item_is_reported_only_if_shown_or_supplied(shown, lacks, supplied, status):
    item = Item(number="1", section="", topic="", lacks=lacks)
    assert Answer(item=item, shown=shown, supplied=supplied).status == status


def test_a_study_of_one_analysis_shows_little(study):
    checked = run(study)
    (stard,) = checklist_tables(checked)
    items = told(stard)
    assert items["23"][0] == "Reported"
    result = checked.shown[0].result
    assert f"TP {result.tp}, FP {result.fp}, FN {result.fn}, TN {result.tn}" in items["23"][1]
    assert f"{100 * result.estimate('ppv').value:.1f}%" in items["24"][1]
    assert items["12a"][0] == "In part"
    assert "SUVmax ≥ 4, given in the study file" in items["12a"][1]
    for number in ("1", "2", "5", "13a", "15", "18", "19", "20", "22", "25", "30"):
        assert items[number] == ("Not reported", f'Supply in study.toml: [checklists.stard] "{number}" = "…"')
    counted = {status: sum(found == status for found, _ in items.values()) for status in ("Reported", "In part")}
    assert f"Of 34 entries, {counted['Reported']} are reported, {counted['In part']} in part" in stard.footnotes[0]


def test_more_analyses_show_more_and_call_for_more_checklists(study):
    tables = checklist_tables(run(study, MORE))
    names = [table.title.partition(":")[0] for table in tables]
    assert names == ["STARD 2015", "GRRAS", "Claims on measurement error"]
    items = told(tables[0])
    assert items["19"] == ("Reported", "analysis “flow”: 24 of 24 lesions reached the end")
    assert items["20"] == ("Reported", "analysis “who”: 12 patients, sex")
    grras = told(tables[1])
    assert grras["13"][0] == "Reported"
    assert "“error”: reproducibility coefficient" in grras["13"][1]


def test_claims_hold_the_numbers_of_the_results(study):
    checked = run(study, MORE)
    claims = checklist_tables(checked)[-1]
    text = " ".join(cell for row in claims.lines for cell in row.cells)
    error, limits = checked.of("repeatability")[0].result, checked.of("limits_of_agreement")[0].result
    low, high = error.estimate("reproducibility_limit_low"), error.estimate("reproducibility_limit_high")
    assert f"a decrease of more than {-100 * low.value:.1f}%" in text
    assert f"an increase of more than {100 * high.value:.1f}%" in text
    assert f"{limits.estimate('loa_high').value:.1f}%" in text
    assert '[checklists.claim] "conditions"' in claims.footnotes[0]


def test_text_of_the_study_file_is_printed(study):
    own = '\n[checklists.stard]\n"3" = "PET chooses <b>whom</b> to treat."\n"12a" = "Set in the protocol."\n'
    claim = '\n[checklists.claim]\nconditions = "Same scanner, one week apart."\n'
    tables = checklist_tables(run(study, MORE + own + claim))
    items = told(tables[0])
    assert items["3"] == ("Reported", "PET chooses <b>whom</b> to treat")
    assert items["12a"][0] == "Reported"
    assert items["12a"][1].endswith("Set in the protocol")
    assert tables[-1].footnotes[0] == "Conditions: Same scanner, one week apart."


def test_a_study_can_choose(study):
    kinds = ["predictive_values"]
    assert [one.key for one in chosen({}, kinds)] == ["stard"]
    assert [one.key for one in chosen({"show": []}, kinds)] == []
    assert [one.key for one in chosen({"show": ["grras", "stard"]}, kinds)] == ["grras", "stard"]
    assert [one.key for one in chosen({"remark": {"9": "x"}}, kinds)] == ["stard", "remark"]
    assert [one.key for one in chosen({}, ["hazard_model"])] == ["remark", "tripod_ai"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[checklists.strad]\n"3" = "x"', "unknown checklist 'strad' (did you mean 'stard'"),
        ('[checklists.stard]\n"31" = "x"', "[checklists.stard] has an unknown item '31'"),
        ('[checklists.stard]\n"10" = "x"', "unknown item '10' (did you mean '10"),
        ('[checklists.stard]\n"3" = 3', "[checklists.stard] 3 = 3: give text"),
        ('[checklists.stard]\n"3" = " "', "give text"),
        ('[checklists]\nstard = "x"', "write [checklists.stard] with the items beneath it"),
        ('[checklists]\nshow = "stard"', "show = 'stard': give a list"),
        ('[checklists]\nshow = ["consort"]', "show has an unknown checklist 'consort'"),
        ("[checklists.claim]\nscanner = 'x'", "[checklists.claim] takes conditions"),
        ("checklists = 3", "checklists must be written as [checklists]"),
    ],
)  # fmt: skip
def test_bad_sections_are_refused(study, text, message):
    path = study / "study.toml"
    old = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{old}" if text.startswith("checklists =") else f"{old}\n{text}\n", encoding="utf-8")
    with pytest.raises(StudyError) as error:
        load_study(path)
    assert message in str(error.value)


def test_the_run_writes_them(study, tmp_path):
    own = '\n[checklists.stard]\n"3" = "<script>alert(1)</script>"\n'
    path = study / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + own, encoding="utf-8")
    done = run_study(path, tmp_path / "out")
    page = (done.folder / "checklists.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Table 1: TP " in page
    document = Document(str(done.folder / "checklists.docx"))
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"] == ["STARD 2015"]
    listed = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    assert {"checklists.html", "checklists.docx", "references.bib"} <= {entry["file"] for entry in listed}
    bib = (done.folder / "references.bib").read_text(encoding="utf-8")
    assert bib.count("\n}\n") == bib.count("@") > 0
    assert "where each item is reported" in (done.folder / "report.html").read_text(encoding="utf-8")


def test_every_piece_of_evidence_holds_for_any_run(study):
    checked = run(study, MORE)
    empty = type(checked)(study=checked.study, tables={}, shown=(), style=checked.style)
    for name, show in EVIDENCE.items():
        assert isinstance(show(checked), str), name
        if name not in (
            "tracer",
            "registration",
            "data_source",
            "preparation",
            "title_of_accuracy",
            "title_of_agreement",
        ):
            assert show(empty) == "", name
    assert all(answer.status for key in NAMES for answer in answers(checklist(key), checked, {}))


@pytest.mark.parametrize(
    ("key", "number", "missing"),
    [
        ("remark", "3", "what the treatments were"),  # an arm's name is no treatment
        ("remark", "12", "where the flow is not of its patients"),  # a count of events is no flow
        ("remark", "13", "not among them"),  # a table of patients need not hold the marker
        ("remark", "14", "not outcomes"),  # uptake by response is no relation to a prognostic variable
        ("tripod_ai", "20a", "the flow of the patients of each model"),
    ],
)
def test_what_a_run_can_show_only_in_part_is_never_called_reported(key, number, missing):
    (item,) = (item for item in checklist(key).items if item.number == number)
    assert missing in item.lacks
    assert Answer(item=item, shown="Table 1", supplied="").status == "in part"
