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

if TYPE_CHECKING:  # what type checkers and editors see; a test keeps it equal to the names below
    from biomarker.analyses.aggregation import aggregation_sensitivity as aggregation_sensitivity
    from biomarker.analyses.categorical_agreement import categorical_agreement as categorical_agreement
    from biomarker.analyses.censored_summary import censored_summary as censored_summary
    from biomarker.analyses.characteristics import characteristics as characteristics
    from biomarker.analyses.check_summary import check_summary as check_summary
    from biomarker.analyses.clearance import clearance as clearance
    from biomarker.analyses.compare_correlations import compare_correlations as compare_correlations
    from biomarker.analyses.compare_roc import compare_roc_curves as compare_roc_curves
    from biomarker.analyses.compare_tests import compare_tests as compare_tests
    from biomarker.analyses.compare_uptake import compare_uptake as compare_uptake
    from biomarker.analyses.concordance_correlation import concordance_correlation as concordance_correlation
    from biomarker.analyses.correlation import correlate as correlate
    from biomarker.analyses.cumulative_incidence import cumulative_incidence as cumulative_incidence
    from biomarker.analyses.cutoff import suv_cutoff as suv_cutoff
    from biomarker.analyses.detection import detection_rate as detection_rate
    from biomarker.analyses.dose_table import dose_table as dose_table
    from biomarker.analyses.effective_dose import effective_dose as effective_dose
    from biomarker.analyses.evaluate_cutoff import evaluate_cutoff as evaluate_cutoff
    from biomarker.analyses.hazard_model import hazard_model as hazard_model
    from biomarker.analyses.intraclass_correlation import intraclass_correlation as intraclass_correlation
    from biomarker.analyses.limits_of_agreement import limits_of_agreement as limits_of_agreement
    from biomarker.analyses.method_comparison import method_comparison as method_comparison
    from biomarker.analyses.multiplicity import adjust_p_values as adjust_p_values
    from biomarker.analyses.net_benefit import net_benefit as net_benefit
    from biomarker.analyses.organ_doses import organ_doses as organ_doses
    from biomarker.analyses.participant_flow import participant_flow as participant_flow
    from biomarker.analyses.patlak import patlak as patlak
    from biomarker.analyses.predictive_values import predictive_values as predictive_values
    from biomarker.analyses.predictive_values import predictive_values_from_counts as predictive_values_from_counts
    from biomarker.analyses.repeatability import repeatability as repeatability
    from biomarker.analyses.response_model import response_model as response_model
    from biomarker.analyses.response_rate import response_rate as response_rate
    from biomarker.analyses.result import Estimate as Estimate
    from biomarker.analyses.result import Method as Method
    from biomarker.analyses.result import Result as Result
    from biomarker.analyses.roc import roc_curve as roc_curve
    from biomarker.analyses.spider import spider as spider
    from biomarker.analyses.survival_curves import survival_curves as survival_curves
    from biomarker.analyses.survival_cutoff import survival_cutoff as survival_cutoff
    from biomarker.analyses.swimmer import swimmer as swimmer
    from biomarker.analyses.time_dependent_roc import time_dependent_roc as time_dependent_roc
    from biomarker.analyses.time_integrated_activity import time_integrated_activity as time_integrated_activity
    from biomarker.analyses.treatment_interaction import treatment_interaction as treatment_interaction
    from biomarker.analyses.uptake_from_summaries import compare_uptake_from_summaries as compare_uptake_from_summaries
    from biomarker.analyses.uptake_over_time import uptake_over_time as uptake_over_time
    from biomarker.analyses.verification_bias import verification_bias as verification_bias
    from biomarker.analyses.waterfall import waterfall as waterfall
    from biomarker.data.aggregation import aggregate_lesions as aggregate_lesions
    from biomarker.data.best_overall_response import best_overall_response as best_overall_response
    from biomarker.data.body_size import body_surface_area as body_surface_area
    from biomarker.data.body_size import lean_body_mass as lean_body_mass
    from biomarker.data.filters import filter_rows as filter_rows
    from biomarker.data.intake import TableSource as TableSource
    from biomarker.data.intake import read_table as read_table
    from biomarker.data.intake import read_tables as read_tables
    from biomarker.data.pseudonyms import pseudonymise as pseudonymise
    from biomarker.data.response import response_category as response_category
    from biomarker.data.table import DataTable as DataTable
    from biomarker.data.uptake_metrics import decay_factor as decay_factor
    from biomarker.data.uptake_metrics import is_below_resolution as is_below_resolution
    from biomarker.data.uptake_metrics import percent_injected_activity as percent_injected_activity
    from biomarker.data.uptake_metrics import standardized_uptake_value as standardized_uptake_value
    from biomarker.data.uptake_metrics import target_to_background as target_to_background
    from biomarker.errors import BiomarkerError as BiomarkerError
    from biomarker.errors import BiomarkerWarning as BiomarkerWarning
    from biomarker.errors import ConvergenceError as ConvergenceError
    from biomarker.errors import DesignError as DesignError
    from biomarker.errors import DirectionWarning as DirectionWarning
    from biomarker.errors import IndependenceWarning as IndependenceWarning
    from biomarker.errors import SchemaError as SchemaError
    from biomarker.errors import SmallSampleWarning as SmallSampleWarning
    from biomarker.errors import StudyError as StudyError
    from biomarker.examples.catalogue import copy_example as copy_example
    from biomarker.examples.catalogue import example_folder as example_folder
    from biomarker.examples.simulated_trial import simulate_trial as simulate_trial
    from biomarker.models.cutoff_classifier import CutoffClassifier as CutoffClassifier
    from biomarker.study.workflow import prepare_study as prepare_study
    from biomarker.study.workflow import run_study as run_study
    from biomarker.tables.table import Table as Table
    from biomarker.vocabulary import own_labels as own_labels

__version__ = "0.1.0"

_MODULES: dict[str, str] = {
    **{name: f"analyses.{module}" for name, module in ANALYSES.items()},
    "predictive_values_from_counts": "analyses.predictive_values",
    "aggregate_lesions": "data.aggregation",
    "best_overall_response": "data.best_overall_response",
    "response_category": "data.response",
    **dict.fromkeys(
        (
            "standardized_uptake_value",
            "decay_factor",
            "percent_injected_activity",
            "target_to_background",
            "is_below_resolution",
        ),
        "data.uptake_metrics",
    ),
    **dict.fromkeys(("lean_body_mass", "body_surface_area"), "data.body_size"),
    "read_table": "data.intake",
    "read_tables": "data.intake",
    "TableSource": "data.intake",
    "DataTable": "data.table",
    "filter_rows": "data.filters",
    "pseudonymise": "data.pseudonyms",
    "run_study": "study.workflow",
    "prepare_study": "study.workflow",
    "own_labels": "vocabulary",
    "example_folder": "examples.catalogue",
    "copy_example": "examples.catalogue",
    "simulate_trial": "examples.simulated_trial",
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
