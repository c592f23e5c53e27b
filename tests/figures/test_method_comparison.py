"""What the figure of a comparison of methods draws."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import biomarker as bm
from tests.analyses.test_limits_of_agreement import MINI, WRIGHT
from tests.analyses.test_method_comparison import WIDE


def test_points_lines_band_and_residuals():
    result = bm.method_comparison(WIDE, x="Wright", y="mini", patient=None)
    ax = result.plot()
    identity, points, first, second = ax.lines
    assert list(identity.get_xdata()) == list(identity.get_ydata())
    assert points.get_ydata() == pytest.approx(MINI)
    for line, name in ((first, "deming"), (second, "passing_bablok")):
        intercept, slope = (result.estimate(quantity, fit=name).value for quantity in ("intercept", "slope"))
        assert line.get_ydata() == pytest.approx(intercept + slope * result.grid)
    assert len(ax.collections) == 1
    assert ax.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(result.bands["deming"][2].max())
    below = ax.figure.axes[1]
    intercept, slope = (result.estimate(quantity, fit="deming").value for quantity in ("intercept", "slope"))
    assert below.lines[0].get_ydata() == pytest.approx(MINI - intercept - slope * WRIGHT)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Identity", "Deming", "Passing-Bablok"]
    assert below.get_xlabel() == "Wright"
    assert result.caption.startswith("Mini against Wright")
    ax.figure.canvas.draw()


def test_axes_without_a_grid_have_no_residuals():
    figure = Figure()
    result = bm.method_comparison(WIDE, x="Wright", y="mini", patient=None)
    ax = result.plot(figure.add_axes((0.1, 0.1, 0.8, 0.8)))
    assert len(figure.axes) == 1
    assert ax.get_xlabel() == "Wright"


def test_no_line():
    ax = bm.method_comparison(WIDE.assign(mini=1.0), x="Wright", y="mini", patient=None).plot()
    assert np.isnan(ax.lines[2].get_ydata()).all()
    ax.figure.canvas.draw()
