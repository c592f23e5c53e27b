"""One module a question a trial team asks: DataFrame in, frozen result out.

`ANALYSES` is the register: the kinds of a study file, each a function of the same name in the module given.
"""

from __future__ import annotations

ANALYSES: dict[str, str] = {
    "characteristics": "characteristics",
    "uptake_over_time": "uptake_over_time",
    "detection_rate": "detection",
    "predictive_values": "predictive_values",
    "compare_tests": "compare_tests",
    "verification_bias": "verification_bias",
    "net_benefit": "net_benefit",
    "roc_curve": "roc",
    "compare_roc_curves": "compare_roc",
    "suv_cutoff": "cutoff",
    "evaluate_cutoff": "evaluate_cutoff",
    "time_dependent_roc": "time_dependent_roc",
    "compare_uptake": "compare_uptake",
    "compare_uptake_from_summaries": "uptake_from_summaries",
    "check_summary": "check_summary",
    "correlate": "correlation",
    "compare_correlations": "compare_correlations",
    "waterfall": "waterfall",
    "spider": "spider",
    "response_model": "response_model",
    "adjust_p_values": "multiplicity",
    "intraclass_correlation": "intraclass_correlation",
    "limits_of_agreement": "limits_of_agreement",
    "repeatability": "repeatability",
    "concordance_correlation": "concordance_correlation",
    "method_comparison": "method_comparison",
    "categorical_agreement": "categorical_agreement",
    "swimmer": "swimmer",
    "survival_curves": "survival_curves",
    "hazard_model": "hazard_model",
    "survival_cutoff": "survival_cutoff",
    "cumulative_incidence": "cumulative_incidence",
    "treatment_interaction": "treatment_interaction",
    "aggregation_sensitivity": "aggregation",
}
