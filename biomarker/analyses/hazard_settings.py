"""Settings of a hazard model that have few choices: what each may be, and what is said where it is something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biomarker.analyses.hazard_discrimination import OPTIMISM
from biomarker.errors import DesignError, nearest
from biomarker.kernels.risk_sets import TIES
from biomarker.kernels.schoenfeld import TRANSFORMS
from biomarker.models.cox import PENALTIES

FIGURES = ("auto", "ratios", "shape", "residuals")
N_RESAMPLES = 300
MANY_ROWS = 2000  # beyond them optimism is negligible, and resampling takes minutes


def resamples_for(given: int | None, n_rows: int) -> int:
    """Return how many resamples to draw: as many as asked for, or a default that takes seconds."""
    if given is None:
        return N_RESAMPLES if n_rows <= MANY_ROWS else 0
    return given


def check_choices(**given: str) -> None:
    """Refuse settings that are not among their choices."""
    known = {
        "ties": TIES,
        "penalty": PENALTIES,
        "time_transform": TRANSFORMS,
        "optimism": OPTIMISM,
        "figure": FIGURES,
    }
    for name, value in given.items():
        if value not in known[name]:
            hint = nearest(str(value), list(known[name]))
            raise DesignError(f"{name} = {value!r}{hint}; give one of {', '.join(known[name])}")


def check_columns(**given: object) -> None:
    """Refuse what can be no name of a column, nor a list of them."""
    for argument, value in given.items():
        if value is not None and not isinstance(value, str | list | tuple):
            raise DesignError(f"{argument} = {value!r}: give the name of a column, or a list of names")


def check_numbers(until: float | None, n_resamples: int | None) -> None:
    """Refuse an end of the c-index or a number of resamples that is none."""
    if until is not None and (isinstance(until, bool) or not isinstance(until, int | float) or not until > 0):
        raise DesignError(f"concordance_until = {until!r}: give a time above 0, in the unit of the duration")
    is_count = isinstance(n_resamples, int) and not isinstance(n_resamples, bool) and n_resamples >= 0
    if n_resamples is not None and not is_count:
        raise DesignError(f"n_resamples = {n_resamples!r}: give a whole number, or 0 for no correction of optimism")


def check_units(units: Mapping[str, object], measured: Sequence[str]) -> None:
    """Refuse a unit for classes."""
    for name in units:
        if name not in measured:
            raise DesignError(f"per names {name!r}, which holds classes and has no unit; use reference for its level")


def checked_figure(figure: str, shapes: Sequence[object], residuals: Sequence[object]) -> str:
    """Return the figure asked for, where the model has what it shows."""
    check_choices(figure=figure)
    if figure == "shape" and not shapes:
        raise DesignError("figure = 'shape': no predictor has a spline; name one in splines")
    if figure == "residuals" and not residuals:
        raise DesignError("figure = 'residuals': separated events leave no residuals to draw")
    return figure
