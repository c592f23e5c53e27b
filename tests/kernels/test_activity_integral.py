"""Time-integrated activity against integrals in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.activity_integral import integrated_activity

HALF_LIFE = 78.41
RATE = np.log(2) / HALF_LIFE


@settings(max_examples=40, deadline=None)
@given(st.floats(5, 2000), st.floats(0.1, 100))
def test_an_exponential_has_its_own_integral(biologic, start):
    time = np.array([2.0, 24, 48, 96, 144])
    found = integrated_activity(time, start * 0.5 ** (time / biologic), HALF_LIFE, method="exponential")
    assert found.value == pytest.approx(start / (RATE + np.log(2) / biologic), rel=1e-6)
    assert not found.is_replaced


def test_two_phases_are_taken_where_they_are_needed():
    time = np.array([0.5, 2, 6, 12, 24, 48, 72, 96, 144])
    value = 60 * 0.5 ** (time / 4) + 40 * 0.5 ** (time / 200)
    expected = 60 / (RATE + np.log(2) / 4) + 40 / (RATE + np.log(2) / 200)
    assert integrated_activity(time, value, HALF_LIFE, method="exponential").value == pytest.approx(expected, rel=1e-6)


def test_trapezoids_of_dense_samples_come_near():
    time = np.linspace(0, 300, 2001)
    value = 10 * 0.5 ** (time / 100)
    exact = 10 / (RATE + np.log(2) / 100)
    found = integrated_activity(time, value, HALF_LIFE, tail="effective")
    assert found.value == pytest.approx(exact, rel=1e-5)
    slower = integrated_activity(time, value, HALF_LIFE, tail="physical").value
    cut = integrated_activity(time, value, HALF_LIFE, tail="none").value
    assert cut < exact < slower


def test_before_the_first_measurement():
    constant = integrated_activity([24.0], [10.0], HALF_LIFE)
    assert constant.value == pytest.approx(10 / RATE, rel=1e-12)
    line = integrated_activity([24.0], [10.0], HALF_LIFE, start="zero", tail="none")
    assert line.value == pytest.approx(10 * np.exp(-RATE * 24) * 12, rel=1e-12)


def test_a_tail_is_never_slower_than_decay():
    rising = integrated_activity([24.0, 48.0], [10.0, 30.0], HALF_LIFE, tail="effective")
    assert rising.after_last == pytest.approx(30 * np.exp(-RATE * 48) / RATE, rel=1e-12)


def test_what_no_exponential_fits_is_integrated_all_the_same():
    found = integrated_activity([2.0, 24, 48], [1.0, 5.0, 9.0], HALF_LIFE, method="exponential")
    assert found.is_replaced
    assert found.value == integrated_activity([2.0, 24, 48], [1.0, 5.0, 9.0], HALF_LIFE).value


def test_impossible_input():
    with pytest.raises(ValueError, match="0 or more"):
        integrated_activity([1.0], [-1.0], HALF_LIFE)
    with pytest.raises(ValueError, match="there are"):
        integrated_activity([1.0], [1.0], HALF_LIFE, tail="long")
    with pytest.raises(ValueError, match="rise"):
        integrated_activity([2.0, 1.0], [1.0, 1.0], HALF_LIFE)
