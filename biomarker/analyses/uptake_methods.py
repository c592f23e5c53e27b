"""What a methods section says about a comparison of uptake, and the papers it cites."""

from __future__ import annotations

from collections.abc import Sequence

from biomarker.analyses.uptake_contrasts import Design
from biomarker.references import (
    BELL_MCCAFFREY_2002,
    DATTA_SATTEN_2005,
    DELONG_1988,
    HEDGES_1981,
    HODGES_LEHMANN_1963,
    JONCKHEERE_1954,
    KRUSKAL_WALLIS_1952,
    LAIRD_WARE_1982,
    MANN_WHITNEY_1947,
    OBUCHOWSKI_1997,
    ROSNER_GLYNN_LEE_2003,
    ROSNER_GLYNN_LEE_2006,
    WELCH_1947,
    WILCOXON_1945,
    Reference,
)

_MIXED = "a linear mixed model (REML, random intercept per patient, t with degrees of freedom of patients less groups)"
_MIXED_PAIRED = (
    "a linear mixed model of the paired differences (REML, random intercept per patient, t with patients less 1)"
)


def _is_nested(designs: Sequence[Design]) -> bool:
    return any(design in ("patients differ", "within patients") for design in designs)


def _tests(designs: Sequence[Design], *, is_paired: bool) -> tuple[str, str]:
    """Return how means and how ranks were compared."""
    nested = _is_nested(designs)
    if is_paired:
        if nested:
            return (_MIXED_PAIRED, "a signed-rank test that flips the signs of whole patients")
        return ("the paired t test", "the Wilcoxon signed-rank test")
    if not nested:
        return ("Welch's t test", "the Mann-Whitney test")
    ranks = "a rank-sum test that permutes whole patients"
    if "within patients" in designs:
        ranks = "the rank-sum test of Datta and Satten for groups that differ within patients"
    return (_MIXED, ranks)


def describe_contrasts(designs: Sequence[Design], *, is_log: bool, is_paired: bool, as_phrase: bool = False) -> str:
    """Return a few sentences for the methods text, or a phrase for the footnote."""
    means, ranks = _tests(designs, is_paired=is_paired)
    if as_phrase:
        return f"{means}; ranks by {ranks}"
    scale = "Geometric means were compared as ratios, on the log scale," if is_log else "Means were compared"
    nested = _is_nested(designs)
    sentences = [
        f"{scale} by {means}.",
        f"Ranks were compared by {ranks}, with the Hodges-Lehmann shift and the interval of shifts that the test does "
        "not refute.",
    ]
    if not is_paired:
        variance = "Obuchowski" if nested else "DeLong"
        sentences.append(
            "The probability that a value of one group exceeds one of the other (AUC) was estimated with the variance "
            f"of {variance} and a logit interval."
        )
        if not nested:
            sentences.append("Hedges' g has an interval from the noncentral t distribution.")
    if nested:
        sentences.append("Lesions were treated as nested in patients.")
    return " ".join(sentences)


def contrast_references(
    designs: Sequence[Design], *, is_paired: bool, several: bool, ordered: bool
) -> tuple[Reference, ...]:
    """Return the papers behind the comparison, in the order they are used."""
    nested = _is_nested(designs)
    papers: list[Reference] = [LAIRD_WARE_1982 if nested else WELCH_1947]
    if is_paired:
        papers = [*([LAIRD_WARE_1982] if nested else []), ROSNER_GLYNN_LEE_2006 if nested else WILCOXON_1945]
    elif "within patients" in designs:
        papers.append(DATTA_SATTEN_2005)
    else:
        papers.append(ROSNER_GLYNN_LEE_2003 if nested else MANN_WHITNEY_1947)
    papers.append(HODGES_LEHMANN_1963)
    if not is_paired:
        papers += [OBUCHOWSKI_1997] if nested else [HEDGES_1981, DELONG_1988]
    if nested:
        papers.append(BELL_MCCAFFREY_2002)
    if not nested:
        papers += [KRUSKAL_WALLIS_1952] * several + [JONCKHEERE_1954] * ordered
    return tuple(papers)
