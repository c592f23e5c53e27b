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

_MIXED = "a linear mixed model with a random intercept per patient, t with patients minus groups degrees of freedom"


def _tests(designs: Sequence[Design], *, is_paired: bool) -> tuple[str, str]:
    """Return how means and how ranks were compared."""
    nested = any(design in ("patients differ", "within patients") for design in designs)
    if is_paired:
        if nested:
            return (f"{_MIXED}, of the paired differences", "a signed-rank test that flips the signs of whole patients")
        return ("the paired t test", "the Wilcoxon signed-rank test")
    if not nested:
        return ("Welch's t test", "the Mann-Whitney test")
    ranks = "a rank-sum test that permutes whole patients"
    if "within patients" in designs:
        ranks = "the rank-sum test of Datta and Satten for groups that differ within patients"
    return (_MIXED, ranks)


def describe_contrasts(designs: Sequence[Design], *, is_log: bool, is_paired: bool, as_phrase: bool = False) -> str:
    """Return one sentence or two for the methods text, or a phrase for the footnote."""
    means, ranks = _tests(designs, is_paired=is_paired)
    if as_phrase:
        return f"{means}; ranks by {ranks}"
    scale = "Geometric means were compared as ratios, on the log scale," if is_log else "Means were compared"
    nested = any(design in ("patients differ", "within patients") for design in designs)
    lesions = " Lesions were treated as nested in patients." if nested else ""
    return (
        f"{scale} by {means}. Ranks were compared by {ranks}, with the Hodges-Lehmann shift and the interval of shifts "
        f"that the test does not refute.{lesions}"
    )


def contrast_references(
    designs: Sequence[Design], *, is_paired: bool, several: bool, ordered: bool
) -> tuple[Reference, ...]:
    """Return the papers behind the comparison, in the order they are used."""
    nested = any(design in ("patients differ", "within patients") for design in designs)
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
