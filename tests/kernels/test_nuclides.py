"""Half-lives, their names and decay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.nuclides import NUCLIDES, biologic_half_life, decay, effective_half_life, nuclide_named

# Hours, of ICRP Publication 107 (2008): another evaluation than the table's, entered apart from it.
ICRP_107 = {
    "11C": 20.39 / 60, "13N": 9.965 / 60, "15O": 122.24 / 3600, "18F": 109.77 / 60, "44Sc": 3.97, "47Sc": 80.37,
    "64Cu": 12.7, "67Cu": 61.83, "67Ga": 78.28, "68Ga": 67.71 / 60, "86Y": 14.74, "90Y": 64.1, "89Zr": 78.41,
    "99mTc": 6.015, "111In": 67.31, "123I": 13.27, "124I": 100.22, "125I": 1425.6, "131I": 192.5, "177Lu": 159.53,
    "186Re": 89.24, "188Re": 17.004, "201Tl": 72.912, "211At": 7.214, "212Pb": 10.64, "213Bi": 45.59 / 60,
    "223Ra": 274.3, "225Ac": 240.0,
}  # fmt: skip


@pytest.mark.parametrize(("name", "hours"), ICRP_107.items())
def test_half_lives_are_those_of_another_evaluation(name, hours):
    assert NUCLIDES[name].half_life == pytest.approx(hours, rel=0.02)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("89Zr", "89Zr"),
        ("Zr-89", "89Zr"),
        ("zr89", "89Zr"),
        ("[89Zr]", "89Zr"),
        ("⁸⁹Zr", "89Zr"),
        ("zirconium-89", "89Zr"),
        ("Tc-99m", "99mTc"),
        ("99mTc", "99mTc"),
        ("Technetium 99m", "99mTc"),
        ("I-124", "124I"),
        ("iodine-131", "131I"),
        ("cu 64", "64Cu"),
        ("tm-64", None),
        ("", None),
        ("18", None),
        (None, None),
        (18, None),
    ],
)
def test_names_are_understood_as_they_are_written(text, name):
    if name is not None:
        assert nuclide_named(text).name == name
    else:
        with pytest.raises(ValueError, match="no half-life is known"):
            nuclide_named(text)


@pytest.mark.parametrize("name", NUCLIDES)
def test_every_nuclide_is_found_by_symbol_and_by_element(name):
    symbol = name.lstrip("0123456789m")
    mass = name.removesuffix(symbol)
    assert nuclide_named(f"{symbol}-{mass}").name == nuclide_named(f"{NUCLIDES[name].element}-{mass}").name == name


def test_the_nearest_nuclide_is_named():
    with pytest.raises(ValueError, match="did you mean '89Zr'"):
        nuclide_named("Zr-88")


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 1e4), st.floats(1, 1e3))
def test_effective_and_biologic_half_lives_go_forth_and_back(biologic, physical):
    effective = effective_half_life(biologic, physical)
    assert effective < min(biologic, physical)
    assert biologic_half_life(effective, physical) == pytest.approx(biologic, rel=1e-6)


def test_what_falls_by_decay_alone_stays_in_the_body():
    assert np.isinf(biologic_half_life(78.41, 78.41))
    assert np.isnan(biologic_half_life(100, 78.41))
    with pytest.raises(ValueError, match="positive"):
        decay(0, 1)
