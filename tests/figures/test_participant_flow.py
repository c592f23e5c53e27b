import re

import pandas as pd
import pytest
from matplotlib.text import Annotation

from biomarker import participant_flow
from biomarker.figures import alt_text, plot
from biomarker.figures.export import picture_of
from biomarker.figures.theme import themed

OTHER_SCRIPTS = "مرحبا 😀 患者"
LONG = "The scanner was under repair for three weeks and no other centre could take the patient in time, " * 3


def flow_of(**arguments):
    frame = pd.DataFrame(
        {
            "patient_id": ["a", "a", "b", "c", "c", "d", "e"],
            "lesion_id": [1, 2, 1, 1, 2, 1, 1],
            "left": [None, None, None, None, None, LONG, "x" * 300],
            "test": ["pos", "neg", "unclear", "pos", "neg", None, None],
            "status": ["responding", "stable", "stable", None, "stable", None, None],
        }
    )
    return participant_flow(
        frame, steps={"Scanned <b>at</b> $5": "left"}, index_test="test", test_positive="pos",
        indeterminate="unclear", reference_standard="status", positive="responding", **arguments,
    )  # fmt: skip


def words_of(ax) -> str:
    return re.sub(r"\s+", " ", " ".join(text.get_text() for text in ax.texts).replace("\u00a0", " "))


def test_every_box_with_its_numbers_is_drawn():
    words = words_of(plot(flow_of()))
    for said in (
        "In the table 7 lesions, 5 patients", "Left out: 2", "Scanned <b>at</b> $5 5 lesions, 3 patients",
        "Test: positive 2 lesions, 2 patients", "Test: negative 2 lesions, 2 patients",
        "Test: indeterminate 1 lesion, 1 patient", "1 with status missing, of 1 patient",
        "Target condition present: 1 lesion, 1 patient", "Target condition absent: 2 lesions, 2 patients",
    ):  # fmt: skip
        assert said in words
    assert " ".join(LONG.split()) in words


@pytest.mark.parametrize("width_mm", [85, 180])
def test_text_stays_in_its_box_and_boxes_apart(width_mm):
    ax = plot(flow_of(), width_mm=width_mm)
    figure = ax.get_figure(root=True)
    with themed():
        figure.draw_without_rendering()
    boxes = [patch.get_window_extent() for patch in ax.patches]
    texts = [text for text in ax.texts if not isinstance(text, Annotation)]
    assert {text.get_fontsize() for text in texts} == {7.0}
    for text in texts:
        extent = text.get_window_extent()
        assert any(
            box.x0 <= extent.x0 and extent.x1 <= box.x1 + 1 and box.y0 <= extent.y0 + 1 and extent.y1 <= box.y1 + 1
            for box in boxes
        ), text.get_text()
    for number, box in enumerate(boxes):
        for other in boxes[number + 1 :]:
            assert min(box.x1, other.x1) <= max(box.x0, other.x0) or min(box.y1, other.y1) <= max(box.y0, other.y0)
    picture = picture_of(ax)
    assert picture.width == pytest.approx(width_mm / 25.4, abs=0.12)


def test_letters_shrink_where_axes_are_given_and_low():
    from matplotlib.figure import Figure

    with themed():
        ax = plot(flow_of(), Figure(figsize=(7, 3)).add_subplot())
    assert max(text.get_fontsize() for text in ax.texts if not isinstance(text, Annotation)) < 7


def test_other_scripts_are_measured_and_drawn_without_a_warning():
    frame = pd.DataFrame({"left": [OTHER_SCRIPTS, None], "patient_id": ["a", "b"]})
    picture = picture_of(plot(participant_flow(frame, steps=["left"])))
    assert OTHER_SCRIPTS.split()[0] in picture.svg.decode()


def test_it_is_told_in_words():
    said = alt_text(flow_of())
    assert said.startswith("Flow diagram of lesions. In the table: 7, of whom 2 left; ")
    assert "Test: positive: 2, of whom 1 left" in said


def test_a_flow_without_a_test_is_one_column():
    flow = participant_flow(pd.DataFrame({"scanned": [True, False]}), steps=["scanned"], patient=None)
    assert flow.figure_size[0] < 4
    assert "Scanned 1 row" in words_of(plot(flow))
