"""Which findings of a study survive their number? p-values of several analyses, adjusted together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import pandas as pd

from biomarker.analyses.result import Estimate, Exclusion, Method, Population, Result
from biomarker.errors import DesignError, nearest
from biomarker.kernels.multiplicity import METHODS, adjusted_p_values
from biomarker.references import (
    BENJAMINI_HOCHBERG_1995,
    BENJAMINI_YEKUTIELI_2001,
    DUNN_1961,
    HOCHBERG_1988,
    HOLM_1979,
    Reference,
)
from biomarker.vocabulary import column_label, level_text, quantity_label

Hypothesis = str | Mapping[str, object]

_HOLDS: dict[str, tuple[str, str, Reference, str]] = {
    "bonferroni": ("Bonferroni", "the chance of any false positive finding", DUNN_1961, "whatever their dependence"),
    "holm": ("Holm", "the chance of any false positive finding", HOLM_1979, "whatever their dependence"),
    "hochberg": (
        "Hochberg",
        "the chance of any false positive finding",
        HOCHBERG_1988,
        "where tests are independent or positively dependent",
    ),
    "benjamini-hochberg": (
        "Benjamini-Hochberg",
        "the expected share of false positives among the findings",
        BENJAMINI_HOCHBERG_1995,
        "where tests are independent or positively dependent",
    ),
    "benjamini-yekutieli": (
        "Benjamini-Yekutieli",
        "the expected share of false positives among the findings",
        BENJAMINI_YEKUTIELI_2001,
        "whatever their dependence",
    ),
}


@dataclass(frozen=True, kw_only=True)
class AdjustedPValues(Result):
    """p-values of several hypotheses, raw and adjusted.

    Each estimate ``adjusted_p_value`` has the adjusted p-value as its value, the raw one as its ``p_value``, and the
    hypothesis in `of`.

    Attributes
    ----------
    procedure : str
        Holm, Benjamini-Hochberg...
    analyses : tuple of str
        Names of the analyses the p-values are from.
    """

    procedure: str
    analyses: tuple[str, ...]

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: a column wide, a line a hypothesis."""
        return 3.46, 0.9 + 0.22 * len(self.estimates)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return f"p-values as they came (open) and adjusted by the method of {self.procedure} (filled), on a log scale."


def adjust_p_values(
    results: Mapping[str, Result | float] | Sequence[float] | pd.Series,
    *,
    hypotheses: Sequence[Hypothesis] | None = None,
    method: str = "holm",
    titles: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
) -> AdjustedPValues:
    """Adjust the p-values of several hypotheses for their number [1]_ [2]_ [3]_ [4]_.

    Parameters
    ----------
    results : mapping of str to Result or float, or sequence of float
        Results of analyses by name, or p-values themselves, named or not. In a study file these are the results of
        all its other analyses.
    hypotheses : list of str or mapping, optional
        Which p-values make up the family. A name takes the analysis' one p-value. Where it has several, a mapping
        says which: ``{"analysis": "roc", "quantity": "auc_difference", "first": "suvmax"}``; every line that agrees
        with it is taken. Without `hypotheses`, every item of `results` is one.
    method : {"holm", "hochberg", "bonferroni", "benjamini-hochberg", "benjamini-yekutieli"}
        Holm's procedure holds the chance of any false positive under any dependence and is never worse than
        Bonferroni's, so it is the default; the Benjamini procedures hold the false discovery rate, for screens.
    titles : mapping of str to str, optional
        What analyses are called in print, by their names; a study file's own titles by default.
    confidence_level : float
        1 minus the level at which the summary counts a finding; no interval is made.

    Returns
    -------
    AdjustedPValues
        A line ``adjusted_p_value`` a hypothesis: `value` is the adjusted p-value, `p_value` the raw one.

    Raises
    ------
    DesignError
        If an analysis is unknown, has no p-value, or has several and `hypotheses` does not say which; if a p-value is
        taken twice or is no fraction.

    References
    ----------
    .. [1] Holm S. Scand J Stat 1979;6:65-70.
    .. [2] Hochberg Y. Biometrika 1988;75:800-802.
    .. [3] Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300.
    .. [4] Benjamini Y, Yekutieli D. Ann Stat 2001;29:1165-1188.

    Examples
    --------
    >>> import biomarker as bm
    >>> result = bm.adjust_p_values({"response": 0.01, "progression": 0.04, "survival": 0.03})
    >>> [round(line.value, 3) for line in result.estimates]
    [0.03, 0.06, 0.06]
    """
    if method not in METHODS:
        raise DesignError(f"unknown method {method!r}{nearest(method, METHODS)}; there are {', '.join(METHODS)}")
    family = list(_family(_named(results), hypotheses))
    _check_family(family)
    family = [(name, f"{(titles or {}).get(name, name)}{rest}", p) for name, rest, p in family]
    adjusted = adjusted_p_values([p for _, _, p in family], method)
    procedure, held, reference, when = _HOLDS[method]
    unknown = tuple(label for _, label, p in family if isnan(p))
    n_known = len(family) - len(unknown)
    exclusions = (Exclusion(reason="not estimable", rows=unknown),) if unknown else ()
    return AdjustedPValues(
        estimates=tuple(
            Estimate(quantity="adjusted_p_value", value=value, p_value=p, of={"analysis": name, "hypothesis": label})
            for (name, label, p), value in zip(family, adjusted, strict=True)
        ),
        method=Method(
            name=f"{procedure} adjustment of {n_known} p-value{'s' * (n_known != 1)}",
            confidence_level=confidence_level,
            settings={"method": method},
            references=(reference,),
            notes=("P-values that are not estimable are not counted among the hypotheses.",) if unknown else (),
            description=(
                f"{_counted(n_known)} adjusted together by the method of {procedure}, which holds {held}, {when}."
            ),
        ),
        population=Population(rows_in=len(family), rows_used=n_known, exclusions=exclusions, unit="p-value"),
        procedure=procedure,
        analyses=tuple(dict.fromkeys(name for name, _, _ in family)),
    )


def _counted(n: int) -> str:
    return "The p-value of 1 hypothesis was" if n == 1 else f"The p-values of {n} hypotheses were"


def _named(results: object) -> dict[str, Result | float]:
    """Return results or p-values by name; a plain sequence is numbered."""
    if isinstance(results, pd.Series):
        return _told_apart((name, float("nan") if p is pd.NA else p) for name, p in results.items())
    if isinstance(results, Mapping):
        return _told_apart(results.items())
    if isinstance(results, Iterable) and not isinstance(results, str):
        return {f"Hypothesis {number}": one for number, one in enumerate(results, start=1)}
    raise DesignError(f"results is {results!r}; give results or p-values by name, or a list of p-values")


def _told_apart(pairs: Iterable[tuple[object, Result | float]]) -> dict[str, Result | float]:
    named: dict[str, Result | float] = {}
    for name, one in pairs:
        if str(name) in named:
            raise DesignError(f"two results are named {str(name)!r}; give each hypothesis a name of its own")
        named[str(name)] = one
    return named


def _family(
    results: Mapping[str, Result | float], hypotheses: Sequence[Hypothesis] | None
) -> Iterator[tuple[str, str, float]]:
    """Give name of the analysis, what tells the hypothesis from others of it, and p-value, in the order asked for."""
    if hypotheses is not None and (isinstance(hypotheses, str | Mapping) or not isinstance(hypotheses, Iterable)):
        raise DesignError(f"hypotheses = {hypotheses!r}: give a list of names of analyses, or of mappings")
    for wanted in results if hypotheses is None else hypotheses:
        choice: dict[str, object] = dict(wanted) if isinstance(wanted, Mapping) else {"analysis": wanted}
        name = choice.pop("analysis", None)
        if not isinstance(name, str) or name not in results:
            known = ", ".join(results) or "none"
            raise DesignError(f"there is no analysis {name!r}{nearest(str(name), list(results))}; there are {known}")
        one = results[name]
        if isinstance(one, Result):
            yield from _of_result(name, one, choice)
        else:
            yield name, "", _checked(name, one)


def _checked(name: str, p: object) -> float:
    is_number = isinstance(p, int | float | np.number) and not isinstance(p, bool | np.bool_)
    if not is_number or not (isnan(float(p)) or 0 <= float(p) <= 1):  # type: ignore[arg-type]
        raise DesignError(f"the p-value of {name!r} is {p!r}; a p-value is a fraction between 0 and 1")
    return float(p)  # type: ignore[arg-type]


def _of_result(name: str, result: Result, choice: dict[str, object]) -> Iterator[tuple[str, str, float]]:
    tested = [line for line in result.estimates if not isnan(line.p_value)]
    if not tested:
        raise DesignError(f"the analysis {name!r} has no p-value")
    found = [line for line in tested if _agrees(line, choice)]
    if len(found) == 1 or (found and "quantity" in choice):
        for line in found:
            yield name, _rest(line), line.p_value
        return
    lines = "; ".join(dict.fromkeys(_written(line) for line in tested))
    many = f"{len(found)} p-values" if found else "no p-value"
    asked = f" of {choice}" if choice else ""
    raise DesignError(f"the analysis {name!r} has {many}{asked}; say which, with quantity and more of: {lines}")


def _agrees(line: Estimate, choice: Mapping[str, object]) -> bool:
    return all((line.quantity if key == "quantity" else line.of.get(key)) == value for key, value in choice.items())


def _written(line: Estimate) -> str:
    """Return how a line is told from the others, as a study file writes it."""
    return ", ".join([f'quantity = "{line.quantity}"', *(f"{key} = {value!r}" for key, value in line.of.items())])


def _rest(line: Estimate) -> str:
    """Return which line of its analysis it is, to stand after the analysis' title."""
    of = dict(line.of)
    if {"comparison", "first", "second"} <= of.keys():
        of["comparison"] = f"{column_label(str(of.pop('first')))} v {column_label(str(of.pop('second')))}"
    told = [column_label(value) if isinstance(value, str) else level_text(value) for value in of.values()]
    return f": {', '.join([quantity_label(line.quantity), *told])}"


def _check_family(family: Sequence[tuple[str, str, float]]) -> None:
    if not family:
        raise DesignError("no p-value to adjust: name at least two hypotheses")
    labels = [f"{name}{rest}" for name, rest, _ in family]
    if twice := [label for label in dict.fromkeys(labels) if labels.count(label) > 1]:
        raise DesignError(f"taken twice: {'; '.join(twice)}; each hypothesis counts once")
