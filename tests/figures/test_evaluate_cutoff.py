"""What is drawn of given cutoffs."""

import numpy as np
import pytest

from biomarker import evaluate_cutoff
from tests.analyses.cutoff_trial import ASKED, trial
from tests.analyses.test_reader_effect import ASKED as READ
from tests.analyses.test_reader_effect import lesions, readings


def test_curves_cutoffs_and_grey_zones():
    result = evaluate_cutoff(trial(), **ASKED, cutoffs=[4.0, 5.0], repeatability=0.12)
    ax = result.plot()
    lines = {line.get_label(): line for line in ax.lines if line.get_label() != "_cutoff"}
    data = trial()
    cutoff = np.unique(data["suvmax_24h"])[20]
    called, truth = data["suvmax_24h"] >= cutoff, data["response"] == "CR"
    at = lines["Sensitivity"].get_xdata() == cutoff
    assert lines["Sensitivity"].get_ydata()[at][0] == pytest.approx(100 * called[truth].mean())
    assert lines["Specificity"].get_ydata()[at][0] == pytest.approx(100 * (~called)[~truth].mean())
    assert [line.get_xdata()[0] for line in ax.lines if line.get_label() == "_cutoff"] == [4.0, 5.0]
    zones = [(patch.get_bbox().x0, patch.get_bbox().x1) for patch in ax.patches]
    np.testing.assert_allclose(zones, result.grey_zones)
    assert ax.get_xlabel() == "Cutoff of SUVmax 24 h (g/mL)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Sensitivity", "Specificity", "Grey zone"]
    assert "Shaded" in result.caption


def test_without_measurement_error_and_beyond_the_data():
    result = evaluate_cutoff(trial(), **ASKED, cutoffs=40.0)
    ax = result.plot()
    assert not ax.patches
    assert ax.get_xlim()[1] > 40
    assert "Shaded" not in result.caption


def test_steps_go_the_way_calls_do():
    data = trial()
    high = evaluate_cutoff(data, **ASKED, cutoffs=4.0).plot()
    low = evaluate_cutoff(data, **ASKED, cutoffs=4.0, higher_is_positive=False).plot()
    assert (high.lines[0].get_drawstyle(), low.lines[0].get_drawstyle()) == ("steps-pre", "steps-post")


def test_readers_on_both_sides_and_their_own_performance():
    data = lesions()
    result = evaluate_cutoff(data, **READ, readers={"readings": readings(data)})
    ax = result.plot()
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["Readers on both sides"].get_ydata() == pytest.approx(100 * result.reader_discordances)
    marks = lines["_sensitivity by reader"]
    expected = [
        100 * result.estimate("sensitivity", cutoff=cutoff, performance="reader", reader=name).value
        for cutoff in (4.0, 5.0)
        for name in "ABC"
    ]
    assert sorted(marks.get_ydata()) == pytest.approx(sorted(expected))
    assert "3 readers put on both sides" in result.caption
    ax.figure.canvas.draw()
