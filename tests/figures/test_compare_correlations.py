import json
from pathlib import Path

import pandas as pd

from biomarker import compare_correlations

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "compare_correlations.json").read_text())


def test_each_marker_and_difference_is_drawn_with_its_interval():
    result = compare_correlations(
        pd.DataFrame(REFERENCE["attitude"]),
        outcome="rating",
        markers=["complaints", "learning", "raises"],
        patient=None,
    )
    ax = result.plot()
    drawn = [tuple(line.get_xdata()) for line in ax.lines]
    for line in result.estimates[:6]:
        assert (line.value,) in drawn
        assert (line.low, line.high) in drawn
    assert [label.get_text() for label in ax.get_yticklabels()][:4] == [
        "Complaints", "Learning", "Raises", "Complaints − Learning",
    ]  # fmt: skip
    assert ax.get_xlabel() == "Spearman ρ, and its differences"
    ax.figure.canvas.draw()
