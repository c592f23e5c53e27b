"""Firth's penalised Cox model against its definition maximised in R: breast cancer, separation, ties, entry, strata."""

import numpy as np
import pytest

from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.firth_cox import penalized_test, profile_intervals
from biomarker.kernels.risk_sets import risk_sets

from .cox_reference import REFERENCE, data, design

BREAST, OVARIAN, FREIREICH, HEART, LUNG = (data(name) for name in ("breast", "ovarian", "freireich", "heart", "lung"))
FEW = {name: column[:40] for name, column in LUNG.items()}
FEW["event"] = FEW["event"] * ((np.arange(40) + 1) % 3 == 0)
EARLY = {name: column[:60] for name, column in HEART.items()}

CASES = {
    # Heinze & Schemper 2001: no event among those with G = 0, so that the plain likelihood is monotone
    "breast": (design(BREAST, "T", "N", "G", "CD"), BREAST["time"], BREAST["event"], {}, REFERENCE["breast"]["firth"]),
    "strata": (
        design(BREAST, "T", "G"),
        BREAST["time"],
        BREAST["event"],
        {"strata": BREAST["N"].astype(int)},
        REFERENCE["breast"]["strata"],
    ),
    "ovarian": (
        design(OVARIAN, "age", "rx"),
        OVARIAN["futime"],
        OVARIAN["fustat"],
        {},
        REFERENCE["ovarian"]["firth"],
    ),
    "ties": (
        FREIREICH["placebo"][:, None],
        FREIREICH["weeks"],
        FREIREICH["relapse"],
        {},
        REFERENCE["freireich"]["firth"],
    ),
    "Breslow": (
        FREIREICH["placebo"][:, None],
        FREIREICH["weeks"],
        FREIREICH["relapse"],
        {"ties": "breslow"},
        REFERENCE["freireich"]["firth_breslow"],
    ),
    "few": (design(FEW, "age", "sex"), FEW["time"], FEW["event"], {}, REFERENCE["few"]["firth"]),
    "entry": (
        design(EARLY, "age", "surgery"),
        EARLY["stop"],
        EARLY["event"],
        {"entry": EARLY["start"]},
        REFERENCE["entry"]["firth"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_against_the_definition_in_r(name):
    x, t, e, options, expected = CASES[name]
    sets = risk_sets(t, e, **options)
    fit = fit_many(x, sets, penalized=True)
    profile = profile_intervals(x, sets, fit)
    theirs = {key: np.atleast_1d(value) for key, value in expected.items()}
    # R's maximum is that of a numerical optimiser: the height of the likelihood is known far better than its place
    assert fit.log_likelihood[0] + fit.penalty[0] == pytest.approx(theirs["loglik"][1], abs=1e-9)
    assert fit.gain[0] == pytest.approx(theirs["loglik"][1] - theirs["loglik"][0], abs=1e-9)
    assert fit.coefficients[0] == pytest.approx(theirs["coefficients"], rel=2e-5)
    assert profile.interval.low == pytest.approx(theirs["low"], rel=2e-6, abs=1e-6)
    assert profile.interval.high == pytest.approx(theirs["high"], rel=2e-6, abs=1e-6)
    assert [test.statistic for test in profile.tests] == pytest.approx(theirs["chisq"], abs=1e-7)


def test_the_plain_model_of_the_breast_data_has_no_maximum():
    x, t, e, _, _ = CASES["breast"]
    assert not fit_many(x, risk_sets(t, e)).converged[0]


def test_all_columns_together_are_the_gain():
    x, t, e, _, _ = CASES["breast"]
    sets = risk_sets(t, e)
    fit = fit_many(x, sets, penalized=True)
    assert penalized_test(x, sets, fit, [0, 1, 2, 3]).statistic == pytest.approx(2 * fit.gain[0])
    assert penalized_test(x, sets, fit, [0, 1]).df == 2


def test_a_wider_level_is_a_wider_interval():
    x, t, e, _, _ = CASES["ovarian"]
    sets = risk_sets(t, e)
    fit = fit_many(x, sets, penalized=True)
    narrow, wide = (profile_intervals(x, sets, fit, confidence_level=level).interval for level in (0.8, 0.99))
    assert np.all(wide.low < narrow.low)
    assert np.all(narrow.high < wide.high)


def test_with_many_events_the_penalty_hardly_matters():
    sets = risk_sets(LUNG["time"], LUNG["event"])
    plain, firth = (fit_many(design(LUNG, "age", "sex"), sets, penalized=penalized) for penalized in (False, True))
    standard_error = np.sqrt(np.diag(np.linalg.inv(plain.information[0])))
    # the bias removed is of the order of a standard error over the root of the events
    shift = np.abs(plain.coefficients - firth.coefficients)[0] / standard_error
    assert np.all(shift < 1 / np.sqrt(LUNG["event"].sum()))
    assert np.all(shift > 0)
