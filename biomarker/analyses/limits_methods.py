"""What limits of agreement say of themselves: notes for the reader, and sentences for the methods section."""

from __future__ import annotations

import numpy as np

from biomarker.analyses.limits_trends import Trends
from biomarker.analyses.replicated_readings import ReplicatedReadings
from biomarker.analyses.result import Method
from biomarker.kernels.limits_components import LimitsOfAgreement
from biomarker.references import (
    BLAND_ALTMAN_1986,
    BLAND_ALTMAN_1999,
    BLAND_ALTMAN_2007,
    CARKEET_2015,
    CHRISTENSEN_2020,
    JONES_2011,
    ODEH_OWEN_1980,
    ZOU_2013,
    Reference,
)

NAMES = {
    "exact": "exact intervals from the noncentral t distribution",
    "exact_pair": "two-sided tolerance factors of the share of differences between both limits",
    "approximate": "approximate intervals after Bland and Altman",
    "nested": "intervals from recovered variance estimates (MOVER), lesions nested in patients",
    "replicated": "intervals from recovered variance estimates (MOVER), replicates nested in {item}s",
    "both": "intervals from recovered variance estimates (MOVER), replicates nested in {item}s and {item}s in patients",
}
REFERENCES: dict[str, tuple[Reference, ...]] = {
    "exact": (BLAND_ALTMAN_1999, CARKEET_2015),
    "exact_pair": (BLAND_ALTMAN_1999, CARKEET_2015, ODEH_OWEN_1980),
    "approximate": (BLAND_ALTMAN_1999,),
    "nested": (BLAND_ALTMAN_2007, ZOU_2013),
    "replicated": (BLAND_ALTMAN_1999, BLAND_ALTMAN_2007, ZOU_2013),
    "both": (BLAND_ALTMAN_1999, BLAND_ALTMAN_2007, ZOU_2013),
}
SCALED = {
    "difference": "differences",
    "percent": "differences in percent of the mean",
    "ratio": "ratios (by way of logarithms)",
}


def interval_kind(table: ReplicatedReadings, interval: str) -> str:
    """Name the kind of interval that a design leads to."""
    if table.replicates == "none":
        return "nested" if table.is_nested else interval
    return "both" if table.is_nested else "replicated"


def pair_notes(
    table: ReplicatedReadings, limits: LimitsOfAgreement, trend: Trends, scale: str, *, has_regression: bool
) -> list[str]:
    """Say what a reader must know before believing the limits of two readers."""
    notes = [*design_notes(table)]
    if np.isnan(limits.sd):
        notes.append("With a single patient, limits of agreement that honour nesting are not estimable.")
    if limits.sd == 0:
        notes.append("The differences do not vary, so the limits have no width.")
    limits_on_ratio = 'limits on the ratio scale (scale = "ratio") may hold better at all sizes'
    hint = "" if scale == "ratio" or has_regression else f"; {limits_on_ratio}"
    if trend.bias.p_value < 0.05:
        notes.append(f"The difference changes with the size of what is read (proportional bias){hint}.")
    if trend.spread.p_value < 0.05:
        also = "" if has_regression else ", or limits by regression (regression = true)"
        notes.append(f"The spread of differences changes with the size of what is read{hint}{also * bool(hint)}.")
    if scale == "ratio":
        notes.append("Limits are ratios, from logarithms; slopes are those of the log ratio on the log mean.")
    return notes


def design_notes(table: ReplicatedReadings) -> list[str]:
    """Say how nesting and replicates were taken."""
    notes = []
    if table.is_nested:
        notes.append(
            f"The bias is the mean of the patients' mean differences, so that a patient with many {table.item_word}s "
            "does not outweigh the others."
        )
    if table.replicates == "paired":
        notes.append(
            "Replicates were compared between readers within a session, which holds whether or not the true value "
            "changed between sessions; limits are those of two single readings."
        )
    if table.replicates == "unpaired":
        notes.append(
            "Replicates were taken as independent readings of a value that did not change; limits are those of two "
            "single readings, not of means."
        )
    return notes


def limits_method(
    table: ReplicatedReadings,
    *,
    scale: str,
    coverage: float,
    interval: str,
    confidence_level: float,
    regression: bool,
    notes: tuple[str, ...],
) -> Method:
    """Describe the limits of two readers."""
    kind = interval_kind(table, interval)
    name = NAMES[kind].format(item=table.item_word)
    cluster = " with a variance that leaves out one cluster at a time (CR3)" if table.unit_clusters is not None else ""
    read = {"none": "", "paired": ", read several times by each, in pairs", "unpaired": ", read several times by each"}
    also = (
        " Limits that change with the mean came from regressions of the difference and of the absolute residual on it, "
        "with jackknife intervals."
    )
    return Method(
        name=name,
        confidence_level=confidence_level,
        settings={
            "scale": scale,
            "coverage": coverage,
            "interval": interval if kind in ("exact", "exact_pair", "approximate") else "MOVER",
            "replicates": table.replicates,
            "regression": regression,
            "readers": " - ".join(table.readers),
        },
        references=(BLAND_ALTMAN_1986, *REFERENCES[kind]),
        notes=notes,
        description=(
            f"Bland-Altman limits of agreement holding {100 * coverage:g}% of the {SCALED[scale]} of two readers were "
            f"estimated for {table.n_items} {table.item_word}s{read[table.replicates]}, with {name}. Proportional bias "
            "and changing spread were tested by linear regression of the difference, and of its absolute residual, on "
            f"the mean{cluster}.{also * regression}"
        ),
    )


def mean_method(
    table: ReplicatedReadings,
    *,
    scale: str,
    coverage: float,
    interval: str,
    confidence_level: float,
    notes: tuple[str, ...],
) -> Method:
    """Describe limits of agreement with the mean of several readers."""
    kind = interval_kind(table, interval)
    of_pairs = NAMES[kind].format(item=table.item_word)
    scaled = {"difference": "", "percent": ", in percent of it,", "ratio": ", as ratios by way of logarithms,"}
    return Method(
        name="chi-square limits of each mean square, recovered for their sum (MOVER)",
        confidence_level=confidence_level,
        settings={
            "scale": scale,
            "coverage": coverage,
            "interval": interval if kind in ("exact", "exact_pair", "approximate") else "MOVER",
            "replicates": table.replicates,
            "readers": ", ".join(table.readers),
        },
        references=(JONES_2011, CHRISTENSEN_2020, BLAND_ALTMAN_1986, *REFERENCES[kind]),
        notes=notes,
        description=(
            f"Limits of agreement with the mean of {len(table.readers)} readers that hold {100 * coverage:g}% of "
            f"readings about it{scaled[scale]} were estimated for {table.n_items} {table.item_word}s by "
            "two-way analysis of variance with readers as a sample of readers; their intervals were recovered from "
            f"those of the mean squares (MOVER). Limits of each pair of readers were estimated with {of_pairs}."
        ),
    )
