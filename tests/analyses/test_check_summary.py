"""Published figures of the 124I-trastuzumab trial (doi:10.1007/s10120-019-01035-6) and made-up ones that cannot be."""

import numpy as np
import pytest

from biomarker import check_summary
from biomarker.errors import DesignError

# HER2-positive lesions, 124I-trastuzumab SUVmax, "mean ± SD" by the methods section; P = 0.0065 and range as printed
TIMES = {"means": ["7.83", "5.73"], "spreads": ["0.55", "0.47"], "n": 18, "groups": ["24 h", "48 h"]}
STATUS = {"means": ["7.83", "1.75"], "spreads": ["0.55", "0.29"], "n": [18, 11]}


def verdict(result, check):
    return next(each for each in result.verdicts if each.check == check)


def test_the_printed_p_comes_out_only_if_the_spread_is_a_standard_error():
    result = check_summary(**TIMES, p_value="0.0065", spread_is="sd")
    assert result.readings == ("se",)
    for test, p in (("Student's t test", 0.006452), ("Welch's t test", 0.006528)):
        line = result.estimate("recomputed_p", reading="se", test=test, sides=2)
        assert line.value == pytest.approx(p, abs=1e-6)
        assert line.low < 0.0065 < line.high
    as_sd = result.estimate("recomputed_p", reading="sd", test="Student's t test", sides=2)
    assert as_sd.value == pytest.approx(4.38e-14, rel=1e-2)
    implied = [result.estimate("implied_sd", group=g, reading="se").value for g in ("24 h", "48 h")]
    assert np.round(implied, 2).tolist() == [2.33, 1.99]
    last = result.verdicts[-1]
    assert not last.holds
    assert last.sentence == (
        "Taken together, the spread can only be the standard error, not the standard deviation as stated."
    )
    assert result.warnings[-1] == last.sentence


def test_pairs_need_a_correlation():
    result = check_summary(**TIMES, p_value="0.0065", paired=True)
    line = result.estimate("implied_correlation", reading="se")
    assert 0 < line.low < line.value < line.high < 0.2
    assert result.estimate("implied_correlation", reading="sd").high < -1
    given = check_summary(**TIMES, p_value="0.0065", paired=True, correlation=line.value)
    again = given.estimate("recomputed_p", reading="se", test="the paired t test", sides=2)
    assert again.value == pytest.approx(0.0065)


def test_the_range_alone_rules_out_a_standard_deviation():
    result = check_summary(means=["7.83"], spreads=["0.55"], n=18, minimums=["3.0"], maximums=["10.5"])
    assert result.readings == ("se",)
    line = result.estimate("possible_sd")
    assert 1.3 < line.low < 2.33 < line.high < 3.7
    assert "cannot be the standard deviation" in verdict(result, "range").sentence


def test_a_p_below_a_limit_fits_every_reading():
    result = check_summary(**STATUS, p_value="<0.0001", n_total=29)
    assert result.readings == ("sd", "se", "ci")
    assert verdict(result, "total").holds
    assert not verdict(check_summary(**STATUS, n_total=30), "total").holds  # table 1 of the paper lists 18 and 12


def test_one_reading_by_a_one_sided_test():
    p = check_summary(**TIMES).estimate("recomputed_p", reading="se", test="Student's t test", sides=1).value
    result = check_summary(**TIMES, p_value=f"{p:.4f}")
    assert result.readings == ("se",)
    assert "one-sided" in verdict(result, "p-value").sentence


def test_no_reading_gives_the_p():
    result = check_summary(**TIMES, p_value="0.3")
    assert result.readings == ()
    assert not verdict(result, "p-value").holds
    assert "cannot all be right" in result.verdicts[-1].sentence


def test_t_statistic_interval_median_and_variation():
    fits = check_summary(
        **TIMES, t_statistic="-2.90", interval=["0.63", "3.57"], medians=["7.5", "5.5"], cv_percent=["29.8", "34.8"]
    )
    assert [fits_one.holds for fits_one in fits.verdicts] == [True] * len(fits.verdicts)
    assert verdict(fits, "t statistic").readings == ("se",)
    assert verdict(fits, "confidence interval").readings == ("se",)
    assert verdict(fits, "coefficient of variation").readings == ("se",)
    as_sd = check_summary(**TIMES, cv_percent=["7.0", "8.2"])
    assert as_sd.readings == ("sd",)
    apart = check_summary(**TIMES, medians=["9.5", "5.5"])
    assert apart.readings == ("se",)
    turned = check_summary(**TIMES, interval=["-3.57", "-0.63"])
    assert verdict(turned, "confidence interval").holds
    outside = check_summary(**TIMES, medians=["12", "5"], minimums=["3", "2"], maximums=["10", "10"])
    assert any("outside the range" in sentence for sentence in outside.warnings)
    assert not verdict(check_summary(**TIMES, t_statistic=9.9), "t statistic").holds


def test_geometric_means():
    fits = check_summary(**TIMES, geometric_means=["7.42", "5.41"], minimums=["3", "2.5"], maximums=["10.5", "9.8"])
    assert verdict(fits, "geometric mean").readings == ("se",)
    above = check_summary(**TIMES, geometric_means=["8.0", "5.4"])
    assert not verdict(above, "geometric mean").holds
    alone = check_summary(means=["7.83"], n=18, geometric_means=["7.4"])
    assert verdict(alone, "geometric mean").holds


def test_whole_steps():
    result = check_summary(means=["3.44", "5.19"], spreads=["2.47", "1.20"], n=[18, 28], granularity=1)
    sentences = " ".join(result.warnings)
    assert "28 values in steps of 1 cannot have a mean of 5.19" in sentences
    assert "sd" not in result.readings
    tenths = check_summary(means=["3.44"], n=18, granularity=0.1)
    assert verdict(tenths, "whole steps").holds


def test_percentages():
    # detection of HER2-positive lesions at 1, 24 and 48 h, and sensitivity and specificity at SUVmax 4.0
    result = check_summary(percentages=["77.8", "100", "88.9", "94.4", "100"], totals=[18, 18, 18, 18, 11])
    assert [line.value for line in result.estimates] == [14, 18, 16, 17, 11]
    assert all(each.holds for each in result.verdicts)
    wrong = check_summary(percentages=[94.4, 95.0], totals=[18, 18], counts=[16, 17])
    assert [each.holds for each in wrong.verdicts] == [False, False]
    assert "which is 88.89%" in wrong.verdicts[0].sentence
    impossible = check_summary(percentages=["95.0"], totals=[18])
    assert "no whole number" in impossible.verdicts[0].sentence


def test_three_groups():
    result = check_summary(means=[3.4, 5.2, 4.0], spreads=[2.5, 1.2, 2.0], n=[18, 28, 20], p_value="0.01")
    assert result.readings == ("sd",)
    line = result.estimate("recomputed_p", reading="sd")
    assert line.df == (2, 63)


def test_swapping_the_groups_changes_nothing():
    one = check_summary(**TIMES, p_value="0.0065")
    other = check_summary(means=["5.73", "7.83"], spreads=["0.47", "0.55"], n=18, p_value="0.0065")
    values = [[each.found.p_value for each in result.recalculated] for result in (one, other)]
    assert values[0] == pytest.approx(values[1])
    assert one.readings == other.readings


def test_printed_zeros_are_digits():
    coarse = check_summary(means=[8, 6], spreads=[1, 1], n=18)
    fine = check_summary(means=[8, 6], spreads=[1, 1], n=18, decimals=2)
    text = check_summary(means=["8.00", "6.00"], spreads=["1.00", "1.00"], n=18)
    widths = [
        line.high - line.low
        for line in (
            r.estimate("recomputed_p", reading="se", test="Welch's t test", sides=2) for r in (coarse, fine, text)
        )
    ]
    assert widths[0] > 10 * widths[1]
    assert widths[1] == pytest.approx(widths[2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "nothing to check"),
        ({"p_value": 0.01}, "means are needed"),
        ({"means": [1, 2]}, "n is needed"),
        ({"means": [1, 2], "n": [3]}, "n has 1 numbers for 2"),
        ({"means": [1, 2], "n": [3, 2.5]}, "whole numbers"),
        ({"means": [1, 2], "n": 0}, "whole numbers of 1"),
        ({"means": ["a", 2], "n": 3}, "no number"),
        ({"means": [True, 2], "n": 3}, "give a number"),
        ({"means": [float("nan"), 2], "n": 3}, "finite"),
        ({"means": "7.83", "n": 3}, "give a list"),
        ({"means": [1, 2], "n": 3, "spreads": [1]}, "spreads has 1 figures for 2"),
        ({"means": [1, 2], "n": 3, "spreads": [1, -1]}, "below 0"),
        ({**TIMES, "p_value": 1.5}, "between 0 and 1"),
        ({**TIMES, "p_value": "small"}, "no number"),
        ({**TIMES, "spread_is": "sdd"}, "did you mean 'sd'"),
        ({**TIMES, "minimums": [1, 2]}, "go together"),
        ({**TIMES, "minimums": [9, 2], "maximums": [3, 9]}, "above its maximum"),
        ({**TIMES, "interval": [3, 1]}, "lower first"),
        ({**TIMES, "interval": [3]}, "two limits"),
        ({**TIMES, "correlation": 2}, "between -1 and 1"),
        ({**STATUS, "paired": True}, "same n"),
        ({**TIMES, "granularity": 0}, "above 0"),
        ({**TIMES, "groups": ["a", "a"]}, "different names"),
        ({**TIMES, "confidence_level": 95}, "fraction"),
        ({"means": [1] * 9, "n": 5}, "1 to 8"),
        ({"means": [1, 2, 3], "n": 5, "t_statistic": 2}, "compares two"),
        ({"percentages": [50]}, "need totals"),
        ({**TIMES, "decimals": "2"}, "0 to 15"),
        ({**TIMES, "means": [1e308, 1]}, "not above"),
        ({**TIMES, "groups": 5}, "different names"),
        ({**TIMES, "correlation": "0.5"}, "between -1 and 1"),
        ({"percentages": [150], "totals": [10]}, "between 0 and 100"),
        ({"totals": [10]}, "give those too"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        check_summary(**arguments)


def test_single_values_and_no_spread_are_no_test():
    result = check_summary(means=[1.0, 2.0], spreads=[0.5, 0.4], n=1, p_value=0.05)
    assert result.readings == ()
    nothing = check_summary(means=["1.0", "2.0"], spreads=["0", "0"], n=5)
    assert np.isnan(nothing.estimate("recomputed_p", reading="sd", test="Student's t test", sides=2).value)


def test_the_method_is_named_for_what_was_done():
    assert "t tests" in check_summary(means=[5, 4], spreads=[1, 1], n=[9, 9], p_value=0.05).method.name
    assert "t tests" not in check_summary(percentages=["33.3"], totals=[12]).method.name
    assert "t tests" not in check_summary(means=["3.47"], n=[17], granularity=1).method.name
