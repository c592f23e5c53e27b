"""Simultaneous bands: critical values against published tables and km.ci, bands against km.ci, coverage."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr

from biomarker.kernels.survival import kaplan_meier
from biomarker.kernels.survival_bands import (
    equal_precision_critical_value,
    hall_wellner_critical_value,
    survival_band,
)

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "survival_curves.json").read_text())["bands"]


def test_hall_wellner_critical_values_are_the_published_ones():
    # km.ci's table, Klein and Moeschberger's C.4 on a grid: rows up to 0.10, 0.12 ..., columns from 0, 0.02 ...
    table = REFERENCE["hall"]
    compared = 0
    for i in range(0, 45, 11):
        for j in range(0, 30, 5):
            expected = table[i][j]
            if expected is not None:
                ours = hall_wellner_critical_value(max(0.02 * j, 1e-9), 0.1 + 0.02 * i)
                assert ours == pytest.approx(expected, abs=1.5e-4), (i, j)
                compared += 1
    assert compared >= 18


def nair(low, high, level=0.95):
    """Nair's approximation, which tables of equal-precision values hold."""

    def excess(d):
        density = np.exp(-d * d / 2) / np.sqrt(2 * np.pi)
        spread = np.log(high * (1 - low) / (low * (1 - high)))
        return 4 * density / d + density * (d - 1 / d) * spread - (1 - level)

    return brentq(excess, 1, 9)


def test_equal_precision_tables_hold_nairs_approximation_and_ours_is_exact():
    # ours differs from the table by up to 0.01 where the part of the curve is not short; the table is the formula
    table = REFERENCE["nair"]
    for i, j in ((10, 0), (22, 0), (33, 7), (44, 14), (44, 0)):
        low, high = 0.02 + 0.02 * j, 0.1 + 0.02 * i
        assert nair(low, high) == pytest.approx(table[i][j], abs=2e-4)
        assert equal_precision_critical_value(low, high) == pytest.approx(table[i][j], abs=0.011)


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.5), (0.02, 0.9)])
def test_critical_values_by_simulated_bridges(low, high):
    # 8,000 bridges at 2,000 times: a bridge between the times is missed, so the share within is a little too high
    rng = np.random.default_rng(4)
    times = np.linspace(0, 1, 2001)
    inside = (times >= low) & (times <= high)
    scale = np.sqrt(times[inside] * (1 - times[inside]))
    for_hall, for_equal = hall_wellner_critical_value(low, high), equal_precision_critical_value(low, high)
    within = np.zeros(2)
    for _ in range(8):
        motion = np.cumsum(rng.normal(size=(1000, 2000)) / np.sqrt(2000), axis=1)
        bridge = np.abs(motion - times[1:] * motion[:, -1:])[:, inside[1:]]
        within += [(bridge <= for_hall).all(axis=1).mean() / 8, (bridge / scale <= for_equal).all(axis=1).mean() / 8]
    assert within == pytest.approx([0.95, 0.95], abs=0.012)
    assert (within >= 0.946).all()


def test_one_time_is_pointwise():
    z = 1.959963984540054
    assert equal_precision_critical_value(0.3, 0.3) == pytest.approx(z)
    assert hall_wellner_critical_value(0.3, 0.3) == pytest.approx(z * np.sqrt(0.21))
    nearly = equal_precision_critical_value(0.3, 0.30001)
    assert z < nearly < z + 0.02
    assert ndtr(-nearly) < 0.025


@pytest.mark.parametrize("name", ["allo", "ovarian"])
def test_bands_against_km_ci(name):
    # km.ci interpolates its tables, and so differs by their grid; Klein and Moeschberger's example is the first 38
    data = REFERENCE[name]
    curve = kaplan_meier(data["t"], data["e"])
    for key, band, conf_type in (
        ("hall_plain", "hall-wellner", "plain"),
        ("hall_loglog", "hall-wellner", "log-log"),
        ("ep_plain", "equal-precision", "plain"),
        ("ep_loglog", "equal-precision", "log-log"),
    ):
        low, high = survival_band(curve, band=band, conf_type=conf_type)
        theirs = data["out"][key]
        rows = np.searchsorted(curve.time, theirs["time"])
        inside = ~np.isnan(low[rows])
        expected = [np.array([np.nan if x is None else x for x in theirs[side]], float) for side in ("low", "high")]
        # where survival is 1 or 0, outside the range of the band, km.ci prints what it has; ours keeps within 0 and 1
        expected = [np.clip(limits, 0, 1) for limits in expected]
        assert inside.sum() > 10
        assert low[rows][inside] == pytest.approx(expected[0][inside], abs=0.006)
        assert high[rows][inside] == pytest.approx(expected[1][inside], abs=0.006)


def test_bands_are_wider_than_limits_and_end_with_the_events():
    curve = kaplan_meier([1, 2, 3, 4, 5, 6, 7, 8], [1, 0, 1, 1, 0, 1, 1, 1])
    for band in ("hall-wellner", "equal-precision"):
        low, high = survival_band(curve, band=band)
        known = ~np.isnan(low)
        assert known.tolist() == ((curve.survival < 1) & (curve.survival > 0)).tolist()
        if band == "equal-precision":
            assert np.all(low[known] < curve.low[known])
            assert np.all(high[known] > curve.high[known])
    assert np.isnan(survival_band(kaplan_meier([1, 2], [0, 0])).low).all()


def test_coverage_of_whole_curves_with_thirty_patients():
    # 150 trials of 30, a quarter censored: standard error 1.8 %
    rng = np.random.default_rng(6)
    held = {"hall-wellner": 0, "equal-precision": 0}
    for _ in range(150):
        t, c = rng.exponential(size=30), rng.exponential(3, size=30)
        curve = kaplan_meier(np.minimum(t, c), t <= c)
        for band in held:
            low, high = survival_band(curve, band=band)
            known = ~np.isnan(low)
            now, before = np.exp(-curve.time), np.exp(-np.append(curve.time[1:], np.nan))
            inside = (low <= now) & (now <= high)
            until_next = np.isnan(before) | (before >= low)  # the truth falls until the next step
            held[band] += bool((inside & until_next)[known].all())
    assert 0.90 < held["hall-wellner"] / 150 <= 1
    assert 0.89 < held["equal-precision"] / 150 <= 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: survival_band(kaplan_meier([1, 2], [1, 0]), band="nair"), "unknown band"),
        (lambda: hall_wellner_critical_value(0, 0.5), "need 0 < low"),
        (lambda: equal_precision_critical_value(0.2, 0.5, 95), "fraction"),
    ],
)
def test_impossible_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
