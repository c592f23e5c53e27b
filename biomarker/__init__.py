"""Statistics for PET tracer trials: does uptake predict response, and at which SUV cutoff.

The house, from the ground up::

    kernels     arrays in, numbers out
    models      fits handed to other libraries
    data        files to validated frames; aggregation over lesions
    analyses    DataFrame in, frozen result out: one module a question
    tables      result in, table out
    figures     result in, matplotlib axes out
    study       study.toml to plan, run, results.json and report
    examples    example studies that ship with the package

Every analysis is a public name here and a ``kind`` in ``study.toml``. Names load when they are first used, so that
``import biomarker`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from biomarker.analyses import ANALYSES

__version__ = "0.1.0"

_MODULES: dict[str, str] = {
    **{name: f"analyses.{module}" for name, module in ANALYSES.items()},
    "predictive_values_from_counts": "analyses.predictive_values",
    "aggregate_lesions": "data.aggregation",
    "read_table": "data.intake",
    "read_tables": "data.intake",
    "TableSource": "data.intake",
    "DataTable": "data.table",
    "filter_rows": "data.filters",
    "run_study": "study.workflow",
    "CutoffClassifier": "models.cutoff_classifier",
    "Estimate": "analyses.result",
    "Method": "analyses.result",
    "Result": "analyses.result",
    "Table": "tables.table",
    "BiomarkerError": "errors",
    "StudyError": "errors",
    "SchemaError": "errors",
    "DesignError": "errors",
    "ConvergenceError": "errors",
    "BiomarkerWarning": "errors",
    "SmallSampleWarning": "errors",
    "DirectionWarning": "errors",
    "IndependenceWarning": "errors",
}

__all__ = ["__version__", *_MODULES]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'biomarker' has no attribute {name!r}")
    value = getattr(import_module(f"biomarker.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
