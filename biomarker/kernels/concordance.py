"""Concordance of a risk score with survival: Harrell's and Uno's, with the infinitesimal jackknife."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up
from biomarker.kernels.ordered_pairs import falling_pairs, running_totals

TIME_WEIGHTS = ("harrell", "uno")


class Concordance(NamedTuple):
    """Share of comparable pairs in which the patient with the earlier event had the higher risk; ties count half."""

    value: float
    std_error: float
    concordant: float
    discordant: float
    tied: float  # equal risk
    influence: Floats  # (n,) or (n_clusters,): what each patient does to the value


class PairCounts(NamedTuple):
    """Weighted pairs each row is part of, shape (n,): as the concordant, discordant or tied one."""

    concordant: Floats
    discordant: Floats
    tied: Floats


def concordance(
    duration: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    weighting: str = "harrell",
    until: float | None = None,
    clusters: ArrayLike | None = None,
) -> Concordance:
    """Harrell's [1]_ or Uno's [2]_ c with the infinitesimal jackknife standard error [3]_.

    A pair is comparable when one has the event while the other is still at risk; two events at one time are not.
    Harrell's c counts all such pairs alike, and so depends on the censoring. Uno's weighs a pair by the inverse square
    of the chance of being uncensored at the time of its event, and does not.

    Parameters
    ----------
    duration, event, entry
        As in `biomarker.kernels.survival.kaplan_meier`. Uno's c is not defined with `entry`.
    risk : array_like, shape (n,)
        Higher means an earlier event is expected.
    strata : array_like of int, shape (n,), optional
        Only pairs within a stratum are compared.
    weighting : {"harrell", "uno"}
        How pairs count.
    until : float, optional
        Only events up to this time count.
    clusters : array_like of int, shape (n,), optional
        Rows of one patient or centre: their influence is added up.

    Returns
    -------
    Concordance
        `value` is NaN without a comparable pair. The standard error takes the weights of Uno's c as known, as in R's
        ``concordance(timewt = "n/G2")``.

    References
    ----------
    .. [1] Harrell FE, Califf RM, Pryor DB, Lee KL, Rosati RA. Evaluating the yield of medical tests. JAMA
       1982;247:2543-2546.
    .. [2] Uno H, Cai T, Pencina MJ, D'Agostino RB, Wei LJ. On the C-statistics for evaluating overall adequacy of risk
       prediction procedures with censored survival data. Stat Med 2011;30:1105-1117.
    .. [3] Therneau TM, Watson DA. The concordance statistic and the Cox model. Mayo Clinic Technical Report 85, 2015.

    Examples
    --------
    >>> concordance([1, 2, 3, 4], [1, 1, 0, 1], [4, 2, 3, 1]).value
    0.8
    """
    t, happened, start = check_follow_up(duration, event, entry)
    score = np.asarray(risk, float)
    if score.shape != t.shape or np.isnan(score).any():
        raise ValueError("need one risk score per patient")
    group = np.zeros(t.size, np.intp) if strata is None else check_codes(strata, t.size)
    counts = pair_counts(
        t, happened, score, np.ones(t.size), group=group, entry=start, weighting=weighting, until=until
    )
    concordant, discordant, tied = (float(part.sum() / 2) for part in counts)
    pairs = concordant + discordant + tied
    if pairs == 0:
        nan = float("nan")
        return Concordance(nan, nan, 0.0, 0.0, 0.0, np.full(t.size, nan))
    value = (concordant + tied / 2) / pairs
    influence = (counts.concordant + counts.tied / 2 - value * sum(counts)) / pairs
    if clusters is not None:
        influence = np.bincount(check_codes(clusters, t.size), weights=influence).astype(float)
    return Concordance(value, float(np.sqrt(influence @ influence)), concordant, discordant, tied, influence)


def pair_counts(
    t: Floats,
    happened: Floats,
    score: Floats,
    weight: Floats,
    *,
    group: NDArray[np.intp],
    entry: Floats | None = None,
    weighting: str = "harrell",
    until: float | None = None,
) -> PairCounts:
    """Count the comparable pairs each row is part of, in as many groups as wanted (strata, or resamples) at once.

    Parameters
    ----------
    t, happened, score, weight : ndarray, shape (n,)
        Checked durations, events (1 or 0), risk scores, and how often each row counts.
    group : ndarray of int, shape (n,)
        Rows are compared within a group.
    entry, weighting, until
        As in `concordance`.

    Returns
    -------
    PairCounts
        Each pair is counted at both of its rows.
    """
    if weighting not in TIME_WEIGHTS:
        raise ValueError(f"unknown weighting {weighting!r}: harrell or uno")
    if weighting == "uno" and entry is not None:
        raise ValueError("Uno's concordance is not defined for late entry")
    # of one time the events come first, and those in order of their score
    order = np.lexsort((score, 1 - happened, t, group))
    t, happened, score, weight = (values[order] for values in (t, happened, score, weight))
    group = group[order]
    code = _codes(score, group)
    as_event = weight * happened
    if weighting == "uno":
        as_event = as_event / _uncensored_before(t, happened, weight, group) ** 2
    if until is not None:
        as_event = np.where(t <= until, as_event, 0.0)
    counts = _of_order(t, happened, code, group, as_event, weight)
    if entry is not None:
        late = _not_yet_there(t, happened, code, group, as_event, weight, entry[order])
        counts = [np.maximum(all_pairs - early, 0.0) for all_pairs, early in zip(counts, late, strict=True)]
    found = []
    for count in counts:
        placed = np.empty(t.size)
        placed[order] = count
        found.append(placed)
    return PairCounts(*found)


def _codes(score: Floats, group: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rank scores within their group, equal ones alike, from 0."""
    order = np.lexsort((score, group))
    ranked, own = score[order], group[order]
    is_new_group = np.concatenate([[True], own[1:] != own[:-1]])
    rises = np.cumsum(np.concatenate([[True], ranked[1:] != ranked[:-1]]) | is_new_group)
    code = np.empty(score.size, np.intp)
    code[order] = rises - rises[np.flatnonzero(is_new_group)][np.cumsum(is_new_group) - 1]
    return code


def _blocks(*keys: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each row where the run of equal keys around it begins, and where it ends."""
    changes = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    bounds = np.flatnonzero(np.concatenate([[True], changes, [True]]))
    lengths = np.diff(bounds)
    return np.repeat(bounds[:-1], lengths), np.repeat(bounds[1:], lengths)


def _of_order(
    t: Floats, happened: Floats, code: NDArray[np.intp], group: NDArray[np.intp], as_event: Floats, weight: Floats
) -> list[Floats]:
    """Count pairs of an event and a later row, rows in order; of events at one time, the lowest score comes first."""
    concordant = falling_pairs(code, group, as_event, weight)
    everyone = _comparable((group,), (t, happened), happened == 1, as_event, weight)
    order = np.lexsort((code, group))  # rows keep their order within equal codes
    tied = np.empty(t.size)
    tied[order] = _comparable(
        (group[order], code[order]), (t[order], happened[order]), happened[order] == 1, as_event[order], weight[order]
    )
    # events at one time stand in order of their scores, so that none of them counted as concordant
    return [concordant, np.maximum(everyone - concordant - tied, 0.0), tied]


def _comparable(
    within: tuple[NDArray[Any], ...],
    at_once: tuple[NDArray[Any], ...],
    is_event: NDArray[np.bool_],
    as_event: Floats,
    weight: Floats,
) -> Floats:
    """Count, for each row, the pairs of an event and a later row within a block, events at one time left out."""
    begins, ends = _blocks(*within)
    together_begins, together_ends = _blocks(*within, *at_once)
    place = np.arange(weight.size)
    events, rows = running_totals(as_event), running_totals(weight)
    after = rows[ends] - rows[np.where(is_event, together_ends, place + 1)]
    before = events[np.where(is_event, together_begins, place)] - events[begins]
    return np.asarray(as_event * after + weight * before)


def _not_yet_there(
    t: Floats,
    happened: Floats,
    code: NDArray[np.intp],
    group: NDArray[np.intp],
    as_event: Floats,
    weight: Floats,
    entry: Floats,
) -> list[Floats]:
    """Count pairs of an event and a row that came under observation only then or later."""
    events, n = np.flatnonzero(happened), t.size
    row = np.concatenate([events, np.arange(n)])
    is_entry = np.arange(row.size) >= events.size
    order = np.lexsort((is_entry, np.concatenate([t[events], entry]), group[row]))
    row, is_entry = row[order], is_entry[order]
    first, second = np.where(is_entry, 0.0, as_event[row]), np.where(is_entry, weight[row], 0.0)
    own, codes, is_event = group[row], code[row], ~is_entry
    concordant = falling_pairs(codes, own, first, second)
    place = np.arange(row.size)  # no item is at once with another
    everyone = _comparable((own,), (place,), is_event, first, second)
    by_code = np.lexsort((codes, own))
    tied = np.empty(row.size)
    tied[by_code] = _comparable(
        (own[by_code], codes[by_code]), (place,), is_event[by_code], first[by_code], second[by_code]
    )
    discordant = everyone - concordant - tied
    return [np.bincount(row, weights=count, minlength=n).astype(float) for count in (concordant, discordant, tied)]


def _uncensored_before(t: Floats, happened: Floats, weight: Floats, group: NDArray[np.intp]) -> Floats:
    """Return the Kaplan-Meier chance of being uncensored just before each row's time, rows in order.

    Of one time, the events come before those censored.
    """
    begins, ends = _blocks(group, t)
    group_begins, group_ends = _blocks(group)
    rows, lost = running_totals(weight), running_totals(weight * (1 - happened))
    starts = np.unique(begins)
    stops = ends[starts]
    censored = lost[stops] - lost[starts]
    at_risk = rows[group_ends[starts]] - rows[stops] + censored  # once the events of that time are gone
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(censored > 0, 1 - censored / at_risk, 1.0)
    share = np.where(stops == group_ends[starts], 1.0, share)  # nobody of the group is left to whom it would matter
    log_share = running_totals(np.log(share))
    block = np.searchsorted(starts, begins)
    return np.asarray(np.exp(log_share[block] - log_share[np.searchsorted(starts, group_begins)]))
