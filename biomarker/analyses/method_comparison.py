"""Does one method measure what another does? Deming and Passing-Bablok regression, with the bias at decision levels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.measured_pairs import MeasuredPairs, pairs_of_columns, pairs_of_readings
from biomarker.analyses.method_lines import FITS, LABELS, FittedLine, fitted_line
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction, seed_of
from biomarker.errors import DesignError, Problem, SchemaError, SmallSampleWarning, nearest
from biomarker.kernels.pair_counts import kendall_score
from biomarker.references import (
    CORNBLEET_GOCHMAN_1979,
    LINNET_1990,
    LINNET_1993,
    PASSING_BABLOK_1983,
)
from biomarker.vocabulary import column_label, marker_unit

INTERVALS = ("auto", "bootstrap")
_PHRASES = {"weighted_deming": "weighted Deming", "orthogonal": "orthogonal", "ordinary": "least-squares"}
GRID = 41
_SOURCES = {
    "deming": (CORNBLEET_GOCHMAN_1979, LINNET_1993),
    "weighted_deming": (LINNET_1990, LINNET_1993),
    "passing_bablok": (PASSING_BABLOK_1983,),
    "orthogonal": (CORNBLEET_GOCHMAN_1979,),
    "ordinary": (CORNBLEET_GOCHMAN_1979,),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class MethodComparison(Result):
    """Lines between two methods of measurement, and what a figure of them shows.

    Attributes
    ----------
    x, y : ndarray, shape (n_items,)
        Measurements by the first and the second method.
    names : tuple of str
        Of the methods.
    value : str
        The column that was measured.
    fits : tuple of str
        In the order asked for.
    grid : ndarray, shape (g,)
        Values of x over its range.
    bands : dict of str to ndarray, shape (3, g)
        Of each fit the line, and the lower and upper limit of its interval, over `grid`.
    item_word : str
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    names: tuple[str, str]
    value: str
    fits: tuple[str, ...]
    grid: NDArray[np.float64]
    bands: dict[str, NDArray[np.float64]]
    item_word: str
    figure_size: ClassVar[tuple[float, float]] = (3.46, 4.4)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        drawn = ", ".join(LABELS[name] for name in self.fits)
        return (
            f"{self.names[1]} against {self.names[0]}, one point per {self.item_word}. Grey line, identity; lines, "
            f"{drawn} regression; band, {100 * self.method.confidence_level:g}% confidence interval of the "
            f"{LABELS[self.fits[0]]} line. Below, distances from that line ({self.names[1]} less the line)."
        )


def method_comparison(
    data: pd.DataFrame,
    *,
    value: str | None = None,
    item: str = "lesion_id",
    reader: str = "reader_id",
    readers: Sequence[str] | None = None,
    x: str | None = None,
    y: str | None = None,
    fits: Sequence[str] = ("deming", "passing_bablok"),
    variance_ratio: float | None = None,
    at: Sequence[float] | None = None,
    session: str | None = "session",
    replicates: str = "auto",
    interval: str = "auto",
    n_resamples: int = 2000,
    rng: int | np.random.Generator = 0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> MethodComparison:
    """Fit the line between two methods that both err, and give the bias of the second at decision levels.

    Ordinary regression takes the first method as free of error and finds a slope that is too flat. Deming regression
    needs the ratio of the error variances, which replicates tell; Passing and Bablok's needs none, and bears outliers.
    Give `value` of long readings (`reader` then names the method), or the columns `x` and `y`.

    Parameters
    ----------
    data : DataFrame
        One row a reading; or, with `x` and `y`, one row an item.
    value : str, optional
        Column that was measured.
    item, reader : str
        Columns of long readings.
    readers : list of two str, optional
        First (x) and second (y) method; needed where there are more than two.
    x, y : str, optional
        Columns of the first and the second method.
    fits : list of str
        Any of ``"deming"``, ``"weighted_deming"`` (errors in proportion to size), ``"passing_bablok"``,
        ``"orthogonal"``, ``"ordinary"``; the figure's band is of the first.
    variance_ratio : float, optional
        Error variance of the first method over that of the second (of squared coefficients of variation for weighted
        Deming). From replicates by default, else 1, and the result says which.
    at : list of float, optional
        Values of the first method at which to give the bias, such as a cutoff; its quartiles by default.
    session : str or None
        Column that tells repeated readings of an item by a reader apart; their means are the points.
    replicates : {"auto", "none", "paired", "unpaired"}
        Repeated readings, as in `limits_of_agreement`.
    interval : {"auto", "bootstrap"}
        "auto" is Passing and Bablok's own interval for theirs, and the jackknife for the others; "bootstrap" takes
        percentiles of resamples. Either takes whole patients where patients have several items.
    n_resamples : int
        Of the bootstrap.
    rng : int or Generator
        Of the bootstrap.
    confidence_level : float
        Two-sided coverage of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patient identifiers.

    Returns
    -------
    MethodComparison
        Lines ``intercept``, ``slope`` and ``bias_at`` (the line less the level) of each fit, and ``linearity``, the
        cusum test of Passing and Bablok.

    Raises
    ------
    DesignError
        For unknown columns, fits or intervals, other than two methods, undeclared repeats, or a bad ratio or level.
    SchemaError
        For measurements that are not positive where weighted Deming is asked for.

    References
    ----------
    Passing H, Bablok W. J Clin Chem Clin Biochem 1983;21:709-720. Linnet K. Stat Med 1990;9:1463-1473; Clin Chem
    1993;39:424-432. Cornbleet PJ, Gochman N. Clin Chem 1979;25:432-438.

    Examples
    --------
    Peak flow of 17 subjects by two meters (Bland and Altman 1986):

    >>> import pandas as pd
    >>> wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    >>> mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    >>> result = method_comparison(pd.DataFrame({"Wright": wright, "mini": mini}), x="Wright", y="mini", patient=None)
    >>> slope = result.estimate("slope", fit="deming")
    >>> print(f"{slope.value:.3f}")
    0.971
    """
    names = _checked(fits, interval, confidence_level, variance_ratio, n_resamples)
    seed_of(rng)  # refuses what is no seed before anything is drawn
    pairs = _pairs(data, value, item, reader, readers, x, y, session, replicates, patient)
    levels = _levels(at, pairs)
    if "weighted_deming" in names:
        _require_positive(pairs)
    if pairs.few:
        warnings.warn(pairs.few, SmallSampleWarning, stacklevel=2)
    grid = np.linspace(pairs.x.min(), pairs.x.max(), GRID)
    lines = [
        fitted_line(
            name,
            pairs,
            np.concatenate([levels, grid]),
            variance_ratio=_ratio(name, variance_ratio, pairs),
            interval=interval,
            confidence_level=confidence_level,
            n_resamples=n_resamples,
            rng=rng if isinstance(rng, int | np.integer) else np.random.default_rng(rng),
        )
        for name in names
    ]
    notes = (*pairs.notes, *_notes(pairs, lines, variance_ratio), pairs.few)
    return MethodComparison(
        estimates=tuple(estimate for line in lines for estimate in _estimates(line, pairs, levels)),
        method=_method(names, pairs, lines, interval, confidence_level, n_resamples, rng, notes),
        population=pairs.population,
        x=pairs.x,
        y=pairs.y,
        names=_printed_names(pairs),
        value=pairs.marker,
        fits=names,
        grid=grid,
        bands={line.name: line.heights[:, levels.size :] for line in lines},
        item_word=pairs.item_word,
    )


def _checked(
    fits: Sequence[str], interval: str, confidence_level: float, variance_ratio: float | None, n_resamples: int
) -> tuple[str, ...]:
    names = tuple(dict.fromkeys([fits] if isinstance(fits, str) else fits))
    for name in names:
        if name not in FITS:
            raise DesignError(f"no fit {name!r}{nearest(str(name), FITS)}; there are {', '.join(FITS)}")
    if not names:
        raise DesignError(f"fits is empty; there are {', '.join(FITS)}")
    if interval not in INTERVALS:
        raise DesignError(
            f"no interval {interval!r}{nearest(str(interval), INTERVALS)}; there are {', '.join(INTERVALS)}"
        )
    checked_fraction(confidence_level, "confidence_level")
    if variance_ratio is not None and not _is_number(variance_ratio, above=0):
        raise DesignError(f"variance_ratio is {variance_ratio!r}; give a number above 0")
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 1:
        raise DesignError(f"n_resamples is {n_resamples!r}; give a whole number of 1 or more")
    return names


def _is_number(value: object, above: float = -np.inf) -> bool:
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return bool(is_number and np.isfinite(value) and value > above)  # type: ignore[call-overload, operator]


def _pairs(
    data: pd.DataFrame,
    value: str | None,
    item: str,
    reader: str,
    readers: Sequence[str] | None,
    x: str | None,
    y: str | None,
    session: str | None,
    replicates: str,
    patient: str | None,
) -> MeasuredPairs:
    if value is not None and x is None and y is None:
        return pairs_of_readings(
            data,
            value=value,
            item=item,
            reader=reader,
            readers=readers,
            session=session,
            replicates=replicates,
            patient=patient,
        )
    if value is None and x is not None and y is not None:
        return pairs_of_columns(data, x=x, y=y, patient=patient)
    raise DesignError("give value, the column of long readings; or x and y, the columns of the two methods")


def _levels(at: Sequence[float] | None, pairs: MeasuredPairs) -> NDArray[np.float64]:
    if at is None:
        return np.asarray(np.quantile(pairs.x, [0.25, 0.5, 0.75]))
    given = [at] if _is_number(at) else at
    if not isinstance(given, list | tuple | np.ndarray) or not len(given) or not all(map(_is_number, given)):
        raise DesignError(f"at is {at!r}; give a list of finite numbers, values of the first method")
    return np.asarray(given, float)


def _require_positive(pairs: MeasuredPairs) -> None:
    problems = [
        Problem(rule=f"is not above 0, which weighted Deming needs ({name})", column=pairs.marker, value=f"{v:g}")
        for name, values in zip(pairs.names, (pairs.x, pairs.y), strict=True)
        for v in values[values <= 0]
    ]
    if problems:
        raise SchemaError(problems)


def _ratio(name: str, given: float | None, pairs: MeasuredPairs) -> float:
    if name == "orthogonal":
        return 1.0
    if given is not None:
        return float(given)
    own = pairs.relative_variance_ratio if name == "weighted_deming" else pairs.variance_ratio
    return own if np.isfinite(own) and own > 0 else 1.0


def _printed_names(pairs: MeasuredPairs) -> tuple[str, str]:
    first, second = pairs.names
    is_columns = pairs.marker == first
    return (column_label(first), column_label(second)) if is_columns else (first, second)


def _estimates(line: FittedLine, pairs: MeasuredPairs, levels: NDArray[np.float64]) -> list[Estimate]:
    shared: dict[str, Any] = {"n": pairs.x.size, "n_patients": pairs.n_patients}
    of, unit = {"fit": line.name}, marker_unit(pairs.marker)
    intercept, slope = (
        Estimate(quantity=quantity, value=value, low=low, high=high, unit=own, of=of, **shared)
        for quantity, (value, low, high), own in (("intercept", line.intercept, unit), ("slope", line.slope, ""))
    )
    found = [intercept, slope]
    for place, level in enumerate(levels):
        value, low, high = line.heights[:, place] - level
        at = of | {"at": float(level)}
        found.append(Estimate(quantity="bias_at", value=value, low=low, high=high, unit=unit, of=at, **shared))
    if line.name == "passing_bablok":
        statistic, p_value = line.linearity
        test: dict[str, Any] = {"statistic": statistic, "p_value": p_value}
        found.append(Estimate(quantity="linearity", value=float("nan"), **test, of=of, **shared))
    return found


def _notes(pairs: MeasuredPairs, lines: list[FittedLine], given: float | None) -> list[str]:
    notes = []
    first, second = _printed_names(pairs)
    for line in lines:
        if "deming" in line.name:
            own = pairs.relative_variance_ratio if line.name == "weighted_deming" else pairs.variance_ratio
            source = "as given" if given is not None else ("from replicates" if own > 0 else "assumed")
            what = "squared coefficients of variation" if line.name == "weighted_deming" else "error variances"
            notes.append(
                f"{LABELS[line.name]} regression: ratio of {what} of {first} to {second} "
                f"{line.variance_ratio:.3g}, {source}."
            )
        if np.isnan(line.slope[0]):
            notes.append(f"{LABELS[line.name]} regression: the measurements do not vary together, so there is no line.")
        if line.linearity[1] < 0.05:
            notes.append("The points wind about the Passing-Bablok line (cusum test): a straight line may not hold.")
    has_line = any(line.name == "passing_bablok" and not np.isnan(line.slope[0]) for line in lines)
    if has_line and kendall_score(pairs.x, pairs.y)[0] <= 0:
        notes.append("Passing-Bablok regression is for methods that are positively related, and these are not.")
    return notes


def _method(
    names: tuple[str, ...],
    pairs: MeasuredPairs,
    lines: list[FittedLine],
    interval: str,
    confidence_level: float,
    n_resamples: int,
    rng: int | np.random.Generator,
    notes: tuple[str, ...],
) -> Method:
    is_bootstrap = interval == "bootstrap"
    unit = pairs.item_word if pairs.clusters is None else "patient"
    jackknife = f"jackknife intervals, one {unit} left out at a time"
    own = "intervals from Kendall's score" + ", with its variance between patients" * (pairs.clusters is not None)
    has_own, has_other = "passing_bablok" in names, names != ("passing_bablok",)
    name = f"percentile intervals of {n_resamples:,} resamples of {unit}s"
    if not is_bootstrap:
        name = "; ".join([jackknife] * has_other + [own + " (Passing-Bablok)" * has_other] * has_own)
    printed = [_PHRASES.get(fit, LABELS[fit]) for fit in names]
    ratios = {f"variance_ratio ({line.name})": line.variance_ratio for line in lines if "deming" in line.name}
    said = printed[0] if len(printed) == 1 else f"{', '.join(printed[:-1])} and {printed[-1]}"
    test = " Linearity was tested by Passing and Bablok's cusum test." * has_own
    return Method(
        name=name,
        confidence_level=confidence_level,
        settings={"fits": ", ".join(names), "interval": interval, "methods": ", ".join(pairs.names), **ratios},
        references=tuple(source for fit in names for source in _SOURCES[fit]),
        seed=seed_of(rng) if is_bootstrap else None,
        n_resamples=n_resamples if is_bootstrap else None,
        notes=notes,
        description=(
            f"Two methods of measurement were compared on {pairs.x.size} {pairs.item_word}s by {said} regression with "
            f"{name}.{test}"
        ),
    )
