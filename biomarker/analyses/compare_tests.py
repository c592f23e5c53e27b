"""Is one test better than another? Sensitivity, specificity and predictive values of tests on the same patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.compare_tests_method import Choice, method_of
from biomarker.analyses.population import Positive, Sample, require_both_classes, require_columns, select_rows
from biomarker.analyses.result import Estimate, Result
from biomarker.analyses.two_by_two import NAIVE, checked_interval
from biomarker.errors import DesignError, nearest
from biomarker.kernels.measure import Measure
from biomarker.kernels.paired_proportions import (
    MCNEMAR_METHODS,
    PAIRED_DIFFERENCES,
    HypothesisTest,
    paired_difference,
    paired_ratio,
)
from biomarker.kernels.paired_proportions import mcnemar as mcnemar_test
from biomarker.kernels.paired_tests import (
    COMPARED,
    Side,
    proportion_of,
    ratio,
    score_test,
    side,
    wald_test,
    weighted_score_test,
)
from biomarker.kernels.paired_tests import difference as difference_of
from biomarker.vocabulary import index_test_label, quantity_label

SCORES = {"kosinski": weighted_score_test, "leisenring": score_test}
COMBINATIONS = {"either": (" or ", np.any), "both": (" and ", np.all)}


@dataclass(frozen=True, kw_only=True)
class TestComparison(Result):
    """Accuracy of each test and the differences between them.

    Attributes
    ----------
    reference_standard : str
    tests : tuple of str
        Tests, combinations of tests, or groups, in the order compared.
    comparisons : tuple of pairs of str
        First and second: first less second, or first over second; ``"first v second"`` in the estimates.
    is_paired : bool
        Whether the tests were read in the same rows.
    is_nested : bool
    """

    reference_standard: str
    tests: tuple[str, ...]
    comparisons: tuple[tuple[str, str], ...]
    is_paired: bool = True
    is_nested: bool = False

    __test__ = False  # its name begins with Test, and pytest would collect it

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height in inches: taller with more tests."""
        return (3.46, 1.4 + 0.5 * len(self.tests))

    @property
    def caption(self) -> str:
        """What the figure shows."""
        level = f"{100 * self.method.confidence_level:g}%"
        tests = ", ".join(index_test_label(test) for test in self.tests)
        return f"Sensitivity, specificity and predictive values of {tests}, with {level} confidence intervals."


def compare_tests(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    index_tests: Sequence[str],
    positive: Positive | None = None,
    test_positive: Positive | Mapping[str, Positive] | None = None,
    group: str | None = None,
    combine: str | Sequence[str] = (),
    interval: str = "wilson",
    difference: str = "tango",
    mcnemar: str = "mid-p",
    score: str = "kosinski",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> TestComparison:
    """Compare binary tests by differences and ratios of sensitivity, specificity, PPV and NPV.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient, with the result of every test.
    reference_standard : str
        Column with the truth or outcome.
    index_tests : list of str
        Columns of two or more binary tests of the same rows; or one, with `group`.
    positive : value or list of values, optional
        What counts as positive in `reference_standard`; not needed where it is bool or 0/1.
    test_positive : value, list of values, or mapping of column to these, optional
        The same for the tests.
    group : str, optional
        Unpaired: compare the one test between the values of this column (two scanners, two arms).
    combine : str or list of str
        ``"either"`` and ``"both"``: add the tests combined, positive where any or all of them are, and compare the
        combination with each of its parts.
    interval : str
        Of each proportion: ``"wilson"`` (default), ``"clopper-pearson"``, ``"jeffreys"``, ``"agresti-coull"``.
    difference : str
        Interval for paired differences of sensitivity and specificity: ``"tango"`` (default; score) or ``"newcombe"``.
        Predictive values, nested lesions and unpaired groups have combined (MOVER) limits.
    mcnemar : str
        Form of McNemar's test whose p-value stands beside those differences: ``"mid-p"`` (default), ``"exact"``,
        ``"asymptotic"``, ``"corrected"``. All four are among the estimates.
    score : str
        Test whose p-value stands beside differences of predictive values: ``"kosinski"`` (default; keeps its level
        better) or ``"leisenring"``. Both are among the estimates.
    confidence_level : float
    patient : str or None
        Column of patients; where it repeats, variances are those between patients.

    Returns
    -------
    TestComparison
        For each test its four proportions (``of={"test": ...}``); for each pair ``sensitivity_difference``,
        ``sensitivity_ratio``, and so on for the others (``of={"comparison": "A v B"}``); and
        ``sensitivity_equality`` with every form of test (``of={"comparison": ..., "method": ...}``).

    Raises
    ------
    DesignError
        If the reference standard has one class only, or arguments do not fit one another.

    Examples
    --------
    >>> import pandas as pd
    >>> scans = pd.DataFrame(
    ...     {"response": [1, 1, 1, 1, 0, 0, 0, 0], "pet": [1, 1, 1, 0, 0, 0, 0, 1], "fdg": [1, 0, 0, 0, 0, 0, 1, 1]}
    ... )
    >>> result = compare_tests(scans, reference_standard="response", index_tests=["pet", "fdg"])
    >>> result.estimate("sensitivity_difference").value
    0.5
    """
    choice = _checked_choice(interval, difference, mcnemar, score, confidence_level)
    tests, combined = _checked_tests(data, index_tests, group, combine)
    if reference_standard in tests:
        raise DesignError(f"{reference_standard!r} is the reference standard and cannot be a test as well")
    sample = select_rows(
        data,
        classes={reference_standard: positive} | {test: _positive_of(test, test_positive) for test in tests},
        other=[group] if group else [],
        patient=patient,
    )
    require_both_classes(sample.frame[reference_standard], reference_standard, "sensitivity or specificity")
    sides = _sides(sample, reference_standard, tests, group, combined)
    patients = sample.patients if sample.is_nested else None
    lines, notes = _proportion_lines(sides, patients, choice)
    comparisons = []
    for first, second in _pairs(list(sides), tests if group is None else list(sides)):
        comparisons.append((first, second))
        for quantity in COMPARED:
            pair = sides[first][quantity], sides[second][quantity]
            new, note = _comparison_lines(
                quantity, f"{first} v {second}", *pair, patients, choice, is_paired=group is None
            )
            lines, notes = [*lines, *new], [*notes, note]
    return TestComparison(
        estimates=tuple(lines),
        method=method_of(choice, sample, notes, is_paired=group is None, combined=combined, group=group),
        population=sample.population,
        reference_standard=reference_standard,
        tests=tuple(sides),
        comparisons=tuple(comparisons),
        is_paired=group is None,
        is_nested=sample.is_nested,
    )


def _checked_choice(interval: str, difference: str, mcnemar: str, score: str, confidence_level: float) -> Choice:
    checked_interval(interval, confidence_level)
    known: dict[str, tuple[str, Mapping[str, Any]]] = {
        "difference": (difference, PAIRED_DIFFERENCES),
        "mcnemar": (mcnemar, MCNEMAR_METHODS),
        "score": (score, SCORES),
    }
    for name, (given, choices) in known.items():
        if given not in choices:
            raise DesignError(
                f"{name} is {given!r}{nearest(str(given), list(choices))}; there are {', '.join(choices)}"
            )
    return Choice(
        interval=interval, difference=difference, mcnemar=mcnemar, score=score, confidence_level=confidence_level
    )


def _checked_tests(
    data: pd.DataFrame, index_tests: Sequence[str], group: str | None, combine: str | Sequence[str]
) -> tuple[list[str], list[str]]:
    tests = [index_tests] if isinstance(index_tests, str) else list(index_tests)
    combined = [combine] if isinstance(combine, str) else list(combine)
    if isinstance(data, pd.DataFrame):
        require_columns(data, [*tests, *([group] if group else [])])
    if len(set(tests)) < len(tests):
        raise DesignError(f"index_tests names a column twice: {', '.join(tests)}")
    for how in combined:
        if how not in COMBINATIONS:
            raise DesignError(f"combine is {how!r}{nearest(str(how), list(COMBINATIONS))}; there are either and both")
    if group is None and len(tests) < 2:
        raise DesignError("give two or more index_tests, or one and the column `group` to compare it between")
    if group is not None and (len(tests) != 1 or combined):
        raise DesignError("with group, give one index test and nothing to combine")
    return tests, combined


def _positive_of(test: str, test_positive: Positive | Mapping[str, Positive] | None) -> Positive | None:
    return test_positive.get(test) if isinstance(test_positive, Mapping) else test_positive


def _sides(
    sample: Sample, reference_standard: str, tests: list[str], group: str | None, combined: list[str]
) -> dict[str, dict[str, Side]]:
    """Return for each test, combination or group the rows behind its four proportions."""
    frame = sample.frame
    truth = frame[reference_standard].to_numpy(bool)
    if group is None:
        called = {test: frame[test].to_numpy(bool) for test in tests}
        for how in combined:
            word, together = COMBINATIONS[how]
            called[word.join(tests)] = together(np.stack([called[test] for test in tests]), axis=0)
        return {name: {quantity: side(quantity, truth, x) for quantity in COMPARED} for name, x in called.items()}
    column = frame[group]
    values = pd.unique(column).tolist()
    if len(values) < 2:
        raise DesignError(f"{group!r} has the one value {values[0]}; two or more groups are needed to compare")
    x = frame[tests[0]].to_numpy(bool)
    inside = {str(value): (column == value).to_numpy(bool) for value in values}
    return {
        name: {quantity: _within(side(quantity, truth, x), rows) for quantity in COMPARED}
        for name, rows in inside.items()
    }


def _within(whole: Side, rows: NDArray[np.bool_]) -> Side:
    return Side(whole.successes & rows, whole.counts & rows)


def _pairs(names: list[str], tests: list[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs to compare: two combinations of the same tests are not set against one another."""
    for first, second in combinations(names, 2):
        if first in tests or second in tests:
            yield first, second


def _proportion_lines(
    sides: Mapping[str, Mapping[str, Side]], patients: NDArray[np.intp] | None, choice: Choice
) -> tuple[list[Estimate], list[str]]:
    lines, notes = [], []
    options: dict[str, Any] = {"interval": choice.interval, "confidence_level": choice.confidence_level}
    for name, by_quantity in sides.items():
        for quantity, one in by_quantity.items():
            found, of = proportion_of(one, patients, **options), {"test": name}
            if found.reason:
                notes.append(f"{quantity_label(quantity)} of {name}: {found.reason}.")
            if patients is not None and np.isnan(found.low) and not np.isnan(found.value):
                found, of = proportion_of(one, None, **options), of | NAIVE
                notes[-1] = f"{notes[-1][:-1]}; the interval given is naive and takes its lesions as independent."
            lines.append(
                Estimate(
                    quantity=quantity,
                    value=found.value,
                    low=found.low,
                    high=found.high,
                    n=int(one.counts.sum()),
                    n_patients=None if patients is None else len(np.unique(patients[one.counts])),
                    unit="fraction",
                    of=of,
                )
            )
    return lines, notes


def _comparison_lines(
    quantity: str,
    comparison: str,
    first: Side,
    second: Side,
    patients: NDArray[np.intp] | None,
    choice: Choice,
    *,
    is_paired: bool,
) -> tuple[list[Estimate], str]:
    """Return the difference, the ratio and every test of one quantity between two tests."""
    is_same_rows = is_paired and quantity in ("sensitivity", "specificity")
    is_simple = is_same_rows and patients is None
    found, relative = _effects(first, second, patients, choice, is_simple=is_simple)
    tests: dict[str, HypothesisTest] = {}
    if is_simple:
        _, b, c, _ = _counts(first, second)
        tests = {f"McNemar, {form}": mcnemar_test(b, c, method=form) for form in MCNEMAR_METHODS}
        chosen = tests[f"McNemar, {choice.mcnemar}"]
    elif is_same_rows:
        tests = {"clustered score": score_test(first, second, patients)}
        chosen = tests["clustered score"]
    else:
        tests = {
            "Kosinski weighted score": weighted_score_test(first, second, patients),
            "Leisenring-Alonzo-Pepe score": score_test(first, second, patients),
        }
        chosen = SCORES[choice.score](first, second, patients)
    of = {"comparison": comparison}
    rows = int((first.counts | second.counts).sum())
    wald = wald_test(first, second, patients)
    lines = [
        _line(f"{quantity}_difference", found, chosen, rows, of),
        _line(f"{quantity}_ratio", relative, wald, rows, of),
        *(
            _line(f"{quantity}_equality", Measure(np.nan, np.nan, np.nan), test, rows, of | {"method": name})
            for name, test in tests.items()
        ),
    ]
    reasons = dict.fromkeys(str(one.reason) for one in (found, relative) if one.reason)
    note = f"{quantity_label(quantity)}, {comparison}: {'; '.join(reasons)}." if reasons else ""
    return lines, note


def _effects(
    first: Side, second: Side, patients: NDArray[np.intp] | None, choice: Choice, *, is_simple: bool
) -> tuple[Measure, Measure]:
    level = choice.confidence_level
    if is_simple:
        a, b, c, d = _counts(first, second)
        return (
            paired_difference(a, b, c, d, method=choice.difference, confidence_level=level),
            paired_ratio(a, b, c, confidence_level=level),
        )
    return (
        difference_of(first, second, patients, interval=choice.interval, confidence_level=level),
        ratio(first, second, patients, confidence_level=level),
    )


def _counts(first: Side, second: Side) -> tuple[int, int, int, int]:
    """Return rows that succeed on both, the first only, the second only, neither."""
    x, y, counted = first.successes, second.successes, first.counts
    return int((x & y).sum()), int((x & ~y).sum()), int((~x & y).sum()), int((counted & ~x & ~y).sum())


def _line(quantity: str, found: Measure, outcome: HypothesisTest, n: int, of: Mapping[str, Any]) -> Estimate:
    return Estimate(
        quantity=quantity,
        value=found.value,
        low=found.low,
        high=found.high,
        statistic=outcome.statistic,
        df=outcome.df,
        p_value=outcome.p_value,
        n=n,
        of=of,
    )
