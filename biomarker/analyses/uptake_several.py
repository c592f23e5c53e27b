"""Three or more groups of uptake values at once: any difference, and a trend over ordered groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.result import Estimate
from biomarker.analyses.uptake_contrasts import Compared, Design, Scale
from biomarker.kernels.mixed import contrast, joint_test, random_intercept
from biomarker.kernels.rank_tests_several import jonckheere_terpstra, kruskal_wallis

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
) -> Compared:
    """Test whether any group differs, and the trend over groups when they are ordered.

    Independent rows: Kruskal-Wallis and Jonckheere-Terpstra. Nested rows: F and t tests of the mixed model with a
    random intercept per patient; with too few patients for it the lines are NaN.
    """
    n_patients = None if patients is None else int(np.unique(patients).size)
    blank = Estimate(quantity="", value=np.nan, n=values.size, n_patients=n_patients)
    if patients is None:
        return Compared(_independent(values, labels, groups, ordered, blank), "independent")
    x = scale.on(values)
    members = np.column_stack([labels == name for name in groups]).astype(float)
    design: Design = "patients differ"
    lines = []
    if len(groups) > 2:
        lines.append(_any_difference(x, members, patients, blank))
    if ordered:
        lines.append(_trend(x, members, patients, scale, confidence_level, blank))
    return Compared(lines, design)


def _independent(
    values: Floats, labels: NDArray[np.str_], groups: tuple[str, ...], ordered: bool, blank: Estimate
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
        trend = jonckheere_terpstra(samples)
        lines.append(
            replace(
                blank,
                quantity="trend",
                statistic=trend.z,
                p_value=trend.p_value,
                of={"test": "Jonckheere-Terpstra"},
            )
        )
    return lines


def _any_difference(x: Floats, members: Floats, patients: Codes, blank: Estimate) -> Estimate:
    n_groups = members.shape[1]
    of = {"test": "mixed model"}
    if np.unique(patients).size <= n_groups:
        return replace(blank, quantity="any_difference", of=of)
    fit = random_intercept(x, members, patients)
    test = joint_test(fit, np.eye(n_groups)[1:] - np.eye(n_groups)[:-1])
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
    scale: Scale,
    confidence_level: float,
    blank: Estimate,
) -> Estimate:
    """Return the ratio or difference from one group to the next, were all steps alike."""
    steps = members @ np.arange(members.shape[1])
    of = {"test": "mixed model, per step"}
    if np.unique(patients).size <= 2:
        return replace(blank, quantity="trend", of=of)
    test = contrast(
        random_intercept(x, np.column_stack([np.ones(x.size), steps]), patients),
        [0.0, 1.0],
        confidence_level=confidence_level,
    )
    return scale.line(
        replace(blank, of=of),
        ("trend", "trend"),
        test.difference,
        test.interval,
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
    )
