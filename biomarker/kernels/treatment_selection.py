"""What patients would gain if a marker chose their treatment: losses predicted under two treatments, and observed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomarker.kernels.follow_up import Floats
from biomarker.kernels.outcome_models import OutcomeModel


class SelectionGain(NamedTuple):
    """Summaries of marker-guided treatment for B resamples, each of shape (B,); gains are losses that are spared."""

    share_untreated: Floats  # whom the rule would not give the treatment
    over_all: Floats  # gain of the rule over treating everybody
    over_none: Floats  # gain of the rule over treating nobody
    of_untreated: Floats  # mean gain from withholding it among those
    of_treated: Floats  # mean gain from giving it among the others


def predicted_benefit(
    model: OutcomeModel,
    design: Floats,
    treated: Floats,
    untreated: Floats,
    weights: Floats | None = None,
    *,
    penalized: bool = False,
) -> tuple[Floats, Floats]:
    """Fit the model and return the losses of the rows of `untreated` and of `treated`: each of shape (B, m).

    Parameters
    ----------
    model : OutcomeModel
    design : ndarray, shape (n, p)
        Of the patients: arm, marker, their product, covariates.
    treated, untreated : ndarray, shape (m, p)
        The same columns with everybody in one arm.
    weights : ndarray, shape (B, n), optional
    penalized : bool
    """
    fits = model.fit(design, weights, penalized=penalized)
    known = fits.converged[:, None]
    off, on = (np.where(known, model.loss(fits, design, at, weights), np.nan) for at in (untreated, treated))
    return off, on


def selection_gain(
    model: OutcomeModel, benefit: Floats, is_treated: NDArray[np.bool_], weights: Floats
) -> SelectionGain:
    """Observed gain of treating those whose predicted benefit is above 0 [1]_.

    Among patients whom the rule would not treat, the loss under the treatment is held against that without it, both
    observed, as the arms were randomised; likewise among the others.

    Parameters
    ----------
    model : OutcomeModel
    benefit : ndarray, shape (B, n)
        Predicted loss without the treatment less that with it.
    is_treated : ndarray of bool, shape (n,)
    weights : ndarray, shape (B, n)
        How often each patient counts.

    Returns
    -------
    SelectionGain
        NaN where an arm has nobody on one side of the rule; a side without anybody gains 0.

    References
    ----------
    .. [1] Janes H, Brown MD, Huang Y, Pepe MS. An approach to evaluating and comparing biomarkers for patient treatment
       selection. Int J Biostat 2014;10:99-121.
    """
    arm = np.asarray(is_treated, float)
    spared = (benefit <= 0).astype(float)
    total = weights.sum(axis=1)
    share = (weights * spared).sum(axis=1) / total
    share = np.where(np.isnan(benefit).any(axis=1), np.nan, share)  # there was no model to choose by
    gains = []
    for side, sign in ((spared, 1.0), (1 - spared, -1.0)):
        on, off = (model.observed_loss(weights * side * who) for who in (arm, 1 - arm))
        gains.append(sign * (on - off))
    of_untreated, of_treated = gains
    return SelectionGain(
        share_untreated=share,
        over_all=np.where(share == 0, 0.0, of_untreated * share),
        over_none=np.where(share == 1, 0.0, of_treated * (1 - share)),
        of_untreated=np.where(np.isnan(share), np.nan, of_untreated),
        of_treated=np.where(np.isnan(share), np.nan, of_treated),
    )


def window_weights(marker: Floats, size: int, step: int) -> tuple[Floats, Floats]:
    """Return overlapping windows of patients in order of the marker, and the median marker of each [1]_.

    Parameters
    ----------
    marker : ndarray, shape (n,)
    size, step : int
        Patients in a window, and by how many the next one begins later. Ties stay together.

    Returns
    -------
    weights : ndarray, shape (n_windows, n)
        1 for the patients of a window.
    centres : ndarray, shape (n_windows,)

    References
    ----------
    .. [1] Bonetti M, Gelber RD. Patterns of treatment effects in subsets of patients in clinical trials. Biostatistics
       2004;5:465-481.
    """
    ordered = np.sort(marker)
    starts = np.append(np.arange(0, max(marker.size - size, 0), step), max(marker.size - size, 0))
    edges = np.unique(
        np.column_stack([ordered[starts], ordered[np.minimum(starts + size - 1, marker.size - 1)]]), axis=0
    )
    weights = ((marker >= edges[:, :1]) & (marker <= edges[:, 1:])).astype(float)
    centres = np.array([np.median(marker[row > 0]) for row in weights])
    return weights, centres
