"""Krippendorff's alpha at every level of measurement."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.chance_agreement import Disagreement, RatingSums
from biomarker.kernels.patient_variance import ratio_or_nan

Floats = NDArray[np.float64]
LEVELS = ("nominal", "ordinal", "interval", "ratio")


def krippendorff_alpha(sums: RatingSums, level: str, values: ArrayLike) -> Disagreement:
    """Return what Krippendorff's alpha is made of: 1 less the observed over the expected disagreement [1]_.

    Only items with two ratings or more take part.

    Parameters
    ----------
    sums : RatingSums
        Totals over items, with any leading axes.
    level : {"nominal", "ordinal", "interval", "ratio"}
        How far apart two categories are: wholly; by the ratings between them; by the squared difference of their
        values; by that over their squared sum.
    values : array_like, shape (q,)
        Values of the categories, in order; used at the levels of interval and ratio only.

    Returns
    -------
    Disagreement
        Both parts as fractions of the largest distance; the coefficient is NaN where every rating is of one category.

    Raises
    ------
    ValueError
        If the level is unknown.

    References
    ----------
    .. [1] Krippendorff K. Content analysis: an introduction to its methodology. 3rd ed. 2013, chapter 12.

    Examples
    --------
    >>> from biomarker.kernels.chance_agreement import rating_sums
    >>> total = rating_sums([[0, 0], [1, 1], [0, 1], [2, 2]], 3).total()
    >>> print(f"{krippendorff_alpha(total, 'nominal', range(3)).coefficient:.4f}")
    0.6667
    """
    coincidences = sums.coincidences
    margins = coincidences.sum(axis=-1)
    distance = squared_distance(level, values, margins)
    largest = distance.max(axis=(-2, -1))
    n = margins.sum(axis=-1)
    observed = (coincidences * distance).sum(axis=(-2, -1))
    expected = (margins[..., :, None] * margins[..., None, :] * distance).sum(axis=(-2, -1))
    return Disagreement(
        ratio_or_nan(observed, n * largest)[()], ratio_or_nan(expected, n * np.maximum(n - 1, 0) * largest)[()]
    )


def squared_distance(level: str, values: ArrayLike, margins: Floats) -> Floats:
    """Return how far apart two categories are, squared; at the ordinal level it hangs on the ratings between them."""
    worth = np.asarray(values, float)
    worth = worth / (np.abs(worth).max(initial=0) or 1.0)  # only ratios of distances matter
    across = worth[:, None] - worth[None, :]
    if level == "nominal":
        return np.asarray(1 - np.eye(worth.size))
    if level == "interval":
        return np.asarray(across**2)
    if level == "ratio":
        total = worth[:, None] + worth[None, :]
        return np.asarray(np.divide(across, total, out=np.zeros(across.shape), where=total != 0) ** 2)
    if level == "ordinal":
        middle = np.cumsum(margins, axis=-1) - margins / 2
        share = margins.sum(axis=-1)[..., None, None]
        apart = middle[..., :, None] - middle[..., None, :]
        return np.asarray(np.divide(apart, share, out=np.zeros(apart.shape), where=share > 0) ** 2)
    raise ValueError(f"no level {level!r}; there are {', '.join(LEVELS)}")
