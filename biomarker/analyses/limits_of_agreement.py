"""How far apart can two readings be? Bland-Altman limits of agreement, lesions nested in patients, with replicates."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.limits_methods import limits_method, pair_notes
from biomarker.analyses.limits_trends import regression_lines, trend_lines, trends
from biomarker.analyses.limits_with_mean import LimitsOfAgreementWithMean, with_mean
from biomarker.analyses.reader_pairs import pair_limits, pair_lines, pair_points, require_positive
from biomarker.analyses.replicated_readings import ReplicatedReadings, replicated_readings
from biomarker.analyses.result import Result, checked_fraction
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.limits_of_agreement import INTERVALS, SCALES
from biomarker.kernels.limits_trend import RegressionLimits
from biomarker.vocabulary import column_label


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitsOfAgreement(Result):
    """Bias and limits of agreement of two readers, and what a Bland-Altman plot shows.

    Attributes
    ----------
    differences, means : ndarray, shape (n_points,)
        First reader minus second (in percent of the mean for ``scale="percent"``, first over second for
        ``"ratio"``) and the mean of the two (the geometric one for ``"ratio"``), in the unit of the readings. One point
        an item, or one a pair of replicates.
    patients : ndarray of int, shape (n_items,), or None
        A code for the patient of each item.
    readers : tuple of str
        First and second.
    value : str
        The column that was read.
    scale : str
    coverage : float
        Share of differences that the limits are to hold.
    item_word : str
        What was read: lesion, patient, item.
    replicates : {"none", "paired", "unpaired"}
        What several readings of an item by a reader were taken for.
    regression : RegressionLimits or None
        Limits that change with the mean, over the range of the means, on the scale of `differences`.
    """

    differences: NDArray[np.float64]
    means: NDArray[np.float64]
    patients: NDArray[np.intp] | None
    readers: tuple[str, ...]
    value: str
    scale: str
    coverage: float
    item_word: str
    replicates: str = "none"
    regression: RegressionLimits | None = None
    figure_size: ClassVar[tuple[float, float]] = (3.46, 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        first, second = self.readers
        what = "ratio" if self.scale == "ratio" else "difference"
        sign, mean = ("/", "geometric mean") if self.scale == "ratio" else ("minus", "mean")
        of_mean = " in percent of the mean" if self.scale == "percent" else ""
        point = {
            "none": f"one point per {self.item_word}",
            "paired": "one point per pair of replicates",
            "unpaired": f"one point per {self.item_word}, of means of replicates (limits are of single readings)",
        }[self.replicates]
        lines = "regression of bias and limits on the mean" if self.regression else ""
        return (
            f"Bland-Altman plot of {column_label(self.value)}: {what} of readers {first} {sign} {second}{of_mean} "
            f"against their {mean}, {point}. Solid line, bias; dashed lines, "
            f"{100 * self.coverage:g}% limits of agreement{', by ' * bool(lines)}{lines}; bands, "
            f"{100 * self.method.confidence_level:g}% confidence intervals."
        )


def limits_of_agreement(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str = "lesion_id",
    reader: str = "reader_id",
    readers: Sequence[str] | None = None,
    scale: str = "difference",
    session: str | None = "session",
    replicates: str = "auto",
    regression: bool = False,
    at: Sequence[float] | None = None,
    coverage: float = 0.95,
    interval: str = "exact",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> LimitsOfAgreement | LimitsOfAgreementWithMean:
    """Estimate Bland-Altman limits of agreement of two readers of the same items, or of several with their mean.

    Uptake often differs in proportion to its size; then ``scale="ratio"`` gives limits that hold at any uptake, and
    asymmetric ones in percent. Limits are always those of two single readings: repeated readings are never averaged in
    silence, which would hide half of the error.

    Parameters
    ----------
    readings : DataFrame
        One row a reading.
    value : str
        Column that was read, such as ``"suvmax"``.
    item, reader : str
        Columns; lesions may be numbered anew in each patient.
    readers : list of str, optional
        Readers to compare; all by default, in alphabetical order. Of two the difference is first minus second. Of more,
        limits of agreement with the mean of the readers are given, and the limits of each pair.
    scale : {"difference", "percent", "ratio"}
        Differences in the unit of the readings, in percent of the mean, or ratios by way of logarithms.
    session : str or None
        Column that tells repeated readings of an item by a reader apart.
    replicates : {"auto", "none", "paired", "unpaired"}
        Repeated readings of an item by a reader. ``"paired"``: readers are compared within a session, which is right
        whether the true value changes between sessions or not, and is what ``"auto"`` does where `session` tells
        repeats apart. ``"unpaired"``: independent replicates of a value that does not change. ``"none"``: refused, as
        are repeats that nothing declares.
    regression : bool
        Whether to add limits that change with the mean: the difference, and the absolute residual, regressed on it. Two
        readers only.
    at : list of float, optional
        Means at which to print them; the quartiles of the means by default.
    coverage : float
        Share of differences the limits are to hold; 0.95 puts them at 1.96 SD.
    interval : {"exact", "exact_pair", "approximate"}
        Of the limits, where items are independent and read once: noncentral t for each limit by itself; two-sided
        tolerance factors for both as a pair (with half the error probability each, more than the share of differences
        lies between the outer ends, and less between the inner); or Bland and Altman's approximation. Else intervals
        are Zou's, and this is not used.
    confidence_level : float
        Two-sided coverage of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patient identifiers. Where a patient has several items, the variance is split into that between and
        that within patients, and the bias is the mean of the patients' mean differences.

    Returns
    -------
    LimitsOfAgreement
        Lines ``bias`` (with a t test of none), ``loa_low``, ``loa_high``, ``sd_difference`` (``sd_between`` and
        ``sd_within`` patients where nested, ``sd_replicates``; of log ratios for ``scale="ratio"``),
        ``proportional_bias``, the slope of difference on mean, ``changing_spread``, that of the absolute residual, and
        with `regression` ``regression_bias``, ``regression_loa_low`` and ``regression_loa_high`` at each mean.
    LimitsOfAgreementWithMean
        For more than two readers: ``loa_mean``, ``reader_deviation`` of each, ``sd_reader``, ``sd_residual``,
        ``reader_equality``, and ``bias``, ``loa_low``, ``loa_high`` of each pair.

    Raises
    ------
    DesignError
        For an unknown scale, interval, reader or column, undeclared repeats or duplicates, fewer than two readers.
    SchemaError
        For readings that are not positive on a relative scale; every one is named.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;1:307-310; Stat Methods Med Res 1999;8:135-160; J Biopharm Stat 2007;17:571-582.
    Carkeet A. Optom Vis Sci 2015;92:e71-e80. Zou GY. Stat Methods Med Res 2013;22:630-642. Christensen HS et al. BMC
    Med Res Methodol 2020;20:304.

    Examples
    --------
    Peak flow of 17 subjects by two meters (Bland and Altman 1986), L/min:

    >>> import pandas as pd
    >>> wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    >>> mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    >>> wide = pd.DataFrame({"subject": range(17), "Wright": wright, "mini": mini})
    >>> readings = wide.melt(id_vars="subject", var_name="meter", value_name="peak_flow")
    >>> result = limits_of_agreement(
    ...     readings, value="peak_flow", item="subject", reader="meter", readers=["Wright", "mini"], patient=None
    ... )
    >>> print(f"{result.estimate('bias').value:.1f}")
    -2.1
    """
    _check(scale, interval, coverage, confidence_level, regression)
    table = replicated_readings(
        readings,
        value=value,
        item=item,
        reader=reader,
        patient=patient,
        readers=readers,
        session=session,
        replicates=replicates,
    )
    if scale != "difference":
        require_positive(table, value, scale)
    few = table.few_note()
    if few:
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    settings = {"scale": scale, "coverage": coverage, "interval": interval, "confidence_level": confidence_level}
    if len(table.readers) > 2:
        if regression:
            raise DesignError('regression limits are of two readers; name them, for example readers=["A", "B"]')
        return with_mean(table, value=value, few=few, **settings)  # type: ignore[arg-type]
    return _of_two(table, value, scale, coverage, interval, confidence_level, regression, at, few)


def _of_two(
    table: ReplicatedReadings,
    value: str,
    scale: str,
    coverage: float,
    interval: str,
    confidence_level: float,
    regression: bool,
    at: Sequence[float] | None,
    few: str,
) -> LimitsOfAgreement:
    points = pair_points(table, 0, 1, scale)
    limits = pair_limits(points, table, coverage=coverage, interval=interval, confidence_level=confidence_level)
    trend = trends(points, table, scale, confidence_level)
    printed, curve = regression_lines(points, table, scale, value, regression, at, coverage, confidence_level)
    lines = pair_lines(limits, points, table, (0, 1), scale=scale, value=value, confidence_level=confidence_level)
    notes = (*table.notes, *pair_notes(table, limits, trend, scale, has_regression=regression), few)
    return LimitsOfAgreement(
        estimates=(*lines, *trend_lines(trend, table), *printed),
        method=limits_method(
            table,
            scale=scale,
            coverage=coverage,
            interval=interval,
            confidence_level=confidence_level,
            regression=regression,
            notes=notes,
        ),
        population=table.population,
        differences=np.exp(points.differences) if scale == "ratio" else points.differences,
        means=points.means,
        patients=table.patients,
        readers=table.readers,
        value=value,
        scale=scale,
        coverage=coverage,
        item_word=table.item_word,
        replicates=table.replicates,
        regression=curve,
    )


def _check(scale: str, interval: str, coverage: float, confidence_level: float, regression: bool) -> None:
    if not isinstance(regression, bool):
        raise DesignError(f"regression is {regression!r}; give true or false")
    for name, given, known in (("scale", scale, SCALES), ("interval", interval, INTERVALS)):
        if given not in known:
            raise DesignError(f"no {name} {given!r}{nearest(str(given), known)}; there are {', '.join(known)}")
    for name, share in (("coverage", coverage), ("confidence_level", confidence_level)):
        checked_fraction(share, name)
