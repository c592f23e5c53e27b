"""What a reader of a response model must be told, and the sentences of its methods text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from biomarker.analyses.population import Sample
from biomarker.analyses.response_fit import Fit
from biomarker.analyses.response_outcome import Outcome
from biomarker.analyses.response_performance import Performance
from biomarker.analyses.response_terms import Design, ModelTerm
from biomarker.analyses.result import Estimate, Method
from biomarker.references import (
    BRANT_1990,
    FIRTH_1993,
    HARRELL_1996,
    HARRELL_2015,
    HEINZE_SCHEMPER_2002,
    LIANG_ZEGER_1986,
    MANCL_DEROUEN_2001,
    MCCULLAGH_1980,
    NOMA_2021,
    PEDUZZI_1996,
    PINHEIRO_CHAO_2006,
    PUHR_2017,
    STEYERBERG_2010,
    VENZON_MOOLGAVKAR_1988,
    Reference,
)
from biomarker.vocabulary import lower_label

ENOUGH = 10  # of the rarer outcome for each odds ratio (Peduzzi et al.)
LARGE_SHARE = 0.2  # of the lesions, by one patient
NOT_PROPORTIONAL = 0.05

NAMES = {
    "ml": "maximum likelihood with profile likelihood intervals",
    "firth": "Firth's penalised likelihood with profile intervals",
    "gee": "generalised estimating equations, exchangeable, Mancl-DeRouen covariance, t(K − p) intervals",
    "cluster_robust": "Mancl-DeRouen covariance between patients, t(K − p) intervals",
    "mixed": "normal random intercept for each patient, adaptive Gauss-Hermite quadrature, Wald intervals",
}
SENTENCES = {
    "ml": "with profile likelihood intervals and likelihood ratio tests",
    "firth": "by Firth's penalised likelihood, with penalised profile likelihood intervals and likelihood ratio tests",
    "gee": (
        "by generalised estimating equations with an exchangeable working correlation of the lesions of one patient, "
        "Mancl and DeRouen's small-sample covariance, and t intervals with patients − parameters as degrees of "
        "freedom"
    ),
    "cluster_robust": (
        "with Mancl and DeRouen's small-sample covariance between patients, and t intervals with patients minus "
        "parameters as degrees of freedom"
    ),
    "mixed": (
        "with a normal random intercept for each patient (adaptive Gauss-Hermite quadrature, Wald intervals, "
        "likelihood ratio tests)"
    ),
}
REFERENCES: dict[str, tuple[Reference, ...]] = {
    "ml": (VENZON_MOOLGAVKAR_1988,),
    "firth": (FIRTH_1993, HEINZE_SCHEMPER_2002, PUHR_2017),
    "gee": (LIANG_ZEGER_1986, MANCL_DEROUEN_2001),
    "cluster_robust": (LIANG_ZEGER_1986, MANCL_DEROUEN_2001),
    "mixed": (PINHEIRO_CHAO_2006,),
}


def _figure(number: float) -> str:
    return f"{number:.3g}" if number < 1000 else f"{number:,.0f}"


def information_note(outcome: Outcome, design: Design, sample: Sample, method: str) -> tuple[str, bool]:
    """Say how much there is to estimate each odds ratio from; true where it is little."""
    p = design.standard.shape[1]
    each = outcome.effective_size / p
    ratios = f"{p} odds ratio{'s' * (p != 1)}"
    patients = f" from {sample.n_patients} patients" if sample.is_nested else ""
    if outcome.is_ordinal:
        note = (
            f"The {outcome.codes.size} {_rows(sample)}{patients} are worth {outcome.effective_size:.0f} evenly spread "
            f"over many levels, for {ratios}: {_figure(each)} for each"
        )
    else:
        note = (
            f"{outcome.counts[1]} {_rows(sample)} with the response and {outcome.counts[0]} without{patients} for "
            f"{ratios}: {_figure(each)} of the rarer outcome for each"
        )
    if each >= ENOUGH:
        return note + ".", False
    if method == "firth":
        return f"{note}, fewer than {ENOUGH}; Firth's penalty takes out most of the bias, not the uncertainty.", False
    return f"{note}, fewer than {ENOUGH}: estimates tend to lie too far from 1, and intervals to be too narrow.", True


def _rows(sample: Sample) -> str:
    return {"patient": "patients", "lesion": "lesions"}.get(sample.population.unit, "rows")


def nesting_notes(design: Design, outcome: Outcome, sample: Sample) -> list[str]:
    """Say which predictors vary between patients only, whose lesions are many, and whether responses differ at all."""
    if not sample.is_nested or sample.patients is None:
        return []
    notes = []
    shared = [term.name for term in design.terms if _is_shared(term, sample.patients)]
    if shared:
        names = " and ".join(lower_label(name) for name in shared)
        notes.append(
            f"The lesions of a patient share {names}: such a predictor is known {sample.n_patients} times, once a "
            f"patient, not {outcome.codes.size} times."
        )
    sizes = np.bincount(sample.patients)
    largest = int(sizes.max())
    if largest > LARGE_SHARE * sizes.sum() and sizes.size > 1:
        notes.append(
            f"One patient has {largest} of the {int(sizes.sum())} lesions ({100 * largest / sizes.sum():.0f}%): "
            "see whether the odds ratios hold without this patient."
        )
    if responses_shared(outcome, sample):
        notes.append(
            "All lesions of a patient have the same response, so their correlation cannot be modelled: one row a "
            "patient, with lesions aggregated, asks the same question more plainly."
        )
    return notes


def responses_shared(outcome: Outcome, sample: Sample) -> bool:
    """Whether no patient has lesions of different response, though some have several lesions."""
    if sample.patients is None:
        return False
    mean = np.bincount(sample.patients, outcome.codes) / np.bincount(sample.patients)
    return bool(np.all(mean[sample.patients] == outcome.codes))


def _is_shared(term: ModelTerm, patients: np.ndarray) -> bool:
    first = np.unique(patients, return_index=True)[1]
    return bool(np.all(term.columns == term.columns[first][patients]))


def reference_note(design: Design) -> str:
    """Name the levels that others are compared with."""
    told = [f"{lower_label(term.name)} {term.reference}" for term in design.terms if term.reference is not None]
    return f"Reference level{'s' * (len(told) > 1)}: {', '.join(told)}." if told else ""


def fit_notes(fit: Fit, why_penalized: str, performance: Performance, n_resamples: int) -> list[str]:
    """Say why a penalty was used, what the odds ratios compare, and how many resamples could be used."""
    notes = [why_penalized]
    if fit.method == "gee":
        notes.append(
            "Odds ratios compare lesions of the trial's patients at large; the working correlation of two lesions of "
            f"one patient is {f'{fit.correlation:.2f}'.replace('-', '−')}."
        )
    if fit.method == "mixed":
        notes.append(
            "Odds ratios compare lesions of one patient, or of patients alike in all else, and lie further from 1 than "
            "those over all patients; calibration and performance are of risks averaged over patients."
        )
    if fit.method == "firth":
        notes.append("For predicted risks the intercept was refitted, so that they sum to the responses observed.")
    used = performance.n_resamples
    if 0 < used < n_resamples:
        notes.append(
            f"{n_resamples - used} of {n_resamples} resamples lacked a level of the response or of a predictor, or had "
            "no finite fit, and were left out of the correction for optimism."
        )
    if n_resamples and not used:
        notes.append("Too few resamples could be fitted for a correction for optimism.")
    return notes


def proportionality_note(lines: Sequence[Estimate]) -> str:
    """Warn where one odds ratio does not serve all cuts of the response."""
    broken = [line for line in lines if line.of["term"] != "global" and line.p_value < NOT_PROPORTIONAL]
    if any(np.isnan(line.p_value) for line in lines):
        return (
            "Proportional odds could not be tested: cuts of the response separate the rows, or leave too few on one "
            "side."
        )
    if not broken:
        return ""
    told = " and ".join(f"{lower_label(line.of['term'])} (p = {line.p_value:.2g})" for line in broken)
    return (
        f"The odds ratio of {told} seems to differ between cuts of the response (Brant's test): what is given is an "
        "average over them."
    )


def response_method(
    fit: Fit,
    design: Design,
    outcome: Outcome,
    *,
    settings: Mapping[str, object],
    notes: Sequence[str],
    confidence_level: float,
    seed: int | tuple[int, ...] | None,
    n_resamples: int,
    is_small: bool,
) -> Method:
    """Return the method with its sentences and papers."""
    kind = "proportional odds" if outcome.is_ordinal else "logistic"
    text = [
        f"Associations with {lower_label(outcome.column)} were estimated by {kind} regression {SENTENCES[fit.method]}."
    ]
    references = [*([MCCULLAGH_1980, BRANT_1990] if outcome.is_ordinal else []), *REFERENCES[fit.method]]
    if any(term.knots for term in design.terms):
        splined = " and ".join(lower_label(term.name) for term in design.terms if term.knots)
        text.append(
            f"The shape of the association with {splined} was a restricted cubic spline, tested for nonlinearity."
        )
        references.append(HARRELL_2015)
    if outcome.is_ordinal:
        text.append("Proportional odds were tested by Brant's method.")
    if n_resamples:
        unit = "patients" if settings["clustered"] else "rows"
        text.append(
            f"Discrimination, accuracy and calibration were corrected for optimism by refitting the whole model in "
            f"{n_resamples:,} bootstrap resamples of {unit}."
        )
        references += [HARRELL_1996, STEYERBERG_2010, NOMA_2021]
    if is_small:
        references.append(PEDUZZI_1996)
    return Method(
        name=f"{kind} regression, {NAMES[fit.method]}",
        confidence_level=confidence_level,
        settings=settings,
        references=tuple(references),
        seed=seed if n_resamples else None,
        n_resamples=n_resamples or None,
        notes=tuple(notes),
        description=" ".join(text),
    )
