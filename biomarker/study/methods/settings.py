"""Every analysis and derivation with all that changes its numbers: rows, conditions, arguments, settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from biomarker.data.filters import condition_text
from biomarker.study.methods.text import Paragraph
from biomarker.vocabulary import column_label, kind_label, lower_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Population
    from biomarker.study.load import Derivation, Study
    from biomarker.study.run import Outcome


def settings_paragraphs(study: Study, outcomes: Sequence[Outcome]) -> tuple[Paragraph, ...]:
    """Return a paragraph for each derivation and each analysis.

    Settings that the study file gives come first, then those that the analysis chose or has by default.
    """
    derived = [_derivation(step) for step in study.derivations]
    analyses = [_analysis(outcome) for outcome in outcomes]
    return (*_headed("Settings of derived columns", derived), *_headed("Settings of each analysis", analyses))


def _headed(heading: str, texts: Sequence[str]) -> Iterator[Paragraph]:
    for number, text in enumerate(texts):
        yield Paragraph(heading="" if number else heading, text=text)


def _derivation(step: Derivation) -> str:
    options = {key: value for key, value in step.options.items() if key != "name"}
    name = column_label(str(step.options.get("name") or step.table))
    return f"{name} (in {step.table}, from {step.source}): {'; '.join(_pairs(options))}."


def _analysis(outcome: Outcome) -> str:
    step, method = outcome.step, outcome.result.method
    given = dict(step.arguments)
    chosen = {key: value for key, value in method.settings.items() if key not in given and value not in (None, [], {})}
    parts = [f"“{step.name}” ({kind_label(step.kind)})", _rows(step.table, step.where, outcome.result.population)]
    parts += [_told("given", given), _told("otherwise", chosen)]
    if method.seed is not None:
        parts.append(f"seed {_value(method.seed)}")
    return f"{'. '.join(part[0].upper() + part[1:] if n else part for n, part in enumerate(filter(None, parts)))}."


def _rows(table: str | None, where: Mapping[str, object], population: Population) -> str:
    """Say which rows were used, of which table, under which conditions."""
    if table is None:
        return ""
    chosen = " and ".join(condition_text(lower_label(column), condition) for column, condition in where.items())
    patients = "" if population.patients_used is None or population.unit == "patient" \
        else f" of {population.patients_used:,} patients"  # fmt: skip
    used = f"{population.rows_used:,} of {population.rows_in:,} {population.unit}s{patients}"
    return f"{used} in {table}{f' where {chosen}' if chosen else ''}"


def _told(word: str, settings: Mapping[str, Any]) -> str:
    pairs = list(_pairs(settings))
    return f"{word}: {'; '.join(pairs)}" if pairs else ""


def _pairs(settings: Mapping[str, Any]) -> Iterator[str]:
    """Give each setting in words: "higher is positive: yes"."""
    for key, value in settings.items():
        yield f"{key.replace('_', ' ')}: {_value(value)}"


def _value(value: Any) -> str:  # noqa: ANN401 - whatever a study file may hold
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_value(key)} = {_value(one)}' for key, one in value.items())}}}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "none"
    if hasattr(value, "shape"):
        return "a table"
    return str(value)
