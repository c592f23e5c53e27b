"""What is drawn of a cutoff for survival: the statistic at every cutoff, and the resampled cutoffs beneath."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biomarker import survival_cutoff

SET = json.loads((Path(__file__).parents[1] / "reference" / "survival_cutoff.json").read_text())["sets"]["stanford"]
DATA = pd.DataFrame({"os_days": SET["t"], "died": SET["e"], "age": SET["x"]})


def test_the_scan_the_choice_and_the_resamples():
    result = survival_cutoff(DATA, duration="os_days", event="died", marker="age", n_resamples=60, n_permutations=199)
    ax = result.plot()
    scan = next(line for line in ax.lines if line.get_label() == "_scan")
    assert scan.get_xdata() == pytest.approx(result.cutoffs)
    assert scan.get_ydata() == pytest.approx(result.statistics)
    dot = next(line for line in ax.lines if line.get_label() == "_cutoff")
    assert dot.get_xdata() == [result.cutoff]
    assert dot.get_ydata() == [result.statistics.max()]
    below = next(axes for axes in ax.figure.axes if axes is not ax)
    heights, _, _ = below.patches[0].get_data()
    assert heights.sum() == pytest.approx(100)
    assert below.get_xlabel() == "Cutoff of age (years)"
    assert ax.get_ylabel() == "Log-rank statistic |z|"


def test_a_skewed_marker_is_drawn_on_a_log_scale():
    data = DATA.assign(suvmax=np.exp(DATA["age"] / 8))
    result = survival_cutoff(data, duration="os_days", event="died", marker="suvmax", n_resamples=20, n_permutations=99)
    ax = result.plot()
    assert ax.get_xscale() == "log"
    ax.figure.canvas.draw()
