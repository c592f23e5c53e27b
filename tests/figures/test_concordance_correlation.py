"""What the figures of concordance draw."""

import numpy as np
import pytest

import biomarker as bm
from tests.analyses.test_limits_of_agreement import MINI, WRIGHT, long, replicated


def test_scatter_with_identity_and_major_axis():
    result = bm.concordance_correlation(long(WRIGHT, MINI), value="suvmax", patient=None)
    ax = result.plot()
    identity, axis, points = ax.lines
    assert list(identity.get_xdata()) == list(identity.get_ydata())
    slope = np.std(MINI) / np.std(WRIGHT)
    assert np.diff(axis.get_ydata()) / np.diff(axis.get_xdata()) == pytest.approx(slope)
    assert points.get_xdata() == pytest.approx(WRIGHT)
    assert ax.get_xlabel() == "SUVmax, reader A (g/mL)"
    assert "CCC 0.94" in ax.texts[0].get_text()
    assert "line of identity" in result.caption
    ax.figure.canvas.draw()


def test_coefficients_of_several_readers():
    result = bm.concordance_correlation(replicated(readers="ABC"), value="suvmax")
    ax = result.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["All readers", "A, B", "A, C", "B, C"]
    values = [line.get_xdata()[0] for line in ax.lines[1:8:2]]
    assert values == pytest.approx([line.value for line in result.estimates if line.quantity == "ccc"])
    ax.figure.canvas.draw()


def test_nothing_varies():
    ax = bm.concordance_correlation(long(np.ones(6), np.ones(6)), value="suvmax", patient=None).plot()
    assert len(ax.lines) == 2
    ax.figure.canvas.draw()
