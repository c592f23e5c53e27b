"""Expected values: tests/reference/response_model_spline.R (Hmisc::rcspline.eval)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.spline import default_knots, restricted_cubic_basis

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "response_model_spline.json").read_text())


@pytest.mark.parametrize(("values", "n_knots"), [("few", n) for n in range(3, 7)] + [("many", n) for n in range(3, 8)])
def test_knots_and_basis_are_those_of_hmisc(values, n_knots):
    x, expected = np.array(REFERENCE[values]), REFERENCE[f"cases_{values}"][str(n_knots)]
    assert_allclose(default_knots(x, n_knots), expected["knots"], rtol=1e-12)
    assert_allclose(restricted_cubic_basis(x, expected["knots"]), expected["basis"], rtol=1e-11, atol=1e-12)


def test_basis_at_given_knots_is_that_of_hmisc():
    expected = REFERENCE["given"]
    assert_allclose(
        restricted_cubic_basis(REFERENCE["few"], expected["knots"]), expected["basis"], rtol=1e-11, atol=1e-12
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-200, 200), min_size=3, max_size=7, unique=True),
    st.floats(0.01, 100),
    st.floats(-50, 50),
)
def test_basis_is_straight_beyond_the_outer_knots_and_follows_the_unit(knots, factor, shift):
    at = np.sort(np.array(knots, float))
    reach = at[-1] - at[0]
    for beyond in (at[0] - reach * np.array([0, 1, 2]), at[-1] + reach * np.array([0, 1, 2])):
        bend = np.diff(restricted_cubic_basis(beyond, at), n=2, axis=0)
        assert_allclose(bend / reach, 0, atol=1e-6)
    x = np.linspace(at[0] - reach, at[-1] + reach, 25)
    moved = restricted_cubic_basis(factor * x + shift, factor * at + shift)
    plain = restricted_cubic_basis(x, at)
    assert_allclose(moved[:, 1:], factor * plain[:, 1:], rtol=1e-6, atol=1e-6 * factor * reach)


def test_knots_do_not_depend_on_the_order_of_values():
    x = np.array(REFERENCE["few"])
    assert_allclose(default_knots(x[::-1], 5), default_knots(x, 5))


def test_small_samples_keep_their_knots_in_order():
    assert_allclose(default_knots([1, 2, 3, 4, 5], 3), [1.4, 3, 4.6])
    assert np.all(np.diff(default_knots(np.arange(12.0), 7)) > 0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: default_knots([1, 1, 1, 1, 2], 4), "too many ties"),
        (lambda: default_knots([1, 2, 3], 2), "3 to 7"),
        (lambda: restricted_cubic_basis([1.0], [1.0, 2.0]), "three or more"),
        (lambda: restricted_cubic_basis([1.0], [1.0, 3.0, 2.0]), "ascending"),
        (lambda: restricted_cubic_basis([[1.0]], [1.0, 2.0, 3.0]), "one dimension"),
    ],
)
def test_impossible_knots_are_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
