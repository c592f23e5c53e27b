"""A study file made ready: planned, its tables read and derived, and nothing computed yet.

Apart from the rest of the workflow, so that checking a study does not load what writing its report needs.
"""

from __future__ import annotations

from pathlib import Path

from biomarker.data.table import DataTable
from biomarker.study.explorer.settings import check_explorer, explorer_settings
from biomarker.study.load import load_study
from biomarker.study.plan import Plan, plan_study
from biomarker.study.privacy import check_direct_identifiers
from biomarker.study.run import check_columns
from biomarker.study.tables import load_tables
from biomarker.tables.render.house_template import load_template


def prepare_study(path: str | Path) -> tuple[Plan, dict[str, DataTable]]:
    """Do everything short of the analyses: read, plan, load, derive, and check that every column is there.

    Parameters
    ----------
    path : path
        A ``study.toml``, or the folder that holds one.

    Returns
    -------
    plan : Plan
        What a run would do.
    tables : dict of str to DataTable
        Every table, loaded and derived, by name.

    Raises
    ------
    StudyError, SchemaError, DesignError
        If the study file or its data are at fault.
    """
    plan = plan_study(load_study(path))
    if plan.study.template:  # a report that could not be written is not computed
        load_template(plan.study.folder / plan.study.template)
    check_direct_identifiers(plan)
    tables = load_tables(plan.study)
    check_columns(plan, tables)
    explorer = explorer_settings(plan.study, plan.steps)
    if explorer is not None:
        check_explorer(explorer, plan, tables)
    return plan, tables
