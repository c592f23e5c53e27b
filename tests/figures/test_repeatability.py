"""What the precision profile draws."""

import numpy as np
import pandas as pd
import pytest

import biomarker as bm
from tests.analyses.test_repeatability import FLOW, trial, wide


def test_points_bands_and_trend():
    result = bm.repeatability(wide(FLOW), value="suvmax", session="session", patient=None)
    ax = result.plot()
    points, trend = ax.lines
    assert points.get_xdata().tolist() == pytest.approx(FLOW.mean(axis=1).tolist())
    assert points.get_ydata().tolist() == pytest.approx((100 * FLOW.std(axis=1, ddof=1) / FLOW.mean(axis=1)).tolist())
    slope = result.estimate("precision_trend").value
    x, y = trend.get_xdata(), trend.get_ydata()
    assert y[-1] / y[0] == pytest.approx(slope ** np.log2(x[-1] / x[0]))
    bars = [segment for c in ax.collections for segment in c.get_segments()]
    heights = {round(float(s[0][1]), 6) for s in bars if s[0][1] == s[1][1]}
    expected = {
        round(100 * e.value, 6) for e in result.estimates if e.of.get("method") == "root mean square" and "band" in e.of
    }
    assert heights == expected
    assert ax.get_ylabel() == "Within-lesion CV (%) of SUVmax"
    assert "Precision profile" in result.caption
    ax.figure.canvas.draw()


@pytest.mark.parametrize("scale", ["log", "raw"])
def test_readers_and_scales(scale):
    ax = bm.repeatability(trial(), value="suvmax", session="session", scale=scale).plot()
    assert ax.get_xlabel() == "Mean SUVmax (g/mL)"
    ax.figure.canvas.draw()


def test_no_profile_is_said_rather_than_drawn_empty():
    readings = pd.DataFrame({"lesion_id": np.arange(12).repeat(2), "reader_id": ["A", "B"] * 12})
    readings["suv"] = np.random.default_rng(1).lognormal(1, 0.4, 24)
    result = bm.repeatability(readings, value="suv", patient=None)
    ax = result.plot()
    assert not ax.axison
    assert [text.get_text() for text in ax.texts] == [result.caption]
    assert result.caption == "No precision profile: no lesion was measured twice under the same conditions."
    ax.figure.savefig("/dev/null", format="png")
