import numpy as np
import pandas as pd
import pytest

from biomarker import compare_uptake, compare_uptake_from_summaries
from biomarker.errors import DesignError

TRIAL = {"means": [7.83, 5.73], "se": [0.55, 0.47], "n": 18, "groups": ["24 h", "48 h"], "marker": "suvmax"}


def test_the_published_p_of_the_trastuzumab_trial():
    result = compare_uptake_from_summaries(**TRIAL)
    # R: tests/reference/uptake_comparison.R
    assert result.estimate("mean_difference_equal_variance").p_value == pytest.approx(0.00645193000946557, rel=1e-9)
    assert result.estimate("mean_difference").p_value == pytest.approx(0.00652788421858703, rel=1e-9)
    assert result.estimate("mean_difference").unit == "g/mL"
    assert round(result.estimate("sd", group="24 h").value, 2) == 2.33


@pytest.mark.parametrize("k", [2, 3])
def test_summaries_give_what_the_values_give(k):
    rng = np.random.default_rng(3)
    group = np.repeat(np.array(["a", "b", "c"][:k]), [9, 7, 8][:k])
    data = pd.DataFrame({"group": group, "suvmax": rng.gamma(4, 1, group.size)})
    values = compare_uptake(data, marker="suvmax", group="group", scale="raw", patient=None)
    summaries = data.groupby("group")["suvmax"].agg(["mean", "std", "size"])
    printed = compare_uptake_from_summaries(
        means=summaries["mean"].tolist(), sd=summaries["std"].tolist(), n=summaries["size"].tolist(),
        groups=summaries.index.tolist(), marker="suvmax",
    )  # fmt: skip
    for name in ["a", "b"][: k - 1]:
        for quantity in ("mean_difference", "hedges_g"):
            ours, theirs = (result.estimate(quantity, group=name) for result in (printed, values))
            assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.value, theirs.low, theirs.high))
    assert printed.estimate("mean", group="a").low == pytest.approx(values.estimate("mean", group="a").low)
    assert [line.quantity for line in printed.estimates].count("any_difference") == (k == 3)


def test_swapping_the_reference_turns_the_difference():
    one, other = compare_uptake_from_summaries(**TRIAL), compare_uptake_from_summaries(**TRIAL, reference="24 h")
    a, b = one.estimate("mean_difference"), other.estimate("mean_difference")
    assert (a.value, a.low, a.high, a.p_value) == pytest.approx((-b.value, -b.high, -b.low, b.p_value))
    ratio, turned = (
        compare_uptake_from_summaries(**TRIAL, scale="log", **more) for more in ({}, {"reference": "24 h"})
    )
    assert ratio.estimate("geometric_mean_ratio").value == pytest.approx(
        1 / turned.estimate("geometric_mean_ratio").value
    )


def test_log_normal_values_are_recovered():
    # log mean 1 and log SD 0.6: mean exp(1 + 0.18), CV sqrt(exp(0.36) - 1)
    mean = np.exp(1.18)
    sd = mean * np.sqrt(np.exp(0.36) - 1)
    result = compare_uptake_from_summaries(means=[mean, 2 * mean], sd=[sd, 2 * sd], n=[10, 12], scale="log")
    assert result.estimate("geometric_mean", group="Group 1").value == pytest.approx(np.exp(1))
    assert result.estimate("geometric_mean_ratio").value == pytest.approx(0.5)
    tenfold = compare_uptake_from_summaries(
        means=[10 * mean, 20 * mean], sd=[10 * sd, 20 * sd], n=[10, 12], scale="log"
    )
    ours, theirs = (r.estimate("geometric_mean_ratio") for r in (result, tenfold))
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_pairs():
    result = compare_uptake_from_summaries(**TRIAL, correlation=0.5)
    assert result.estimate("mean_difference").df == 17
    assert (
        result.estimate("mean_difference").p_value
        < compare_uptake_from_summaries(**TRIAL).estimate("mean_difference").p_value
    )
    assert not [line for line in result.estimates if line.quantity == "hedges_g"]


def test_table_and_figure():
    result = compare_uptake_from_summaries(**TRIAL, scale="log")
    rows = [row.cells for row in result.table().lines]
    assert ("Mean (SD)", "7.83 (2.33)", "5.73 (1.99)") in rows
    assert ("Ratio of geometric means (95% CI)", "1.39 (1.12–1.72)", "") in rows
    assert ("p, Welch", "0.004", "") in rows
    ax = result.plot()
    assert ax.get_yscale() == "log"
    drawn = ax.containers[0].lines[0].get_ydata()
    assert np.allclose(drawn, [result.estimate("geometric_mean", group=g).value for g in result.groups])
    ax.figure.canvas.draw()
    three = compare_uptake_from_summaries(means=[3, 2, 1], sd=[1, 1, 0], n=5)
    assert ("p, any difference (Welch's F)", "", "", "", "NE") in [row.cells for row in three.table().lines]
    three.plot().figure.canvas.draw()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"se": None}, "either sd or se"),
        ({"sd": [1, 1]}, "either sd or se"),
        ({"means": [1]}, "two means"),
        ({"means": [1, float("nan")]}, "finite"),
        ({"means": "12"}, "list of numbers"),
        ({"se": [1, -1]}, "negative"),
        ({"se": [1]}, "se has 1 numbers"),
        ({"n": [18, 1]}, "whole numbers of 2"),
        ({"reference": "72 h"}, "no group '72 h'"),
        ({"scale": "ln"}, "no scale"),
        ({"scale": "log", "means": [0, 1]}, "no logarithm"),
        ({"correlation": 1.5}, "between -1 and 1"),
        ({"correlation": 0.5, "n": [18, 17]}, "same n"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        compare_uptake_from_summaries(**{**TRIAL, **arguments})
