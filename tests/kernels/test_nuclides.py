"""Half-lives, their names and decay."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.nuclides import (
    ENSDF,
    NUBASE,
    NUCLIDES,
    biologic_half_life,
    decay,
    effective_half_life,
    nuclide_named,
)

# Read by tests/reference/half_lives.py from three evaluations, as other packages hold them.
_FILE = Path(__file__).parents[1] / "reference" / "half_lives.csv"
ROWS = list(csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines()))
HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0}
EVALUATIONS = {ENSDF: "ENSDF", NUBASE: "NUBASE2020"}
FAR_FROM_ICRP = {"44Sc", "66Ga", "82Rb", "161Tb", "225Ac"}


def half_lives(name, evaluation):
    """Return hours and their uncertainty, one pair a decay data set."""
    return [
        (float(row["half_life"]) * HOURS[row["unit"]], float(row["uncertainty"] or 0) * HOURS[row["unit"]])
        for row in ROWS
        if (row["nuclide"], row["evaluation"]) == (name, evaluation)
    ]


@pytest.mark.parametrize("name", NUCLIDES)
def test_half_lives_are_those_of_the_evaluation_named(name):
    nuclide = NUCLIDES[name]
    found = half_lives(name, EVALUATIONS[nuclide.source])
    assert found, "the reference file lacks the nuclide"
    assert any(nuclide.half_life == pytest.approx(hours, rel=1e-12) for hours, _ in found)


@pytest.mark.parametrize("name", [name for name in NUCLIDES if name != "99mTc"])  # the others list no isomers
def test_no_other_evaluation_is_far_off(name):
    (nubase, uncertainty), *_ = half_lives(name, "NUBASE2020")
    other = half_lives(name, "ENSDF")[0][1] if NUCLIDES[name].source == ENSDF else 0.0
    assert abs(NUCLIDES[name].half_life - nubase) <= 3 * np.hypot(uncertainty, other) + 1e-12


@pytest.mark.parametrize("name", NUCLIDES)
def test_icrp_107_differs_no_more_than_the_module_says(name):
    ((hours, _),) = half_lives(name, "ICRP 107")
    off = abs(NUCLIDES[name].half_life / hours - 1)
    assert (off > 0.005) == (name in FAR_FROM_ICRP)
    assert off < 0.021


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
