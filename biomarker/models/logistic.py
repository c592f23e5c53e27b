"""Logistic regression of a class on a marker, handed to statsmodels; to firthmodels where the classes separate."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.errors import ConvergenceError


class LogisticRisk(NamedTuple):
    """Fitted risks, shape (rows,), the slope per unit of the marker, and whether Firth's penalty was needed."""

    risk: NDArray[np.float64]
    slope: float
    is_penalized: bool


def logistic_risk(marker: ArrayLike, truth: ArrayLike) -> LogisticRisk:
    """Fit the risk of the positive class as a logistic function of a marker.

    Parameters
    ----------
    marker : array_like of float, shape (rows,)
        Finite; two or more values.
    truth : array_like of bool, shape (rows,)
        Both classes.

    Returns
    -------
    LogisticRisk
        By maximum likelihood, or by Firth's penalised likelihood where the marker separates the classes.

    Raises
    ------
    ConvergenceError
        If neither fit converges.
    """
    values, classes = np.asarray(marker, float), np.asarray(truth, bool)
    centre, scale = values.mean(), values.std()
    standard = (values - centre) / scale  # so that a marker in the thousands converges as one near 1 does
    if _separates(standard, classes):
        coefficients, is_penalized = _firth(standard, classes), True
    else:
        coefficients, is_penalized = _maximum_likelihood(standard, classes), False
    risk = 1 / (1 + np.exp(-(coefficients[0] + coefficients[1] * standard)))
    return LogisticRisk(risk, float(coefficients[1] / scale), is_penalized)


def _separates(values: NDArray[np.float64], classes: NDArray[np.bool_]) -> bool:
    """Tell whether a cutoff parts the classes (ties at the cutoff allowed), so that the likelihood has no maximum."""
    positives, negatives = values[classes], values[~classes]
    return bool(positives.min() >= negatives.max() or positives.max() <= negatives.min())


def _maximum_likelihood(values: NDArray[np.float64], classes: NDArray[np.bool_]) -> NDArray[np.float64]:
    from statsmodels.discrete.discrete_model import Logit

    design = np.column_stack([np.ones_like(values), values])
    fit = Logit(classes.astype(float), design).fit(disp=0, method="newton", maxiter=100)
    if not fit.mle_retvals["converged"]:
        raise ConvergenceError("the logistic regression of the outcome on the marker did not converge")
    return np.asarray(fit.params, float)


def _firth(values: NDArray[np.float64], classes: NDArray[np.bool_]) -> NDArray[np.float64]:
    from firthmodels import FirthLogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fit = FirthLogisticRegression().fit(values[:, None], classes.astype(int))
        except (Warning, ValueError) as fault:
            raise ConvergenceError(f"Firth's logistic regression on the marker did not converge: {fault}") from fault
    return np.array([float(np.ravel(fit.intercept_)[0]), float(np.ravel(fit.coef_)[0])])
