import numpy as np
import pandas as pd

from biomarker import waterfall


def lesions(n=30):
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "change": np.clip(rng.normal(-20, 50, n), -100, None),
            "suvmax": np.exp(rng.normal(1, 1, n)),
            "response": rng.choice(["CR", "PR", "SD", "PD"], n),
        }
    )


def test_each_bar_has_the_height_and_colour_of_its_lesion():
    data = lesions()
    data.loc[3, "response"] = None
    result = waterfall(data, change="change", response="response", patient=None)
    ax = result.plot()
    bars = sorted(ax.patches, key=lambda bar: bar.get_x())
    np.testing.assert_allclose([bar.get_height() for bar in bars], result.changes)
    colours = {}
    for bar, code in zip(bars, result.response.codes, strict=True):
        colours.setdefault(int(code), set()).add((bar.get_facecolor(), bar.get_hatch()))
    assert set(colours) == {-1, 0, 1, 2, 3}
    assert all(len(looks) == 1 for looks in colours.values())
    assert len(set.union(*colours.values())) == 5
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["CR", "PR", "SD", "PD", "Not known"]
    lines = {line.get_ydata()[0] for line in ax.lines}
    assert lines == {0, -30, 20}
    ax.figure.canvas.draw()


def test_the_strip_shades_the_marker_of_each_bar():
    data = lesions()
    data.loc[5, "suvmax"] = np.nan
    result = waterfall(data, change="change", marker="suvmax", patient=None, increase=50, decrease=-40)
    ax = result.plot()
    strip = ax.child_axes[0]
    shaded = np.ma.filled(strip.collections[0].get_array(), np.nan).ravel()
    np.testing.assert_allclose(shaded, result.markers)
    assert {line.get_ydata()[0] for line in ax.lines} == {0, -40, 50}
    ax.figure.canvas.draw()


def test_a_marker_that_never_varies_or_is_never_known_is_drawn():
    for value in (2.0, np.nan):
        data = lesions().assign(suvmax=value)
        waterfall(data, change="change", marker="suvmax", patient=None).plot().figure.canvas.draw()
