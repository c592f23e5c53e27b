"""When each column of a study was known: as `[data.NAME] measured_at` declares it, and derived columns inherit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biomarker.study.load import Derivation, Study

Times = Mapping[str, float | str]


def measured_at(study: Study) -> dict[str, Times]:
    """Return for each table when its columns were known: a time after the start, or the column that holds it.

    A derived column is known when the last of the columns it is made from is.
    """
    known: dict[str, Times] = {source.name: source.measured_at for source in study.sources}
    for step in study.derivations:
        before = known.get(step.source, {})
        known[step.table] = {**before, **known.get(step.table, {}), **_inherited(step, before)}
    return known


def _inherited(step: Derivation, before: Times) -> Times:
    times = [before[text] for text in _texts(step.options) if text in before]
    name = step.options.get("name") or f"{step.options.get('marker')}_{step.options.get('how')}"
    if not times:
        return {}
    own = [when for when in times if isinstance(when, str)]  # each patient's own time cannot be compared here
    return {str(name): own[0] if own else max(when for when in times if not isinstance(when, str))}


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - options of a derivation, whatever TOML holds
    """Give every text among the options, those within lists and tables too: any may name a column."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
