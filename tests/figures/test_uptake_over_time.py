import numpy as np
import pandas as pd

from biomarker import uptake_over_time


def course(n=5, tissues=("tumour",)):
    rng = np.random.default_rng(3)
    rows = [
        (patient, tissue, hours, float(np.exp(rng.normal(1, 0.4))))
        for patient in range(n)
        for tissue in tissues
        for hours in (2, 24, 96)
    ]
    return pd.DataFrame(rows, columns=["patient_id", "tissue", "hours", "suvmax"])


def test_one_curve_with_its_intervals_and_single_lesions():
    result = uptake_over_time(course(), marker="suvmax", time="hours")
    ax = result.plot()
    curve = ax.lines[-1]
    expected = [result.estimate("geometric_mean", time=hours) for hours in (2, 24, 96)]
    assert curve.get_xdata().tolist() == [2, 24, 96]
    assert np.allclose(curve.get_ydata(), [line.value for line in expected])
    segments = ax.collections[0].get_segments()
    assert np.allclose([segment[:, 1] for segment in segments], [[line.low, line.high] for line in expected])
    assert len(ax.lines) == 1 + 5  # a thin line each lesion
    assert ax.get_legend() is None
    assert "geometric mean, 95% CI" in ax.get_ylabel()
    assert ax.get_yscale() == "log"
    ax.figure.canvas.draw()


def test_tissues_have_their_own_line_and_marker_and_no_single_lesions():
    result = uptake_over_time(course(tissues=("liver", "spleen")), marker="suvmax", time="hours", tissue="tissue")
    ax = result.plot()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["liver", "spleen"]
    assert len(ax.lines) == 2
    assert len({(line.get_linestyle(), line.get_marker(), line.get_color()) for line in ax.lines}) == 2
    ax.figure.canvas.draw()


def test_arithmetic_means_on_a_plain_axis():
    result = uptake_over_time(course(), marker="suvmax", time="hours", scale="raw")
    ax = result.plot()
    assert ax.get_yscale() == "linear"
    assert np.allclose(ax.lines[-1].get_ydata(), [result.estimate("mean", time=hours).value for hours in (2, 24, 96)])
    assert "mean, 95% CI" in ax.get_ylabel()
    ax.figure.canvas.draw()
