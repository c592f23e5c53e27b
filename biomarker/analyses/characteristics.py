"""Who was studied? Table 1: age, sex, treatment and the rest, over all patients and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from biomarker.analyses.group_order import level_names, ordered_levels
from biomarker.analyses.population import INDEPENDENT, Sample, require_columns, select_rows
from biomarker.analyses.result import Estimate, Method, Result
from biomarker.errors import DesignError, nearest
from biomarker.kernels.describe import describe
from biomarker.references import HYNDMAN_FAN_1996
from biomarker.vocabulary import marker_unit

KINDS = ("median_range", "median_iqr", "mean_sd", "count")
EVERYONE = "All"


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable: its column, how it is summarised (one of `KINDS`, in order), and its levels when counted."""

    name: str
    kinds: tuple[str, ...]
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Characteristics(Result):
    """Summaries by `of` variable, group and (for counts) level; `groups` ends with "All"."""

    variables: tuple[Variable, ...]
    groups: tuple[str, ...]
    group_sizes: tuple[int, ...]
    by: str | None = None

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height of the figure, inches."""
        return (7.09, 1.75 * -(-len(self.variables) // 3))

    @property
    def caption(self) -> str:
        """What the figure shows."""
        groups = "" if self.by is None else ", by group"
        return (
            f"Characteristics of the {self.population.rows_used} {self.population.unit}s{groups}: share at each level, "
            "or range (line), quartiles (bar) and median (dot)."
        )


def characteristics(
    patients: pd.DataFrame,
    *,
    variables: Sequence[str] | Mapping[str, str | Sequence[str]] | str,
    by: str | None = None,
    continuous: str = "median_range",
    patient: str | None = "patient_id",
) -> Characteristics:
    """Describe the patients: medians, means and counts of each variable, over all and by group.

    No variable is tested between groups: baseline differences of a randomised trial are due to chance, and those of
    any other study are described by their size [1]_.

    Parameters
    ----------
    patients : DataFrame
        One row a patient.
    variables : list of str, or dict of str to str or list of str
        Columns, in the order of the table. A dict also says how each is summarised: ``"median_range"``,
        ``"median_iqr"``, ``"mean_sd"``, ``"count"``, several of them, or ``"auto"``. By itself a column of numbers
        is summarised as `continuous` says, and counted when it has six distinct values or fewer and at most half as
        many as there are rows; any other column is counted.
    by : str, optional
        Column of groups; patients without one are left out and counted.
    continuous : {"median_range", "median_iqr", "mean_sd"}
        How numbers are summarised unless `variables` says otherwise.
    patient : str or None
        Column of patients: a note says so when one has several rows.

    Returns
    -------
    Characteristics
        Estimates `n` (values known), `n_missing`; `mean`, `sd`, `median`, `q1`, `q3`, `minimum`, `maximum`; and for
        counts `share` of the known values, with `n` the denominator. Quartiles are of type 7 [2]_. `of`: variable,
        group, level.

    Raises
    ------
    DesignError
        If a column or a way to summarise is unknown, no variable is named, or numbers are asked of text.

    References
    ----------
    .. [1] Altman DG, Dore CJ. Randomisation and baseline comparisons in clinical trials. Lancet 1990;335:149-153.
    .. [2] Hyndman RJ, Fan Y. Am Stat 1996;50:361-365.

    Examples
    --------
    >>> patients = pd.DataFrame({"age_years": [64, 30, 81], "sex": ["Male", "Female", "Male"]})
    >>> table_1 = characteristics(patients, variables=["age_years", "sex"])
    >>> table_1.estimate("median", variable="age_years").value
    64.0
    >>> table_1.estimate("share", variable="sex", level="Male").numerator
    2
    """
    wanted = _wanted(variables)
    require_columns(patients, [*wanted, *([by] if by else [])])
    if by in wanted:
        raise DesignError(f"{by!r} makes the groups and cannot be described as well; take it out of variables")
    chosen = [_variable(patients, name, kinds, continuous) for name, kinds in wanted.items()]
    # every row counts, whatever it lacks: without groups nothing is needed of a row but to be there
    always = [by] if by else []
    sample = select_rows(
        patients,
        numeric=[variable.name for variable in chosen if not variable.levels],
        other=[*always, *(variable.name for variable in chosen if variable.levels)],
        patient=patient,
        keep_missing=[variable.name for variable in chosen],
    )
    frames = _by_group(sample.frame, by)
    return Characteristics(
        estimates=tuple(
            line for variable in chosen for group, frame in frames.items() for line in _describe(variable, group, frame)
        ),
        method=_method(sample, chosen, by, continuous),
        population=sample.population,
        variables=tuple(chosen),
        groups=tuple(frames),
        group_sizes=tuple(len(frame) for frame in frames.values()),
        by=by,
    )


def _wanted(variables: Sequence[str] | Mapping[str, str | Sequence[str]] | str) -> dict[str, tuple[str, ...]]:
    """Return each variable's ways to be summarised; an empty tuple leaves that to the column."""
    if isinstance(variables, str):
        variables = [variables]
    given = variables.items() if isinstance(variables, Mapping) else [(name, "auto") for name in variables]
    wanted = {}
    for name, kinds in given:
        listed = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        for kind in listed:
            if kind not in (*KINDS, "auto"):
                raise DesignError(f"{name!r} cannot be summarised as {kind!r}{_nearest_kind(kind)}")
        wanted[name] = tuple(kind for kind in listed if kind != "auto")
    if not wanted:
        raise DesignError("name at least one variable to describe")
    return wanted


def _nearest_kind(kind: str) -> str:
    return f"{nearest(str(kind), KINDS)}; there are {', '.join(KINDS)} and auto"


def _variable(patients: pd.DataFrame, name: str, kinds: tuple[str, ...], continuous: str) -> Variable:
    if continuous not in KINDS or continuous == "count":
        raise DesignError(f"numbers cannot be summarised as continuous={continuous!r}{_nearest_kind(continuous)}")
    column = patients[name]
    if not kinds:
        kinds = ("count",) if _is_counted(column) else (continuous,)
    if "count" in kinds and len(kinds) > 1:
        raise DesignError(f"{name!r} is either counted or summarised as a number: {', '.join(kinds)} is both")
    return Variable(name=name, kinds=kinds, levels=ordered_levels(column) if kinds == ("count",) else ())


def _is_counted(column: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return True
    return bool(column.nunique() <= min(6, len(column) / 2))


def _by_group(frame: pd.DataFrame, by: str | None) -> dict[str, pd.DataFrame]:
    groups = {}
    if by is not None:
        names = level_names(frame[by])
        groups = {level: frame[names == level] for level in ordered_levels(frame[by])}
    return {**groups, EVERYONE: frame}


def _describe(variable: Variable, group: str, frame: pd.DataFrame) -> list[Estimate]:
    column, of = frame[variable.name], {"variable": variable.name, "group": group}
    known = column.dropna()
    n_missing = Estimate(quantity="n_missing", value=len(column) - len(known), n=len(column), of=of)
    lines = [Estimate(quantity="n", value=len(known), n=len(column), of=of), n_missing]
    if variable.kinds == ("count",):
        names = level_names(known)
        for level in variable.levels:
            share = float((names == level).mean()) if len(known) else float("nan")
            at = {**of, "level": level}
            lines.append(Estimate(quantity="share", value=share, n=len(known), unit="fraction", of=at))
        return lines
    summary = describe(known.to_numpy(dtype=float))
    for quantity in ("mean", "sd", "median", "q1", "q3", "minimum", "maximum"):
        value, unit = getattr(summary, quantity), marker_unit(variable.name)
        lines.append(Estimate(quantity=quantity, value=value, n=len(known), unit=unit, of=of))
    return lines


def _method(sample: Sample, variables: list[Variable], by: str | None, continuous: str) -> Method:
    notes = [note for note in sample.notes if not note.startswith(INDEPENDENT)]
    if sample.is_nested:
        notes.append("A patient with several rows is described several times: give one row a patient.")
    numbers = any(variable.kinds != ("count",) for variable in variables)
    groups = ", by group; groups were not tested against one another" if by else ""
    return Method(
        name="descriptive statistics",
        settings={"by": by, "continuous": continuous},
        references=(HYNDMAN_FAN_1996,) if numbers else (),
        notes=tuple(notes),
        description=(
            "Categories were described by counts and percentages of the known values"
            + (", numbers as the table states" if numbers else "")
            + f"{groups}."
        ),
    )
