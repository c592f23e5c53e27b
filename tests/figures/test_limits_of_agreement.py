"""What the Bland-Altman plot draws."""

import numpy as np
import pytest

import biomarker as bm
from tests.analyses.test_limits_of_agreement import MINI, WRIGHT, long


@pytest.mark.parametrize("scale", ["difference", "percent", "ratio"])
def test_points_lines_and_bands(scale):
    result = bm.limits_of_agreement(long(WRIGHT, MINI), value="suvmax", scale=scale, patient=None)
    ax = result.plot()
    points = ax.lines[0]
    assert points.get_xdata() == pytest.approx(result.means)
    assert points.get_ydata() == pytest.approx(result.differences)
    drawn = [line.get_ydata()[0] for line in ax.lines[2:]]
    estimates = [result.estimate(name) for name in ("bias", "loa_low", "loa_high")]
    assert drawn == pytest.approx([line.value for line in estimates])
    bands = [(patch.get_y(), patch.get_y() + patch.get_height()) for patch in ax.patches]
    assert bands == [pytest.approx((line.low, line.high)) for line in estimates]
    assert ax.lines[1].get_ydata()[0] == (1 if scale == "ratio" else 0)
    assert ax.get_yscale() == ("log" if scale == "ratio" else "linear")
    assert "SUVmax" in ax.get_xlabel()
    ax.figure.canvas.draw()
    if scale == "ratio":
        assert "1" in [label.get_text() for label in ax.get_yticklabels()]


def test_names_of_readers_are_literal():
    ax = bm.limits_of_agreement(long(WRIGHT, MINI, names=("$A", "$B")), value="suvmax", patient=None).plot()
    assert ax.get_ylabel() == "SUVmax, $A − $B (g/mL)"
    ax.figure.canvas.draw()


def test_limits_of_no_width_and_a_caption():
    result = bm.limits_of_agreement(long(WRIGHT, WRIGHT), value="suvmax", patient=None)
    ax = result.plot()
    assert np.ptp(ax.lines[0].get_ydata()) == 0
    ax.figure.canvas.draw()
    assert result.caption.startswith("Bland-Altman plot of SUVmax: difference of readers A minus B against their mean")


def test_sloping_limits_are_drawn_with_their_bands():
    result = bm.limits_of_agreement(long(WRIGHT, MINI), value="suvmax", regression=True, patient=None)
    ax = result.plot()
    drawn = [line.get_ydata() for line in ax.lines[2:]]
    for heights, expected in zip(drawn, (result.regression.bias, result.regression.lower), strict=False):
        assert heights == pytest.approx(expected)
    assert len(ax.collections) == 3
    corners = ax.collections[2].get_paths()[0].vertices[:, 1]
    assert corners.max() == pytest.approx(result.regression.upper_interval.high.max())
    assert "by regression" in result.caption
    ax.figure.canvas.draw()
