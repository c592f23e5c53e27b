"""The sentences of a repeatability analysis: the claim in QIBA's words, notes for the reader, and the methods text."""

from __future__ import annotations

import numpy as np

from biomarker.analyses.repeatability_lines import Repeats
from biomarker.analyses.result import Estimate, Method
from biomarker.references import (
    BLAND_ALTMAN_1996_ERROR,
    BLAND_ALTMAN_1996_PROPORTIONAL,
    OBUCHOWSKI_BULLEN_2018,
    RAUNIG_2015,
    SATTERTHWAITE_1946,
    WEERAHANDI_1993,
    Reference,
)
from biomarker.vocabulary import column_label, lower_label, marker_unit


def claim_of(lines: list[Estimate], value: str, scale: str) -> str:
    """Return what change between two measurements of a lesion is a true one, in the wording of QIBA's profiles."""
    found = {line.quantity: line for line in lines if "band" not in line.of}
    kind = "repeatability" if "repeatability_coefficient" in found else "reproducibility"
    coefficient = found.get(f"{kind}_coefficient")
    if coefficient is None or np.isnan(coefficient.value) or coefficient.value == 0:
        return ""
    condition = (
        "under the same conditions" if kind == "repeatability" else f"by different {coefficient.of['over']}s"
    )  # fmt: skip
    ending = f"indicates that a true change has occurred, with 95% confidence, when both are made {condition}"
    if scale == "log":
        low, high = found[f"{kind}_limit_low"], found[f"{kind}_limit_high"]
        return (
            f"A measured change in {column_label(value)} of an increase of more than {_percent(high.value)}% or a "
            f"decrease of more than {_percent(-low.value)}% {ending}."
            + _cautious(f"{_percent(high.high)}% and {_percent(-low.low)}%", high.high)
        )
    unit = marker_unit(value)
    spaced = f" {unit}" if unit else ""
    return (
        f"A measured change in {lower_label(value)} of more than {coefficient.value:.3g}{spaced} {ending}."
        + _cautious(f"{coefficient.high:.3g}{spaced}", coefficient.high)
    )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.3g}" if abs(fraction) < 10 else f"{100 * fraction:.0f}"


def _cautious(limits: str, upper: float) -> str:
    return f" At the upper confidence limit of the error, it takes {limits}." if np.isfinite(upper) else ""


def repeatability_notes(repeats: Repeats, lines: list[Estimate], by: str) -> list[str]:
    """Return what a reader must know of these readings."""
    word, notes = repeats.rows.item_word, []
    if not repeats.raw.df.size:
        notes.append(
            f"No {repeats.over} has read a {word} twice, so repeatability cannot be told from reproducibility; only "
            "the latter is given."
        )
    if any(line.quantity == "reproducibility_coefficient" and line.value == 0 for line in lines):
        notes.append(
            f"All readings of a {word} are alike: how large the error over {repeats.over}s could be is not estimable."
        )
    if repeats.is_nested and repeats.raw.df.size:
        whose = "within_sd" if repeats.log is None else "repeatability_limit_high"
        df = next(line.df for line in lines if line.quantity == whose)
        notes.append(
            f"{_who_goes_together(repeats)}: intervals rest on {df:.0f} effective degrees of freedom in place of "
            f"{repeats.raw.df.sum():.0f}."
            if isinstance(df, float) and np.isfinite(df)
            else f"With a single patient, no interval that honours nesting of {word}s can be estimated."
        )
    if np.unique(repeats.raw.df).size > 1:
        notes.append(f"{word.capitalize()}s were read unequally often; each counts by its degrees of freedom.")
    notes += _median_note(repeats, lines) + _trend_note(lines, by)
    return notes


def _who_goes_together(repeats: Repeats) -> str:
    word = repeats.rows.item_word
    if repeats.rows.is_nested:
        return f"{word.capitalize()}s are nested in patients and share the errors of a scan"
    return f"Readings of one {word} by several readers go together"


def _median_note(repeats: Repeats, lines: list[Estimate]) -> list[str]:
    medians = [line.value for line in lines if line.quantity == "item_cv_median"]
    if medians and medians[0] == 0 and repeats.raw.squares.sum() > 0:
        word = repeats.rows.item_word
        return [
            f"Half of the {word}s or more were read exactly alike, so the median CV is 0; it says nothing of the "
            "others. Limits of change follow from the root mean square."
        ]
    return []


def _trend_note(lines: list[Estimate], by: str) -> list[str]:
    trends = [line for line in lines if line.quantity == "precision_trend"]
    if not trends or not trends[0].p_value < 0.05:
        return []
    more = "more" if trends[0].value > 1 else "less"
    return [
        f"The error goes with {by}: measurements spread {more} where it is larger, so that one coefficient for all "
        "does not hold; see the bands."
    ]


def repeatability_method(
    repeats: Repeats, *, scale: str, session: str | None, by: str, bands: int, notes: tuple[str, ...]
) -> Method:
    """Describe coefficients and intervals."""
    word = repeats.rows.item_word
    has_repeats = bool(repeats.raw.df.size)
    name = "chi-squared intervals" + (" with effective degrees of freedom" if repeats.is_nested else "")
    over = repeats.over if len(repeats.rows.reader_names) > 1 else ""
    if over:
        generalised = "generalised intervals for reproducibility"
        name = f"{name}, {generalised}" if has_repeats else generalised
    return Method(
        name=name,
        confidence_level=repeats.level,
        settings={"scale": scale, "session": session or "", "over": over, "by": by, "bands": bands},
        references=_papers(repeats, scale, over),
        notes=notes,
        description=" ".join(
            part for part in (_within_sentence(repeats, scale, word), _over_sentence(over, word)) if part
        ),
    )  # fmt: skip


def _within_sentence(repeats: Repeats, scale: str, word: str) -> str:
    if not repeats.raw.df.size:
        return ""
    what = (
        f"the within-{word} coefficient of variation (root mean square, and from the standard deviation of logarithms)"
        if scale == "log"
        else f"the within-{word} standard deviation"
    )
    limits = ", with asymmetric limits exp(±1.96√2 s) − 1" if scale == "log" else ""
    nested = (
        f"; as {word}s were nested in patients, degrees of freedom were effective ones" if repeats.is_nested else ""
    )  # fmt: skip
    return (
        f"Repeatability was summarised by {what} of {repeats.counts['n']} {word}s read repeatedly and by the "
        f"repeatability coefficient, 1.96√2 times the standard deviation{limits}; intervals are from the chi-squared "
        f"distribution{nested}."
    )


def _over_sentence(over: str, word: str) -> str:
    if not over:
        return ""
    return (
        f"Reproducibility over {over}s was summarised by the reproducibility coefficient, 1.96√2 times the root of the "
        f"variance of {over}, of {word} by {over}, and within, from variance components by restricted maximum "
        "likelihood with generalised confidence intervals."
    )


def _papers(repeats: Repeats, scale: str, over: str) -> tuple[Reference, ...]:
    papers: list[Reference] = [BLAND_ALTMAN_1996_ERROR, RAUNIG_2015, OBUCHOWSKI_BULLEN_2018]
    papers += [BLAND_ALTMAN_1996_PROPORTIONAL] * (scale == "log")
    papers += [SATTERTHWAITE_1946] * repeats.is_nested + [WEERAHANDI_1993] * bool(over)
    return tuple(papers)
