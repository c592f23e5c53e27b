"""What a methods section says about a comparison of uptake, and the papers it cites."""

from __future__ import annotations

from dataclasses import dataclass

from biomarker.analyses.uptake_contrasts import Design
from biomarker.references import (
    BATES_2015,
    BELL_MCCAFFREY_2002,
    CUZICK_1985,
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
    SATTERTHWAITE_1946,
    WELCH_1947,
    WILCOXON_1945,
    Reference,
)
from biomarker.vocabulary import lower_label

_MIXED = "a linear mixed model (REML, random intercept per patient, t with patients − groups degrees of freedom)"
_MIXED_PAIRED = (
    "a linear mixed model of the paired differences (REML, random intercept per patient, t with patients − 1 degrees "
    "of freedom)"
)


@dataclass(frozen=True, kw_only=True)
class Compare:
    """What a comparison consists of: the design of each contrast, the random effects, the tests that permute."""

    designs: tuple[Design, ...]
    is_log: bool
    is_paired: bool
    several: bool = False
    ordered: bool = False
    random: tuple[str, ...] = ()
    permuted: tuple[str, ...] = ()
    exact_ranks: bool | None = None  # None where contrasts differ in it, or nothing is to be said

    @property
    def is_nested(self) -> bool:
        """Whether lesions are nested in patients."""
        return any(design in ("patients differ", "within patients") for design in self.designs)


def _means(compare: Compare) -> str:
    """Return how means were compared."""
    if compare.random:
        effects = [*(["patient"] if compare.is_nested else []), *(lower_label(name) for name in compare.random)]
        of_what = " of the paired differences" if compare.is_paired else ""
        return (
            f"a linear mixed model{of_what} (REML, random intercepts: {', '.join(effects)}; Satterthwaite degrees of "
            "freedom, at most patients less groups)"
        )
    if compare.is_paired:
        return _MIXED_PAIRED if compare.is_nested else "the paired t test"
    return _MIXED if compare.is_nested else "Welch's t test"


def _ranks(compare: Compare) -> str:
    """Return how ranks were compared."""
    if compare.is_paired:
        flips = "a signed-rank test that flips the signs of whole patients"
        return flips if compare.is_nested else f"the Wilcoxon signed-rank test{_counted(compare)}"
    if not compare.is_nested:
        return f"the Mann-Whitney test{_counted(compare)}"
    if "within patients" in compare.designs:
        return "the rank-sum test of Datta and Satten for groups that differ within patients"
    return "a rank-sum test that permutes whole patients"


def _counted(compare: Compare) -> str:
    """Return how the p of ranks of independent rows was found."""
    if compare.exact_ranks is None:
        return ""
    return " (exact)" if compare.exact_ranks else " (normal approximation, corrected for ties and continuity)"


def describe_contrasts(compare: Compare, *, as_phrase: bool = False) -> str:
    """Return a few sentences for the methods text, or a phrase for the footnote."""
    means, ranks = _means(compare), _ranks(compare)
    if as_phrase:
        return f"{means}; ranks by {ranks}"
    scale = "Geometric means were compared as ratios, on the log scale," if compare.is_log else "Means were compared"
    nested = compare.is_nested
    sentences = [
        f"{scale} by {means}.",
        f"Ranks were compared by {ranks}, with the Hodges-Lehmann shift and the interval of shifts that the test does "
        "not refute.",
    ]
    if not compare.is_paired:
        variance = "Obuchowski" if nested else "DeLong"
        sentences.append(
            "The probability that a value of one group exceeds one of the other (AUC) was estimated with the variance "
            f"of {variance} and a logit interval."
        )
        if not nested and not compare.random:
            sentences.append("Hedges' g has an interval from the noncentral t distribution.")
    sentences += _of_all_groups(compare)
    if nested:
        sentences.append("Lesions were treated as nested in patients.")
    return " ".join(sentences)


def _of_all_groups(compare: Compare) -> list[str]:
    sentences = []
    if compare.several:
        test = "the F test of the model" if compare.is_nested or compare.random else "the Kruskal-Wallis test"
        sentences.append(f"Any difference among the groups was tested by {test}.")
    if compare.ordered:
        test = "a linear step in the model" if compare.is_nested or compare.random else "the Jonckheere-Terpstra test"
        sentences.append(f"The trend over ordered groups was tested by {test}.")
    return sentences + [
        f"The p-value of the {test.partition(',')[0]} test comes from {_from(test)}."
        for test in dict.fromkeys(compare.permuted)
    ]


def _from(test: str) -> str:
    if "patients" in test:
        return "arrangements of whole patients over the groups"
    return "its exact distribution or from arrangements of the values over the groups"


def contrast_references(compare: Compare) -> tuple[Reference, ...]:
    """Return the papers behind the comparison, in the order they are used."""
    nested = compare.is_nested
    model = [LAIRD_WARE_1982] if nested else []
    papers: list[Reference] = model or [WELCH_1947]
    if compare.is_paired:
        papers = [*model, ROSNER_GLYNN_LEE_2006 if nested else WILCOXON_1945]
    elif "within patients" in compare.designs:
        papers.append(DATTA_SATTEN_2005)
    else:
        papers.append(ROSNER_GLYNN_LEE_2003 if nested else MANN_WHITNEY_1947)
    papers.append(HODGES_LEHMANN_1963)
    if not compare.is_paired:
        papers += [OBUCHOWSKI_1997] if nested else [HEDGES_1981, DELONG_1988]
    if nested:
        papers.append(BELL_MCCAFFREY_2002)
    if compare.random:
        papers = [paper for paper in papers if paper not in (WELCH_1947, HEDGES_1981)]
        papers += [BATES_2015, SATTERTHWAITE_1946]
    if compare.several and (not nested or compare.permuted):
        papers.append(KRUSKAL_WALLIS_1952)
    if compare.ordered and not nested:
        papers.append(JONCKHEERE_1954)
    if compare.ordered and nested and compare.permuted:
        papers.append(CUZICK_1985)
    return tuple(papers)
