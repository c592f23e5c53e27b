"""Harrell's c against R survival, lifelines, the AUC, and counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.concordance import concordance

from .survival_reference import HEART, LUNG, REFERENCE


@pytest.mark.parametrize(
    ("data", "model", "names", "options"),
    [
        (LUNG, ("lung", "cox"), ("age", "sex", "wt.loss"), {}),
        (LUNG, ("lung", "cox_strata"), ("age", "wt.loss"), {"strata": LUNG["sex"].astype(int)}),
        (HEART, ("heart", "cox"), ("age", "year"), {"entry": HEART["start"]}),
    ],
    ids=["lung", "strata", "entry"],
)
def test_against_r(data, model, names, options):
    expected = REFERENCE[model[0]][model[1]]
    risk = np.column_stack([data[name] for name in names]) @ expected["coefficients"]
    t, e = (data["time"] if "time" in data else data["stop"]), data["event"]
    ours = concordance(t, e, risk, **options)
    assert [ours.concordant, ours.discordant, ours.tied] == expected["pairs"]
    assert ours.value == pytest.approx(expected["concordance"], rel=1e-12)
    assert ours.std_error == pytest.approx(expected["concordance_se"], rel=1e-10)


@pytest.mark.slow  # 4 s of import
def test_against_lifelines():
    from lifelines.utils import concordance_index

    assert concordance(LUNG["time"], LUNG["event"], LUNG["age"]).value == pytest.approx(
        concordance_index(LUNG["time"], -LUNG["age"], LUNG["event"]), rel=1e-12
    )


patients = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 4)), min_size=2, max_size=25)


@given(patients)
@settings(max_examples=60, deadline=None)
def test_pairs_are_counted(rows):
    t, e, risk = (np.array(column) for column in zip(*rows, strict=True))
    c = d = tied = 0
    for i in range(t.size):
        for j in range(t.size):
            if e[i] and (t[j] > t[i] or (t[j] == t[i] and not e[j])):
                c, d, tied = c + (risk[j] < risk[i]), d + (risk[j] > risk[i]), tied + (risk[j] == risk[i])
    ours = concordance(t, e, risk)
    assert (ours.concordant, ours.discordant, ours.tied) == (c, d, tied)
    reversed_risk = concordance(t, e, -risk)
    assert reversed_risk.value == pytest.approx(1 - ours.value, nan_ok=True)
    assert reversed_risk.std_error == pytest.approx(ours.std_error, nan_ok=True)


def test_without_censoring_before_a_common_end_it_is_the_auc():
    # all events at time 1, all others followed to 2: concordance is the area under the ROC curve
    assert concordance([1, 1, 2, 2, 2], [1, 1, 0, 0, 0], [3, 1, 2, 0, 1]).value == pytest.approx((3 + 1.5) / 6)


def test_no_comparable_pair():
    assert np.isnan(concordance([1, 1], [1, 1], [1, 2]).value)
    assert np.isnan(concordance([1, 2], [0, 0], [1, 2]).std_error)


def test_one_risk_per_patient():
    with pytest.raises(ValueError, match="one risk"):
        concordance([1, 2], [1, 1], [1])
    with pytest.raises(ValueError, match="one risk"):
        concordance([1, 2], [1, 1], [1, np.nan])
