import numpy as np

from biomarker import check_summary

TIMES = {"means": ["7.83", "5.73"], "spreads": ["0.55", "0.47"], "n": 18}


def marks(ax):
    return [line for line in ax.lines if line.get_marker() not in ("None", "", None)]


def test_every_recalculation_is_drawn_and_those_that_agree_are_filled():
    result = check_summary(**TIMES, p_value="0.0065")
    ax = result.plot()
    assert ax.get_xscale() == "log"
    assert len(marks(ax)) == len(result.recalculated) == 12
    filled = [line for line in marks(ax) if line.get_markerfacecolor() != "white"]
    assert np.allclose(sorted(float(line.get_xdata()[0]) for line in filled), [0.006452, 0.006528], atol=1e-6)
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels[2] == "SE, Student's, 2-sided"
    ax.figure.canvas.draw()


def test_without_a_p_the_checks_are_drawn():
    result = check_summary(percentages=["94.4", "95.0"], totals=[18, 18])
    ax = result.plot()
    assert [float(line.get_xdata()[0]) for line in marks(ax)] == [1, 0]
    ax.figure.canvas.draw()
    assert "open marks" in result.caption


def test_three_groups_and_no_p():
    ax = check_summary(means=[3, 4, 5], spreads=[1, 1, 1], n=9).plot()
    assert len(marks(ax)) == 3
    ax.figure.canvas.draw()
