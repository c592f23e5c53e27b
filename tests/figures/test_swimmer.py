"""What a swimmer plot draws."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from tests.analyses.test_swimmer import ASKED, patients


def drawn(ax, label):
    return next(line for line in ax.lines if line.get_label() == label)


def test_bars_symbols_and_arrows():
    result = bm.swimmer(
        patients(), **ASKED, group="arm", response="response", events={"First response": "response_months"}
    )
    ax = result.plot()
    bars = sorted((patch.get_y() + patch.get_height() / 2, patch.get_width()) for patch in ax.patches)
    assert [width for _, width in bars] == result.durations.tolist()
    assert [label.get_text() for label in ax.get_yticklabels()] == list(result.patients)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first patient stands on top
    marks = drawn(ax, "_First response")
    expected = result.marks["First response"]
    assert marks.get_xdata().tolist() == expected[~np.isnan(expected)].tolist()
    assert drawn(ax, "_event").get_xdata().tolist() == result.durations[result.happened].tolist()
    assert drawn(ax, "_ongoing").get_ydata().tolist() == np.flatnonzero(result.ongoing).tolist()
    assert [text.get_text() for text in ax.texts] == ["A", "B", "Not known"]
    assert ax.get_xlabel() == "Progression-free survival (months)"
    legend = [text.get_text().replace("\n", " ") for text in ax.get_legend().get_texts()]
    assert legend == ["CR", "PR", "SD", "PD", "NE", "First response", "Event", "No event at the end"]
    ax.figure.canvas.draw()


def many(n):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "patient_id": [f"S{number:03d}" for number in range(n)],
            "pfs_months": np.round(rng.exponential(9, n), 1),
            "progressed": rng.random(n) < 0.6,
            "arm": rng.choice(["A", "B"], n),
        }
    )


def test_sixty_patients_are_legible():
    result = bm.swimmer(many(60), **ASKED, group="arm")
    ax = result.plot()
    ax.figure.canvas.draw()
    labels = [label.get_window_extent() for label in ax.get_yticklabels()]
    heights = sorted((box.y0, box.y1) for box in labels)
    assert len(labels) == 60
    assert all(upper <= lower + 1 for (_, upper), (lower, _) in pairwise(heights))  # no overlap
    assert min(label.get_fontsize() for label in ax.get_yticklabels()) >= 4


def test_more_bars_than_names_can_stand_beside():
    ax = bm.swimmer(many(200), **ASKED).plot()
    assert ax.get_yticklabels() == []
    assert ax.get_ylabel() == "200 patients"
    ax.figure.canvas.draw()


def test_caption_and_size():
    result = bm.swimmer(patients(), **ASKED, response="response")
    assert "arrows, without the event at the end of follow-up" in result.caption
    assert "Coloured by response." in result.caption
    assert bm.swimmer(many(60), **ASKED).figure_size[1] > result.figure_size[1]
    assert bm.swimmer(many(500), **ASKED).figure_size[1] == pytest.approx(9.2)
