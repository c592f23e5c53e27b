"""Which organ receives which dose? Mean and spread by organ and group of patients, as dosimetry papers print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from biomarker.analyses.dose_differences import Summary, group_differences
from biomarker.analyses.organ_names import is_printed_effective_dose
from biomarker.analyses.organ_rows import DoseSets, as_effective, dose_sets, mean_doses
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.errors import DesignError, nearest
from biomarker.kernels.describe import describe
from biomarker.references import BOLCH_2009


@dataclass(frozen=True, kw_only=True, eq=False)
class DoseTable(Result):
    """Lines by `of` organ, group and summary; doses per patient too where they are given or computed."""

    organs: tuple[str, ...]
    groups: tuple[str, ...]
    unit: str

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return f"Absorbed dose by organ, mean with standard deviation{', by group' * (len(self.groups) > 1)}."

    @property
    def figure_size(self) -> tuple[float, float]:
        """Higher with more organs."""
        shown = sum(not is_printed_effective_dose(organ) for organ in self.organs)
        return (3.46, max(2.0, 0.6 + 0.14 * shown))


def dose_table(
    organ_doses: pd.DataFrame,
    *,
    organ: str = "organ",
    dose: str = "dose_per_activity",
    sd: str | None = None,
    by: str | None = None,
    n: int | Mapping[str, int] | None = None,
    unit: str | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> DoseTable:
    """Summarise organ doses over patients by group, and compare the groups.

    Parameters
    ----------
    organ_doses : DataFrame
        One row an organ and patient; or one an organ and group, with means and standard deviations.
    organ, dose : str
        Columns of the organ's name and its dose.
    sd : str, optional
        Column of standard deviations, where means are given.
    by : str, optional
        Column of groups, such as the protein dose.
    n : int or mapping of str to int, optional
        Patients behind the means of each group; with it, groups of means are compared.
    unit : str, optional
        Of the doses; otherwise that of the column "unit".
    confidence_level : float
        Of the differences between groups.
    patient : str or None
        Column of patients; without it rows are means.

    Returns
    -------
    DoseTable
        `absorbed_dose` (and `effective_dose`, where it is a row) by organ and group, with `of` summary: mean, SD and,
        of patients, minimum and maximum; `dose_difference` from the first group by Welch's test.

    Raises
    ------
    DesignError
        If the unit is not known or not one, a dose is negative, or an organ stands twice.

    Examples
    --------
    >>> doses = pd.DataFrame({"patient_id": ["1", "2", "3"], "organ": "Liver", "dose_per_activity": [1.4, 1.9, 2.4]})
    >>> result = dose_table(doses, unit="mGy/MBq")
    >>> round(result.estimate("absorbed_dose", organ="Liver", summary="mean").value, 6)
    1.9
    """
    checked_fraction(confidence_level, "confidence_level")
    if sd is not None and patient is not None and patient in getattr(organ_doses, "columns", ()):
        raise DesignError("sd goes with means over patients, and a column names patients; leave out one of them")
    sets = dose_sets(organ_doses, organ=organ, dose=dose, sd=sd, by=by, unit=unit, patient=patient)
    counts = _counts(n, sets)
    notes = list(sets.sample.notes) if sets.of_patients else []
    return dose_result(sets, counts, notes, confidence_level)


def dose_result(
    sets: DoseSets, counts: Mapping[str | None, int], notes: list[str], confidence_level: float, description: str = ""
) -> DoseTable:
    """Return the table of doses that are read already."""
    lines = patient_lines(sets) if sets.of_patients else []
    summaries: dict[str, dict[str, Summary]] = {}
    for group, doses in mean_doses(sets):
        of = {} if group is None else {"group": group}
        for organ, values in doses.items():
            spread = next((one.spreads.get(organ, np.nan) for one in sets.sets if one.of.get("group") == group), np.nan)
            told = describe(values)
            count = told.n if sets.of_patients else counts.get(group, 0)
            parts = {"mean": told.mean, "SD": told.sd if sets.of_patients else float(spread)}
            summaries.setdefault(organ, {})[str(group)] = (parts["mean"], parts["SD"], count)
            if sets.of_patients:
                parts |= {"minimum": told.minimum, "maximum": told.maximum}
            lines += [
                _line(organ, value, sets.unit, {**of, "summary": word}, count or None) for word, value in parts.items()
            ]
    compared = sets.groups if sets.of_patients else tuple(group for group in sets.groups if counts.get(group))
    tests: list[Estimate] = []
    for organ in sets.organs:
        unit = as_effective(sets.unit) if is_printed_effective_dose(organ) else sets.unit
        tests += group_differences(summaries[organ], compared, {"organ": organ}, unit, confidence_level)
    if len(tests) > 1:
        notes = [*notes, f"p-values of the {len(tests)} comparisons are not adjusted for multiplicity."]
    return DoseTable(
        estimates=(*lines, *tests),
        method=_method(sets, tests, notes, confidence_level, description),
        population=sets.sample.population,
        organs=sets.organs,
        groups=sets.groups,
        unit=sets.unit,
    )


def patient_lines(sets: DoseSets) -> list[Estimate]:
    """Return a line for each patient and organ."""
    return [_line(organ, value, sets.unit, one.of, None) for one in sets.sets for organ, value in one.doses.items()]


def _line(organ: str, value: float, unit: str, of: Mapping[str, Any], count: int | None) -> Estimate:
    is_effective = is_printed_effective_dose(organ)
    return Estimate(
        quantity="effective_dose" if is_effective else "absorbed_dose",
        value=value,
        unit=as_effective(unit) if is_effective else unit,
        n_patients=count,
        of={"organ": organ, **of},
    )


def _counts(n: int | Mapping[str, int] | None, sets: DoseSets) -> dict[str | None, int]:
    """Return the number of patients of each group of means."""
    if n is None:
        return {}
    if sets.of_patients:
        raise DesignError("n goes with means over patients; the table has the patients themselves")
    groups: tuple[str | None, ...] = sets.groups or (None,)
    given: dict[str | None, int] = dict(n.items()) if isinstance(n, Mapping) else dict.fromkeys(groups, n)
    for group, count in given.items():
        if group not in groups:
            raise DesignError(f"n names a group {group!r}{nearest(str(group), [str(g) for g in groups])}")
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise DesignError(f"n of {group} is {count!r}; give a whole number of 1 or more")
    return given


def _method(
    sets: DoseSets, tests: list[Estimate], notes: list[str], confidence_level: float, description: str
) -> Method:
    whose = "over patients" if sets.of_patients else "as printed"
    compared = " Groups were compared by Welch's t test." if tests else ""
    return Method(
        name=f"means and standard deviations {whose}" + ("; Welch intervals of differences" if tests else ""),
        confidence_level=confidence_level,
        settings={"unit": sets.unit},
        references=(BOLCH_2009,),
        notes=tuple(notes),
        description=f"{description}Organ doses are given as mean and standard deviation {whose}, to two significant "
        f"figures.{compared}",
    )
