"""The page in a real browser: moved by mouse, keys and touch, on a desk and on a telephone."""

import json
import re
import time
from pathlib import Path

import pytest

import biomarker as bm
from biomarker.study.explorer.page import explorer_page
from biomarker.study.prepare import prepare_study
from biomarker.study.run import run_plan
from biomarker.tables.style import style_named
from tests.study.chromium import chromium
from tests.study.explorer_study import hostile_study, tables_of, write_study

STYLE = style_named("plain")
DESK, PHONE = (1280, 900), (375, 812)


def write_page(study: Path, page: Path) -> str:
    plan, tables = prepare_study(study)
    text = explorer_page(plan.study, tables, run_plan(plan, tables))
    assert text is not None
    page.write_text(text, encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("explorer")
    return write_page(write_study(folder / "study"), folder / "explorer.html")


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield Page(started.chrome)


class Page:
    """The page as a reader meets it."""

    def __init__(self, chrome) -> None:
        self.chrome = chrome

    def open(self, address: str, size: tuple[int, int] = DESK, *, dark: bool = False, media: str = "") -> None:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.chrome.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": width < 500})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
        self.chrome.get("about:blank")
        self.chrome.get(address)

    def run(self, script: str) -> object:
        return self.chrome.execute_script(f"return {script}")

    def text(self, selector: str) -> str:
        return str(self.run(f"document.querySelector({json.dumps(selector)}).textContent"))

    def cutoff(self) -> float:
        return float(re.sub(r"[^0-9.]", "", self.text("#cutoff-text").partition("g")[0]))

    def keys(self, *keys: str) -> None:
        slider = self.chrome.find_element("id", "cutoff")
        for key in keys:
            slider.send_keys(key)

    def line_at(self) -> tuple[float, float]:
        """Return where the handle of the cutoff stands on the screen."""
        found = self.run(
            "(() => { document.getElementById('strip-plot').scrollIntoView({block: 'center'});"
            " const b = document.querySelector('#strip-plot .handle').getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2] })()"
        )
        assert isinstance(found, list)
        return found[0], found[1]

    def shares(self) -> dict[str, tuple[str, str, str]]:
        rows = self.run(
            "[...document.querySelectorAll('#shares tbody tr')].map(row => [row.dataset.name, "
            "...[...row.querySelectorAll('td')].slice(0, 3).map(cell => cell.textContent)])"
        )
        assert isinstance(rows, list)
        return {name: tuple(cells) for name, *cells in rows}


def settled(page: Page, script: str, wanted: object) -> object:
    """Wait, at most two seconds, until a script gives what is wanted; return what it gave last."""
    for _ in range(40):
        if page.run(script) == wanted:
            break
        time.sleep(0.05)
    return page.run(script)


def told(cutoff: float) -> dict[str, tuple[str, str, str]]:
    """Return what Python prints at a cutoff."""
    result = bm.evaluate_cutoff(
        tables_of()["lesions"], reference_standard="status", positive="responding", marker="suvmax", cutoffs=cutoff
    )
    lines = {name: result.estimate(name) for name in ("sensitivity", "specificity", "ppv", "npv")}
    return {
        name: (
            f"{line.numerator}/{line.n}",
            STYLE.percent(line.value),
            STYLE.interval(line.low, line.high, 1, scale=100),
        )
        for name, line in lines.items()
    }


def test_it_opens_at_the_prespecified_cutoff_with_python_s_numbers(browser, address):
    browser.open(address)
    assert browser.text("#cutoff-text") == "≥ 6.5\u00a0g/mL"
    assert browser.shares() == told(6.5)
    notice = browser.chrome.find_element("id", "notice")
    assert notice.is_displayed()
    assert notice.get_attribute("data-kind") == "prespecified"
    assert notice.get_attribute("role") == "note"


def test_arrows_pages_home_and_end(browser, address):
    from selenium.webdriver.common.keys import Keys

    browser.open(address)
    steps = browser.run("JSON.parse(document.getElementById('data').textContent).views[0].cutoffs.map(Number)")
    start = steps.index(6.5)
    for keys, place in (
        ((Keys.ARROW_RIGHT,), start + 1),
        ((Keys.ARROW_LEFT, Keys.ARROW_DOWN), start - 1),
        ((Keys.PAGE_UP,), start + 9),
        ((Keys.PAGE_DOWN, Keys.PAGE_DOWN), start - 11),
        ((Keys.HOME,), 0),
        ((Keys.PAGE_DOWN,), 0),
        ((Keys.END,), len(steps) - 1),
    ):
        browser.keys(*keys)
        assert browser.cutoff() == steps[place]
        assert browser.run("document.getElementById('cutoff').getAttribute('aria-valuetext')").startswith("SUVmax ≥ ")
    assert browser.shares()["ppv"] == ("0/0", "NE", "")  # nothing is called positive


@pytest.mark.parametrize("cutoff", [3.1, 5.0, 8.2, 12.4])
@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
def test_the_numbers_elsewhere_on_the_slider(browser, address, cutoff):
    browser.open(f"{address}#cutoff={cutoff}")
    assert browser.cutoff() == pytest.approx(cutoff)
    assert browser.shares() == told(cutoff)


def test_the_line_is_dragged_by_mouse_and_the_notice_turns(browser, address):
    from selenium.webdriver import ActionChains

    browser.open(address)
    x, y = browser.line_at()
    actions = ActionChains(browser.chrome, duration=20)
    actions.w3c_actions.pointer_action.move_to_location(round(x), round(y)).pointer_down()
    for shift in (20, 60, 110):
        actions.w3c_actions.pointer_action.move_to_location(round(x) + shift, round(y) - shift // 4)
    actions.w3c_actions.pointer_action.pointer_up()
    actions.perform()
    moved = browser.cutoff()
    assert moved > 6.5
    assert browser.line_at()[0] == pytest.approx(x + 110, abs=4)
    notice = browser.chrome.find_element("id", "notice")
    assert notice.is_displayed()
    assert notice.get_attribute("data-kind") == "data-driven"
    assert "exploratory" in notice.text
    assert browser.shares() == told(moved)
    ActionChains(browser.chrome, duration=0).move_by_offset(0, -40).perform()
    assert browser.cutoff() == moved  # let go: it follows no longer


def test_the_line_is_dragged_by_touch(browser, address):
    browser.open(address, PHONE)
    x, y = browser.line_at()
    touch = browser.chrome.execute_cdp_cmd
    touch("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for shift in (5, 15, 30, 45):
        touch("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + shift, "y": y}]})
    touch("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert browser.cutoff() > 6.5
    assert browser.line_at()[0] == pytest.approx(x + 45, abs=4)


def test_the_slider_itself_is_dragged(browser, address):
    from selenium.webdriver import ActionChains

    browser.open(address)
    slider = browser.chrome.find_element("id", "cutoff")
    ActionChains(browser.chrome).click_and_hold(slider).move_by_offset(80, 0).release().perform()
    assert browser.cutoff() > 6.5


@pytest.mark.parametrize("number", range(6))
def test_a_telephone_needs_no_sideways_scrolling(browser, address, number):
    browser.open(f"{address}#view={number + 1}", PHONE)
    assert browser.run("document.documentElement.scrollWidth") == 375
    wide = browser.run(
        "[...document.querySelectorAll('main *')].filter(e => !e.closest('.unseen') && "
        "e.getBoundingClientRect().right > 375.5).map(e => e.id || e.tagName)"
    )
    assert wide == []
    assert browser.run("document.getElementById('cutoff').getBoundingClientRect().height") >= 30  # a finger's width


def test_the_cutoff_and_its_notice_stay_in_view(browser, address):
    browser.open(f"{address}#cutoff=7", PHONE)
    browser.run("window.scrollTo(0, 1500)")
    for name in ("cutoff", "notice"):
        top = browser.run(f"document.getElementById('{name}').getBoundingClientRect().top")
        assert 0 <= top < 300


def test_the_address_holds_what_is_shown(browser, address):
    browser.open(f"{address}#view=2&cutoff=8&prevalence=20&patient=3")
    assert browser.text("#strip-title") == "Highest SUVmax by response"
    assert browser.run("document.getElementById('choice-unit').value") == "Each patient, by highest uptake"
    assert browser.text("#prevalence-text") == "20%"
    assert browser.run("document.getElementById('patient').value") == "3"
    assert settled(browser, "location.hash", "#view=2&cutoff=8&prevalence=20&patient=3").endswith("patient=3")
    before = browser.shares()
    browser.keys("\ue014")
    link = browser.run("document.getElementById('link').hash")
    assert link != "#view=2&cutoff=8&prevalence=20&patient=3"
    assert settled(browser, "location.hash", link) == link
    browser.run("(() => { location.hash = '#view=2&cutoff=8&prevalence=20' })()")
    assert settled(browser, "document.getElementById('patient').value", "") == ""
    assert browser.shares() == before


def test_a_spoilt_address_shows_the_beginning(browser, address):
    browser.open(f"{address}#view=99&cutoff=%3Cscript%3E&prevalence=-4&patient=zzz")
    assert browser.text("#cutoff-text") == "≥ 6.5\u00a0g/mL"
    assert browser.chrome.get_log("browser") == []


def test_marker_and_unit_are_chosen_and_the_cutoff_kept_where_it_means_the_same(browser, address):
    from selenium.webdriver.support.ui import Select

    browser.open(f"{address}#cutoff=7")
    Select(browser.chrome.find_element("id", "choice-unit")).select_by_visible_text("Each patient, by mean uptake")
    assert browser.cutoff() == 7
    assert "No cutoff was prespecified" in browser.text("#notice")
    assert browser.text("#grey-note") == ""
    Select(browser.chrome.find_element("id", "choice-marker")).select_by_visible_text("SUVpeak")
    assert browser.text("#strip-title") == "Mean SUVpeak by response"
    assert browser.run("document.getElementById('notice').dataset.kind") == "data-driven"


def test_a_patient_is_shown_by_touch_of_a_dot_and_by_its_number(browser, address):
    from selenium.webdriver.support.ui import Select

    browser.open(address)
    browser.chrome.find_element("css selector", "#strip-plot .dot").click()
    number = browser.run("document.querySelector('#strip-plot .dot').dataset.patient")
    assert browser.run("document.getElementById('patient').value") == number
    mine = browser.run("[...document.querySelectorAll('.dot.mine')].map(dot => dot.dataset.patient)")
    assert set(mine) == {number}
    thread = browser.run("document.querySelector('#strip-plot .thread').getAttribute('d')")
    assert thread.count("M") + thread.count("L") == len(mine)  # one line through all lesions of the patient
    assert "called positive" in browser.text("#patient-text")
    Select(browser.chrome.find_element("id", "patient")).select_by_visible_text("none")
    assert browser.run("document.querySelectorAll('.mine').length") == 0


def test_predictive_values_elsewhere_are_python_s(browser, address):
    expected = bm.predictive_values(
        tables_of()["lesions"], reference_standard="status", positive="responding", marker="suvmax", cutoff=6.5,
        prevalence=[0.05, 0.3, 0.85],
    )  # fmt: skip
    for prevalence in (0.05, 0.3, 0.85):
        browser.open(f"{address}#prevalence={100 * prevalence:.0f}")
        for name in ("ppv", "npv"):
            cells = browser.run(
                f"[...document.querySelectorAll('#elsewhere [data-name={name}] td')]"
                ".slice(0, 2).map(cell => cell.textContent)"
            )
            line = expected.estimate(name, prevalence=prevalence)
            assert cells == [STYLE.percent(line.value), STYLE.interval(line.low, line.high, 1, scale=100)]


def test_the_curves_of_survival_are_python_s(browser, address):
    browser.open(address)
    tables = tables_of()
    highest = tables["lesions"].groupby("patient_id")["suvmax"].max().rename("value").reset_index()
    data = highest.merge(tables["patients"], on="patient_id")
    found = bm.survival_curves(
        data.assign(group=(data["value"] >= 6.5).map({True: "high", False: "low"})),
        duration="pfs_months", event="pfs_event", group="group",
    )  # fmt: skip
    rows = browser.run(
        "[...document.querySelectorAll('#medians tbody tr')].map(row => [...row.children].map(c => c.textContent))"
    )
    for (label, counts, median), name in zip(rows, ("high", "low"), strict=True):
        line = found.estimate("median_survival", group=name)
        assert label == ("≥ 6.5" if name == "high" else "< 6.5")
        assert counts == f"{data['pfs_event'][(data['value'] >= 6.5) == (name == 'high')].sum()}/{line.n}"
        assert median.startswith(STYLE.number(line.value, 1))
    assert STYLE.p_phrase(found.estimate("log_rank").p_value) in browser.text("#survival-note")
    assert "not corrected" in browser.text("#survival-note")
    # the step that is drawn comes down to the survival that Python estimates after the last event
    last = browser.run(
        "(() => { const d = document.querySelector('#survival-plot path.first').getAttribute('d');"
        " return Number(d.match(/V([0-9.]+)/g).at(-1).slice(1)) })()"
    )
    from biomarker.kernels.survival import kaplan_meier

    high = data[data["value"] >= 6.5]
    survival = kaplan_meier(high["pfs_months"], high["pfs_event"]).survival[-1]
    assert last == pytest.approx(26 + 190 * (1 - survival), abs=0.01)


def test_ties_are_rounded_as_python_rounds_them(browser, address):
    browser.open(address)
    source = (Path(bm.__file__).parent / "study" / "templates" / "explorer_numbers.js").read_text(encoding="utf-8")
    values = [6.25, 6.35, 18.75, 0.25, 0.75, 12.5, 99.95, 0.05, 33.33333333, 100.0, 0.0, 2.5, 3.5, 0.125, 0.375]
    for digits in (0, 1, 2):
        printed = browser.run(
            f"(() => {{ {source}\nreturn {json.dumps(values)}.map(value => fixed(value, {digits})) }})()"
        )
        assert printed == [STYLE.number(value, digits) for value in values]


def test_what_changed_is_said_aloud_once_the_hand_rests(browser, address):
    browser.open(address)
    assert browser.run("document.getElementById('spoken').getAttribute('aria-live')") == "polite"
    browser.keys("\ue014", "\ue014")
    shares = browser.shares()
    script = "document.getElementById('spoken').textContent.includes('exploratory')"
    assert settled(browser, script, True) is True
    assert f"Sensitivity {shares['sensitivity'][1]}%" in browser.text("#spoken")
    names = browser.run(
        "[...document.querySelectorAll('main input, main select')].map("
        "e => document.querySelector(`label[for=${e.id}]`).textContent.length > 3)"
    )
    assert all(names)
    drawings = browser.run(
        "[...document.querySelectorAll('svg[role=img]')].map(e => e.getAttribute('aria-label').length)"
    )
    assert len(drawings) == 4
    assert min(drawings) > 20


def test_the_browser_complains_of_nothing_and_asks_nothing_of_the_network(browser, address):
    browser.chrome.get_log("performance")
    browser.open(address)
    for _ in range(60):
        browser.keys("\ue014")
    assert browser.chrome.get_log("browser") == []
    asked = [
        message["params"]["request"]["url"]
        for entry in browser.chrome.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"] == "Network.requestWillBeSent"
    ]
    assert {url.partition("#")[0] for url in asked} <= {address, "about:blank"}
    assert browser.run("performance.getEntriesByType('resource').length") == 0


def test_hostile_text_is_only_read(browser, tmp_path):
    hostile = write_page(hostile_study(tmp_path / "study"), tmp_path / "explorer.html")
    for number in (1, 2, 4):
        browser.open(f"{hostile}#view={number}&patient=1", PHONE)
        assert browser.chrome.get_log("browser") == []
        assert browser.run("document.title.includes('</script><script>')") is True
        assert browser.run("document.querySelectorAll('img, iframe, object').length") == 0
        assert browser.run("document.querySelectorAll('script').length") == 2
        assert browser.run("document.documentElement.scrollWidth") == 375
    assert "{{ 7 * 7 }}" in browser.text("h1")


def test_dark_and_print_have_colours_of_their_own(browser, address):
    paper = "getComputedStyle(document.body).backgroundColor"
    browser.open(address)
    assert browser.run(paper) == "rgb(255, 255, 255)"
    browser.open(address, dark=True)
    assert browser.run(paper) == "rgb(20, 23, 27)"
    browser.open(address, dark=True, media="print")
    assert browser.run(paper) == "rgb(255, 255, 255)"
    assert browser.run("getComputedStyle(document.getElementById('cutoff')).display") == "none"
    assert browser.chrome.find_element("id", "notice").is_displayed()
