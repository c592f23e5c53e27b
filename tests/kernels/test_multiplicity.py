import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from biomarker.kernels.multiplicity import METHODS, adjusted_p_values

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "multiplicity.json").read_text())
IN_R = {"benjamini-hochberg": "BH", "benjamini-yekutieli": "BY"}
IN_STATSMODELS = {
    "bonferroni": "bonferroni",
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "benjamini-hochberg": "fdr_bh",
    "benjamini-yekutieli": "fdr_by",
}
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("data", ["thrombolysis", "tied"])
def test_as_r_has_them(method, data):
    case = REFERENCE[data]
    p = np.array(case["p"], dtype=float)
    expected = np.array(case["adjusted"][IN_R.get(method, method)], dtype=float)
    np.testing.assert_allclose(adjusted_p_values(p, method), expected, rtol=1e-12)


def test_published_thrombolysis_example():
    # Benjamini and Hochberg 1995: at 0.05 Bonferroni rejects three hypotheses, Hochberg three, their procedure four
    p = np.array(REFERENCE["thrombolysis"]["p"])
    counts = {method: int((adjusted_p_values(p, method) <= 0.05).sum()) for method in METHODS}
    assert (counts["bonferroni"], counts["hochberg"], counts["benjamini-hochberg"]) == (3, 3, 4)


@pytest.mark.parametrize("method", METHODS)
@given(p=P_VALUES)
def test_as_statsmodels_has_them(method, p):
    expected = multipletests(p, method=IN_STATSMODELS[method])[1]
    np.testing.assert_allclose(adjusted_p_values(p, method), expected, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("method", METHODS)
@given(p=P_VALUES, seed=st.integers(0, 99))
def test_order_does_not_matter_and_nothing_becomes_smaller(method, p, seed):
    p = np.array(p)
    order = np.random.default_rng(seed).permutation(p.size)
    adjusted = adjusted_p_values(p, method)
    np.testing.assert_array_equal(adjusted_p_values(p[order], method), adjusted[order])
    assert np.all(adjusted >= p * (1 - 1e-12))
    assert np.all(adjusted <= 1)
    assert np.all(np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0)
    np.testing.assert_array_equal(adjusted_p_values([*p, np.nan], method), [*adjusted, np.nan])


def test_one_or_none_or_impossible():
    assert adjusted_p_values([0.2]).tolist() == [0.2]
    assert adjusted_p_values([]).size == 0
    assert np.isnan(adjusted_p_values([np.nan])).all()
    for wrong in ([-0.1], [1.1], [[0.1]]):
        with pytest.raises(ValueError, match="p-values"):
            adjusted_p_values(wrong)
    with pytest.raises(ValueError, match="sidak"):
        adjusted_p_values([0.1], "sidak")
