"""What is drawn of one ROC curve."""

import numpy as np
import pandas as pd

from biomarker.analyses.roc import roc_curve
from biomarker.figures.roc_axes import MAX_CORNERS


def lesions(n=60):
    rng = np.random.default_rng(3)
    response = np.arange(n) % 2 == 1
    return pd.DataFrame({"response": response, "suvmax": rng.normal(size=n) + response})


def drawn(data=None, **options):
    data = lesions() if data is None else data
    result = roc_curve(data, reference_standard="response", marker="suvmax", n_resamples=100, **options)
    return result, result.plot()


def named(ax):
    return {line.get_label(): line for line in ax.lines}


def test_curve_chance_band_points_and_labels():
    result, ax = drawn(at_specificity=0.9, at_sensitivity=0.8, smooth="binormal")
    lines = named(ax)
    area = result.estimate("auc")
    curve = lines[f"AUC {area.value:.2f} ({area.low:.2f}–{area.high:.2f})"]
    assert np.allclose(curve.get_xdata(), 100 * (1 - result.curve.specificities))
    assert np.allclose(curve.get_ydata(), 100 * result.curve.sensitivities)
    assert lines["_chance"].get_xydata().tolist() == [[0, 0], [100, 100]]
    points = lines["Operating point"].get_xydata()
    first, second = result.estimates[1:3]
    assert np.allclose(points[0], [100 * (1 - first.of["achieved"]), 100 * first.value])
    assert np.allclose(points[1], [100 * (1 - second.value), 100 * second.of["achieved"]])
    assert np.allclose(lines["Binormal"].get_ydata(), 100 * result.smooth.sensitivities)
    assert ax.collections[0].get_label() == "95% band, pointwise"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("1 − specificity (%)", "Sensitivity (%)")


def test_only_what_was_asked_for():
    _, ax = drawn(band=None)
    assert len(ax.lines) == 2
    assert not ax.collections


def test_band_is_drawn_where_it_is():
    result, ax = drawn(band="simultaneous", confidence_level=0.9)
    assert ax.collections[0].get_label() == "90% band, simultaneous"
    outline = ax.collections[0].get_paths()[0].vertices
    assert np.isclose(outline[:, 1].min(), 100 * result.band.low.min())
    assert np.isclose(outline[:, 1].max(), 100 * result.band.high.max())


def test_a_curve_of_many_corners_is_thinned():
    _, ax = drawn(lesions(20_000), band=None)
    curve = ax.lines[1]
    assert len(curve.get_xdata()) == MAX_CORNERS
    assert curve.get_xydata()[[0, -1]].tolist() == [[0, 0], [100, 100]]


def test_it_can_be_saved(tmp_path):
    _, ax = drawn()
    ax.figure.savefig(tmp_path / "roc.svg")
    assert (tmp_path / "roc.svg").stat().st_size > 1000


def test_caption_says_what_is_drawn():
    result, _ = drawn(at_specificity=0.9)
    assert "SUVmax for response" in result.caption
    assert "pointwise 95% confidence limits" in result.caption
    assert "Circles" in result.caption
