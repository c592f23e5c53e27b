"""What is drawn of a cutoff chosen on the data."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from biomarker import suv_cutoff

ASKED = {"reference_standard": "response", "n_resamples": 200, "n_repeats": 0, "patient": None}


def lesions(n=60):
    rng = np.random.default_rng(3)
    response = np.arange(n) % 2 == 1
    return pd.DataFrame(
        {
            "response": response,
            "suvmax": np.exp(1 + 0.5 * rng.normal(size=n) + 0.8 * response),
            "site": np.arange(n) % 4 < 2,
        }
    )


def named(ax):
    return {line.get_label(): line for line in ax.lines}


def panels(ax):
    """Return the criterion's axes and those of the resamples, as they stand in the figure."""
    above, below = ax.figure.axes
    return above, below


def test_criterion_optima_interval_and_resamples():
    result = suv_cutoff(lesions(), marker="suvmax", **ASKED)
    above, below = panels(result.plot())
    curve = result.curves[0]
    drawn = named(above)
    np.testing.assert_array_equal(drawn["_curve"].get_xdata(), curve.cutoffs)
    np.testing.assert_array_equal(drawn["_curve"].get_ydata(), curve.criterion)
    np.testing.assert_array_equal(drawn["_tied"].get_xdata(), curve.tied)
    assert drawn["_cutoff"].get_xydata().tolist() == [[curve.cutoff, np.nanmax(curve.criterion)]]
    span = above.patches[0].get_bbox()
    assert (span.x0, span.x1) == pytest.approx((curve.low, curve.high))
    heights, edges, _ = below.patches[0].get_data()
    assert heights.sum() == pytest.approx(100)
    at = np.searchsorted(edges, curve.cutoff, side="right") - 1
    assert heights[at] >= 100 * result.estimate("selection_frequency", cutoff=curve.cutoff).value - 1e-9
    assert above.get_ylabel() == "Youden J"
    assert (below.get_xlabel(), below.get_ylabel()) == ("Cutoff of SUVmax (g/mL)", "Resamples\n(%)")
    assert above.get_xlim() == below.get_xlim()


def test_every_tied_optimum_is_drawn():
    data = pd.DataFrame({"suvmax": [1, 2, 3, 4, 5, 6] * 4, "response": [0, 1, 0, 1, 0, 1] * 4})
    result = suv_cutoff(data, marker="suvmax", **ASKED)
    above, _ = panels(result.plot())
    assert named(above)["_tied"].get_xdata().tolist() == [2, 4, 6]
    assert named(above)["_cutoff"].get_xdata().tolist() == [4]


def test_groups_and_markers_have_a_legend():
    data = lesions().assign(suvpeak=lambda frame: 0.8 * frame["suvmax"])
    by_site = suv_cutoff(data, marker="suvmax", by="site", **ASKED).plot()
    assert [text.get_text() for text in by_site.get_legend().get_texts()] == ["False", "True"]
    both = suv_cutoff(data, markers=["suvmax", "suvpeak"], **ASKED).plot()
    assert [text.get_text() for text in both.get_legend().get_texts()] == ["SUVmax", "SUVpeak"]
    assert panels(both)[1].get_xlabel() == "Cutoff (g/mL)"
    styles = {line.get_linestyle() for line in both.lines if not line.get_label().startswith("_")}
    assert len(styles) == 2


@pytest.mark.filterwarnings("ignore::biomarker.errors.SmallSampleWarning")
def test_no_interval_and_no_resample_with_a_cutoff():
    data = pd.DataFrame({"suvmax": [1.0, 2.0], "response": [0, 1]})
    result = suv_cutoff(data, marker="suvmax", **{**ASKED, "n_resamples": 2}, rng=5)
    above, _ = panels(result.plot())
    assert not above.patches
    assert np.isfinite(above.get_xlim()).all()


def test_very_many_cutoffs_are_thinned():
    rng = np.random.default_rng(1)
    response = np.arange(12_000) % 2
    data = pd.DataFrame({"suvmax": np.exp(rng.normal(size=12_000) + response), "response": response})
    result = suv_cutoff(data, marker="suvmax", **{**ASKED, "n_resamples": 4})
    assert named(panels(result.plot())[0])["_curve"].get_xdata().size <= 5000


def test_axes_given_by_hand():
    figure = mpl.figure.Figure()
    ax = figure.add_axes((0.1, 0.5, 0.8, 0.4))
    suv_cutoff(lesions(), marker="suvmax", **ASKED).plot(ax)
    assert ax.child_axes
