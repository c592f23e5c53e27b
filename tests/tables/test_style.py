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


def read_back(shown):
    """Return the number that a reader sees, and the place of its last digit."""
    mantissa, _, power = shown.replace("−", "-").partition(" × 10")
    factor = 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
    return float(mantissa) * factor, factor * 10.0 ** -len(mantissa.partition(".")[2])


@pytest.mark.parametrize("way", [PLAIN.number, PLAIN.measured])
@given(value=st.floats(-1e12, 1e12), digits=st.integers(0, 6))
def test_a_printed_number_reads_back_within_half_a_unit(way, value, digits):
    found, unit = read_back(way(value, digits))
    assert abs(found - value) <= 0.5 * unit * (1 + 1e-9) + 1e-3 * abs(value) * 1e-12


@given(value=st.floats(1e-9, 1e12), digits=st.integers(0, 4))
def test_a_measured_number_never_prints_as_nothing_nor_with_endless_digits(value, digits):
    shown = PLAIN.measured(value, digits)
    assert read_back(shown)[0] > 0 or value >= 10.0 ** -(digits + 2)
    assert len(shown) <= 16


@pytest.mark.parametrize(
    ("value", "number", "measured", "significant"),
    [
        (0.0000012, "0.00", "1.20 × 10⁻⁶", "1.20 × 10⁻⁶"),
        (-0.0000012, "0.00", "−1.20 × 10⁻⁶", "−1.20 × 10⁻⁶"),
        (1.234e9, "1.23 × 10⁹", "1.23 × 10⁹", "1.23 × 10⁹"),
        (9.999e8, "1.00 × 10⁹", "1.00 × 10⁹", "1.00 × 10⁹"),
        (1e-17, "0.00", "0.00", "1.00 × 10⁻¹⁷"),
        (0.0012, "0.00", "0.00", "0.00120"),
        (123456.789, "123456.79", "123456.79", "123000"),
        (6.5, "6.50", "6.50", "6.50"),
    ],
)
def test_very_small_and_very_large_numbers_have_a_power_of_ten(value, number, measured, significant):
    assert (PLAIN.number(value), PLAIN.measured(value), PLAIN.significant(value)) == (number, measured, significant)


def test_an_interval_has_one_power_for_all_its_numbers():
    assert PLAIN.with_interval(1.2e-6, 0.8e-6, 1.9e-6) == "1.20 (0.80–1.90) × 10⁻⁶"
    assert PLAIN.with_interval(-1.2e-6, -1.9e-6, 2e-7) == "−1.20 (−1.90 to 0.20) × 10⁻⁶"
    assert PLAIN.interval(1.1e9, 2.5e10) == "(0.11–2.50) × 10¹⁰"
    assert PLAIN.with_interval(1e-9, -0.2, 0.3) == "0.00 (−0.20 to 0.30)"
    assert PLAIN.with_interval(1e-6, 0, 2e-6, 1, scale=100) == "0.0 (0.0–0.0)"
    assert PLAIN.with_interval(3e9, 1e9, inf) == "3.00 (1.00–∞) × 10⁹"
    assert PLAIN.plain(1.5e-7) == "1.5 × 10⁻⁷"


@pytest.mark.parametrize(
    ("style", "p", "cell"),
    [
        # Lancet: two significant figures down to 0·0001
        ("lancet", 0.0346, "0·035"), ("lancet", 0.00346, "0·0035"), ("lancet", 0.000346, "0·00035"),
        ("lancet", 0.0996, "0·10"), ("lancet", 0.999, ">0·99"),
        # NEJM: two decimals above 0.01, three from there to 0.001
        ("nejm", 0.346, "0.35"), ("nejm", 0.0099, "0.010"), ("nejm", 0.0043, "0.004"), ("nejm", 0.0009, "<0.001"),
        ("nejm", 0.9999, ">0.99"),
        # AMA: two decimals, three below .01, no zero before the point, never rounded up to .05
        ("jama", 0.346, ".35"), ("jama", 0.0043, ".004"), ("jama", 0.0496, ".0496"), ("jama", 0.0486, ".049"),
        ("jama", 0.052, ".05"), ("jama", 1.0, ">.99"),
        ("jnm", 0.0496, "0.050"), ("jnm", 0.0004, "<0.001"),
    ],
)  # fmt: skip
def test_digits_of_p_are_those_the_journal_asks_for(style, p, cell):
    assert style_named(style).p_value(p) == cell


@pytest.mark.parametrize(
    ("style", "interval", "crossing", "marks", "unit"),
    [
        ("plain", "0.50 (0.20–0.80)", "0.50 (−0.20 to 0.80)", ["a", "b", "aa"], "SUVmax (g/mL)"),
        ("jnm", "0.50 (0.20–0.80)", "0.50 (−0.20 to 0.80)", ["*", "†", "¶¶¶¶"], "SUVmax (g/mL)"),
        ("lancet", "0·50 (0·20–0·80)", "0·50 (−0·20 to 0·80)", ["*", "†", "‡‡‡‡‡"], "SUVmax (g/mL)"),
        ("nejm", "0.50 (0.20 to 0.80)", "0.50 (−0.20 to 0.80)", ["*", "†", "‡‡‡‡‡"], "SUVmax — g/mL"),
        ("jama", "0.50 (0.20-0.80)", "0.50 (−0.20 to 0.80)", ["a", "b", "aa"], "SUVmax, g/mL"),
    ],
)
def test_intervals_marks_and_units_by_journal(style, interval, crossing, marks, unit):
    journal = style_named(style)
    assert journal.with_interval(0.5, 0.2, 0.8) == interval
    assert journal.with_interval(0.5, -0.2, 0.8) == crossing
    assert [journal.mark(place) for place in (0, 1, 26)] == marks
    assert journal.with_unit("SUVmax", "g/mL") == unit
    assert journal.with_unit("SUVmax", "") == "SUVmax"


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
