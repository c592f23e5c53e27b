"""How a cutoff was chosen, in the words of a methods section, with the papers behind it."""

from __future__ import annotations

import math

from biomarker.analyses.cutoff_performance import interval_name, interval_references
from biomarker.analyses.cutoff_plan import Plan
from biomarker.analyses.population import Sample
from biomarker.analyses.result import Method
from biomarker.errors import DesignError
from biomarker.kernels.cutoff_criteria import CRITERIA, CriterionSettings
from biomarker.references import (
    EFRON_1987,
    EFRON_TIBSHIRANI_1993,
    EFRON_TIBSHIRANI_1997,
    FLUSS_2005,
    HARRELL_1996,
    HESTERBERG_2015,
    LIU_2012,
    LOPEZ_RATON_2014,
    MILLER_SIEGMUND_1982,
    NOMA_2021,
    PERKINS_SCHISTERMAN_2006,
    YOUDEN_1950,
    Reference,
)
from biomarker.vocabulary import quantity_label

CUTOFF_INTERVALS = {
    "expanded-percentile": (HESTERBERG_2015, "expanded percentile"),
    "percentile": (EFRON_TIBSHIRANI_1993, "percentile"),
    "bca": (EFRON_1987, "bias-corrected and accelerated"),
}
CORRECTIONS = {
    ".632+": (EFRON_TIBSHIRANI_1997, "by the .632+ bootstrap"),
    "ordinary": (HARRELL_1996, "by subtracting the mean optimism of the resamples"),
}
USES_PREVALENCE = ("cost", "target_ppv", "target_npv")
SMOOTHINGS = ("none", "kernel", "kernel-log")
CRITERION_WORDS: dict[str, tuple[str, Reference]] = {
    "youden": ("maximises Youden's J", YOUDEN_1950),
    "closest_topleft": ("lies closest to the top left corner of the ROC plot", PERKINS_SCHISTERMAN_2006),
    "max_product": ("maximises the product of sensitivity and specificity", LIU_2012),
    "max_accuracy": ("maximises accuracy", LOPEZ_RATON_2014),
    "max_kappa": ("maximises Cohen's kappa", LOPEZ_RATON_2014),
    "max_f1": ("maximises F1", LOPEZ_RATON_2014),
    "min_sensitivity": ("maximises specificity at a sensitivity of at least {minimum:g}", LOPEZ_RATON_2014),
    "min_specificity": ("maximises sensitivity at a specificity of at least {minimum:g}", LOPEZ_RATON_2014),
    "target_ppv": ("maximises NPV at a PPV of at least {minimum:g}", LOPEZ_RATON_2014),
    "target_npv": ("maximises PPV at an NPV of at least {minimum:g}", LOPEZ_RATON_2014),
    "cost": ("minimises the expected cost, a false negative costing {cost_ratio:g} false positives", LOPEZ_RATON_2014),
    "prevalence_matching": ("calls as many positive as are positive", LOPEZ_RATON_2014),
    "max_odds_ratio": ("maximises the odds ratio, with 0.5 in place of an empty cell", LOPEZ_RATON_2014),
    "min_p": ("gives the largest chi-square, that is, the smallest p", MILLER_SIEGMUND_1982),
}


def criterion_settings(
    criterion: str, minimum: float | None, prevalence: float | None, cost_ratio: float
) -> CriterionSettings:
    """Return the numbers a criterion needs, each checked, and none given that it does not use."""
    demanded = CRITERIA[criterion].minimum_of if criterion in CRITERIA else ""
    if demanded and minimum is None:
        raise DesignError(f"criterion={criterion!r} needs `minimum`, the {quantity_label(demanded)} to be reached")
    if minimum is not None and not demanded:
        raise DesignError(f"criterion={criterion!r} takes no `minimum`; min_sensitivity and target_ppv do")
    if minimum is not None and not 0 < minimum <= 1:
        raise DesignError(f"minimum is {minimum}; give a fraction above 0 and at most 1, such as 0.9")
    if prevalence is not None and criterion not in USES_PREVALENCE:
        raise DesignError(f"criterion={criterion!r} takes no `prevalence`; {', '.join(USES_PREVALENCE)} do")
    if prevalence is not None and not 0 < prevalence < 1:
        raise DesignError(f"prevalence is {prevalence}; give a fraction between 0 and 1, both excluded")
    if not (cost_ratio > 0 and math.isfinite(cost_ratio)):
        raise DesignError(f"cost_ratio is {cost_ratio}; give a positive number: false positives per false negative")
    if cost_ratio != 1 and criterion != "cost":
        raise DesignError(f"criterion={criterion!r} takes no `cost_ratio`; criterion='cost' does")
    return CriterionSettings(
        minimum=math.nan if minimum is None else float(minimum),
        prevalence=math.nan if prevalence is None else float(prevalence),
        cost_ratio=float(cost_ratio),
    )


def cutoff_method(plan: Plan, sample: Sample, seed: int | tuple[int, ...] | None, notes: tuple[str, ...]) -> Method:
    """Return how the cutoffs were chosen and judged."""
    reference, shown = CUTOFF_INTERVALS[plan.cutoff_interval]
    return Method(
        name=f"{shown} bootstrap interval of the cutoff; {interval_name(plan.interval, nested=sample.is_nested)}",
        confidence_level=plan.confidence_level,
        settings=_settings(plan),
        references=(
            CRITERION_WORDS[plan.rule.criterion][1],
            *((FLUSS_2005,) if plan.rule.smoothing != "none" else ()),
            reference,
            CORRECTIONS[plan.correction][0],
            NOMA_2021,
            *interval_references(plan.interval, nested=sample.is_nested),
        ),
        seed=seed,
        n_resamples=plan.n_resamples,
        notes=(_data_driven(plan), *notes),
        description=_description(plan, sample),
    )


def _settings(plan: Plan) -> dict[str, object]:
    rule, numbers = plan.rule, plan.rule.settings
    settings: dict[str, object] = {
        "criterion": rule.criterion,
        "ties": rule.ties,
        "candidates": rule.candidates,
        "smoothing": "kernel-log" if plan.log_scale else rule.smoothing,
        "minimum_share": rule.minimum_share,
        "higher_is_positive": plan.higher_is_positive,
        "cutoff_interval": plan.cutoff_interval,
        "interval": plan.interval,
        "correction": plan.correction,
        "stratified": plan.stratified,
        "n_folds": plan.n_folds,
        "n_repeats": plan.n_repeats,
    }
    if CRITERIA[rule.criterion].minimum_of:
        settings["minimum"] = numbers.minimum
    if not math.isnan(numbers.prevalence):
        settings["prevalence"] = numbers.prevalence
    if rule.criterion == "cost":
        settings["cost_ratio"] = numbers.cost_ratio
    if rule.criterion == "min_p":
        settings["n_permutations"] = plan.n_permutations
    return settings


def criterion_phrase(plan: Plan) -> str:
    """Return what the cutoff does: "maximises Youden's J"."""
    numbers = plan.rule.settings
    words = CRITERION_WORDS[plan.rule.criterion][0].format(minimum=numbers.minimum, cost_ratio=numbers.cost_ratio)
    return words if math.isnan(numbers.prevalence) else f"{words} at a prevalence of {numbers.prevalence:g}"


def _data_driven(plan: Plan) -> str:
    where = "an observed value" if plan.rule.candidates == "observed" else "half-way between observed values"
    if plan.rule.smoothing != "none":
        where = "a point of a grid, classes smoothed by a normal kernel" + (
            " on the log scale" if plan.log_scale else ""
        )
    return (
        f"The cutoff was chosen on these data and is not prespecified: it {criterion_phrase(plan)}, and is {where} "
        f"(positive: marker {plan.sign} cutoff). Apparent performance is therefore too good."
    )


def _description(plan: Plan, sample: Sample) -> str:
    unit = "whole patients" if sample.is_nested else "rows"
    strata = " within the classes" if plan.stratified else ""
    held_out = (
        f" Performance was also estimated by {plan.n_folds}-fold cross-validation of {unit}, repeated "
        f"{plan.n_repeats} times."
        if plan.n_repeats
        else ""
    )
    return (
        f"The cutoff was derived from the data as the one that {criterion_phrase(plan)}. Its confidence interval is "
        f"the {CUTOFF_INTERVALS[plan.cutoff_interval][1]} interval of {plan.n_resamples:,} bootstrap resamples of "
        f"{unit}{strata}, in each of which the cutoff was chosen anew. Performance was corrected for optimism "
        f"{CORRECTIONS[plan.correction][1]}, and the intervals of apparent performance, from the resamples and at the "
        f"chosen cutoff, were shifted by the optimism, the wider side of the two being given.{held_out}"
    )
