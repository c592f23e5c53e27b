"""Which marker tells responders better, or where does one marker tell them best? ROC curves compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Positive, require_both_classes, select_rows
from biomarker.analyses.result import Method, Result
from biomarker.analyses.roc_area import AreaDesign, area_design, bound_references
from biomarker.analyses.roc_contrasts import Curves, compared
from biomarker.analyses.roc_curve_parts import RocLine, curve_line
from biomarker.errors import DesignError, nearest
from biomarker.kernels.roc import roc_points
from biomarker.references import SATTERTHWAITE_1946, ZOU_DONNER_2008, Reference
from biomarker.vocabulary import column_label


@dataclass(frozen=True, kw_only=True, eq=False)
class RocComparison(Result):
    """ROC curves compared.

    Attributes
    ----------
    curves : tuple of RocLine
        One curve a marker, or a group.
    key : str
        What tells the curves apart: ``"marker"`` or ``"group"``.
    names : tuple of str
        The markers or groups, in the order of `curves`.
    reference_standard : str
        Column with the outcome.
    """

    curves: tuple[RocLine, ...]
    key: str
    names: tuple[str, ...]
    reference_standard: str
    figure_size = (3.46, 3.3)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        outcome, level = column_label(self.reference_standard).lower(), self.method.confidence_level
        return (
            f"Receiver operating characteristic curves for {outcome}, with the area under each and its "
            f"{100 * level:g}% confidence interval; the dotted line is chance."
        )


def compare_roc_curves(
    data: pd.DataFrame,
    *,
    reference_standard: str,
    markers: Sequence[str] | str,
    by: str | None = None,
    against: str | None = None,
    positive: Positive | None = None,
    higher_is_positive: bool | Mapping[str, bool] = True,
    variance: str = "auto",
    interval: str = "logit",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> RocComparison:
    """Compare the areas under several ROC curves: of markers on the same rows, or of one marker between groups of rows.

    Markers are compared on the rows that have them all. Groups may share patients: lesions of two sites in one
    patient, for instance, keep their covariance.

    Parameters
    ----------
    data : DataFrame
        One row a lesion or patient.
    reference_standard : str
        Column with the outcome: bool, 0/1, or any two classes with `positive` given.
    markers : str or list of str
        Columns of two markers or more; with `by`, one.
    by : str, optional
        Column of groups between which the one marker is compared.
    against : str, optional
        A marker, or a group, that all others are compared with; by default every pair is compared.
    positive : value or list of values, optional
        What counts as positive in the reference standard.
    higher_is_positive : bool or mapping of marker to bool
        Whether high values speak for the positive class. Never guessed: an area may come out below 0.5, with a warning.
    variance : {"auto", "delong", "obuchowski", "obuchowski-uncorrected"}
        As in `roc_curve`: DeLong's [1]_ for independent rows, Obuchowski's [2]_ when lesions are nested in patients.
    interval : {"logit", "wald"}
        Scale of the intervals of the areas. Differences have an interval on their own scale, cut at -1 and 1.
    confidence_level : float
        Two-sided, a fraction.
    patient : str or None
        Column of patient identifiers; None says that rows are independent.

    Returns
    -------
    RocComparison
        Estimates ``auc`` of each curve, ``auc_difference`` of each pair and ``auc_equality``, the joint test that
        all areas are equal: chi-square, or Hotelling's test when nested. Identical markers differ by 0 with p = 1.

    Raises
    ------
    DesignError
        If only one class is present, in the table or in a group; if there are fewer than two curves; if a column or
        option is unknown.
    SchemaError
        If a marker holds text or infinity.

    Notes
    -----
    Independent groups are compared with Student's t and the degrees of freedom of Welch and Satterthwaite, as pROC
    does. p-values are not adjusted for the number of pairs; look at the joint test first.

    References
    ----------
    .. [1] DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845.
    .. [2] Obuchowski NA. Biometrics 1997;53:567-578.

    Examples
    --------
    >>> lesions = pd.DataFrame({
    ...     "response": [1, 1, 1, 1, 0, 0, 0, 0, 1, 0],
    ...     "suvmax": [9.0, 7.5, 6.1, 3.0, 4.0, 2.2, 3.5, 1.0, 5.5, 5.0],
    ...     "suvpeak": [5.0, 6.0, 2.5, 4.1, 3.9, 2.0, 4.5, 1.2, 2.9, 3.0],
    ... })
    >>> result = compare_roc_curves(
    ...     lesions, reference_standard="response", markers=["suvmax", "suvpeak"], patient=None
    ... )
    >>> difference = result.estimate("auc_difference")
    >>> print(f"{difference.value:.2f} ({difference.low:.2f} to {difference.high:.2f}), p = {difference.p_value:.2f}")
    0.16 (-0.25 to 0.57), p = 0.44
    """
    columns = _marker_columns(markers, by)
    upward = _directions(columns, higher_is_positive)
    others = [by] if by is not None else []
    sample = select_rows(data, numeric=columns, classes={reference_standard: positive}, other=others, patient=patient)
    truth = sample.frame[reference_standard]
    require_both_classes(truth, reference_standard, "an ROC curve")
    if variance == "hanley-mcneil":
        raise DesignError("Hanley and McNeil's variance has no covariance between curves; use 'delong' or 'auto'")
    is_positive = truth.to_numpy(bool)
    design = area_design(sample, is_positive, variance=variance, interval=interval, confidence_level=confidence_level)
    if by is None:
        matrix = np.stack([sample.frame[column].to_numpy(float) * upward[column] for column in columns])
        curves = Curves("marker", tuple(columns), matrix, tuple(upward.values()), is_positive)
    else:
        values = sample.frame[columns[0]].to_numpy(float) * upward[columns[0]]
        curves = _grouped(values, sample.frame[by], is_positive, upward[columns[0]])
    pairs = _pairs(curves.names, against)
    lines, found = compared(curves, pairs, design, sample)
    test = _test_of(curves, pairs, design)
    notes = (*sample.notes, *design.notes, *found)
    return RocComparison(
        estimates=tuple(lines),
        method=Method(
            name=_method_name(design, test),
            confidence_level=confidence_level,
            settings={
                "higher_is_positive": higher_is_positive if isinstance(higher_is_positive, bool) else str(upward),
                "variance": design.variance,
                "interval": design.interval,
                "against": against,
                "by": by,
            },
            references=_references(design, test, notes),
            notes=notes,
            description=_description(design, test, len(curves.names)),
        ),
        population=sample.population,
        curves=tuple(_line(curves, position) for position in range(len(curves.names))),
        key=curves.key,
        names=curves.names,
        reference_standard=reference_standard,
    )


def _marker_columns(markers: Sequence[str] | str, by: str | None) -> list[str]:
    columns = list(markers) if isinstance(markers, list | tuple) else [str(markers)]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise DesignError(f"markers names {', '.join(map(repr, twice))} more than once")
    if by is None and len(columns) < 2:
        raise DesignError("one curve has nothing to be compared with: give two markers or more, or one and by=")
    if by is not None and len(columns) != 1:
        raise DesignError(f"with by={by!r} one marker is compared between groups; {len(columns)} markers are given")
    return columns


def _directions(columns: list[str], higher_is_positive: bool | Mapping[str, bool]) -> dict[str, int]:
    if isinstance(higher_is_positive, Mapping):
        unknown = [name for name in higher_is_positive if name not in columns]
        if unknown:
            raise DesignError(f"higher_is_positive names {unknown[0]!r}, no marker{nearest(str(unknown[0]), columns)}")
        return {column: 1 if higher_is_positive.get(column, True) else -1 for column in columns}
    return dict.fromkeys(columns, 1 if higher_is_positive else -1)


def _grouped(values: NDArray[np.float64], groups: pd.Series, positive: NDArray[np.bool_], sign: int) -> Curves:
    labels = groups.astype(str).to_numpy()
    names = tuple(dict.fromkeys(labels[np.argsort(groups.to_numpy(), kind="stable")]))
    if len(names) < 2:
        raise DesignError(f"{groups.name!r} holds one group only, {names[0]!r}: there is nothing to compare")
    for name in names:
        of_group = positive[labels == name]
        if of_group.all() or not of_group.any():
            which = "positive" if of_group.all() else "negative"
            raise DesignError(
                f"every one of the {of_group.size} rows with {groups.name} = {name} is {which}, so this group has no "
                "ROC curve; leave it out with `where` or join groups"
            )
    matrix = np.stack([np.where(labels == name, values, np.nan) for name in names])
    return Curves("group", names, matrix, (sign,) * len(names), positive)


def _pairs(names: tuple[str, ...], against: str | None) -> list[tuple[int, int]]:
    if against is None:
        return list(combinations(range(len(names)), 2))
    if str(against) not in names:
        raise DesignError(f"against is {against!r}{nearest(str(against), names)}; there are {', '.join(names)}")
    base = names.index(str(against))
    return [(position, base) for position in range(len(names)) if position != base]


def _line(curves: Curves, position: int) -> RocLine:
    rows = curves.rows(position)
    name = curves.names[position]
    label = column_label(name) if curves.key == "marker" else name
    points = roc_points(curves.matrix[position, rows], curves.positive[rows])
    return curve_line(points, label, curves.signs[position] > 0)


def _test_of(curves: Curves, pairs: list[tuple[int, int]], design: AreaDesign) -> str:
    """Name what differences are tested with: Wald for markers, and for groups by whether they share patients."""
    if curves.key == "marker":
        return "wald"
    return "shared" if any(curves.share_patients(design, *pair) for pair in pairs) else "welch"


def _method_name(design: AreaDesign, test: str) -> str:
    if test == "wald":
        return f"{design.name}; Wald test of differences"
    # each group has its own patients, and so its own K
    by_group = replace(design, df=np.inf).name + (", t(K - 1)" if design.is_clustered else "")
    return f"{by_group}; {'Welch' if test == 'welch' else 'Wald'} test of differences"


def _references(design: AreaDesign, test: str, notes: Sequence[str]) -> tuple[Reference, ...]:
    mover = (ZOU_DONNER_2008,) if any("MOVER" in note for note in notes) else ()
    welch = (SATTERTHWAITE_1946,) if test == "welch" else ()
    return (*design.references, *welch, *bound_references(notes), *mover)


def _description(design: AreaDesign, test: str, n_curves: int) -> str:
    what = "of the markers on the same rows" if test == "wald" else "of the groups"
    text = f"Areas under the empirical ROC curves {what} were estimated {design.description()} and compared in pairs"
    if test == "welch":
        text += " with degrees of freedom after Welch and Satterthwaite"
    if test == "shared":
        text += ", with the covariance of groups that share patients"
    if n_curves > 2:
        joint = "Hotelling's T-squared" if design.is_clustered else "a chi-square"
        text += f", after {joint} test of their equality"
    return f"{text}."
