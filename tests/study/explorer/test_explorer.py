"""The page holds what Python gives for every cutoff, and nothing of the data can break out of it."""

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from biomarker.data.aggregation import aggregate_lesions
from biomarker.errors import StudyError
from biomarker.study.explorer.page import explorer_page
from biomarker.study.explorer.settings import explorer_settings
from biomarker.study.run import run_plan
from biomarker.study.workflow import prepare_study, run_study
from biomarker.tables.style import style_named
from tests.study.explorer_study import HOSTILE, STUDY, hostile_study, tables_of, write_study

STYLE = style_named("plain")
SHARES = ("sensitivity", "specificity", "ppv", "npv")


def page_of(folder: Path) -> str:
    """Return the explorer of a study, without its reports."""
    plan, tables = prepare_study(folder)
    page = explorer_page(plan.study, tables, run_plan(plan, tables))
    assert page is not None
    return page


def content_of(page: str) -> dict:
    """Return the data in a page."""
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, flags=re.S)
    assert found is not None
    return json.loads(found[1])


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    return page_of(write_study(tmp_path_factory.mktemp("explorer") / "study"))


@pytest.fixture(scope="module")
def content(page) -> dict:
    return content_of(page)


def printed(tenths: int | None) -> str:
    return "NE" if tenths is None else f"{tenths // 10}.{tenths % 10}"


def place_of(view: dict, cutoff: float) -> int:
    return int(np.searchsorted(view["values"], cutoff, side="left"))


def test_the_views_are_each_marker_by_lesion_and_by_patient(content):
    assert [(view["marker"], view["unit"]) for view in content["views"]] == [
        ("SUVmax", "Each lesion"),
        ("SUVmax", "Each patient, by highest uptake"),
        ("SUVmax", "Each patient, by mean uptake"),
        ("SUVpeak", "Each lesion"),
        ("SUVpeak", "Each patient, by highest uptake"),
        ("SUVpeak", "Each patient, by mean uptake"),
    ]
    assert content["views"][0]["left_out"] == ["2 with status missing"]
    assert content["views"][0]["classes"] == ["Status: responding", "Status: not responding"]
    assert content["views"][1]["classes"] == ["Response: CR, PR", "Response: other"]


@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
def test_lesions_at_every_cutoff_of_the_slider(content):
    view, data = content["views"][0], tables_of()["lesions"]
    cutoffs = [float(text) for text in view["cutoffs"]]
    result = bm.evaluate_cutoff(
        data, reference_standard="status", positive="responding", marker="suvmax", cutoffs=cutoffs, repeatability=0.12
    )
    lines = {
        (line.quantity, line.of.get("cutoff")): line
        for line in result.estimates
        if line.of.get("performance", "as measured") == "as measured"
    }
    for i, cutoff in enumerate(cutoffs):
        place = place_of(view, cutoff)
        for name in SHARES:
            line = lines[name, cutoff]
            shown = [printed(column[place]) for column in view["shares"][name]]
            assert shown == [STYLE.percent(part) for part in (line.value, line.low, line.high)]
        tp, fp, fn, tn = (cell[place] for cell in view["cells"])
        assert (tp + fn, fp + tn) == (lines["sensitivity", cutoff].n, lines["specificity", cutoff].n)
        grey, zone = view["grey"], lines["grey_zone", cutoff]
        assert (grey["low"][i], grey["high"][i]) == (STYLE.significant(zone.low), STYLE.significant(zone.high))
        inside = lines["share_in_grey_zone", cutoff]
        assert grey["inside"][i] == inside.numerator
        shown = [printed(column[i]) for column in grey["share"]]
        assert shown == [STYLE.percent(part) for part in (inside.value, inside.low, inside.high)]
        assert printed(grey["change"][i]) == STYLE.percent(lines["probability_of_change", cutoff].value)


@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
@pytest.mark.parametrize(("number", "how"), [(1, "max"), (2, "mean")])
def test_patients_at_every_cutoff_of_the_slider(content, number, how):
    view, tables = content["views"][number], tables_of()
    values = aggregate_lesions(tables["lesions"], marker="suvmax", how=how, name="value")
    data = values.merge(tables["patients"], on="patient_id")
    result = bm.evaluate_cutoff(
        data, reference_standard="response", positive=["PR"], marker="value",
        cutoffs=[float(text) for text in view["cutoffs"]],
    )  # fmt: skip
    for line in result.estimates:
        if line.quantity not in SHARES:
            continue
        place = place_of(view, line.of["cutoff"])
        shown = [printed(column[place]) for column in view["shares"][line.quantity]]
        assert shown == [STYLE.percent(part) for part in (line.value, line.low, line.high)]
    assert view["grey"] is None  # the error of one lesion is not that of a patient's value


def test_survival_at_every_cutoff_of_the_slider(content):
    tables = tables_of()
    values = aggregate_lesions(tables["lesions"], marker="suvmax", how="max", name="value")
    data = values.merge(tables["patients"], on="patient_id")
    split = content["views"][0]["split"]
    assert split["label"] == "Highest SUVmax"
    assert sorted(zip(split["v"], split["t"], strict=True)) == sorted(
        zip(data["value"], data["pfs_months"], strict=True)
    )
    for place, cutoff in enumerate(split["values"][1:], 1):
        group = np.where(data["value"] >= cutoff, "high", "low")
        found = bm.survival_curves(data.assign(group=group), duration="pfs_months", event="pfs_event", group="group")
        assert split["p"][place] == STYLE.p_phrase(found.estimate("log_rank").p_value)
        for side, name in enumerate(("high", "low")):
            line = found.estimate("median_survival", group=name)
            value, low, high = (
                "NR" if np.isnan(part) else STYLE.number(part, 1) for part in (line.value, line.low, line.high)
            )
            assert split["medians"][side][place] == f"{value} ({low}–{high})"


def test_the_slider_knows_the_prespecified_and_the_chosen_cutoff(content):
    view = content["views"][0]
    assert [view["cutoffs"][place] for place in view["prespecified"]] == ["6.5"]
    assert view["start"] == view["prespecified"][0]
    chosen = bm.suv_cutoff(
        tables_of()["lesions"], reference_standard="status", positive="responding", marker="suvmax", n_resamples=20
    ).estimate("cutoff")
    assert [float(view["cutoffs"][place]) for place in view["chosen"]] == [chosen.value]
    assert content["views"][1]["prespecified"] == []  # it was fixed for lesions


def test_without_a_cutoff_the_slider_starts_at_the_largest_youden_index(content):
    view = content["views"][3]
    place = place_of(view, float(view["cutoffs"][view["start"]]))
    tp, fp, fn, tn = (np.array(cell) for cell in view["cells"])
    youden = tp / (tp + fn) + tn / (fp + tn)
    assert youden[place] == youden.max()


def test_patients_are_numbers_in_no_order_of_their_names(page, content):
    assert "KH-1" not in page
    assert content["patients"] == 24
    data = tables_of()["lesions"].dropna(subset="status")
    assert sorted(set(content["views"][0]["p"])) != content["views"][0]["p"][:24]
    numbers = dict(zip(data["patient_id"], content["views"][0]["p"], strict=True))
    assert len(set(numbers.values())) == data["patient_id"].nunique()
    ordered = [numbers[name] for name in sorted(numbers)]
    assert abs(np.corrcoef(ordered, range(len(ordered)))[0, 1]) < 0.6


def test_ids_show_where_the_study_says_so(tmp_path):
    shown = content_of(page_of(write_study(tmp_path / "s", STUDY + "show_ids = true\n")))
    assert sorted(shown["patients"]) == sorted(tables_of()["patients"]["patient_id"])
    owner = tables_of()["lesions"].dropna(subset="status")["patient_id"].iloc[0]
    assert shown["patients"][shown["views"][0]["p"][0] - 1] == owner


def test_time_points_are_views(tmp_path):
    tables = tables_of()
    later = tables["lesions"].assign(hours=48, suvmax=tables["lesions"]["suvmax"] * 0.8)
    tables["lesions"] = pd.concat([tables["lesions"].assign(hours=24), later])
    text = STUDY.replace('markers = ["suvmax", "suvpeak"]', 'markers = ["suvmax"]\ntime = "hours"')
    views = content_of(page_of(write_study(tmp_path / "s", text, tables)))["views"]
    assert list(dict.fromkeys(view["time"] for view in views)) == ["Hours 24", "Hours 48"]
    assert [bool(view["prespecified"]) for view in views] == [True, False, False, False, False, False]


class Tags(HTMLParser):
    """The tags of a page, and text that stands in none of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


def test_hostile_text_stays_text(tmp_path, page):
    hostile = page_of(hostile_study(tmp_path / "s"))
    tags, plain = Tags(hostile), Tags(page)
    assert tags.names == [name for name in plain.names if name != "sup"]  # of 89Zr, which the hostile title lacks
    assert "img" not in tags.names
    assert tags.names.count("script") == 2
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in ("style", "src")]
    content = content_of(hostile)
    name = HOSTILE.replace('"', "'").strip().replace("\u202e", "\ufffd")  # what would turn the line is shown, not done
    assert any(name.casefold() in view["marker"].casefold() for view in content["views"])
    assert not any(sign in view["marker"] for view in content["views"] for sign in "\u202a\u202b\u202d\u202e")
    assert any(name in who for who in content["patients"])
    data = re.search(r'type="application/json">(.*)</script>\n<script', hostile, flags=re.S)
    assert data is not None
    assert "<" not in data[1]


def test_the_policy_names_its_own_script_and_style_alone(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; "
        r"form-action 'none'",
        policy[1],
    )
    without_data = re.sub(r"<script id=.*?</script>", "", page, flags=re.S)
    for word in ("https:", "fetch(", "import ", "eval(", "innerHTML", "url(", "@import"):
        assert word not in without_data
    assert set(re.findall(r"http:[^\"' ]*", without_data)) == {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_three_hundred_lesions_stay_under_a_megabyte(tmp_path):
    tables = tables_of(seed=3, patients=80, most=8)
    tables["lesions"]["suvmax"] = np.round(tables["lesions"]["suvmax"] + np.linspace(0, 1, len(tables["lesions"])), 4)
    assert len(tables["lesions"]) >= 300
    text = STUDY.replace('rules = ["max", "mean"]', 'rules = ["max", "mean", "hottest_k"]')
    page = page_of(write_study(tmp_path / "s", text, tables))
    assert len(page.encode()) < 1_000_000


IMPLIED = (
    STUDY.partition("[explorer]")[0]
    + """
[[analysis]]
name = "at"
kind = "evaluate_cutoff"
table = "lesions"
reference_standard = "status"
positive = "responding"
marker = "suvmax"
cutoffs = [5.0, 6.5]
repeatability = { within_cv = 0.1 }
"""
)


def test_without_a_section_the_first_analysis_of_a_cutoff_is_explored(tmp_path):
    plan, _ = prepare_study(write_study(tmp_path / "s", IMPLIED))
    settings = explorer_settings(plan.study, plan.steps)
    assert settings is not None
    assert (settings.derived_from, settings.markers, settings.cutoffs) == ("cutoff", ("suvmax",), (5.0, 6.5))
    assert settings.repeatability == {"within_cv": 0.1}
    view = content_of(page_of(tmp_path / "s"))["views"][0]
    assert [view["cutoffs"][place] for place in view["prespecified"]] == ["5", "6.5"]
    assert view["split"] is None


def test_a_run_writes_the_page_links_to_it_and_says_so(study, tmp_path):
    run = run_study(study, tmp_path / "none")
    assert not (tmp_path / "none" / "explorer.html").exists()
    assert "No explorer.html" in run.summary()
    assert "explorer.html" not in (tmp_path / "none" / "report.html").read_text(encoding="utf-8")
    asked = (study / "study.toml").read_text(encoding="utf-8") + (
        '\n[explorer]\ntable = "lesions"\nmarkers = "suvmax"\nreference_standard = "response"\npositive = "CR"\n'
    )
    (study / "study.toml").write_text(asked, encoding="utf-8")
    run = run_study(study, tmp_path / "some")
    assert "Move the cutoff in" in run.summary()
    assert 'href="explorer.html"' in (tmp_path / "some" / "report.html").read_text(encoding="utf-8")
    assert '<section id="control"' in (tmp_path / "some" / "explorer.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('table = "lesions"\nmarkers', 'table = "lesion"\nmarkers', "unknown table 'lesion' (did you mean 'lesions'?)"),
        ("suvpeak", "suvpeek", "no column 'suvpeek' (did you mean 'suvpeak'?)"),
        ("cutoff = 6.5", 'cutoff = "6.5"', "cutoff = '6.5': give a number"),
        ("cutoff = 6.5", "cutoff = -1", "needs a cutoff above 0; it is -1"),
        ("cutoff = 6.5", "cutof = 6.5", "unknown key 'cutof' (did you mean 'cutoff'?)"),
        ('event = "pfs_event"', "", "has duration and no event"),
        ('rules = ["max", "mean"]', 'rules = ["any_positive"]', "any lesion positive at a cutoff is the same as max"),
        ("repeatability = 0.12", 'repeatability = "cutof"', "'cutof', which is unknown (did you mean 'cutoff'?)"),
        ("repeatability = 0.12", "repeatability = -1", "give a positive number"),
        ('positive = "responding"\ncutoff', 'positive = "CR"\ncutoff', "'status' never is 'CR'"),
        ("[explorer]", "[[explorer]]", "explorer must be written as [explorer]"),
    ],
)
def test_what_cannot_be_shown_is_told(tmp_path, old, new, told):
    assert old in STUDY
    head, _, tail = STUDY.partition("[explorer]")
    text = head + ("[explorer]" + tail).replace(old, new)
    with pytest.raises(StudyError, match=re.escape(told)):
        page_of(write_study(tmp_path / "s", text))


def test_the_repeatability_of_another_analysis(tmp_path):
    tables = tables_of()
    lesions = tables["lesions"]
    again = lesions.assign(session=2, suvmax=np.round(lesions["suvmax"] * np.where(lesions.index % 2, 1.1, 0.92), 2))
    tables["readings"] = pd.concat([lesions.assign(session=1), again])[["patient_id", "lesion_id", "session", "suvmax"]]
    block = '[[analysis]]\nname = "retest"\nkind = "repeatability"\ntable = "readings"\nvalue = "suvmax"\n'
    block += 'item = "lesion_id"\nsession = "session"\nreader = false\n'
    text = STUDY.replace("[explorer]", block.replace("reader = false\n", "") + "\n[explorer]")
    text = text.replace("repeatability = 0.12", 'repeatability = "retest"')
    text = text.replace("[data.patients]", '[data.readings]\nfile = "readings.csv"\n\n[data.patients]')
    content = content_of(page_of(write_study(tmp_path / "s", text, tables)))
    assert content["views"][0]["grey"]["source"].startswith("the repeatability of SUVmax in")


ALIKE = {
    "all equal": lambda suvmax: suvmax * 0 + 4.0,
    "huge": lambda suvmax: suvmax * 1e12,
    "tiny": lambda suvmax: suvmax * 1e-9,
    "of many digits": lambda suvmax: suvmax * np.pi,
}


@pytest.mark.parametrize("how", ALIKE)
def test_odd_values_make_a_page_without_odd_numbers(tmp_path, how):
    tables = tables_of()
    tables["lesions"]["suvmax"] = ALIKE[how](tables["lesions"]["suvmax"])
    text = STUDY.partition("[[analysis]]")[0] + STUDY[STUDY.index("[explorer]") :].replace("cutoff = 6.5\n", "")
    page = page_of(write_study(tmp_path / "s", text + DESCRIBED, tables))
    view = content_of(page)["views"][0]
    places = np.searchsorted(view["values"], [float(cutoff) for cutoff in view["cutoffs"]])
    assert set(places) == set(range(len(view["values"]) + 1))
    assert not re.search(r"NaN|Infinity", json.dumps(content_of(page)))


DESCRIBED = """
[[analysis]]
name = "described"
kind = "characteristics"
table = "patients"
variables = ["response"]
"""


def test_the_same_study_gives_the_same_page(tmp_path, page):
    assert page_of(write_study(tmp_path / "s")) == page


def test_low_values_may_be_the_positive_ones(tmp_path):
    text = STUDY.replace("[explorer]", "[explorer]\nhigher_is_positive = false")
    plan, tables = prepare_study(write_study(tmp_path / "s", text))
    plan = dataclasses.replace(plan, steps=())
    page = explorer_page(plan.study, tables, ())
    assert page is not None
    view = content_of(page)["views"][0]
    data = tables_of()["lesions"]
    expected = bm.evaluate_cutoff(
        data, reference_standard="status", positive="responding", marker="suvmax", cutoffs=6.5,
        higher_is_positive=False,
    )  # fmt: skip
    place = int(np.searchsorted(view["values"], 6.5, side="right"))
    for name in SHARES:
        line = expected.estimate(name)
        shown = [printed(column[place]) for column in view["shares"][name]]
        assert shown == [STYLE.percent(part) for part in (line.value, line.low, line.high)]
