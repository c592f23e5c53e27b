"""Fisher's exact test of two independent proportions."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

_ROUNDING = 1e-7  # relative: tables as likely as the one observed must not be lost to it


def fisher_exact(successes_1: int, trials_1: int, successes_2: int, trials_2: int) -> float:
    """Two-sided p-value: of all tables with these margins, those no likelier than the one observed [1]_.

    Parameters
    ----------
    successes_1, trials_1, successes_2, trials_2 : int
        Counts; ``0 <= successes <= trials``.

    Returns
    -------
    float
        NaN where a group is empty.

    Raises
    ------
    ValueError
        If a count is negative or above its trials.

    References
    ----------
    .. [1] Fisher RA. J R Stat Soc 1935;98:39-54.

    Examples
    --------
    The lady tasting tea: 3 of 4 against 1 of 4.

    >>> round(fisher_exact(3, 4, 1, 4), 4)
    0.4857
    """
    if min(successes_1, successes_2, trials_1 - successes_1, trials_2 - successes_2) < 0:
        raise ValueError("need 0 <= successes <= trials")
    if not trials_1 or not trials_2:
        return float("nan")
    total = successes_1 + successes_2
    first = np.arange(max(0, total - trials_2), min(trials_1, total) + 1)
    log = _log_choose(trials_1, first) + _log_choose(trials_2, total - first) - _log_choose(trials_1 + trials_2, total)
    chance = np.exp(log)
    observed = chance[successes_1 - first[0]]
    return float(min(1.0, chance[chance <= observed * (1 + _ROUNDING)].sum()))


def _log_choose(n: int, k: np.ndarray | int) -> np.ndarray:
    return np.asarray(gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1))
