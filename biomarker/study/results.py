"""Results to `results.json`, the file that other programs read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isinf, isnan
from typing import Any

from biomarker.analyses.result import COLUMNS, Estimate, Method, Population
from biomarker.study.load import Study
from biomarker.study.run import Outcome


def results_json(study: Study, outcomes: tuple[Outcome, ...], provenance: Mapping[str, Any]) -> str:
    """Return the text of ``results.json``; the same study and seed give the same text.

    NaN is written ``null``; an infinite limit, which JSON cannot hold as a number, ``"inf"`` or ``"-inf"``.
    """
    head = {
        "title": study.title,
        "tracer": study.tracer,
        "seed": study.seed,
        "confidence_level": study.confidence_level,
    }
    head |= {key: text for key in ("banner", "source", "description") if (text := getattr(study, key))}
    content = {
        "study": head,
        "provenance": dict(provenance),
        "analyses": {outcome.step.name: _analysis(outcome) for outcome in outcomes},
    }
    return json.dumps(jsonable(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def jsonable(value: Any) -> Any:  # noqa: ANN401 - whatever a result may hold
    """Return `value` as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if isinstance(value, float):
        if isnan(value):
            return None
        return ("inf" if value > 0 else "-inf") if isinf(value) else value
    if value is None or isinstance(value, bool | int | str):
        return value
    return jsonable(value.tolist()) if hasattr(value, "tolist") else str(value)


def _analysis(outcome: Outcome) -> dict[str, Any]:
    step, result = outcome.step, outcome.result
    return {
        "kind": step.kind,
        "title": outcome.title,
        "table": step.table,
        "where": dict(step.where),
        "method": _method(result.method),
        "population": _population(result.population),
        "estimates": [_estimate(line) for line in result.estimates],
        "exclusions": [asdict(exclusion) | {"n": exclusion.n} for exclusion in result.exclusions],
    }


def _estimate(line: Estimate) -> dict[str, Any]:
    return {name: getattr(line, name) for name in COLUMNS}


def _method(method: Method) -> dict[str, Any]:
    return {
        "name": method.name,
        "description": method.description,
        "confidence_level": method.confidence_level,
        "settings": method.settings,
        "seed": method.seed,
        "n_resamples": method.n_resamples,
        "references": [str(reference) for reference in method.references],
        "notes": method.notes,
    }


def _population(population: Population) -> dict[str, Any]:
    return {
        "unit": population.unit,
        "rows_in": population.rows_in,
        "rows_used": population.rows_used,
        "patients_in": population.patients_in,
        "patients_used": population.patients_used,
    }
