"""Three or more groups of uptake values at once: any difference, and a trend over ordered groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.result import Estimate
from biomarker.analyses.uptake_contrasts import Compared, Design, Scale
from biomarker.analyses.uptake_models import Levels, model_contrast, model_joint_test
from biomarker.kernels.rank_tests_several import kruskal_wallis
from biomarker.kernels.resampling import Seed
from biomarker.kernels.trend_tests import jonckheere, patient_kruskal_wallis, patient_trend

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


def several_lines(
    values: Floats,
    labels: NDArray[np.str_],
    groups: tuple[str, ...],
    patients: Codes | None,
    *,
    scale: Scale,
    ordered: bool,
    confidence_level: float,
    levels: Levels | None = None,
    resampling: tuple[int, Seed] = (9999, 0),
) -> Compared:
    """Test whether any group differs, and the trend over groups when they are ordered.

    Independent rows: Kruskal-Wallis and Jonckheere-Terpstra. Nested rows: F and t tests of the mixed model with a
    random intercept per patient (and the other `levels`), and, where groups do not vary within patients, rank tests
    that permute whole patients; with too few patients for them the lines are NaN. `resampling` is how many
    permutations, and where they come from.
    """
    n_patients = None if patients is None else int(np.unique(patients).size)
    blank = Estimate(quantity="", value=np.nan, n=values.size, n_patients=n_patients)
    of_ranks = _independent if patients is None else _permuted
    units = np.arange(values.size) if patients is None else patients
    lines = of_ranks(values, labels, groups, units, ordered, blank, resampling)
    if patients is None and levels is None:
        return Compared(lines, "independent")
    x = scale.on(values)
    members = np.column_stack([labels == name for name in groups]).astype(float)
    models = []
    if len(groups) > 2:
        models.append(_any_difference(x, members, units, levels, blank))
    if ordered:
        models.append(_trend(x, members, units, levels, scale, confidence_level, blank))
    design: Design = "independent" if patients is None else "patients differ"
    return Compared([*models, *lines], design)


def _permuted(
    values: Floats,
    labels: NDArray[np.str_],
    groups: tuple[str, ...],
    patients: Codes,
    ordered: bool,
    blank: Estimate,
    resampling: tuple[int, Seed],
) -> list[Estimate]:
    """Return rank tests that permute whole patients; none where a group varies within one."""
    order = np.array([groups.index(label) for label in labels])
    pairs = np.unique(np.stack([patients, order]), axis=1).shape[1]
    if pairs > np.unique(patients).size:
        return []
    n_resamples, rng = resampling
    lines = []
    if len(groups) > 2:
        test = patient_kruskal_wallis(values, order, patients, n_resamples=n_resamples, rng=rng)
        of = {"test": "Kruskal-Wallis, whole patients permuted", "p": test.how}
        lines.append(
            replace(blank, quantity="any_difference_ranks", statistic=test.statistic, p_value=test.p_value, of=of)
        )
    if ordered:
        trend = patient_trend(values, order, patients, n_resamples=n_resamples, rng=rng)
        of = {"test": "Cuzick, whole patients permuted", "p": trend.how}
        lines.append(replace(blank, quantity="trend_ranks", statistic=trend.z, p_value=trend.p_value, of=of))
    return lines


def _independent(
    values: Floats,
    labels: NDArray[np.str_],
    groups: tuple[str, ...],
    _: Codes,
    ordered: bool,
    blank: Estimate,
    resampling: tuple[int, Seed],
) -> list[Estimate]:
    samples = [values[labels == name] for name in groups]
    lines = []
    if len(groups) > 2:
        test = kruskal_wallis(samples)
        lines.append(
            replace(
                blank,
                quantity="any_difference",
                statistic=test.statistic,
                df=test.df,
                p_value=test.p_value,
                of={"test": "Kruskal-Wallis"},
            )
        )
    if ordered:
        trend = jonckheere(samples, n_resamples=resampling[0], rng=resampling[1])
        lines.append(
            replace(
                blank,
                quantity="trend",
                statistic=trend.z,
                p_value=trend.p_value,
                of={"test": "Jonckheere-Terpstra", "p": trend.how},
            )
        )
    return lines


def _any_difference(x: Floats, members: Floats, patients: Codes, levels: Levels | None, blank: Estimate) -> Estimate:
    n_groups = members.shape[1]
    of = {"test": "mixed model"}
    if np.unique(patients).size <= n_groups:
        return replace(blank, quantity="any_difference", of=of)
    test = model_joint_test(x, members, patients, levels, np.eye(n_groups)[1:] - np.eye(n_groups)[:-1])
    return replace(
        blank,
        quantity="any_difference",
        statistic=test.statistic,
        df=(test.df, test.df_residual),
        p_value=test.p_value,
        of=of,
    )


def _trend(
    x: Floats,
    members: Floats,
    patients: Codes,
    levels: Levels | None,
    scale: Scale,
    confidence_level: float,
    blank: Estimate,
) -> Estimate:
    """Return the ratio or difference from one group to the next, were all steps alike."""
    steps = members @ np.arange(members.shape[1])
    of = {"test": "mixed model, per step"}
    if np.unique(patients).size <= 2:
        return replace(blank, quantity="trend", of=of)
    fixed = np.column_stack([np.ones(x.size), steps])
    test = model_contrast(x, fixed, patients, levels, [0.0, 1.0], confidence_level)
    return scale.line(
        replace(blank, of=of),
        ("trend", "trend"),
        test.difference,
        test.interval,
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
    )
