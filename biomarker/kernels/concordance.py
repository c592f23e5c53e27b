"""Harrell's concordance of a risk score with survival."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up

# Cells of one block of the patients × patients comparison: 4 million bools and a few temporaries of that size.
BLOCK = 4_000_000


class Concordance(NamedTuple):
    """Share of comparable pairs in which the patient with the earlier event had the higher risk; ties count half."""

    value: float
    std_error: float
    concordant: float
    discordant: float
    tied: float  # equal risk


def concordance(
    duration: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
) -> Concordance:
    """Harrell's c with the infinitesimal jackknife standard error [1]_.

    A pair is comparable when one has the event while the other is still at risk; two events at one time are not.

    Parameters
    ----------
    duration, event, entry
        As in `biomarker.kernels.survival.kaplan_meier`.
    risk : array_like, shape (n,)
        Higher means an earlier event is expected.
    strata : array_like of int, shape (n,), optional
        Only pairs within a stratum are compared.

    Returns
    -------
    Concordance
        `value` is NaN without a comparable pair.

    References
    ----------
    .. [1] Therneau TM, Watson DA. The concordance statistic and the Cox model. Mayo Clinic Technical Report 85, 2015.

    Examples
    --------
    >>> concordance([1, 2, 3, 4], [1, 1, 0, 1], [4, 2, 3, 1]).value
    0.8
    """
    t, happened, start = check_follow_up(duration, event, entry)
    score = np.asarray(risk, float)
    if score.shape != t.shape or np.isnan(score).any():
        raise ValueError("need one risk score per patient")
    stratum = np.zeros(t.size, np.intp) if strata is None else check_codes(strata, t.size)
    counts = np.zeros((3, t.size))  # pairs each patient is part of: concordant, discordant, tied
    for s in np.unique(stratum):
        rows = np.flatnonzero(stratum == s)
        counts[:, rows] = _pairs(t[rows], happened[rows], score[rows], None if start is None else start[rows])
    concordant, discordant, tied = counts.sum(axis=1) / 2
    pairs = concordant + discordant + tied
    if pairs == 0:
        nan = float("nan")
        return Concordance(nan, nan, 0.0, 0.0, 0.0)
    value = (concordant + tied / 2) / pairs
    influence = (counts[0] + counts[2] / 2 - value * counts.sum(axis=0)) / pairs
    return Concordance(
        float(value), float(np.sqrt(influence @ influence)), float(concordant), float(discordant), float(tied)
    )


def _pairs(t: Floats, happened: Floats, score: Floats, start: Floats | None) -> Floats:
    """Count, for every patient, the concordant, discordant and tied pairs they are part of."""
    counts = np.zeros((3, t.size))
    events = np.flatnonzero(happened)
    step = max(1, BLOCK // t.size)
    for block in (events[i : i + step] for i in range(0, events.size, step)):
        when = t[block, None]
        comparable = (t > when) | ((t == when) & (happened == 0))
        if start is not None:
            comparable &= start < when
        own = score[block, None]
        for count, relation in zip(counts, (score < own, score > own, score == own), strict=True):
            pair = comparable & relation
            count[block] += pair.sum(axis=1)
            count += pair.sum(axis=0)
    return counts
