"""Figures at the widths of one column and of two: nothing overlaps, nothing is cut off, no letter is too small."""

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.legend import Legend
from matplotlib.text import Text

import biomarker as bm
from biomarker.figures import plot, views
from biomarker.figures.export import DPI, _laid_out, _quiet_about_glyphs, picture_of
from biomarker.figures.theme import MM, themed
from biomarker.study.prepare import prepare_study
from biomarker.study.run import run_plan
from biomarker.vocabulary import own_labels

WIDTHS = (85, 180)
SMALLEST, SMALLEST_NAME = 6.0, 3.5  # points; of a legend, and of one of sixty patients beside a bar
TOLERANCE = 0.02 * DPI  # of an inch

HOSTILE = [
    "<script>alert(1)</script> & <b>",
    r"$\frac{1}{2}$ and \alpha_{3} $5",
    "שלום עולם",
    "lung 🫁 emoji",
    "x" * 300,
]


def faults(ax, width_mm):
    """Return what is wrong with a figure as it is printed."""
    figure = ax.get_figure(root=True)
    with themed(), _quiet_about_glyphs(), _laid_out(figure) as cut:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # puts legends and what else has offsets in place
        renderer = canvas.get_renderer()
        found = [] if cut is None else [f"stands beyond the figure by {cut.x1 - figure.bbox_inches.x1:.2f} in"]
        page = figure.bbox.padded(TOLERANCE)
        beyond = _ticks_out_of_view(figure)
        for text in figure.findobj(Text):
            if not text.get_visible() or not text.get_text().strip() or id(text) in beyond:
                continue
            box = text.get_window_extent(renderer)
            if _is_drawn(text) and not (page.contains(box.x0, box.y0) and page.contains(box.x1, box.y1)):
                found.append(f"cut off: {text.get_text()!r}")
        for one in _every(figure.axes):
            found += _of_axes(one, renderer)
    if abs(figure.get_figwidth() - width_mm / MM) > 0.01:
        found.append(f"is {figure.get_figwidth() * MM:.0f} mm wide")
    return found


def _every(axes):
    return [one for ax in axes for one in (ax, *_every(ax.child_axes))]


def _ticks_out_of_view(figure):
    """Return the ids of tick labels that matplotlib keeps and does not draw."""
    found = set()
    for ax in _every(figure.axes):
        for axis in (ax.xaxis, ax.yaxis):
            # nothing of an axis that is off is drawn
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            shown = {id(tick) for tick in axis._update_ticks() if ax.axison}
            found |= {id(label) for tick in ticks if id(tick) not in shown for label in (tick.label1, tick.label2)}
    return found


def _is_drawn(text):
    return text.axes is None or text.axes.axison or text in text.axes.texts


def _of_axes(ax, renderer):
    found = []
    if ax.axison:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            room = 1e-9 * (abs(low) + abs(high))
            labels = [
                tick.label1
                for tick in axis.get_major_ticks()
                if low - room <= tick.get_loc() <= high + room and tick.label1.get_visible() and tick.label1.get_text()
            ]
            is_turned = any(label.get_rotation() for label in labels)
            for first, second in itertools.pairwise(labels):
                if not is_turned and _overlap(first, second, renderer):
                    found.append(f"ticks overlap: {first.get_text()!r}, {second.get_text()!r}")
            found += [
                f"label {axis.label.get_text()!r} lies on tick {label.get_text()!r}"
                for label in labels
                if axis.label.get_text() and _overlap(axis.label, label, renderer)
            ]
            small = [label for label in labels if label.get_fontsize() < SMALLEST_NAME]
            found += [f"{label.get_fontsize():.1f} pt: {label.get_text()!r}" for label in small]
    if isinstance(ax.get_legend(), Legend):
        texts = [text for text in ax.get_legend().get_texts() if text.get_text()]
        found += [f"{text.get_fontsize():.1f} pt in a legend" for text in texts if text.get_fontsize() < SMALLEST]
        for first, second in itertools.combinations(texts, 2):
            if _overlap(first, second, renderer):
                found.append(f"entries overlap: {first.get_text()!r}, {second.get_text()!r}")
    return found


def _overlap(first, second, renderer):
    one, other = first.get_window_extent(renderer), second.get_window_extent(renderer)
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    along = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > 2 and along > 2  # dots


@pytest.fixture(scope="module")
def trial():
    plan, tables = prepare_study(bm.example_folder("simulated-trial"))
    with own_labels(plan.study.labels):
        yield run_plan(plan, tables)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("style", ["plain", "lancet", "jama"])
def test_every_figure_of_the_trial_is_legible(trial, width, style):
    wrong = {
        f"{outcome.step.name} {view.name}": found
        for outcome in trial
        for view in views(outcome.result)
        if (found := faults(plot(outcome.result, which=view.name, width_mm=width, style=style), width))
    }
    assert wrong == {}


@pytest.mark.slow
def test_every_figure_of_the_trial_is_described_with_its_numbers(trial):
    for outcome in trial:
        for view in views(outcome.result):
            said = bm_alt(outcome.result, view.name)
            assert any(sign.isdigit() for sign in said) or "hold" in said, (outcome.step.name, view.name, said)
            assert said != view.caption
            assert 30 < len(said) <= 701
            assert said.endswith((".", "…"))
            if outcome.step.kind == "participant_flow":
                continue  # its boxes are named in the words of the study file
            assert "." not in _numbers(bm_alt(outcome.result, view.name, style="lancet")), outcome.step.name


def bm_alt(result, which, **options):
    return result.alt_text(which, **options)


def _numbers(text):
    """Return the points that stand between two digits."""
    return "".join(b for a, b, c in zip(text, text[1:], text[2:], strict=False) if a.isdigit() and c.isdigit())


def lesions(names, n=60, scale=1.0):
    rng = np.random.default_rng(5)
    group = [names[i % len(names)] for i in range(n)]
    return pd.DataFrame(
        {
            "patient_id": [f"P{i // 2}" for i in range(n)],
            "site": group,
            "suvmax": scale * np.exp(rng.normal(size=n)),
            "suvpeak": scale * np.exp(rng.normal(size=n)),
            "response": rng.integers(0, 2, n).astype(bool),
            "months": rng.exponential(12, n) + 0.1,
            "died": rng.integers(0, 2, n).astype(bool),
            "change": rng.uniform(-100, 60, n),
        }
    )


def nasty_results(names, **options):
    data = lesions(names, **options)
    patients = data.drop_duplicates("patient_id")
    yield bm.compare_uptake(data, marker="suvmax", group="site")
    yield bm.detection_rate(data, detected="response", by="site")
    yield bm.survival_curves(data.drop(columns="patient_id"), duration="months", event="died", group="site")
    yield bm.correlate(data, x="suvmax", y="suvpeak")
    yield bm.roc_curve(data, reference_standard="response", marker="suvmax", n_resamples=50)
    yield bm.predictive_values(data, reference_standard="response", marker="suvmax", cutoff=data["suvmax"].median())
    yield bm.characteristics(patients, variables=["site", "suvmax"])
    yield bm.waterfall(patients, change="change", response="site", marker="suvmax")


@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "names",
    [HOSTILE[:3], HOSTILE[2:], ["A rather long name of a group that has sixty letters, all told", "B"]],
    ids=["markup", "signs", "long"],
)
def test_names_of_any_kind_hold(names, width):
    for result in nasty_results(names):
        for view in views(result):
            ax = plot(result, which=view.name, width_mm=width)
            assert faults(ax, width) == [], type(result).__name__
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                picture = picture_of(ax, alt=result.alt_text(view.name))
            assert b"<script" not in picture.svg


def _without_curves(names, scale):
    data = lesions(names, n=240, scale=scale)
    yield bm.compare_uptake(data, marker="suvmax", group="site")
    yield bm.detection_rate(data, detected="response", by="site")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
@pytest.mark.parametrize("width", WIDTHS)
def test_twelve_groups_and_values_of_any_size_hold(width):
    names = [f"Group number {number} of twelve" for number in range(12)]
    for scale in (1e-9, 1.0, 1e9):
        for result in (*_without_curves(names, scale), *nasty_results(names[:6], n=240, scale=scale)):
            assert faults(plot(result, width_mm=width), width) == [], (type(result).__name__, scale)


@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
def test_a_name_that_looks_like_a_formula_is_printed_as_it_stands():
    data = lesions([r"$\alpha$ and \beta", "B"])
    ax = plot(bm.compare_uptake(data, marker="suvmax", group="site", patient=None))
    svg = picture_of(ax).svg.decode()
    assert r"$\alpha$" in svg
    assert "α" not in svg


@pytest.mark.filterwarnings("ignore::biomarker.errors.BiomarkerWarning")
def test_numbers_follow_the_style():
    data = lesions(["A", "B"])
    result = bm.survival_curves(data, duration="months", event="died", group="site", patient=None)
    title = {style: plot(result, style=style).get_legend().get_title() for style in ("plain", "lancet", "jama")}
    assert "p = 0." in title["plain"].get_text() or "p < 0." in title["plain"].get_text()
    assert "·" in title["lancet"].get_text()
    assert r"$\mathit{P}$" in title["jama"].get_text()
    assert title["jama"].get_parse_math()
    ticks = plot(bm.correlate(data, x="suvmax", y="suvpeak"), style="lancet")
    ticks.set_xlim(0, 1)
    ticks.figure.draw_without_rendering()
    assert any("·" in label.get_text() for label in ticks.get_xticklabels())
