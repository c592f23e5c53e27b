from __future__ import annotations

import pandas as pd
import pytest

from biomarker.analyses.aggregation import aggregation_sensitivity

LESIONS = pd.DataFrame(
    {
        "patient_id": list("aabbccddee"),
        "suvmax": [9.0, 1.0, 6.0, 5.0, 4.5, 0.5, 2.0, 3.0, 1.0, 1.5],
        "response": [1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    }
)
ASK = {"reference_standard": "response", "marker": "suvmax"}


def dots(ax):
    return {line.get_ydata()[0]: line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1}


def test_a_panel_each_with_a_dot_a_rule():
    result = aggregation_sensitivity(LESIONS, cutoff=4, rules=["max", "min", "sum"], **ASK)
    figure = result.plot().figure
    figure.canvas.draw()
    panels = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_xlabel() for ax in panels] == ["PPV, %", "NPV, %", "AUC"]
    assert dots(panels[0]) == {0: pytest.approx(200 / 3), -1: pytest.approx(100)}
    assert dots(panels[2]) == {0: pytest.approx(1), -1: pytest.approx(0.75), -2: pytest.approx(1)}
    labels = [text.get_text() for text in panels[0].get_yticklabels()]
    assert labels == ["Highest SUVmax", "Lowest SUVmax", "Sum of SUVmax"]
    assert result.caption.endswith("confidence intervals.")


def test_areas_alone_fill_one_panel():
    ax = aggregation_sensitivity(LESIONS, rules=["max", "min"], **ASK).plot()
    assert ax.get_xlabel() == "AUC"
    assert len(ax.figure.axes) == 1


def test_an_undefined_value_draws_nothing():
    result = aggregation_sensitivity(LESIONS, cutoff=100, rules=["max"], **ASK)
    figure = result.plot().figure
    figure.canvas.draw()
    panel = next(ax for ax in figure.axes if ax.get_xlabel() == "PPV, %")
    assert panel.axison
