"""The words of the house: what each quantity is called in print.

Names of quantities are snake_case and stand in `results.json`; the labels here are for tables and figures only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_OWN: ContextVar[Mapping[str, str]] = ContextVar("own labels", default={})  # noqa: B039 - a mapping that never changes

LABELS: dict[str, str] = {
    # predictive values
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "lr_positive": "LR+",
    "lr_negative": "LR−",
    "diagnostic_odds_ratio": "Diagnostic odds ratio",
    "youden": "Youden J",
    "f1": "F1",
    "mcc": "Matthews correlation",
    "kappa": "Cohen kappa",
    "prevalence": "Prevalence",
    "number_at_step": "At this step",
    "number_left": "Left out",
    "detection_rate": "Detection rate",
    "detection_difference": "Difference in detection rate",
    "cochran_q": "Cochran Q",
    # describing and comparing uptake
    "n_missing": "Missing",
    "sd": "SD",
    "se": "SE",
    "q1": "Lower quartile",
    "q3": "Upper quartile",
    "geometric_mean": "Geometric mean",
    "geometric_cv": "Geometric CV",
    "geometric_mean_ratio": "Ratio of geometric means",
    "mean_difference": "Difference in means",
    "hodges_lehmann_shift": "Hodges-Lehmann shift",
    "hodges_lehmann_ratio": "Hodges-Lehmann ratio",
    "hedges_g": "Hedges g",
    "any_difference": "Any difference",
    "any_difference_ranks": "Any difference in ranks",
    "trend_ranks": "Trend in ranks",
    "recomputed_p": "Recomputed p-value",
    "implied_sd": "SD implied",
    "implied_correlation": "Correlation implied",
    "possible_sd": "SD possible",
    "possible_count": "Counts possible",
    "possible_sum": "Sums possible",
    "implied_cv": "CV implied",
    "reported_p": "Reported p-value",
    "peak_time": "Time of the peak",
    "peak_share": "Peak at this time",
    "ratio_to_reference": "Ratio to reference tissue",
    # correlation
    "spearman_rho": "Spearman ρ",
    "pearson_r": "Pearson r",
    "kendall_tau": "Kendall τ",
    "repeated_measures_r": "Repeated-measures r",
    "somers_d": "Somers D",
    "correlation_difference": "Difference in correlation",
    "fisher_z_difference": "Difference in Fisher z",
    "correlations_equal": "All correlations equal",
    # best overall response
    "objective_response_rate": "Objective response rate",
    "disease_control_rate": "Disease control rate",
    "response_share": "Best overall response",
    "objective_response_difference": "Difference in objective response rate",
    "disease_control_difference": "Difference in disease control rate",
    # changes in size
    "decrease_rate": "Share that decreased",
    "increase_rate": "Share that increased",
    "median_change": "Median change",
    "best_change": "Best change",
    "time_of_best": "Time of the best change",
    "median_best_change": "Median best change",
    "median_time_of_best": "Median time of the best change",
    # comparison of tests
    "sensitivity_difference": "Difference in sensitivity",
    "sensitivity_ratio": "Ratio of sensitivity",
    "sensitivity_equality": "Equal sensitivity",
    "specificity_difference": "Difference in specificity",
    "specificity_ratio": "Ratio of specificity",
    "specificity_equality": "Equal specificity",
    "ppv_difference": "Difference in PPV",
    "ppv_ratio": "Ratio of PPV",
    "ppv_equality": "Equal PPV",
    "npv_difference": "Difference in NPV",
    "npv_ratio": "Ratio of NPV",
    "npv_equality": "Equal NPV",
    # rules from lesions to patients
    "positive_calls": "Called positive",
    "changed_calls": "Called otherwise",
    # ROC curves
    "auc": "AUC",
    "partial_auc": "Partial AUC",
    "partial_auc_corrected": "Partial AUC, McClish-corrected",
    "auc_difference": "Difference in AUC",
    "auc_equality": "All AUCs equal",
    "binormal_auc": "AUC, binormal",
    "binormal_a": "Binormal a",
    "binormal_b": "Binormal b",
    # cutoffs
    "cutoff": "Cutoff",
    "min_p": "Smallest p",
    "selection_frequency": "Chosen in resamples",
    "grey_zone": "Grey zone",
    "share_in_grey_zone": "In the grey zone",
    "patients_in_grey_zone": "Patients with a lesion in the grey zone",
    "probability_of_change": "Changed by remeasurement, expected",
    "patient_probability_of_change": "Patients with a change, expected",
    "reader_discordance": "Readers on both sides",
    "patients_with_reader_discordance": "Patients with readers on both sides",
    "reader_pair_discordance": "Two readers differ",
    "reader_kappa": "Kappa between readers",
    "reader_range": "Range over readers",
    "within_sd": "Within-lesion SD",
    "within_cv": "Within-lesion CV",
    "repeatability_coefficient": "Repeatability coefficient",
    # reproducibility
    "icc": "ICC",
    "icc_naive": "ICC, as if independent",
    "percent_repeatability_coefficient": "Repeatability coefficient, relative",
    "repeatability_limit_low": "Decrease beyond error",
    "repeatability_limit_high": "Increase beyond error",
    "item_cv_median": "CV of each lesion, median",
    "item_cv_q1": "CV of each lesion, lower quartile",
    "item_cv_q3": "CV of each lesion, upper quartile",
    "reproducibility_sd": "SD over readers",
    "reproducibility_cv": "CV over readers",
    "reproducibility_coefficient": "Reproducibility coefficient",
    "reproducibility_limit_low": "Decrease beyond error, over readers",
    "reproducibility_limit_high": "Increase beyond error, over readers",
    "within_cv_by_size": "Within-lesion CV by size",
    "within_sd_by_size": "Within-lesion SD by size",
    "precision_trend": "Ratio of spread when size doubles",
    "icc_patient_means": "ICC of patients' means",
    "icc_within_patients": "ICC within patients",
    "icc_leave_one_patient_out": "ICC without one patient",
    "icc_inter_reader": "Inter-reader ICC",
    "icc_intra_reader": "Intra-reader ICC",
    "variance_component": "Variance",
    "variance_share": "Share of variance",
    "bias": "Bias",
    "loa_low": "Lower limit of agreement",
    "loa_high": "Upper limit of agreement",
    "sd_difference": "SD of a difference",
    "sd_between": "SD between patients",
    "sd_within": "SD within patients",
    "proportional_bias": "Proportional bias",
    "changing_spread": "Changing spread",
    "intercept": "Intercept",
    "slope": "Slope",
    "bias_at": "Bias",
    "linearity": "Linearity (cusum test)",
    "ccc": "Concordance correlation",
    "bias_correction": "Bias correction factor",
    "location_shift": "Location shift",
    "scale_shift": "Scale shift",
    "sd_replicates": "SD of replicates",
    "regression_bias": "Bias",
    "regression_loa_low": "Lower limit of agreement",
    "regression_loa_high": "Upper limit of agreement",
    "loa_mean": "Limits of agreement with the mean (±)",
    "reader_deviation": "Deviation from the mean",
    "sd_reader": "SD between readers",
    "sd_residual": "SD of a reading within reader and item",
    "reader_equality": "Readers read alike",
    # agreement on categories
    "percent_agreement": "Percent agreement",
    "cohen_kappa": "Cohen kappa",
    "conger_kappa": "Conger kappa",
    "fleiss_kappa": "Fleiss kappa",
    "gwet_ac1": "Gwet AC1",
    "gwet_ac2": "Gwet AC2",
    "brennan_prediger": "Brennan-Prediger coefficient",
    "krippendorff_alpha": "Krippendorff alpha",
    "specific_agreement": "Specific agreement",
    "prevalence_index": "Prevalence index",
    "bias_index": "Bias index",
    "standard_error": "Standard error",
    # survival
    # regression of response
    "odds_ratio": "Odds ratio",
    "events_per_parameter": "Rarer outcome per odds ratio",
    "working_correlation": "Working correlation",
    "term_likelihood_ratio_test": "Likelihood ratio test of the term",
    "proportional_odds_test": "Proportional odds",
    "brier_scaled": "Scaled Brier score",
    "nagelkerke_r2": "Nagelkerke R²",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
    # survival over time
    "survival": "Survival",
    "median_survival": "Median survival",
    "median_follow_up": "Median follow-up",
    "longest_follow_up": "Longest follow-up",
    "total_follow_up": "Total follow-up",
    "share_with": "With it",
    "median_time": "Median time",
    "ongoing": "Ongoing",
    "events": "Events",
    "log_rank": "Log-rank test",
    "survival_quantile": "Time by which a share had the event",
    "survival_difference": "Difference in survival",
    "rmst": "Restricted mean survival time",
    "rmst_difference": "Difference in restricted mean survival time",
    "rmst_ratio": "Ratio of restricted mean survival times",
    "gehan_test": "Gehan test",
    "tarone_ware_test": "Tarone-Ware test",
    "peto_test": "Peto test",
    "modified_peto_test": "Modified Peto test",
    "fleming_harrington_test": "Fleming-Harrington test",
    "maximal_log_rank": "Maximally selected log-rank statistic",
    "log_rank_trend": "Log-rank test for trend",
    "pairwise_p_value": "Pairwise p, adjusted",
    "hazard_ratio": "Hazard ratio",
    "term_wald_test": "Wald test of the term",
    "likelihood_ratio_test": "Likelihood ratio test",
    "wald_test": "Wald test",
    "score_test": "Score test",
    "proportional_hazards_test": "Proportional hazards",
    "c_index": "Harrell c-index",
    "c_index_corrected": "Harrell c-index, optimism-corrected",
    "c_index_difference": "Difference in Harrell c-index",
    "uno_c_index": "Uno c-index",
    "uno_c_index_corrected": "Uno c-index, optimism-corrected",
    "uno_c_index_difference": "Difference in Uno c-index",
    "events_per_ratio": "Events per hazard ratio",
    "nonlinearity_test": "Test of nonlinearity",
    "added_predictors_test": "Added predictors",
    "cumulative_incidence": "Cumulative incidence",
    "gray_test": "Gray's test",
    "subdistribution_hazard_ratio": "Subdistribution hazard ratio",
    "cause_specific_hazard_ratio": "Cause-specific hazard ratio",
    # time-dependent ROC analysis
    "incident_auc": "Incident AUC",
    "integrated_auc": "Integrated AUC",
    "auc_change": "Change of AUC",
    "auc_constancy": "AUC the same at all times",
    "brier": "Brier score",
    "brier_corrected": "Brier score, corrected for optimism",
    "brier_null": "Brier score without a marker",
    "scaled_brier": "Scaled Brier score",
    "integrated_brier": "Integrated Brier score",
    "predicted_risk": "Predicted risk",
    "observed_risk": "Observed risk",
    "observed_expected_ratio": "Observed over expected events",
    # interaction of marker and treatment
    "interaction_hazard_ratio": "Interaction, ratio of hazard ratios",
    "interaction_odds_ratio": "Interaction, ratio of odds ratios",
    "interaction_mean_difference": "Interaction, difference of differences",
    "interaction_test": "Test of the interaction",
    "treatment_hazard_ratio": "Hazard ratio of treatment",
    "treatment_odds_ratio": "Odds ratio of treatment",
    "treatment_mean_difference": "Difference by treatment",
    "marker_hazard_ratio": "Hazard ratio of the marker",
    "marker_odds_ratio": "Odds ratio of the marker",
    "marker_mean_difference": "Difference by the marker",
    "subgroup_interaction_test": "Test of equal effects in subgroups",
    "share_not_treated": "Not treated by the marker",
    "benefit_of_marker_guidance": "Benefit of marker-guided treatment",
    "benefit_of_marker_guidance_apparent": "Benefit of marker-guided treatment, apparent",
    "benefit_of_not_treating": "Benefit of not treating",
    "benefit_of_treating": "Benefit of treating",
    # kinetics
    "half_life": "Half-life",
    "half_life_biologic": "Biologic half-life",
    "half_life_effective": "Effective half-life",
    "half_life_terminal": "Terminal half-life, without a model",
    "phase_fraction": "Share at time zero",
    "auc_trapezoid": "Area by trapezoids",
    "auc_beyond_last": "Area beyond the last sample",
    "auc_decaying": "AUC with decay",
    "auc_trapezoid_decaying": "Area by trapezoids, with decay",
    "mean_residence_time": "Mean residence time",
    "clearance": "Clearance",
    "central_volume": "Central volume",
    "steady_state_volume": "Steady-state volume",
    "aicc": "AICc",
    "curve_area": "Area under the curve",
    "ki": "Ki",
    "v_t": "V_T",
    "t_star": "t*",
    "time_integrated_activity": "Time-integrated activity",
    "time_integrated_activity_coefficient": "Time-integrated activity coefficient",
    "share_after_last": "After the last measurement",
    # dose
    "absorbed_dose": "Absorbed dose",
    "effective_dose": "Effective dose",
    "effective_dose_part": "Part of the effective dose",
    "printed_effective_dose": "Effective dose as printed",
    "dose_difference": "Difference in dose",
    # values below a limit
    "share_below_limit": "Below the limit",
    "geometric_sd": "Geometric SD",
    # multiplicity
    "adjusted_p_value": "Adjusted p-value",
}

COLUMN_LABELS: dict[str, str] = {
    "patient_id": "Patient",
    "lesion_id": "Lesion",
    "reader_id": "Reader",
    "suvmax": "SUVmax",
    "suvmean": "SUVmean",
    "suvpeak": "SUVpeak",
    "sulpeak": "SULpeak",
    "mtv_ml": "MTV (mL)",
    "tlg_g": "TLG (g)",
    "hours_post_injection": "Hours after injection",
    "pfs": "Progression-free survival",
    "os": "Overall survival",
    "dfs": "Disease-free survival",
    "efs": "Event-free survival",
    "nominal_hours": "Hours after injection",
    "ecog": "ECOG",
    "her2_status": "HER2 status",
    "n_lesions": "Lesions",
    "tumor_type": "Tumour type",
    "centre_id": "Centre",
    "pet_positive": "PET positive",
    "early_fdg_response": "Early FDG response",
    "fdg_suvmax": "FDG SUVmax",
    "injected_activity_mbq": "Injected activity (MBq)",
    "highest_suvmax": "Highest SUVmax",
    "mean_suvmax": "Mean SUVmax",
    "activity_percent_per_l": "Activity concentration (%ID/L)",
    "activity_kbq_per_ml": "Activity concentration (kBq/mL)",
    "whole_body_percent": "Whole-body retention (%ID)",
    "dose_per_activity": "Dose per activity",
}


_CAPITALS = {
    **{word: word.upper() for word in ("bmi", "cea", "crp", "ct", "fdg", "fish", "her2", "ihc", "ldh", "mri")},
    **{word: word.upper() for word in ("mtv", "os", "pet", "pfs", "psa", "psma", "sul", "suv", "tlg", "tnm")},
    "ecog": "ECOG",
    "ki67": "Ki-67",
    "pdl1": "PD-L1",
    "recist": "RECIST",
    "percist": "PERCIST",
}

_UNIT_SUFFIXES = {
    "years": "years",
    "months": "months",
    "hours": "h",
    "mm": "mm",
    "cm": "cm",
    "ml": "mL",
    "mg": "mg",
    "kg": "kg",
    "mbq": "MBq",
    "percent": "%",
}


def quantity_label(quantity: str) -> str:
    """Return the printed label of a quantity: ``"ppv"`` gives ``"PPV"``."""
    return LABELS.get(quantity, quantity.replace("_", " ").capitalize())


@contextmanager
def own_labels(labels: Mapping[str, str]) -> Iterator[None]:
    """Print columns by the labels of a study while it runs.

    Parameters
    ----------
    labels : mapping of str to str
        Column to label, as ``[labels]`` of a study file has them.

    Examples
    --------
    >>> with own_labels({"karno": "Karnofsky score"}):
    ...     column_label("karno")
    'Karnofsky score'
    """
    token = _OWN.set(dict(labels))
    try:
        yield
    finally:
        _OWN.reset(token)


def column_label(column: str) -> str:
    """Return the printed label of a column: ``"suvmax_24h"`` gives ``"SUVmax 24 h"``.

    Examples
    --------
    >>> column_label("her2_ihc"), column_label("size_mm"), column_label("uptake_class")
    ('HER2 IHC', 'Size (mm)', 'Uptake class')
    """
    own = _OWN.get()
    if column in own:
        return own[column]
    if column in COLUMN_LABELS:
        return COLUMN_LABELS[column]
    stem, _, suffix = column.rpartition("_")
    if stem and suffix[:-1].isdigit() and suffix[-1] in "hd":
        return f"{column_label(stem)} {suffix[:-1]} {suffix[-1]}"
    if stem and suffix in _UNIT_SUFFIXES:
        return f"{column_label(stem)} ({_UNIT_SUFFIXES[suffix]})"
    if stem and suffix in COLUMN_LABELS:
        return f"{column_label(stem)} {COLUMN_LABELS[suffix]}"
    return _words(column) if column.islower() else column


def _words(column: str) -> str:
    """Return the words of a column, those the field writes in capitals as it does: ``"her2_ihc"``, ``"HER2 IHC"``."""
    first, *others = column.split("_")
    return " ".join([_CAPITALS.get(first, first.capitalize()), *(_CAPITALS.get(word, word) for word in others)])


def index_test_label(test: str) -> str:
    """Return the printed label of a test, or of tests combined: ``"suvmax or fdg_suvmax"`` word by word."""
    for word in (" or ", " and "):
        if word in test:
            return word.join(column_label(part) for part in test.split(word))
    return column_label(test)


def level_text(level: object) -> str:
    """Return a level of a column as it is printed: ``24.0`` gives ``"24"``, ``"Lung"`` stays.

    Examples
    --------
    >>> level_text(24.0), level_text(0.5), level_text("Lung")
    ('24', '0.5', 'Lung')
    """
    return f"{level:.10g}" if isinstance(level, float) else str(level)


_UNITS: dict[str, str] = {
    "suvmax": "g/mL",
    "suvmean": "g/mL",
    "suvpeak": "g/mL",
    "sulpeak": "g/mL",
    "mtv_ml": "mL",
    "tlg_g": "g",
    "size_mm": "mm",
    "volume_ml": "mL",
    "age": "years",
}


def marker_unit(column: str) -> str:
    """Return the unit of a column by its name: ``"highest_suvmax_24h"`` gives ``"g/mL"``, an unknown one ``""``."""
    if column in _UNITS:
        return _UNITS[column]
    parts = column.split("_")
    return next((unit for name, unit in _UNITS.items() if name in parts), "")


KIND_LABELS: dict[str, str] = {
    "aggregation_sensitivity": "Rules from lesions to patients",
    "participant_flow": "Flow of participants",
    "characteristics": "Characteristics",
    "uptake_over_time": "Uptake over time",
    "predictive_values_from_counts": "Predictive values",
    "compare_tests": "Comparison of tests",
    "verification_bias": "Verification bias",
    "roc_curve": "ROC analysis",
    "compare_roc_curves": "Comparison of ROC curves",
    "suv_cutoff": "Choice of a cutoff",
    "evaluate_cutoff": "Performance at given cutoffs",
    "time_dependent_roc": "Time-dependent ROC analysis",
    "compare_uptake": "Comparison of uptake",
    "compare_uptake_from_summaries": "Comparison of published uptake",
    "check_summary": "Check of a printed summary",
    "correlate": "Correlation",
    "compare_correlations": "Comparison of correlations",
    "response_rate": "Best overall response",
    "waterfall": "Best change",
    "spider": "Change over time",
    "response_model": "Regression of response",
    "adjust_p_values": "Adjustment for multiplicity",
    "intraclass_correlation": "Intraclass correlation",
    "repeatability": "Repeatability and reproducibility",
    "categorical_agreement": "Categorical agreement",
    "concordance_correlation": "Concordance correlation",
    "method_comparison": "Comparison of methods of measurement",
    "survival_curves": "Survival curves",
    "swimmer": "Swimmer plot",
    "hazard_model": "Hazard regression",
    "survival_cutoff": "Cutoff for survival",
    "cumulative_incidence": "Competing risks",
    "treatment_interaction": "Interaction of marker and treatment",
    "censored_summary": "Uptake with values below a limit",
    "clearance": "Clearance",
    "patlak": "Patlak analysis",
    "time_integrated_activity": "Time-integrated activity",
    "organ_doses": "Organ doses",
    "dose_table": "Dose table",
    "effective_dose": "Effective dose",
}


def kind_label(kind: str) -> str:
    """Return the printed label of a kind of analysis: ``"roc_curve"`` gives ``"ROC analysis"``."""
    return KIND_LABELS.get(kind, kind.replace("_", " ").capitalize())


def lower_label(column: str) -> str:
    """Return the label of a column within a sentence: ``"arm"`` gives ``"arm"``, ``"suvmax"`` still ``"SUVmax"``."""
    label = column_label(column)
    return label[0].lower() + label[1:] if label[1:2].islower() else label


_PLAIN_DURATIONS = ("time", "duration", "follow_up", "followup", "survival", "t", "stop", "aval")


def outcome_label(duration: str) -> str:
    """Return what a duration is the survival of: ``"pfs_months"`` gives ``"Progression-free survival"``."""
    stem, _, suffix = duration.rpartition("_")
    stem = stem if stem and suffix in ("days", "weeks", "months", "years", "hours") else duration
    return "Survival" if stem.casefold() in _PLAIN_DURATIONS else column_label(stem)
