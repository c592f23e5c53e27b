"""Is uptake higher in one group than in another? Two or more groups, ordered or not, paired or not, lesions nested."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.group_order import level_name, level_names, ordered_levels
from biomarker.analyses.population import Sample, select_rows
from biomarker.analyses.result import Estimate, Exclusion, Method, Population, Result, checked_fraction
from biomarker.analyses.uptake_contrasts import Compared, Scale, paired_lines, unpaired_lines
from biomarker.analyses.uptake_methods import contrast_references, describe_contrasts
from biomarker.analyses.uptake_several import several_lines
from biomarker.analyses.uptake_summaries import FEWEST_CLUSTERS, summary_lines
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.vocabulary import column_label, lower_label, marker_unit

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class CompareUptake(Result):
    """Summaries by `of` group, comparisons by `of` group and reference; `values` holds the points of the figure."""

    marker: str
    group: str
    groups: tuple[str, ...]
    reference: str
    is_log: bool
    is_paired: bool
    is_nested: bool
    values: dict[str, Floats]
    patients: dict[str, NDArray[np.intp]]  # of each value, numbered over the whole sample

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of the figure, inches."""
        return (min(7.09, max(3.46, 0.9 * len(self.groups))), 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        points = "lesions of one patient share colour and shape" if self.is_nested else "each point is one value"
        axis = ", logarithmic axis" if self.is_log else ""
        return (
            f"{column_label(self.marker)} by {lower_label(self.group)}: boxes are median and quartiles, whiskers reach "
            f"the furthest value within 1.5 interquartile ranges{axis}; {points}."
        )


# pairs of rows are laid out by the rank tests of nested rows: this many take some 6 GB
MOST_NESTED_ROWS = 20_000


def compare_uptake(
    data: pd.DataFrame,
    *,
    marker: str,
    group: str,
    groups: Sequence[object] | None = None,
    reference: object | None = None,
    ordered: bool = False,
    paired_by: str | None = None,
    scale: str = "log",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> CompareUptake:
    """Compare a marker between groups of lesions or patients.

    Uptake is right-skewed and multiplicative, so means are compared on the log scale by default: as a ratio of
    geometric means. Where patients have several lesions, means are compared by a mixed model with a random intercept
    for each patient [1]_, and ranks by permuting whole patients [2]_ or, where groups differ within patients, by the
    test of Datta and Satten [3]_; otherwise by Welch's test and that of Mann and Whitney.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient; for paired data one row a lesion and group.
    marker : str
        Column of uptake.
    group : str
        Column of groups.
    groups : list, optional
        The groups to compare, in order; rows of others are left out and counted. All of them by default: responses
        from CR to PD, numbers ascending, else alphabetical.
    reference : optional
        The group that the others are compared with; the last by default.
    ordered : bool
        Whether the groups have an order whose trend is to be tested.
    paired_by : str, optional
        Column that names what was measured in both of two groups, such as ``lesion_id`` (within its patient); what
        lacks one of them is left out and counted.
    scale : {"log", "raw"}
        Ratios of geometric means, or differences of means.
    confidence_level : float
        Of the intervals.
    patient : str or None
        Column of patients; None says that rows are independent.

    Returns
    -------
    CompareUptake
        For each group `mean`, `sd`, `se`, `median`, `q1`, `q3`, `minimum`, `maximum`, `geometric_mean`,
        `geometric_cv`; for each group against the reference `geometric_mean_ratio` or `mean_difference`,
        `hodges_lehmann_ratio` or `hodges_lehmann_shift` (with the p of the rank test), `hedges_g` (independent rows,
        on the scale of the comparison) and `auc`, the probability that a value of the group exceeds one of the
        reference. With three or more groups `any_difference`; when ordered, `trend`.

    Raises
    ------
    DesignError
        If there are fewer than two groups, a group or scale is unknown, values are zero or negative on the log
        scale, or paired data hold two values of one lesion and group.

    References
    ----------
    .. [1] Laird NM, Ware JH. Biometrics 1982;38:963-974.
    .. [2] Rosner B, Glynn RJ, Lee MLT. Biometrics 2003;59:1089-1098.
    .. [3] Datta S, Satten GA. J Am Stat Assoc 2005;100:908-915.

    Examples
    --------
    >>> data = pd.DataFrame({"suvmax": [9.5, 5.4, 14.6, 6.3, 19.3, 1.2, 3.9, 0.6, 1.6, 3.5],
    ...                      "response": ["PR"] * 5 + ["PD"] * 5})
    >>> result = compare_uptake(data, marker="suvmax", group="response", patient=None)
    >>> ratio = result.estimate("geometric_mean_ratio")
    >>> print(f"{ratio.value:.1f} times ({ratio.low:.1f} to {ratio.high:.1f})")
    5.7 times (2.1 to 15.3)
    """
    if scale not in ("log", "raw"):
        raise DesignError(f"no scale {scale!r}{nearest(str(scale), ['log', 'raw'])}; there are log and raw")
    checked_fraction(confidence_level, "confidence_level")
    sample = select_rows(data, numeric=[marker], other=[group, *([paired_by] if paired_by else [])], patient=patient)
    if sample.is_nested and len(sample.frame) > MOST_NESTED_ROWS:
        raise DesignError(
            f"{len(sample.frame):,} rows nested in patients are too many for rank tests, which lay out every pair of "
            f"rows; {MOST_NESTED_ROWS:,} can be compared: aggregate lesions to patients first"
        )
    names = level_names(sample.frame[group])
    chosen, against = _groups(sample.frame[group], groups, reference)
    if paired_by is not None and len(chosen) != 2:
        raise DesignError(f"paired values are compared between two groups, and {group!r} has {len(chosen)}: name two")
    _refuse_not_positive(sample.frame[marker], scale)
    keep = names.isin(chosen).to_numpy()
    sample, names = _restricted(sample, keep, group), names[keep]
    if paired_by is not None:
        paired = _complete_pairs(sample, names, paired_by)
        sample, names = (
            _restricted(sample, paired, paired_by, f"without a value in both groups of {group}"),
            names[paired],
        )
    _require_groups(names, chosen, group)
    how = Scale(is_log=scale == "log", unit=marker_unit(marker))
    values, labels = sample.frame[marker].to_numpy(), names.to_numpy(dtype=str)
    summaries = [
        line
        for name in chosen
        for line in summary_lines(
            values[labels == name], sample.clusters[labels == name], of={"group": name}, unit=how.unit,
            named=sample.patients is not None, confidence_level=confidence_level,
        )
    ]  # fmt: skip
    compared = _compare(sample, values, labels, chosen, against, how, paired_by, ordered, confidence_level)
    notes = (*sample.notes, *_notes(summaries, compared))
    designs = [each.design for each in compared]
    return CompareUptake(
        estimates=(*summaries, *(line for each in compared for line in each.lines)),
        method=Method(
            name=describe_contrasts(designs, is_log=how.is_log, is_paired=paired_by is not None, as_phrase=True),
            confidence_level=confidence_level,
            settings={
                "scale": scale,
                "groups": list(chosen),
                "reference": against,
                "paired_by": paired_by,
                "ordered": ordered,
            },
            references=contrast_references(
                designs, is_paired=paired_by is not None, several=len(chosen) > 2, ordered=ordered
            ),
            notes=notes,
            description=describe_contrasts(designs, is_log=how.is_log, is_paired=paired_by is not None),
        ),
        population=sample.population if paired_by is None else replace(sample.population, unit="measurement"),
        marker=marker,
        group=group,
        groups=chosen,
        reference=against,
        is_log=how.is_log,
        is_paired=paired_by is not None,
        is_nested=sample.is_nested,
        values={name: values[labels == name] for name in chosen},
        patients={name: sample.clusters[labels == name] for name in chosen},
    )


def _groups(
    column: pd.Series, groups: Sequence[object] | None, reference: object | None
) -> tuple[tuple[str, ...], str]:
    """Return the groups to compare and the one they are compared with, as words."""
    known = ordered_levels(column)
    chosen = known if groups is None else tuple(dict.fromkeys(level_name(each) for each in groups))
    against = chosen[-1] if reference is None and chosen else level_name(reference)
    for name in (*chosen, against):
        if name not in known:
            raise DesignError(f"{column.name!r} never is {name!r}{nearest(name, known)}; it holds {', '.join(known)}")
    if against not in chosen:
        raise DesignError(f"the reference {against!r} is not among the groups {', '.join(chosen)}")
    if len(chosen) < 2:
        raise DesignError(f"{column.name!r} holds {', '.join(chosen) or 'no group'} only; two groups make a comparison")
    if len(chosen) > 12:
        raise DesignError(f"{column.name!r} has {len(chosen)} groups; recode it, or name the groups to compare")
    return chosen, against


def _refuse_not_positive(values: pd.Series, scale: str) -> None:
    count = int((values <= 0).sum())
    if scale == "log" and count:
        raise DesignError(
            f"{count} value{'s' * (count != 1)} of {values.name!r} are zero or negative and have no logarithm; "
            'take scale = "raw", or leave them out with where'
        )


def _restricted(sample: Sample, keep: NDArray[np.bool_], column: str, reason: str = "") -> Sample:
    """Return the sample with some rows only, the others counted as excluded."""
    if keep.all():
        return sample
    left_out = sample.frame.index[~keep]
    patients = None if sample.patients is None else np.unique(sample.patients[keep], return_inverse=True)[1]
    n_patients = None if patients is None else int(np.unique(patients).size)
    exclusion = Exclusion(reason=reason or f"in other groups of {column}", rows=tuple(left_out.tolist()), column=column)
    population = Population(
        rows_in=sample.population.rows_in,
        rows_used=int(keep.sum()),
        patients_in=sample.population.patients_in,
        patients_used=n_patients,
        exclusions=(*sample.population.exclusions, exclusion),
        unit=sample.population.unit,
    )
    return Sample(
        frame=sample.frame[keep],
        population=population,
        patients=patients,
        is_nested=n_patients is not None and n_patients < int(keep.sum()),
        notes=sample.notes,
    )


def _pair_keys(sample: Sample, paired_by: str) -> pd.MultiIndex:
    first = np.zeros(len(sample.frame), int) if sample.patients is None else sample.patients
    return pd.MultiIndex.from_arrays([first, sample.frame[paired_by]])


def _complete_pairs(sample: Sample, names: pd.Series, paired_by: str) -> NDArray[np.bool_]:
    keys = _pair_keys(sample, paired_by)
    twice = pd.MultiIndex.from_arrays([*(keys.get_level_values(i) for i in (0, 1)), names]).duplicated()
    if twice.any():
        second = int(np.flatnonzero(twice)[0])
        raise DesignError(
            f"row {names.index[second]}: a second value of the same {paired_by} in group {names.iloc[second]!r}; "
            "a pair has one each"
        )
    counts = pd.Series(1, index=keys).groupby(level=[0, 1], observed=True).transform("sum").to_numpy()
    return np.asarray(counts == 2)


def _require_groups(names: pd.Series, chosen: tuple[str, ...], group: str) -> None:
    counts = names.value_counts()
    few = [f"{name!r} has {int(counts.get(name, 0))}" for name in chosen if counts.get(name, 0) < 2]
    if few:
        raise DesignError(f"each group of {group!r} needs two values or more, and {' and '.join(few)}")


def _compare(
    sample: Sample,
    values: Floats,
    labels: NDArray[np.str_],
    groups: tuple[str, ...],
    reference: str,
    scale: Scale,
    paired_by: str | None,
    ordered: bool,
    confidence_level: float,
) -> list[Compared]:
    compared = []
    for name in groups:
        if name == reference:
            continue
        of = {"group": name, "reference": reference}
        if paired_by is not None:
            order = np.lexsort(
                (sample.frame[paired_by].astype(str).to_numpy(), sample.clusters * (sample.patients is not None))
            )
            first, second = (order[labels[order] == each] for each in (name, reference))
            patients = None if sample.patients is None else sample.patients[first]
            compared.append(
                paired_lines(
                    values[first], values[second], patients, scale=scale, of=of, confidence_level=confidence_level
                )
            )
            continue
        rows = np.isin(labels, (name, reference))
        patients = None if sample.patients is None else sample.patients[rows]
        compared.append(
            unpaired_lines(
                values[rows], labels[rows] == name, patients, scale=scale, of=of, confidence_level=confidence_level
            )
        )
    if len(groups) > 2 or ordered:
        nested = sample.patients if sample.is_nested else None
        compared.append(
            several_lines(
                values, labels, groups, nested, scale=scale, ordered=ordered, confidence_level=confidence_level
            )
        )
    return compared


def _notes(summaries: Sequence[Estimate], compared: Sequence[Compared]) -> list[str]:
    notes = []
    if any(line.quantity == "mean" and np.isnan(line.low) for line in summaries):
        notes.append(f"A group with fewer than {FEWEST_CLUSTERS} independent units has no interval of its own.")
    if any(each.design == "naive" for each in compared):
        notes.append(
            "A group has lesions of one patient only, so nesting cannot be allowed for: the comparison marked naive "
            "treats lesions as independent."
        )
        warnings.warn(notes[-1], SmallSampleWarning, stacklevel=3)
    lines: list[Estimate] = [line for each in compared for line in each.lines]
    if any(np.isinf(line.low) or np.isinf(line.high) for line in lines):
        notes.append(
            "An unlimited interval means that so few patients cannot refute any difference at this confidence level."
        )
    if len(compared) > 2:
        notes.append(f"P values of the {len(compared) - 1} comparisons are not adjusted for multiplicity.")
    return notes
