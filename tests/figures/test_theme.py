import itertools

import matplotlib as mpl
import pytest

from biomarker.figures.theme import LINE_STYLES, MARKERS, ONE_COLUMN, PALETTE, journal_axes, themed


def test_the_readers_own_settings_come_back():
    before = mpl.rcParams["font.size"]
    with themed():
        assert mpl.rcParams["font.size"] == 7.5
    assert mpl.rcParams["font.size"] == before


def test_axes_are_one_column_wide_unless_the_result_says_otherwise():
    class Wide:
        figure_size = (7.0, 3.0)

    assert tuple(journal_axes(None).figure.get_size_inches()) == pytest.approx((ONE_COLUMN, 2.9))
    assert tuple(journal_axes(Wide()).figure.get_size_inches()) == pytest.approx((7.0, 3.0))
    assert tuple(journal_axes(Wide(), width=5.0).figure.get_size_inches()) == pytest.approx((5.0, 3.0))
    assert journal_axes(Wide(), width=9.0).figure.get_size_inches()[1] > 3.0


def test_letters_are_no_smaller_than_journals_allow():
    with themed():
        sizes = [mpl.rcParams[name] for name in ("font.size", "xtick.labelsize", "legend.fontsize", "axes.labelsize")]
    assert min(sizes) >= 6


def _lightness(colour):
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in mpl.colors.to_rgb(colour)
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB.
_PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
_DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


def _seen(colour, matrix):
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in mpl.colors.to_rgb(colour)
    ]
    return [min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) ** (1 / 2.4) for row in matrix]


@pytest.mark.parametrize("matrix", [_PROTAN, _DEUTAN], ids=["protanopia", "deuteranopia"])
def test_colours_are_told_apart_by_the_colour_blind(matrix):
    seen = [_seen(colour, matrix) for colour in PALETTE]
    distances = [
        sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
        for first, second in itertools.combinations(seen, 2)
    ]
    assert min(distances) > 0.12


def test_the_first_four_colours_differ_in_lightness_or_are_helped_by_styles():
    assert len(LINE_STYLES) >= 5
    assert len(set(MARKERS)) >= 7
    first, second, third = (_lightness(colour) for colour in PALETTE[:3])
    assert second - first > 30
    assert third - second > 5
