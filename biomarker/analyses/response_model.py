"""Does uptake go with response? Logistic and proportional odds regression, lesions nested in patients or not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from biomarker.analyses.follow_up import Columns, Level, names_of
from biomarker.analyses.hazard_terms import check_names, is_measured
from biomarker.analyses.population import Positive, Sample, require_both_classes, require_columns, select_rows
from biomarker.analyses.response_choice import choose_fit
from biomarker.analyses.response_lines import (
    ShapeCurve,
    model_lines,
    odds_ratio_lines,
    performance_lines,
    proportionality_lines,
    shape_curves,
    with_counts,
)
from biomarker.analyses.response_notes import (
    fit_notes,
    information_note,
    nesting_notes,
    proportionality_note,
    reference_note,
    response_method,
)
from biomarker.analyses.response_outcome import Outcome, ordered_outcome
from biomarker.analyses.response_performance import CalibrationCurve, measure_performance
from biomarker.analyses.response_terms import model_design, spline_knots
from biomarker.analyses.result import Result, checked_fraction, seed_of
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.vocabulary import lower_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from biomarker.tables import Style

FAMILIES = ("binary", "ordinal")
PENALTIES = ("auto", "firth", "none")
METHODS = ("gee", "cluster_robust", "mixed")
FIGURES = ("auto", "ratios", "shape", "calibration")


@dataclass(frozen=True, kw_only=True, eq=False)
class ResponseModel(Result):
    """A regression of response.

    Attributes
    ----------
    response : str
    levels : tuple of str
        Of an ordered response, from low to high; empty for two classes.
    fitted_by : str
        "ml", "firth", "gee", "cluster_robust" or "mixed".
    terms : tuple of str
    shapes : tuple of ShapeCurve
        Risk over each measured predictor.
    calibration : tuple of CalibrationCurve
    figure : {"auto", "ratios", "shape", "calibration"}
        What `plot` draws; "auto" is the shape where there is a spline, else the odds ratios.
    """

    response: str
    levels: tuple[str, ...]
    fitted_by: str
    terms: tuple[str, ...]
    shapes: tuple[ShapeCurve, ...]
    calibration: tuple[CalibrationCurve, ...]
    figure: str = "auto"

    @property
    def drawn(self) -> str:
        """The figure that `plot` draws: "ratios", "shape" or "calibration"."""
        if self.figure == "auto":
            return "shape" if any(shape.is_spline for shape in self.shapes) else "ratios"
        return self.figure

    def plot(
        self,
        ax: Axes | None = None,
        *,
        which: str = "",
        style: str | Style = "plain",
        width_mm: float | None = None,
        figure: str | None = None,
    ) -> Axes:
        """Draw `figure`, or else the one the result was made for, or another by `which`; see `Result.plot`."""
        if figure is None or figure == self.figure:
            return super().plot(ax, which=which, style=style, width_mm=width_mm)
        _check_figure(figure, [shape.term for shape in self.shapes])
        return replace(self, figure=figure).plot(ax, style=style, width_mm=width_mm)

    @property
    def shown_shape(self) -> ShapeCurve:
        """The curve that is drawn: of the first splined predictor, or else the first that is a number."""
        return next((shape for shape in self.shapes if shape.is_spline), self.shapes[0])

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: a column wide; a forest grows with each odds ratio."""
        if self.drawn == "ratios":
            return 3.46, 0.8 + 0.2 * sum(line.quantity == "odds_ratio" for line in self.estimates)
        return 3.46, 3.1 if self.drawn == "calibration" else 2.7

    @property
    def caption(self) -> str:
        """What the figure shows."""
        level = f"{100 * self.method.confidence_level:g}%"
        if self.drawn == "shape":
            shape = self.shown_shape
            held = f", with {', '.join(shape.held)}" if shape.held else ""
            knots = "; triangles: knots of the spline" if shape.knots else ""
            return (
                f"Probability of response over {lower_label(shape.term)} with pointwise {level} confidence band{held}; "
                f"ticks: values observed{knots}."
            )
        if self.drawn == "calibration":
            solid = "dotted: corrected for optimism; " if not np.isnan(self.calibration[0].corrected).all() else ""
            return (
                f"Observed against predicted probability of response. Solid: local regression; {solid}points: groups "
                "of like predicted probability, larger for more rows; grey: perfect calibration."
            )
        higher = "of a higher level" if self.levels else "of response"
        return f"Odds ratios with {level} confidence intervals from one model; above 1, the odds {higher} are higher."


def response_model(
    data: pd.DataFrame,
    *,
    response: str,
    predictors: Columns,
    family: str = "binary",
    positive: Positive | None = None,
    order: Sequence[Level] | None = None,
    per: Mapping[str, str | float] | None = None,
    reference: Mapping[str, Level] | None = None,
    splines: Sequence[str] | Mapping[str, int] | str | None = None,
    penalty: str = "auto",
    method: str | None = None,
    n_resamples: int = 500,
    rng: int | np.random.Generator = 0,
    figure: str = "auto",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> ResponseModel:
    """Model the odds of response by uptake and other predictors, with calibration and what is left without optimism.

    Parameters
    ----------
    data : DataFrame
        One row a patient or lesion.
    response : str
        Column of the response.
    predictors : str or list of str
        Columns in one model: numbers, or classes (text, categorical, bool).
    family : {"binary", "ordinal"}
        Two classes, or levels in order, by proportional odds [1]_.
    positive : value or list of values, optional
        What counts as response, for two classes; needed unless `response` is bool or 0/1.
    order : list, optional
        Levels from lowest to highest, for an ordered response; needed unless the column is an ordered categorical or
        holds PD, SD, PR and CR.
    per : dict of str to {"doubling", "sd"} or float, optional
        What the odds ratio of a number is for: a doubling (right for SUV, which is skewed), one standard deviation of
        these rows, or so many units; one unit of the column when left out.
    reference : dict of str to value, optional
        The level other classes are compared with; the first in order when left out. A column of numbers named here is
        taken as classes.
    splines : list of str, or dict of str to int, optional
        Numbers whose association may bend: restricted cubic splines [2]_ with three knots (four from 30 rows on), or as
        many as given, 3 to 7. With ``per = "doubling"`` it bends on that scale.
    penalty : {"auto", "firth", "none"}
        Firth's penalised likelihood [3]_: where predictors separate the responses or the rarer class has fewer than
        five rows for each odds ratio, always, or never. Two classes only.
    method : {"gee", "cluster_robust", "mixed"}, optional
        How lesions nested in patients are allowed for: generalised estimating equations with an exchangeable working
        correlation (the default for two classes, where they have a solution), the ordinary fit with a robust
        covariance (the default for levels in order), both with Mancl and DeRouen's correction for few
        patients [4]_, or a random intercept.
    n_resamples : int
        Bootstrap resamples of whole patients in which the model is refitted; 0 for no correction for optimism.
    rng : int or Generator
    figure : {"auto", "ratios", "shape", "calibration"}
        What the figure of a report shows: odds ratios, risk over uptake, or observed against predicted risk; "auto" is
        the shape where there is a spline, else the odds ratios. ``result.plot(figure=...)`` draws another.
    confidence_level : float
        Of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patients. None says that rows are independent.

    Returns
    -------
    ResponseModel
        ``odds_ratio`` by `of` ``term``, and ``level`` or ``per``; `statistic` is the chi-square of the likelihood
        ratio test with independent rows, t with nested ones and z in a mixed model. Of a spline it is between the
        quartiles, with ``nonlinearity_test``. ``term_likelihood_ratio_test`` or ``term_wald_test`` of predictors with
        several odds ratios; ``likelihood_ratio_test``, ``wald_test`` and ``score_test`` of the model as far as the
        fit has them; ``proportional_odds_test``; ``auc`` or ``c_index``, ``brier``, ``brier_scaled``,
        ``nagelkerke_r2``, ``calibration_intercept`` and ``calibration_slope``, each ``"apparent"`` and
        ``"corrected"`` by `of` ``performance``; ``intercept``, with which risks can be computed.

    Raises
    ------
    DesignError
        If there is one class only, too few responses or patients for the odds ratios, predictors that do not vary or
        are combinations of others, an order that is not given, or an unknown column or setting.
    SchemaError
        If a number is text, or a value has no doubling.
    ConvergenceError
        If an odds ratio has no finite estimate by the method asked for.

    Notes
    -----
    Population-averaged odds ratios (GEE) are the default for lesions because they mean the same as those of patients.
    Of several small-sample covariances, Mancl and DeRouen's with t and patients minus parameters as degrees of freedom
    came closest to 95 % coverage at 10 to 40 patients (``tests/coverage/odds_ratio.py``); taking lesions as independent
    covered as little as 71 %. Where predictors separate nested responses, Firth's likelihood is used with each patient
    counting once. An odds ratio is an association: without a treatment to compare it does not show that a marker is
    predictive.

    References
    ----------
    .. [1] McCullagh P. J R Stat Soc B 1980;42:109-142.
    .. [2] Harrell FE. Regression Modeling Strategies. 2nd ed. Springer; 2015.
    .. [3] Heinze G, Schemper M. Stat Med 2002;21:2409-2419.
    .. [4] Mancl LA, DeRouen TA. Biometrics 2001;57:126-134.

    Examples
    --------
    Uptake that separates the responses still has an odds ratio, with a limit on one side at least:

    >>> data = pd.DataFrame({
    ...     "suvmax": [2.1, 3.0, 3.3, 4.1, 5.2, 6.0, 7.9, 9.3, 11.0, 14.2, 15.1, 18.4],
    ...     "response": ["SD"] * 6 + ["PR"] * 6,
    ... })
    >>> result = response_model(data, response="response", positive="PR", predictors="suvmax",
    ...                         per={"suvmax": "doubling"}, patient=None, n_resamples=0)
    >>> ratio = result.estimate("odds_ratio")
    >>> result.fitted_by, ratio.low > 1
    ('firth', True)
    """
    checked_fraction(confidence_level, "confidence_level")
    _check_settings(family, penalty, method, n_resamples, order, positive)
    seed = seed_of(rng)
    names = names_of(predictors)
    check_names(names, [response], per or {}, reference or {}, {})
    knots = spline_knots(splines, names)
    require_columns(data, [response, *names])
    measured = [name for name in names if name not in (reference or {}) and is_measured(data[name])]
    sample, outcome = _outcome(data, response, names, measured, family, positive, order, patient)
    design = model_design(sample.frame, names, measured, per=per or {}, reference=reference or {}, splines=knots)
    _check_figure(figure, measured)
    fit, why_penalized = choose_fit(design, outcome, sample, penalty, method, confidence_level)
    performance = measure_performance(
        fit.refit,
        outcome,
        design.standard,
        sample.clusters,
        n_resamples=n_resamples,
        rng=rng,
        confidence_level=confidence_level,
    )
    proportional = proportionality_lines(design, outcome, sample) if outcome.is_ordinal else []
    enough, is_small = information_note(outcome, design, sample, fit.method)
    if is_small:
        warnings.warn(enough, SmallSampleWarning, stacklevel=2)
    lines = [
        *odds_ratio_lines(fit, design, confidence_level),
        *model_lines(fit, design, outcome),
        *proportional,
        *performance_lines(performance),
    ]
    notes = [
        *sample.notes,
        outcome.note,
        reference_note(design),
        enough,
        *fit_notes(fit, why_penalized, performance, n_resamples),
        *nesting_notes(design, outcome, sample),
        proportionality_note(proportional),
    ]
    return ResponseModel(
        estimates=with_counts(lines, sample),
        method=response_method(
            fit,
            design,
            outcome,
            settings={
                "family": family,
                "positive": positive,
                "order": list(outcome.levels) or None,
                "per": dict(per or {}),
                "reference": {term.name: term.reference for term in design.terms if term.reference is not None},
                "splines": {term.name: len(term.knots) for term in design.terms if term.knots},
                "penalty": penalty,
                "method": method,
                "fitted_by": fit.method,
                "clustered": sample.is_nested,
            },
            notes=notes,
            confidence_level=confidence_level,
            seed=seed,
            n_resamples=n_resamples,
            is_small=is_small,
        ),
        population=sample.population,
        response=response,
        levels=outcome.levels,
        fitted_by=fit.method,
        terms=tuple(names),
        shapes=shape_curves(fit, design, outcome, confidence_level),
        calibration=performance.curves,
        figure=figure,
    )


def _check_choice(name: str, value: object, known: Sequence[str]) -> None:
    if value not in known:
        raise DesignError(f"{name} = {value!r}{nearest(str(value), list(known))}; there are {', '.join(known)}")


def _check_figure(figure: str, measured: Sequence[str]) -> None:
    _check_choice("figure", figure, FIGURES)
    if figure == "shape" and not measured:
        raise DesignError('figure = "shape" needs a predictor that is a number')


def _check_settings(
    family: str,
    penalty: str,
    method: str | None,
    n_resamples: int,
    order: object,
    positive: object,
) -> None:
    _check_choice("family", family, FAMILIES)
    _check_choice("penalty", penalty, PENALTIES)
    if method is not None:
        _check_choice("method", method, METHODS)
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 0:
        raise DesignError(f"n_resamples = {n_resamples!r}; give a whole number of 0 or more")
    if family == "ordinal":
        _check_ordinal(penalty, method, positive)
    elif order is not None:
        raise DesignError('order is for an ordered response: give family = "ordinal", or positive for two classes')


def _check_ordinal(penalty: str, method: str | None, positive: object) -> None:
    if positive is not None:
        raise DesignError("positive is for two classes: give order for an ordered response")
    if penalty == "firth":
        raise DesignError('penalty = "firth" is for two classes: use family = "binary", with positive levels')
    if method in ("gee", "mixed"):
        raise DesignError(f'method = "{method}" is for two classes; an ordered response takes "cluster_robust"')


def _outcome(
    data: pd.DataFrame,
    response: str,
    names: Sequence[str],
    measured: Sequence[str],
    family: str,
    positive: Positive | None,
    order: Sequence[Level] | None,
    patient: str | None,
) -> tuple[Sample, Outcome]:
    """Return the rows used, and the response as codes."""
    classes = [name for name in names if name not in measured]
    if family == "ordinal":
        sample = select_rows(data, numeric=measured, other=[response, *classes], patient=patient)
        return sample, ordered_outcome(sample.frame[response], order)
    sample = select_rows(data, numeric=measured, classes={response: positive}, other=classes, patient=patient)
    truth = sample.frame[response]
    require_both_classes(truth, response, "an odds ratio")
    return sample, Outcome(column=response, codes=truth.to_numpy(dtype=np.intp))
