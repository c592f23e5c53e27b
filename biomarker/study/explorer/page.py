"""From a study that was run to its explorer.html."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from biomarker.data.table import DataTable
from biomarker.errors import BiomarkerError, BiomarkerWarning, StudyError
from biomarker.study.explorer.content import explorer_content, render_explorer
from biomarker.study.explorer.settings import ExplorerSettings, answers, explorer_settings
from biomarker.study.explorer.views import views_of
from biomarker.study.load import Study
from biomarker.study.run import Outcome, with_readings
from biomarker.tables.style import style_named

EXPLORER_FILE = "explorer.html"


def explorer_page(study: Study, tables: Mapping[str, DataTable], outcomes: Sequence[Outcome]) -> str | None:
    """Return the page, or None where the study asks for none and no analysis of a cutoff implies one.

    Raises
    ------
    StudyError
        If the data do not fit what the ``[explorer]`` asks for.
    """
    settings = explorer_settings(study, [outcome.step for outcome in outcomes])
    if settings is None:
        return None
    place = f"[[analysis]] {settings.derived_from!r} as an explorer" if settings.derived_from else "[explorer]"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BiomarkerWarning)  # each is a note of an analysis, and prints there
            views = views_of(
                settings,
                {name: table.frame for name, table in tables.items()},
                error=_error(settings, tables, outcomes),
                chosen=_chosen(settings, outcomes),
            )
    except BiomarkerError as error:
        raise StudyError(f"{study.path.name}: {place}: {error}") from error
    content = explorer_content(views, settings, style_named(study.style), seed=study.seed)
    return render_explorer(content, title=study.title, tracer=study.tracer, banner=study.banner)


def _error(settings: ExplorerSettings, tables: Mapping[str, DataTable], outcomes: Sequence[Outcome]) -> Any:  # noqa: ANN401 - a number, a mapping or a result
    """Return the measurement error with tables and results in place of their names."""
    given = settings.repeatability
    if isinstance(given, str):
        return next(outcome.result for outcome in outcomes if outcome.step.name == given)
    return with_readings({"repeatability": given}, tables)["repeatability"]


def _chosen(settings: ExplorerSettings, outcomes: Sequence[Outcome]) -> tuple[float, ...]:
    """Return the cutoffs that analyses of the same marker and rows chose on these data."""
    found = {
        line.value
        for outcome in outcomes
        if outcome.step.kind == "suv_cutoff" and answers(settings, outcome.step)
        for line in outcome.result.estimates
        if line.quantity == "cutoff" and line.value - line.value == 0  # finite
    }
    return tuple(sorted(found))
