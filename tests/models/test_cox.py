"""The Cox model against R coxph, its published fits, and data it cannot be fitted to."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biomarker.errors import ConvergenceError
from biomarker.models.cox import fit_cox

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "survival.json").read_text())
LUNG = {name: np.array(column, float) for name, column in REFERENCE["lung"]["data"].items()}
HEART = {name: np.array(column, float) for name, column in REFERENCE["heart"]["data"].items()}
FREIREICH = {name: np.array(column, float) for name, column in REFERENCE["freireich"]["data"].items()}


def test_freireich():
    # Kleinbaum & Klein give 1.509 (Breslow); with Efron's ties R and SAS give 1.572, hazard ratio 4.82
    fit = fit_cox(FREIREICH["placebo"][:, None], FREIREICH["weeks"], FREIREICH["relapse"], names=["placebo"])
    assert fit.coefficients[0] == pytest.approx(1.572, abs=5e-4)
    assert np.exp(fit.coefficients[0]) == pytest.approx(4.82, abs=5e-3)


def models():
    return {
        "cox": (("age", "sex", "wt.loss"), LUNG, {}),
        "cox_strata": (("age", "wt.loss"), LUNG, {"strata": LUNG["sex"].astype(int)}),
        "heart": (("age", "year"), HEART, {"entry": HEART["start"]}),
    }


@pytest.mark.parametrize("name", models())
def test_against_coxph(name):
    columns, data, options = models()[name]
    expected = REFERENCE["heart"]["cox"] if name == "heart" else REFERENCE["lung"][name]
    x = np.column_stack([data[column] for column in columns])
    t = data["stop"] if name == "heart" else data["time"]
    fit = fit_cox(x, t, data["event"], names=columns, **options)
    assert fit.coefficients == pytest.approx(expected["coefficients"], rel=1e-8)
    assert fit.covariance == pytest.approx(np.array(expected["covariance"]), rel=1e-8)
    assert [fit.log_likelihood_null, fit.log_likelihood] == pytest.approx(expected["loglik"], rel=1e-12)
    assert fit.wald.statistic == pytest.approx(expected["wald_exact"], rel=1e-8)
    assert fit.likelihood_ratio.statistic == pytest.approx(expected["lr"]["statistic"], rel=1e-8)
    assert fit.likelihood_ratio.p_value == pytest.approx(expected["lr"]["p"], rel=1e-7)
    assert fit.score.statistic == pytest.approx(expected["score_exact"], rel=1e-9)
    assert fit.concordance.value == pytest.approx(expected["concordance"], rel=1e-12)
    chisq = [test.statistic for test in (*fit.proportional_hazards, fit.proportional_hazards_global)]
    assert chisq == pytest.approx(expected["zph"]["chisq"], rel=1e-7)
    assert (fit.n, fit.n_events) == (expected["n"], expected["n_events"])


def test_unit_of_a_predictor_scales_its_coefficient():
    x = np.column_stack([LUNG["age"], LUNG["sex"]])
    one, other = (fit_cox(x * [u, 1], LUNG["time"], LUNG["event"], names=["age", "sex"]) for u in (1, 1e-4))
    assert other.coefficients == pytest.approx(one.coefficients * [1e4, 1], rel=1e-7)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)


def test_a_predictor_named_like_the_outcome():
    fit = fit_cox(LUNG["age"][:, None], LUNG["time"], LUNG["event"], names=["duration"])
    assert np.isfinite(fit.coefficients).all()


T, E = np.arange(1.0, 21.0), np.tile([1, 0], 10)
NOISE = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4], float)


@pytest.mark.parametrize(
    ("columns", "names", "message"),
    [
        ([E.astype(float)], ["separates"], "'separates' has no finite estimate"),
        ([NOISE, (T > 18) * 1.0], ["noise", "late"], "'late' has no finite estimate"),
        ([-T], ["time itself"], "no maximum|no finite estimate"),
        ([NOISE, np.ones(20)], ["noise", "constant"], "'constant' does not vary"),
        ([NOISE, 2 * NOISE + 1], ["noise", "again"], "cannot be told apart"),
        ([(T == 1) * (E == 0) * 1.0, NOISE], ["never at risk", "noise"], "'never at risk' does not vary"),
    ],
)
def test_what_cannot_be_estimated_is_refused_by_name(columns, names, message):
    with pytest.raises(ConvergenceError, match=message):
        fit_cox(np.column_stack(columns), T, E, names=names)


def test_without_events():
    with pytest.raises(ConvergenceError, match="no patient had the event"):
        fit_cox(NOISE[:, None], T, np.zeros(20), names=["noise"])


def test_constant_within_strata_is_refused():
    with pytest.raises(ConvergenceError, match="'centre' does not vary"):
        fit_cox((T > 10)[:, None] * 1.0, T, E, names=["centre"], strata=(T > 10).astype(int))


def test_strong_but_finite_effects_are_kept():
    rng = np.random.default_rng(1)
    x = rng.normal(size=300)
    t = rng.exponential(np.exp(-4 * x))
    fit = fit_cox(x[:, None], t, np.ones(300), names=["x"])
    assert fit.coefficients[0] == pytest.approx(4, abs=0.8)


def test_terms_are_tested_together():
    x = np.column_stack([LUNG["age"], LUNG["sex"]])
    fit = fit_cox(x, LUNG["time"], LUNG["event"], names=["age", "sex"], terms=[[0, 1]])
    assert [test.df for test in fit.proportional_hazards] == [2]
    assert fit.proportional_hazards[0] == fit.proportional_hazards_global


@pytest.mark.slow  # 4 s of import
@pytest.mark.parametrize("name", models())
def test_against_lifelines(name):
    # a second implementation: Efron's ties, strata, entry; its test of proportional hazards is the older one, and the
    # one here is R's, so that those are not compared
    from lifelines import CoxPHFitter

    columns, data, options = models()[name]
    frame = pd.DataFrame({column: data[column] for column in columns})
    frame["t"], frame["e"] = data["stop"] if name == "heart" else data["time"], data["event"]
    theirs = {}
    if "strata" in options:
        frame["stratum"], theirs["strata"] = options["strata"], ["stratum"]
    if "entry" in options:
        frame["entry"], theirs["entry_col"] = options["entry"], "entry"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = CoxPHFitter().fit(frame, "t", "e", fit_options={"precision": 1e-14, "r_precision": 1e-12}, **theirs)
    fit = fit_cox(frame[list(columns)].to_numpy(), frame["t"], frame["e"], names=columns, **options)
    assert fit.coefficients == pytest.approx(fitter.params_[list(columns)].to_numpy(), rel=1e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(
        fitter.standard_errors_[list(columns)].to_numpy(), rel=1e-6
    )


def test_auto_takes_the_penalty_where_events_are_few_or_separated():
    few = fit_cox(np.column_stack([NOISE, T % 3]), T, E, names=["noise", "third"], penalty="auto")
    assert few.profile is not None
    assert few.separated == ()
    enough = fit_cox(LUNG["age"][:, None], LUNG["time"], LUNG["event"], names=["age"], penalty="auto")
    assert enough.profile is None
    separated = fit_cox(E[:, None].astype(float), T, E, names=["separates"], penalty="auto")
    assert separated.separated == ("separates",)
    assert np.isnan(separated.proportional_hazards_global.statistic)


def test_clusters_are_not_penalised():
    clusters = np.arange(20) // 2
    fit = fit_cox(NOISE[:, None], T, E, names=["noise"], penalty="auto", clusters=clusters)
    assert fit.profile is None
    assert fit.robust is not None
    with pytest.raises(ConvergenceError, match="no finite estimate"):
        fit_cox(E[:, None].astype(float), T, E, names=["separates"], penalty="auto", clusters=clusters)
