import numpy as np
from matplotlib.figure import Figure

import biomarker as bm

COUNTS = {"tp": 25, "fp": 5, "fn": 8, "tn": 8}


def test_dots_are_the_estimates_in_percent():
    result = bm.predictive_values_from_counts(**COUNTS)
    ax = result.plot()
    dots = ax.lines[0].get_xdata()
    assert np.allclose(dots, [100 * result.estimate(name).value for name in
                              ("sensitivity", "specificity", "ppv", "npv", "accuracy", "prevalence")])  # fmt: skip
    assert [text.get_text() for text in ax.get_yticklabels()][2] == "PPV\n25/30"
    assert ax.get_xlabel() == "% (95% CI)"


def test_predictive_values_against_prevalence():
    result = bm.predictive_values_from_counts(**COUNTS, prevalence=[0.2, 0.5])
    figure = result.plot().figure
    _, left, right = figure.axes
    ppv, asked, npv, _, own = right.lines
    assert np.allclose(ppv.get_ydata(), 100 * result.curve["ppv"][0])
    assert np.allclose(npv.get_ydata(), 100 * result.curve["npv"][0])
    assert asked.get_xdata().tolist() == [20, 50]
    assert np.isclose(asked.get_ydata()[0], 100 * result.estimate("ppv", prevalence=0.2).value)
    assert np.isclose(own.get_xdata()[0], 100 * 33 / 46)
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["PPV", "NPV"]
    assert len(left.lines[0].get_xdata()) == 6
    assert "Second panel" in result.caption


def test_axes_placed_by_hand_hold_the_curves():
    result = bm.predictive_values_from_counts(**COUNTS, prevalence=0.2)
    ax = Figure().add_axes((0.2, 0.2, 0.7, 0.7))
    assert result.plot(ax) is ax
    assert [panel.get_xlabel() for panel in ax.child_axes] == ["% (95% CI)", "Prevalence (%)"]


def test_undefined_quantities_leave_a_gap():
    ax = bm.predictive_values_from_counts(tp=0, fp=0, fn=4, tn=9).plot()
    assert np.isnan(ax.lines[0].get_xdata()[2])
    ax.figure.canvas.draw()  # matplotlib warns, if it does, when it draws
