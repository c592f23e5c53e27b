"""What is drawn of several ROC curves."""

import numpy as np
import pandas as pd

from biomarker.analyses.compare_roc import compare_roc_curves


def lesions():
    rng = np.random.default_rng(3)
    response = np.arange(60) % 2 == 1
    suvmax = rng.normal(size=60) + response
    later = suvmax + rng.normal(size=60)
    site = rng.choice(["bone $", "liver"], 60)
    return pd.DataFrame({"response": response, "suvmax_24h": suvmax, "suvmax_48h": later, "site": site})


def test_one_line_a_marker_with_its_area():
    result = compare_roc_curves(lesions(), reference_standard="response", markers=["suvmax_24h", "suvmax_48h"])
    ax = result.plot()
    assert len(ax.lines) == 3
    for line, curve, marker in zip(ax.lines[1:], result.curves, result.names, strict=True):
        area = result.estimate("auc", marker=marker)
        assert line.get_label() == f"{curve.label}: {area.value:.2f} ({area.low:.2f}–{area.high:.2f})"
        assert np.allclose(line.get_xdata(), 100 * (1 - curve.specificities))
        assert np.allclose(line.get_ydata(), 100 * curve.sensitivities)
    assert [curve.label for curve in result.curves] == ["SUVmax 24 h", "SUVmax 48 h"]
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 3
    assert ax.get_legend().get_title().get_text() == "AUC (95% CI)"


def test_names_of_groups_are_printed_as_they_are(tmp_path):
    result = compare_roc_curves(lesions(), reference_standard="response", markers="suvmax_24h", by="site")
    ax = result.plot()
    assert ax.lines[1].get_label().startswith("bone $: ")
    ax.figure.savefig(tmp_path / "groups.png")
    assert "response" in result.caption
