"""The table of a cutoff for survival, as it prints."""

import json
from pathlib import Path

import pandas as pd

from biomarker import survival_cutoff

SET = json.loads((Path(__file__).parents[1] / "reference" / "survival_cutoff.json").read_text())["sets"]["stanford"]
DATA = pd.DataFrame({"os_days": SET["t"], "died": SET["e"], "age": SET["x"]})


def test_one_cutoff_in_print():
    result = survival_cutoff(
        DATA, duration="os_days", event="died", marker="age", n_resamples=100, n_permutations=999, patient=None
    )
    table = result.table()
    assert table.title == "Overall survival: choice of a cutoff of age"
    cells = [row.cells for row in table.lines]
    assert cells[2:5] == [("Patients (events)",), ("Age ≥ 51", "35 (30)"), ("Age < 51", "149 (83)")]
    labels = [row[0] for row in cells]
    assert "Maximally selected log-rank statistic 3.69, p" in labels
    assert labels[6:12] == ["By permutation", "Exact Gaussian", "Lausen-Schumacher 1992", "Lausen-Schumacher 1994",
            "Hothorn-Lausen bound", "Uncorrected log-rank, too small"]  # fmt: skip
    assert cells[-2][0] == "Age per doubling"
    assert "Age" in result.caption or "age" in result.caption
    assert any("biased away from 1" in note for note in table.footnotes)


def test_journal_style():
    result = survival_cutoff(DATA, duration="os_days", event="died", marker="age", n_resamples=20, n_permutations=99)
    rows = [row.cells for row in result.table("nejm").lines]
    assert " to " in rows[0][1]
    assert rows[5][0].endswith(", P")
