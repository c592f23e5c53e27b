from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biomarker.errors import DesignError
from biomarker.tables.style import STYLES, count_of, listed, style_named

PLAIN = STYLES["plain"]


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (1.005, 1, "1.0"),
        (-0.35, 2, "−0.35"),
        (-0.001, 2, "0.00"),
        (nan, 2, "NE"),
        (inf, 2, "∞"),
        (-inf, 2, "−∞"),
        (12, 0, "12"),
    ],
)
def test_number(value, digits, shown):
    assert PLAIN.number(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "figures", "shown"),
    [
        (4.0, 3, "4.00"),
        (9.996, 3, "10.0"),
        (0.000123, 2, "0.00012"),
        (123456, 3, "123000"),
        (0, 3, "0"),
        (nan, 3, "NE"),
        (-1.5, 2, "−1.5"),
        (0.995, 2, "1.0"),
        (9.95, 2, "10"),
        (0.0998, 2, "0.10"),
        (0.345, 2, "0.35"),
        (0.125, 2, "0.13"),
        (-2.675, 3, "−2.68"),
        (0.1 + 0.2 - 0.055, 2, "0.25"),  # 0.245 by way of binary noise
        (25.49999, 2, "25"),
    ],
)
def test_significant_figures(value, figures, shown):
    assert PLAIN.significant(value, figures) == shown


def test_an_interval_across_zero_is_spelt_with_to():
    assert PLAIN.interval(0.1, 0.9) == "0.10–0.90"
    assert PLAIN.interval(-0.1, 0.9) == "−0.10 to 0.90"
    assert PLAIN.interval(nan, nan) == "NE"
    assert PLAIN.interval(0.5, nan, 1) == "0.5–NE"
    assert PLAIN.interval(0.577, 0.889, 1, scale=100) == "57.7–88.9"


def test_a_value_without_an_interval_stands_alone():
    assert PLAIN.with_interval(0.5, nan, nan) == "0.50"
    assert PLAIN.with_interval(0.5, 0.2, 0.8) == "0.50 (0.20–0.80)"


@pytest.mark.parametrize(
    ("style", "p", "cell", "phrase"),
    [
        ("plain", 0.0134, "0.013", "p = 0.013"),
        ("plain", 0.0004, "<0.001", "p < 0.001"),
        ("plain", 0.9996, ">0.999", "p > 0.999"),
        ("plain", 1.0, "1.00", "p = 1.00"),
        ("jnm", 0.2, "0.200", "P = 0.200"),
        ("lancet", 0.00004, "<0·0001", "p < 0·0001"),
        ("lancet", 0.346, "0·35", "p = 0·35"),
        ("nejm", 0.0134, "0.01", "P = 0.01"),
        ("jama", 0.0004, "<.001", "P < .001"),
        ("jama", 0.034, ".03", "P = .03"),
        ("plain", nan, "NE", "p = NE"),
    ],
)
def test_p_values_by_journal(style, p, cell, phrase):
    assert style_named(style).p_value(p) == cell
    assert style_named(style).p_phrase(p) == phrase


@pytest.mark.parametrize("name", STYLES)
@given(p=st.floats(0, 1))
def test_no_p_prints_as_zero_or_falsely_as_one(name, p):
    cell = STYLES[name].p_value(p).replace("·", ".")
    assert cell.startswith("<") or float(cell.lstrip(">")) > 0
    assert p == 1 or cell.startswith(">") or float(cell.lstrip("<")) < 1 or p > 0.995


@given(value=st.floats(-1e12, 1e12), digits=st.integers(0, 6))
def test_a_printed_number_reads_back_within_half_a_unit(value, digits):
    shown = PLAIN.number(value, digits).replace("−", "-")
    assert abs(float(shown) - value) <= 0.5 * 10**-digits * (1 + 1e-9) + 1e-3 * abs(value) * 1e-12


def test_an_unknown_style_is_refused_with_the_nearest():
    with pytest.raises(DesignError, match="did you mean 'lancet'"):
        style_named("lancett")


def test_words():
    assert count_of(3, 4) == "3/4"
    assert (listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])) == (
        "",
        "a",
        "a and b",
        "a, b and c",
    )
