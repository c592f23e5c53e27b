"""Harrell's c against R survival, lifelines, the AUC, and counting by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.concordance import concordance

from .cox_reference import MODELS
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


@pytest.mark.parametrize("name", MODELS)
def test_harrell_and_uno_with_their_jackknife_against_r(name):
    x, t, e, _, options, clusters, expected = MODELS[name]
    risk = x @ np.atleast_1d(expected["coefficients"])
    options = {key: value for key, value in options.items() if key != "ties"}
    ours = concordance(t, e, risk, clusters=clusters, **options)
    assert [ours.value, ours.std_error] == pytest.approx(expected["c"], rel=1e-9)
    if "entry" in options:
        with pytest.raises(ValueError, match="late entry"):
            concordance(t, e, risk, weighting="uno", **options)
        return
    ours = concordance(t, e, risk, clusters=clusters, weighting="uno", **options)
    assert [ours.value, ours.std_error] == pytest.approx(expected["uno"], rel=1e-9)
    until, *theirs = expected["uno_until"]
    ours = concordance(t, e, risk, clusters=clusters, weighting="uno", until=until, **options)
    assert [ours.value, ours.std_error] == pytest.approx(theirs, rel=1e-9)


def test_without_censoring_both_are_one():
    t, risk = np.arange(1.0, 9.0), np.array([8, 3, 6, 1, 5, 4, 2, 7.0])
    assert concordance(t, np.ones(8), risk, weighting="uno").value == concordance(t, np.ones(8), risk).value


stays = st.lists(
    st.tuples(st.integers(1, 6), st.booleans(), st.integers(0, 4), st.integers(1, 6), st.integers(0, 1)),
    min_size=2,
    max_size=25,
)


@given(stays)
@settings(max_examples=60, deadline=None)
def test_pairs_are_counted_with_late_entry_and_strata(rows):
    t, e, risk, wait, stratum = (np.array(column) for column in zip(*rows, strict=True))
    entry = t - wait
    c = d = tied = 0
    for i in range(t.size):
        for j in range(t.size):
            later = t[j] > t[i] or (t[j] == t[i] and not e[j])
            if e[i] and later and entry[j] < t[i] and stratum[i] == stratum[j]:
                c, d, tied = c + (risk[j] < risk[i]), d + (risk[j] > risk[i]), tied + (risk[j] == risk[i])
    ours = concordance(t, e, risk, entry=entry, strata=stratum)
    assert (ours.concordant, ours.discordant, ours.tied) == (c, d, tied)


def test_what_is_no_weighting():
    with pytest.raises(ValueError, match="unknown weighting"):
        concordance([1, 2], [1, 1], [1, 2], weighting="gonen")


@pytest.mark.slow  # 3 s of import
def test_uno_against_scikit_survival():
    # it wants the censoring distribution of a training set: here that of the same patients, up to a time at which some
    # are still followed; no event shares its time with a censored patient, so conventions for ties do not matter
    from sksurv.metrics import concordance_index_ipcw
    from sksurv.util import Surv

    rng = np.random.default_rng(4)
    score = rng.normal(size=150)
    failure, gone = rng.exponential(np.exp(-score)), rng.uniform(0.2, 3, size=150)
    t, e = np.minimum(failure, gone), failure <= gone
    outcome = Surv.from_arrays(e, t)
    expected = concordance_index_ipcw(outcome, outcome, score, tau=1.5)[0]
    assert concordance(t, e, score, weighting="uno", until=1.5).value == pytest.approx(expected, rel=1e-10)
