"""The ``[[derive]]`` steps of a study: a table to a table with a column more, or to a new table.

Each step is one ``how`` with its own keys; the literal dict `STEPS` is the list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from biomarker.data.aggregation import RULES
from biomarker.data.derive_columns import (
    class_column,
    difference_column,
    log_column,
    percent_change_column,
    ratio_column,
    recoded_column,
)
from biomarker.data.derive_response import RESPONSE_KEYS, response_table
from biomarker.data.derive_tables import Derived, joined, long_table, patient_table, selected
from biomarker.data.derive_uptake import (
    background_column,
    injected_column,
    lean_mass_column,
    partial_volume_column,
    surface_column,
    suv_column,
)
from biomarker.data.filters import condition_text, where_rows
from biomarker.data.table import DataTable
from biomarker.errors import StudyError, nearest

Options = Mapping[str, Any]
_NUMBER = (int, float)
_COLUMN_OR_NUMBER = (int, float, str)  # apart from (str, int, float), which is no column
_NAMES = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    _NUMBER: "a number",
    list: "a list",
    dict: "a table",
    (list, str): "a list, or text",
    (str, int, float): "text or a number",
    _COLUMN_OR_NUMBER: "the name of a column, or a number",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """The keys of one kind of derivation, with their types."""

    needs: Mapping[str, Any]
    takes: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ColumnStep(Step):
    """A derivation row by row: its function returns the column, and a phrase that says what it is."""

    function: Callable[..., tuple[pd.Series, str]]


@dataclass(frozen=True, kw_only=True)
class TableStep(Step):
    """A derivation that makes or joins rows: its function returns the table."""

    function: Callable[..., Derived]


_AGGREGATE = TableStep(
    function=patient_table,
    needs={"marker": str},
    takes={
        "name": str,
        "patient": str,
        "by": list,
        "k": int,
        "weights": str,
        "cutoff": _NUMBER,
        "higher_is_positive": bool,
        "dominant": _NUMBER,
    },
)
_NAME = {"name": str}
_CHANGE = {"baseline": str, "follow_up": str}
_CLASS = {"marker": str, "cutoffs": (list, str), "labels": list}
_LONG = {"markers": list, "columns": dict, "name": str, "value": str}
_SUV = {
    "height": _COLUMN_OR_NUMBER,
    "sex": str,
    "by": str,
    "lean_formula": str,
    "surface_formula": str,
    "residual": _COLUMN_OR_NUMBER,
    "nuclide": str,
    "hours_to_scan": _COLUMN_OR_NUMBER,
    "hours_assay_to_injection": _COLUMN_OR_NUMBER,
    "hours_injection_to_residual": _COLUMN_OR_NUMBER,
    "corrected_to": str,
}
_INJECTED = {
    "volume": _COLUMN_OR_NUMBER,
    "density": _COLUMN_OR_NUMBER,
    "per": str,
    "nuclide": str,
    "hours_to_scan": _COLUMN_OR_NUMBER,
}
_MEASURED = {"concentration": str, "injected": _COLUMN_OR_NUMBER}

COLUMN_STEPS: Mapping[str, ColumnStep] = {
    "log": ColumnStep(function=log_column, needs={"marker": str}, takes=_NAME | {"base": (str, int, float)}),
    "ratio": ColumnStep(function=ratio_column, needs={"numerator": str, "denominator": str}, takes=_NAME),
    "difference": ColumnStep(function=difference_column, needs=_CHANGE, takes=_NAME),
    "percent_change": ColumnStep(function=percent_change_column, needs=_CHANGE, takes=_NAME),
    "class": ColumnStep(function=class_column, needs=_CLASS, takes=_NAME),
    "recode": ColumnStep(
        function=recoded_column, needs={"marker": str, "groups": dict}, takes=_NAME | {"otherwise": str}
    ),
    "suv": ColumnStep(function=suv_column, needs=_MEASURED | {"weight": _COLUMN_OR_NUMBER}, takes=_NAME | _SUV),
    "percent_injected": ColumnStep(function=injected_column, needs=_MEASURED, takes=_NAME | _INJECTED),
    "lean_body_mass": ColumnStep(
        function=lean_mass_column, needs={"weight": str, "height": str, "sex": str}, takes=_NAME | {"formula": str}
    ),
    "body_surface_area": ColumnStep(
        function=surface_column, needs={"weight": str, "height": str}, takes=_NAME | {"formula": str}
    ),
    "target_to_background": ColumnStep(
        function=background_column, needs={"target": str, "background": str}, takes=_NAME
    ),
    "partial_volume": ColumnStep(
        function=partial_volume_column,
        needs={"size": str, "fwhm": _COLUMN_OR_NUMBER},
        takes=_NAME | {"multiple": _NUMBER},
    ),
}
TABLE_STEPS: Mapping[str, TableStep] = {
    **dict.fromkeys(RULES, _AGGREGATE),
    "response_category": TableStep(function=response_table, needs={}, takes=RESPONSE_KEYS),
    "long": TableStep(function=long_table, needs={}, takes=_LONG),
    "join": TableStep(function=joined, needs={"columns": list}, takes={"on": list}),
    "select": TableStep(function=selected, needs={"where": dict}, takes={}),
}
STEPS: Mapping[str, Step] = {**TABLE_STEPS, **COLUMN_STEPS}


def derive_table(tables: Mapping[str, DataTable], table: str, source: str, options: Options) -> DataTable:
    """Carry out one derivation.

    Parameters
    ----------
    tables : mapping of str to DataTable
        The tables so far; they are not changed.
    table : str
        The table to make or to extend.
    source : str
        The table to make it from.
    options : mapping
        ``how`` and the keys that go with it; ``where`` leaves out rows of the source first.

        ========================================  =================================================================
        ``how``                                   keys
        ========================================  =================================================================
        a rule of `LesionRule` (``max``, ...)     ``marker``, ``name``, and the rule's own: one row per patient,
                                                  joined to the table where it exists; with ``by`` (columns
                                                  that tell scans apart) one per patient and scan
        ``log``                                   ``marker``, ``base`` (10; 2, or ``"e"``), ``name``
        ``ratio``                                 ``numerator``, ``denominator``, ``name``
        ``difference``, ``percent_change``        ``baseline``, ``follow_up``, ``name``
        ``class``                                 ``marker``, ``cutoffs`` (numbers, or ``"median"``, ``"tertiles"``,
                                                  ``"quartiles"``), ``labels``, ``name``; a value at a cutoff is
                                                  of the upper class
        ``recode``                                ``marker``, ``groups`` (label to values), ``otherwise``, ``name``
        ``suv``                                   ``concentration`` (kBq/mL), ``injected`` (MBq), ``weight`` (kg),
                                                  and what `standardized_uptake_value` takes
        ``percent_injected``                      ``concentration``, ``injected``, ``volume`` (mL; without it %ID/kg),
                                                  ``per`` (gram), ``density``, ``nuclide``, ``hours_to_scan``, ``name``
        ``lean_body_mass``                        ``weight``, ``height`` (cm), ``sex``, ``formula``, ``name``
        ``body_surface_area``                     ``weight``, ``height``, ``formula``, ``name``
        ``target_to_background``                  ``target``, ``background``, ``name``
        ``partial_volume``                        ``size``, ``fwhm`` (mm), ``multiple`` (2.5), ``name``
        ``response_category``                     ``criteria``, ``confirm`` and the other arguments of
                                                  `response_category`; ``name``
        ``long``                                  ``markers``: columns such as ``suvmax_24h`` to one row per time; or
                                                  ``columns`` (label to column), ``name``, ``value``
        ``join``                                  ``columns`` of the source, ``on`` (``patient_id``)
        ``select``                                ``where``
        ========================================  =================================================================

    Returns
    -------
    DataTable
        The new table, or the table with its new columns; what was done is its last note.

    Raises
    ------
    StudyError
        If a key, column or table is unknown, lacking or of the wrong type.
    DesignError
        If the data do not allow the step.
    """
    how = options.get("how")
    place = f"[[derive]] {options.get('name', table)!r}"
    if not isinstance(how, str) or how not in STEPS:
        hint = (nearest(how, list(STEPS)) if isinstance(how, str) else "") or f"; known are {', '.join(STEPS)}"
        raise StudyError(f"{place}: unknown how = {how!r}{hint}")
    arguments = _checked(STEPS[how], how, options, place)
    if source not in tables:
        raise StudyError(f"{place}: no table {source!r}{nearest(source, list(tables))}")
    rows, restriction = _rows(tables[source], options, place)
    if how in COLUMN_STEPS:
        whole = _extended(tables, table, tables[source], rows, how=how, place=place)
        return _with_column(whole, rows, COLUMN_STEPS[how], arguments, place=place, said=restriction)
    if how in RULES:
        arguments["how"] = how
    derived = TABLE_STEPS[how].function(tables=tables, table=table, source=rows, place=place, **arguments)
    return replace(derived.table, notes=(*derived.table.notes, f"{derived.note}{restriction}."))


def _checked(step: Step, how: str, options: Options, place: str) -> dict[str, Any]:
    """Return the step's own arguments, all of them known, there, and of the right type."""
    own = {**step.needs, **step.takes}
    faults = [
        f"unknown key {key!r}{nearest(key, [*own, 'where'])}; how = {how!r} knows {', '.join([*own, 'where'])}"
        for key in options
        if key not in own and key not in ("how", "where")
    ]
    lacking = [key for key in step.needs if key not in options]
    if lacking:
        faults.append(f"how = {how!r} needs {' and '.join(lacking)}")
    for key, kind in own.items():
        if key in options and not _is_of(options[key], kind):
            faults.append(f"{key} = {options[key]!r}: give {_NAMES[kind]}")
    if faults:
        raise StudyError("\n".join(f"{place}: {fault}" for fault in faults))
    return {key: value for key, value in options.items() if key in own and key != "where"}


def _is_of(value: object, kind: Any) -> bool:  # noqa: ANN401 (a type, or a tuple of types)
    if isinstance(value, bool) and kind is not bool:
        return False
    return isinstance(value, kind)


def _rows(source: DataTable, options: Options, place: str) -> tuple[DataTable, str]:
    """Return the source's rows that meet ``where``, and a sentence about them."""
    where = options.get("where")
    if where is None:
        return source, ""
    if not isinstance(where, Mapping):
        raise StudyError(f'{place}: where = {where!r}: give a table such as {{ size_mm = ">= 10" }}')
    kept = where_rows(source.frame, where, table=source.name, key=f"{place}: where").frame
    conditions = ", ".join(condition_text(column, condition) for column, condition in where.items())
    said = f" (rows of {source.name} with {conditions}: {len(kept)} of {len(source.frame)})"
    tokens = source.tokens[source.tokens["row"].isin(kept.index)]
    return replace(source, frame=kept, tokens=tokens), said


def _extended(
    tables: Mapping[str, DataTable], table: str, source: DataTable, rows: DataTable, *, how: str, place: str
) -> DataTable:
    """Return the table a column is added to: the source itself, with all its rows, or a copy under a new name."""
    if table == source.name:
        return source
    if table in tables:
        raise StudyError(
            f"{place}: how = {how!r} works within one table, and {table!r} is another than {source.name!r}; "
            f'write table = "{source.name}", or carry columns over by how = "join"'
        )
    return replace(rows, name=table)


def _with_column(
    whole: DataTable, rows: DataTable, step: ColumnStep, arguments: Mapping[str, Any], *, place: str, said: str
) -> DataTable:
    """Add a column computed from `rows`; the other rows of the table lack it."""
    name = arguments.get("name")
    column, text = step.function(
        rows.frame, place=place, **{key: value for key, value in arguments.items() if key != "name"}
    )
    name = name or str(column.name)
    if name in whole.frame.columns:
        raise StudyError(f"{place}: table {whole.name!r} has a column {name!r} already; give another name")
    frame = whole.frame.assign(**{name: column.reindex(whole.frame.index)})
    return replace(whole, frame=frame, notes=(*whole.notes, f"{name}: {text}{said}."))
