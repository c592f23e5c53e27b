"""What the plot of readings about their mean draws."""

import pytest

import biomarker as bm
from tests.analyses.test_limits_of_agreement import replicated


@pytest.mark.parametrize("scale", ["difference", "percent", "ratio"])
def test_points_limits_and_bands(scale):
    result = bm.limits_of_agreement(replicated(readers="ABC"), value="suvmax", scale=scale)
    ax = result.plot()
    for place, line in enumerate(ax.lines[:3]):
        assert line.get_ydata() == pytest.approx(result.deviations[:, place])
        assert line.get_xdata() == pytest.approx(result.means)
    assert len({line.get_marker() for line in ax.lines[:3]}) == 3
    limit = result.estimate("loa_mean")
    drawn = [line.get_ydata()[0] for line in ax.lines[4:]]
    assert drawn == pytest.approx([1 / limit.value if scale == "ratio" else -limit.value, limit.value])
    upper = ax.patches[1]
    assert (upper.get_y(), upper.get_y() + upper.get_height()) == pytest.approx((limit.low, limit.high))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", "B", "C"]
    assert "3 readers" in ax.get_xlabel()
    assert "mean of 3 readers" in result.caption
    ax.figure.canvas.draw()
