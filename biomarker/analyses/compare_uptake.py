"""Is uptake higher in one group than in another? Two or more groups, ordered or not, paired or not, lesions nested."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.group_order import level_names
from biomarker.analyses.population import Sample, select_rows
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction, seed_of
from biomarker.analyses.uptake_contrasts import MEANS, MOST_COUNTED, Compared, Scale, paired_lines, unpaired_lines
from biomarker.analyses.uptake_groups import (
    complete_pairs,
    groups_and_reference,
    in_pair_order,
    refuse_not_positive,
    require_groups,
    restricted,
    unpaired_note,
)
from biomarker.analyses.uptake_methods import Compare, contrast_references, describe_contrasts
from biomarker.analyses.uptake_models import Levels, named_columns, random_levels, variance_lines
from biomarker.analyses.uptake_several import several_lines
from biomarker.analyses.uptake_summaries import FEWEST_CLUSTERS, summary_lines
from biomarker.errors import DesignError, IndependenceWarning, SmallSampleWarning, nearest
from biomarker.kernels.rank_tests import ExactChoice
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
        points = "each point is one value"
        if self.is_paired:
            points = "lines join the two values of a lesion"
            points += ", and lesions of one patient share colour and shape" if self.is_nested else ""
        elif self.is_nested:
            points = "lesions of one patient stand on one line and share colour and shape"
        axis = ", logarithmic axis" if self.is_log else ""
        return (
            f"{column_label(self.marker)} by {lower_label(self.group)}: boxes are median and quartiles, whiskers reach "
            f"the furthest value within 1.5 interquartile ranges{axis}; {points}."
        )


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
    random: Sequence[str] = (),
    random_within_patient: Sequence[str] = (),
    rank_test: str = "auto",
    n_resamples: int = 9999,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator = 0,
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
    random : list of str
        Columns that are random effects of the mixed model beside the patient, such as ``centre_id`` or a tumour site:
        one level for all rows of that name, whichever patient they are of [4]_.
    random_within_patient : list of str
        The same, with levels of each patient's own: ``scan`` 1 of one patient is not ``scan`` 1 of another.
    rank_test : {"auto", "exact", "asymptotic"}
        Of independent rows or pairs. ``"auto"`` counts all arrangements below 50 values a group without ties, as R
        does, and otherwise takes the normal approximation, corrected for ties and continuity. ``"exact"`` counts the
        arrangements of tied values too, up to 200 rows.
    n_resamples : int
        Random permutations, where small groups are tied or patients are permuted and there are too many ways to list.
    confidence_level : float
        Of the intervals.
    rng : int or Generator
        Of the permutations.
    patient : str or None
        Column of patients; None says that rows are independent.

    Returns
    -------
    CompareUptake
        For each group `mean`, `sd`, `se`, `median`, `q1`, `q3`, `minimum`, `maximum`, `geometric_mean`,
        `geometric_cv`; for each group against the reference `geometric_mean_ratio` or `mean_difference`,
        `hodges_lehmann_ratio` or `hodges_lehmann_shift` (with the p of the rank test), `hedges_g` (independent rows,
        on the scale of the comparison) and `auc`, the probability that a value of the group exceeds one of the
        reference. With three or more groups `any_difference`; when ordered, `trend`; nested, both by the mixed model
        and, for groups that do not vary within patients, as `any_difference_ranks` and `trend_ranks` by permuting
        patients. With `random`, the `variance_component` of each `of` effect on the scale of the comparison.

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
    .. [4] Bates D, Maechler M, Bolker B, Walker S. J Stat Softw 2015;67(1):1-48.

    Examples
    --------
    >>> data = pd.DataFrame({"suvmax": [9.5, 5.4, 14.6, 6.3, 19.3, 1.2, 3.9, 0.6, 1.6, 3.5],
    ...                      "response": ["PR"] * 5 + ["PD"] * 5})
    >>> result = compare_uptake(data, marker="suvmax", group="response", patient=None)
    >>> ratio = result.estimate("geometric_mean_ratio")
    >>> print(f"{ratio.value:.1f} times ({ratio.low:.1f} to {ratio.high:.1f})")
    5.7 times (2.1 to 15.3)
    """
    exact = _checked_choices(scale, rank_test)
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int) or n_resamples < 1:
        raise DesignError(f"n_resamples is {n_resamples!r}; give a whole number of 1 or more")
    checked_fraction(confidence_level, "confidence_level")
    crossed, within = named_columns(random, "random"), named_columns(random_within_patient, "random_within_patient")
    others = [group, *([paired_by] if paired_by else []), *crossed, *within]
    sample = select_rows(data, numeric=[marker], other=others, patient=patient)
    names = level_names(sample.frame[group])
    chosen, against = groups_and_reference(sample.frame[group], groups, reference)
    if paired_by is not None and len(chosen) != 2:
        raise DesignError(f"paired values are compared between two groups, and {group!r} has {len(chosen)}: name two")
    keep = names.isin(chosen).to_numpy()
    sample, names = restricted(sample, keep, group), names[keep]
    refuse_not_positive(sample.frame[marker], scale)
    if paired_by is not None:
        sample, names = _paired_rows(sample, names, paired_by, group)
    require_groups(names, chosen, group)
    if exact == "exact" and len(names) > MOST_COUNTED:
        raise DesignError(f"rank_test = 'exact' counts arrangements of up to {MOST_COUNTED} rows, not of {len(names)}")
    how = Scale(is_log=scale == "log", unit=marker_unit(marker))
    values, labels = sample.frame[marker].to_numpy(), names.to_numpy(dtype=str)
    levels = random_levels(sample, crossed, within)
    summaries = [
        line
        for name in chosen
        for line in summary_lines(
            values[labels == name], sample.clusters[labels == name], of={"group": name}, unit=how.unit,
            named=sample.patients is not None, confidence_level=confidence_level,
        )
    ]  # fmt: skip
    seed = seed_of(rng)
    compared = [
        _against(sample, values, labels, (name, against), how, levels, exact, confidence_level, paired_by is not None)
        for name in chosen
        if name != against
    ]
    if len(chosen) > 2 or ordered:
        compared.append(
            several_lines(
                values, labels, chosen, sample.patients if sample.is_nested else None, scale=how, ordered=ordered,
                confidence_level=confidence_level, levels=levels, resampling=(n_resamples, rng),
            )
        )  # fmt: skip
    components = _components(sample, how.on(values), labels, chosen, levels, is_paired=paired_by is not None)
    looks_paired = "" if paired_by is not None else unpaired_note(sample, names, group, patient)
    if looks_paired:
        warnings.warn(looks_paired, IndependenceWarning, stacklevel=2)
    lines = [line for each in compared for line in each.lines]
    resampled = any(line.of.get("p") == "permutation" for line in lines)
    compare = Compare(
        designs=tuple(each.design for each in compared),
        is_log=how.is_log,
        is_paired=paired_by is not None,
        several=len(chosen) > 2,
        ordered=ordered,
        random=(*crossed, *within),
        exact_ranks=_all_alike([each.exact_ranks for each in compared[: len(chosen) - 1]]),
        permuted=tuple(str(line.of["test"]) for line in lines if line.of.get("p") in ("exact", "permutation")),
    )
    return CompareUptake(
        estimates=(*summaries, *lines, *components),
        method=Method(
            name=describe_contrasts(compare, as_phrase=True),
            confidence_level=confidence_level,
            settings={
                "scale": scale,
                "groups": list(chosen),
                "reference": against,
                "paired_by": paired_by,
                "ordered": ordered,
                "random": list(crossed),
                "random_within_patient": list(within),
                "rank_test": rank_test,
            },
            references=contrast_references(compare),
            seed=seed if resampled else None,
            n_resamples=n_resamples if resampled else None,
            notes=(*sample.notes, looks_paired, *_notes(summaries, compared)),
            description=describe_contrasts(compare),
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


def _all_alike(flags: Sequence[bool]) -> bool | None:
    return flags[0] if len(set(flags)) == 1 else None


def _checked_choices(scale: str, rank_test: str) -> ExactChoice:
    if scale not in ("log", "raw"):
        raise DesignError(f"no scale {scale!r}{nearest(str(scale), ['log', 'raw'])}; there are log and raw")
    choices: tuple[ExactChoice, ...] = ("auto", "exact", "asymptotic")
    for choice in choices:
        if rank_test == choice:
            return choice
    raise DesignError(f"no rank_test {rank_test!r}{nearest(str(rank_test), choices)}; there are {', '.join(choices)}")


def _paired_rows(sample: Sample, names: pd.Series, paired_by: str, group: str) -> tuple[Sample, pd.Series]:
    """Return the rows of complete pairs, ordered so that the two groups run alike."""
    paired = complete_pairs(sample, names, paired_by)
    sample = restricted(sample, paired, paired_by, f"without a value in both groups of {group}")
    names = names[paired]
    order = in_pair_order(sample, paired_by)
    patients = None if sample.patients is None else sample.patients[order]
    # as many pairs as patients are not nested, though every patient has two rows
    is_nested = patients is not None and np.unique(patients).size < patients.size / 2
    sample = replace(sample, frame=sample.frame.iloc[order], patients=patients, is_nested=is_nested)
    return sample, names.iloc[order]


def _against(
    sample: Sample,
    values: Floats,
    labels: NDArray[np.str_],
    groups: tuple[str, str],
    scale: Scale,
    levels: Levels | None,
    rank_test: ExactChoice,
    confidence_level: float,
    is_paired: bool,
) -> Compared:
    """Compare one group with the reference group."""
    of = {"group": groups[0], "reference": groups[1]}
    if not is_paired:
        rows = np.isin(labels, groups)
        return unpaired_lines(
            values[rows], labels[rows] == groups[0], None if sample.patients is None else sample.patients[rows],
            scale=scale, of=of, confidence_level=confidence_level,
            levels=None if levels is None else levels.of(rows), rank_test=rank_test,
        )  # fmt: skip
    first, second = (labels == name for name in groups)
    if levels is not None:
        for name, code in levels.codes.items():
            if np.any(code[first] != code[second]):
                raise DesignError(
                    f"{name!r} differs between the values of a pair and cannot be a random effect of theirs"
                )
    return paired_lines(
        values[first], values[second], None if sample.patients is None else sample.patients[first],
        scale=scale, of=of, confidence_level=confidence_level,
        levels=None if levels is None else levels.of(first), rank_test=rank_test,
    )  # fmt: skip


def _components(
    sample: Sample,
    x: Floats,
    labels: NDArray[np.str_],
    groups: tuple[str, ...],
    levels: Levels | None,
    *,
    is_paired: bool,
) -> list[Estimate]:
    """Return the variances of the mixed model, where random effects beside the patient were asked for."""
    if levels is None:
        return []
    first = labels == groups[0]
    if is_paired:
        rows, design = first, np.ones((int(first.sum()), 1))
        x = x[first] - x[~first]
    else:
        rows, design = np.ones(x.size, bool), np.column_stack([labels == name for name in groups]).astype(float)
    patients = sample.patients[rows] if sample.is_nested and sample.patients is not None else None
    return variance_lines(x, design, patients, levels.of(rows))


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
    if any(line.quantity in MEANS and np.isnan(line.p_value) for line in lines):
        notes.append("Values that do not vary leave nothing to test: what is not estimable is shown as NE.")
    if any(np.isinf(line.low) or np.isinf(line.high) for line in lines):
        notes.append(
            "An unlimited interval means that so few patients cannot refute any difference at this confidence level."
        )
    if len(compared) > 2:
        notes.append(f"p-values of the {len(compared) - 1} comparisons are not adjusted for multiplicity.")
    return notes
