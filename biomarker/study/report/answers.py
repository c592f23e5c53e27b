"""An answer in words where the estimates give one: the estimate with its interval first, its p-value after.

Numbers are rounded as the table of the same analysis rounds them. An analysis whose answer is not one or a few numbers
has none here: its table is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from biomarker.tables.style import MINUS, Style, listed
from biomarker.vocabulary import column_label, level_text, lower_label, outcome_label, quantity_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Estimate, Result

_MOST = 4  # sentences: more are a table


def answer(kind: str, result: Result, style: Style) -> str:
    """Return the answer of an analysis in a few sentences, or "" where its numbers do not make one.

    Parameters
    ----------
    kind : str
        Its kind, as in the study file.
    result : Result
    style : Style
        How numbers print: that of the tables.
    """
    tell = ANSWERS.get(kind)
    if tell is None:
        return ""
    told = list(tell(result, _Words(result, style)))
    return " ".join(told) if len(told) <= _MOST else ""


class _Words:
    """Estimates as phrases: "0.89 (95% CI 0.83–0.93; p < 0.001)"."""

    def __init__(self, result: Result, style: Style) -> None:
        self.style = style
        self.level = f"{100 * result.method.confidence_level:g}% CI"

    def told(
        self,
        line: Estimate,
        digits: int = 2,
        *,
        scale: float = 1,
        unit: str = "",
        of_what: str = "",
        with_p: bool = True,
    ) -> str:
        """Return value, interval and p; `of_what` names the hypothesis of the p-value where it needs a name."""
        value = f"{self.style.number(line.value * scale, digits)}{unit}"
        inside = []
        if not (isnan(line.low) and isnan(line.high)):
            naive = "naive " if line.of.get("interval") == "naive" else ""
            inside.append(f"{naive}{self.level} {self.style.interval(line.low, line.high, digits, scale=scale)}")
        if with_p and inside and not isnan(line.p_value):  # a p-value goes with an interval
            inside.append(self.style.p_phrase(line.p_value) + f"{of_what}")
        return f"{value} ({'; '.join(inside)})" if inside else value

    def share(self, line: Estimate) -> str:
        """Return a share in percent."""
        return self.told(line, 1, scale=100, unit="%")

    def measured(self, line: Estimate) -> str:
        """Return a value of a marker, three figures, with its unit."""
        figures = [self.style.significant(number) for number in (line.value, line.low, line.high)]
        unit = f" {line.unit}" if line.unit else ""
        if isnan(line.low) or isnan(line.high):
            return f"{figures[0]}{unit}"
        mark = " to " if self.style.range_mark == "to" or line.low < 0 else self.style.range_mark
        return f"{figures[0]}{unit} ({self.level} {figures[1]}{mark}{figures[2]})"


Told = Iterator[str]


def _lines(result: Result, quantity: str, **of: object) -> list[Estimate]:
    """Return the lines of a quantity that have a value and all of these marks."""
    return [
        line
        for line in result.estimates
        if line.quantity == quantity and not isnan(line.value) and all(line.of.get(k) == v for k, v in of.items())
    ]


def _plain(result: Result, quantity: str) -> Estimate | None:
    found = [line for line in _lines(result, quantity) if not set(line.of) - {"interval"}]
    return found[0] if found else None


def _predictive_values(result: Any, words: _Words) -> Told:  # noqa: ANN401 - the result of this kind
    ppv, npv = _plain(result, "ppv"), _plain(result, "npv")
    shares = [f"{name} was {words.share(line)}" for name, line in (("PPV", ppv), ("NPV", npv)) if line is not None]
    prevalence = next(iter(_lines(result, "prevalence")), None)
    if shares and prevalence is not None:
        yield f"{listed(shares)}, at a prevalence of {words.style.percent(prevalence.value)}%."
        for name, sign, line in (("PPV", "positive", ppv), ("NPV", "negative", npv)):
            if line is None:
                yield f"{name} cannot be estimated: no test was {sign}."


def _roc_curve(result: Any, words: _Words) -> Told:  # noqa: ANN401
    line = _plain(result, "auc")
    if line is None:
        return
    way = "higher" if result.higher_is_positive else "lower"
    yield f"The AUC was {words.told(line, 3, of_what=' against 0.5')}."
    yield (
        f"In that share of pairs of a positive and a negative {result.population.unit}, the positive one had the {way} "
        f"{lower_label(result.marker)}, ties counted half."
    )


def _compare_roc_curves(result: Any, words: _Words) -> Told:  # noqa: ANN401
    label = column_label if result.key == "marker" else str
    for line in _lines(result, "auc_difference"):
        pair = f"{label(str(line.of['first']))} {MINUS} {label(str(line.of['second']))}"
        yield f"The difference in AUC, {pair}, was {words.told(line, 3)}."


def _suv_cutoff(result: Any, words: _Words) -> Told:  # noqa: ANN401
    if len(result.curves) != 1 or not _lines(result, "cutoff"):
        return
    sign = "≥" if result.higher_is_positive else "≤"
    marker = lower_label(result.curves[0].marker)
    yield f"The cutoff chosen was {marker} {sign} {words.measured(_lines(result, 'cutoff')[0])}."
    corrected = [
        f"{name} was {words.share(line)}"
        for name in ("sensitivity", "specificity")
        for line in _lines(result, name, performance="corrected")
    ]
    if len(corrected) == 2:
        yield f"Corrected for the optimism of that choice, {listed(corrected)}."


def _evaluate_cutoff(result: Any, words: _Words) -> Told:  # noqa: ANN401
    sign = "≥" if result.higher_is_positive else "≤"
    for first in _lines(result, "sensitivity", performance="as measured"):
        for second in _lines(result, "specificity", performance="as measured", cutoff=first.of["cutoff"]):
            at = f"{lower_label(result.marker)} {sign} {words.style.significant(float(first.of['cutoff']))}"
            if "reader" not in first.of and "reader" not in second.of:
                yield f"At {at}, sensitivity was {words.share(first)} and specificity {words.share(second)}."


def _compare_uptake(result: Any, words: _Words) -> Told:  # noqa: ANN401
    quantity, what = ("geometric_mean_ratio", "ratio of geometric means") if result.is_log else (
        "mean_difference", "difference in means",
    )  # fmt: skip
    for line in _lines(result, quantity):
        joined = f"{line.of['group']} to {line.of['reference']}" if result.is_log else (
            f"{line.of['group']} {MINUS} {line.of['reference']}"
        )  # fmt: skip
        yield f"The {what} of {lower_label(result.marker)}, {joined}, was {words.told(line)}."


def _correlate(result: Any, words: _Words) -> Told:  # noqa: ANN401
    for line in result.estimates[:1]:
        if not isnan(line.value):
            yield f"{quantity_label(line.quantity)} was {words.told(line)}."


def _compare_correlations(result: Any, words: _Words) -> Told:  # noqa: ANN401
    signs = {str(line.of.get("marker")): line.value > 0 for line in result.estimates if "marker" in line.of}
    for line in _lines(result, "correlation_difference"):
        first, second = str(line.of["first"]), str(line.of["second"])
        pair = f"{column_label(first)} {MINUS} {column_label(second)}"
        opposed = "; the two have opposite signs" if signs.get(first) != signs.get(second) else ""
        yield f"The difference in correlation, {pair}, was {words.told(line)}{opposed}."


def _detection_rate(result: Any, words: _Words) -> Told:  # noqa: ANN401
    for line in _lines(result, "detection_rate"):
        level = line.of.get("group")
        word = "At {} {}" if isinstance(level, int | float) and not isinstance(level, bool) else "Where {} was {}"
        where = "" if level is None else word.format(lower_label(str(result.by)), level_text(level)) + ", "
        told = f"{where}the detection rate was {words.share(line)}."
        yield told[0].upper() + told[1:]


def _compare_tests(result: Any, words: _Words) -> Told:  # noqa: ANN401
    for quantity in ("sensitivity", "specificity"):
        for line in _lines(result, f"{quantity}_difference"):
            pair = f" {MINUS} ".join(column_label(test) for test in str(line.of["comparison"]).split(" v "))
            told = words.told(line, 1, scale=100, unit=" percentage points")
            yield f"The difference in {quantity}, {pair}, was {told}."


def _response_rate(result: Any, words: _Words) -> Told:  # noqa: ANN401
    rates = [
        f"{words.share(line)}{_of_group(line.of['group'], len(result.groups))}"
        for line in _lines(result, "objective_response_rate")
    ]
    if rates:
        yield f"The objective response rate was {listed(rates)}."
    for line in _lines(result, "objective_response_difference"):
        apart = words.told(line, 1, scale=100, unit=" percentage points")
        yield f"The difference, {line.of['comparison']}, was {apart}."


def _of_group(group: object, groups: int) -> str:
    return f" in {level_text(group)}" if groups > 1 else ""


def _ratios(quantity: str, sentence: str) -> Callable[[Any, _Words], Told]:
    """Return what tells the ratios of a model, one sentence a term, where each has one."""

    def tell(result: Any, words: _Words) -> Told:  # noqa: ANN401
        lines = _lines(result, quantity)
        if any("at" in line.of for line in lines):
            return  # a curve is not one number
        for line in lines:
            term = lower_label(str(line.of["term"]))
            how = f"per {line.of['per']}" if "per" in line.of else f"{line.of['level']} against {line.of['reference']}"
            yield f"{sentence} for {term}, {how}, was {words.told(line)}."

    return tell


def _survival_curves(result: Any, words: _Words) -> Told:  # noqa: ANN401
    medians = [
        f"{_median(line, words)}{_of_group(line.of.get('group', ''), len(result.groups))}"
        for line in result.estimates
        if line.quantity == "median_survival"
    ]
    unit = f" ({result.unit})" if result.unit else ""
    yield f"Median {_lowered(outcome_label(result.duration))}{unit} was {listed(medians)}."
    for line in _lines(result, "rmst_difference"):
        if isnan(line.low) and isnan(line.high):
            continue  # a difference without an interval would read like a finding
        up_to = f"{words.style.plain(float(line.of['time']))} {result.unit}".rstrip()
        apart = words.told(line, 1, unit=f" {result.unit}".rstrip(), with_p=False)  # the p printed is another test's
        pair = f" {MINUS} ".join(str(line.of["comparison"]).split(" v "))
        yield f"The difference in mean survival time up to {up_to}, {pair}, was {apart}."


def _median(line: Estimate, words: _Words) -> str:
    value, low, high = (words.style.number(x, 1) if isfinite(x) else "NR" for x in (line.value, line.low, line.high))
    mark = words.style.range_mark if words.style.range_mark != "to" else " to "
    limits = "" if low == high == "NR" else f" ({words.level} {low}{mark}{high})"
    return f"{'not reached' if value == 'NR' else value}{limits}"


def _survival_cutoff(result: Any, words: _Words) -> Told:  # noqa: ANN401
    cutoff = _lines(result, "cutoff")
    corrected = _lines(result, "hazard_ratio", performance="corrected")
    if cutoff and corrected:
        yield f"The cutoff chosen was {lower_label(result.marker)} of {words.measured(cutoff[0])}."
        ratio, side = words.told(corrected[0]), "above" if result.higher_is_positive else "below"
        yield (
            f"Corrected for the optimism of that choice, the hazard ratio of patients at or {side} it, against the "
            f"others, was {ratio}."
        )


def _treatment_interaction(result: Any, words: _Words) -> Told:  # noqa: ANN401
    names = {"hazard_ratio": "ratio of hazard ratios", "odds_ratio": "ratio of odds ratios"}
    what = names.get(result.scale, "difference of differences")
    for line in _lines(result, f"interaction_{result.scale}"):
        control, treated = (level_text(arm) for arm in result.arms)
        per = f", per {line.of['per']} of {lower_label(result.marker)}" if "per" in line.of else ""
        yield f"Interaction: the {what} ({treated} against {control}){per}, was {words.told(line)}.".replace(
            "), was", ") was"
        )


def _intraclass_correlation(result: Any, words: _Words) -> Told:  # noqa: ANN401
    lines = [line for line in _lines(result, "icc") if set(line.of) <= {"form", "estimator"}]
    told = [line for line in lines if line.of.get("form") == "ICC(2,1)"] or lines
    for line in told[:1]:
        yield f"{line.of.get('form', 'ICC')} was {words.told(line, 3, with_p=False)}."


def _repeatability(result: Any, words: _Words) -> Told:  # noqa: ANN401
    for line in _lines(result, "within_cv")[:1]:
        yield f"The within-{result.item_word} coefficient of variation was {words.share(line)}."
    down, up = _plain(result, "repeatability_limit_low"), _plain(result, "repeatability_limit_high")
    if down is not None and up is not None:
        limits = words.style.number(-100 * down.value, 1), words.style.number(100 * up.value, 1)
        fell = words.style.interval(-down.high, -down.low, 1, scale=100)
        rose = words.style.interval(up.low, up.high, 1, scale=100)
        yield (
            f"A change exceeds measurement error if it is a decrease of more than {limits[0]}% ({words.level} "
            f"{fell}) or an increase of more than {limits[1]}% ({words.level} {rose}); 5% of changes of an "
            f"unchanged {result.item_word} do so by chance."
        )


def _limits_of_agreement(result: Any, words: _Words) -> Told:  # noqa: ANN401
    scale = getattr(result, "scale", "")
    unit, digits = ("% of the mean", 1) if scale == "percent" else ("", 2)
    bias, low, high = (
        [line for line in _lines(result, name) if "at" not in line.of] for name in ("bias", "loa_low", "loa_high")
    )
    if not (len(bias) == len(low) == len(high) == 1):
        return  # of several readers, or only by regression: that is a table
    first, second = result.readers
    sign = "/" if scale == "ratio" else MINUS
    yield f"The bias, {first} {sign} {second}, was {words.told(bias[0], digits, unit=unit)}."
    limits = [words.told(line, digits, unit=unit) for line in (low[0], high[0])]
    yield f"The limits of agreement were {listed(limits)}."


def _concordance_correlation(result: Any, words: _Words) -> Told:  # noqa: ANN401
    for line in _lines(result, "ccc")[:1]:
        yield f"The concordance correlation was {words.told(line, 3)}."


def _categorical_agreement(result: Any, words: _Words) -> Told:  # noqa: ANN401
    overall = [line for line in result.estimates if set(line.of) == {"weights"} and not isnan(line.value)]
    shares = [line for line in overall if line.quantity == "percent_agreement" and line.of["weights"] == "none"]
    kappas = [line for line in overall if line.quantity in ("cohen_kappa", "fleiss_kappa")]
    weighted = [line for line in kappas if line.of["weights"] != "none"]
    if shares and kappas:
        told = words.told((weighted or kappas)[0], of_what=" against chance")
        weights = f" with {weighted[0].of['weights']} weights" if weighted else ""
        yield (
            f"Readers agreed in {words.share(shares[0])} of pairs of ratings; {quantity_label(kappas[0].quantity)}"
            f"{weights} was {told}."
        )


def _time_dependent_roc(result: Any, words: _Words) -> Told:  # noqa: ANN401
    way = "" if result.method.settings.get("higher_is_positive", True) else ", lower values speaking for the event,"
    for line in _lines(result, "auc"):
        by = f"{level_text(line.of['time'])} {result.unit}".rstrip()
        yield f"The AUC of {lower_label(str(line.of['marker']))}{way} by {by} was {words.told(line, with_p=False)}."


def _lowered(label: str) -> str:
    return label[0].lower() + label[1:] if label[1:2].islower() else label


ANSWERS: dict[str, Callable[[Any, _Words], Told]] = {
    "detection_rate": _detection_rate,
    "predictive_values": _predictive_values,
    "predictive_values_from_counts": _predictive_values,
    "compare_tests": _compare_tests,
    "roc_curve": _roc_curve,
    "compare_roc_curves": _compare_roc_curves,
    "suv_cutoff": _suv_cutoff,
    "evaluate_cutoff": _evaluate_cutoff,
    "time_dependent_roc": _time_dependent_roc,
    "compare_uptake": _compare_uptake,
    "correlate": _correlate,
    "compare_correlations": _compare_correlations,
    "response_rate": _response_rate,
    "response_model": _ratios("odds_ratio", "The odds ratio"),
    "intraclass_correlation": _intraclass_correlation,
    "limits_of_agreement": _limits_of_agreement,
    "repeatability": _repeatability,
    "concordance_correlation": _concordance_correlation,
    "categorical_agreement": _categorical_agreement,
    "survival_curves": _survival_curves,
    "hazard_model": _ratios("hazard_ratio", "The hazard ratio"),
    "survival_cutoff": _survival_cutoff,
    "treatment_interaction": _treatment_interaction,
}
