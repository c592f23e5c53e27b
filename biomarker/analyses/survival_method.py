"""How survival curves were made and compared, in the words of a methods section, with the papers behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biomarker.analyses.follow_up import FollowUpSample
from biomarker.analyses.result import Method
from biomarker.analyses.survival_options import AUTO, SurvivalOptions
from biomarker.references import (
    ANDERSON_1983,
    BENJAMINI_HOCHBERG_1995,
    BENJAMINI_YEKUTIELI_2001,
    BORGAN_LIESTOL_1990,
    BROOKMEYER_CROWLEY_1982,
    DUNN_1961,
    FLEMING_HARRINGTON_1991,
    GEHAN_1965,
    HALL_WELLNER_1980,
    HOCHBERG_1988,
    HOLM_1979,
    KAPLAN_MEIER_1958,
    KLEIN_2007,
    MANTEL_1966,
    MORRIS_2019,
    NAIR_1984,
    PETO_PETO_1972,
    ROYSTON_PARMAR_2013,
    SCHEMPER_SMITH_1996,
    TARONE_1975,
    TARONE_WARE_1977,
    UNO_2014,
    ZOU_DONNER_2008,
    Reference,
)

TESTS: dict[str, tuple[str, Reference]] = {
    "log-rank": ("log-rank test", MANTEL_1966),
    "gehan": ("Gehan-Breslow-Wilcoxon test", GEHAN_1965),
    "tarone-ware": ("Tarone-Ware test", TARONE_WARE_1977),
    "peto": ("Peto-Peto test", PETO_PETO_1972),
    "modified-peto": ("modified Peto-Peto test", PETO_PETO_1972),
    "fleming-harrington": ("Fleming-Harrington test", FLEMING_HARRINGTON_1991),
}
ADJUSTMENTS: dict[str, tuple[str, Reference]] = {
    "holm": ("Holm", HOLM_1979),
    "hochberg": ("Hochberg", HOCHBERG_1988),
    "bonferroni": ("Bonferroni", DUNN_1961),
    "benjamini-hochberg": ("Benjamini-Hochberg", BENJAMINI_HOCHBERG_1995),
    "benjamini-yekutieli": ("Benjamini-Yekutieli", BENJAMINI_YEKUTIELI_2001),
}
Said = tuple[str, tuple[Reference, ...]]


def survival_method(
    follow_up: FollowUpSample,
    options: SurvivalOptions,
    *,
    given: Mapping[str, object],
    n_groups: int,
    confidence_level: float,
    notes: Sequence[str],
) -> Method:
    """Return the method: sentences for curves, bands, mean survival time, tests, and from when time was counted."""
    said = [
        _curves(options, confidence_level),
        _band(options, confidence_level),
        _mean(options, n_groups),
        _tests(options) if n_groups > 1 else ("", ()),
        _start(follow_up, given),
    ]
    return Method(
        name=f"Kaplan-Meier estimates with {options.conf_type} intervals",
        confidence_level=confidence_level,
        settings={**options.settings, **given},
        references=tuple(reference for _, references in said for reference in references),
        notes=(*follow_up.notes, *notes),
        description=" ".join(text for text, _ in said if text),
    )


def printed_test(test: str, settings: Mapping[str, object]) -> str:
    """Return what a test is called in a sentence, stratified where it is: "stratified log-rank test"."""
    name = TESTS[test][0]
    return f"stratified {name}" if settings["strata"] else name


def _curves(options: SurvivalOptions, confidence_level: float) -> Said:
    references = [KAPLAN_MEIER_1958, BROOKMEYER_CROWLEY_1982, SCHEMPER_SMITH_1996]
    if options.conf_type != "plain":
        references.append(BORGAN_LIESTOL_1990)
    if options.risk_table == "kmunicate":
        references.append(MORRIS_2019)
    text = (
        f"Survival was estimated by the Kaplan-Meier method with pointwise {100 * confidence_level:g}% confidence "
        f"intervals on the {options.conf_type} scale, and medians with Brookmeyer-Crowley limits; median follow-up by "
        "the reverse Kaplan-Meier method."
    )
    return text, tuple(references)


def _band(options: SurvivalOptions, confidence_level: float) -> Said:
    if options.band is None:
        return "", ()
    name, reference = {
        "hall-wellner": ("Hall-Wellner", HALL_WELLNER_1980),
        "equal-precision": ("equal-precision (Nair)", NAIR_1984),
    }[options.band]
    return (
        f"Simultaneous {100 * confidence_level:g}% {name} bands hold the whole curve from the first event to the last.",
        (reference,),
    )


def _mean(options: SurvivalOptions, n_groups: int) -> Said:
    if options.tau is None:
        return "", ()
    until = "the end of the shortest follow-up" if options.tau == AUTO else f"{options.tau:g}"
    if n_groups > 1 and options.tau == AUTO:
        until += " of any group"
    how = "normal" if options.rmst_interval == "normal" else "Student's t"
    text = (
        f"Restricted mean survival time is the area under the curve up to {until}, with intervals by {how} and "
        "Greenwood's variance"
    )
    text += ", corrected for the number of events." if options.rmst_interval == "t" else "."
    return text, (ROYSTON_PARMAR_2013, UNO_2014)


def _tests(options: SurvivalOptions) -> Said:
    texts, references = [], []
    if options.tests:
        names = [TESTS[test][0] for test in options.tests]
        within = f", stratified by {', '.join(options.strata)}" if options.strata else ""
        named = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
        texts.append(f"Groups were compared by the two-sided {named}{within}.")
        references += [TESTS[test][1] for test in options.tests]
    if "fleming-harrington" in options.tests:
        texts.append(f"Fleming-Harrington weights had rho {options.rho:g} and gamma {options.gamma:g}.")
    if options.trend is not False:
        texts.append("A trend over the groups in order was tested by Tarone's test.")
        references.append(TARONE_1975)
    if options.pairwise and options.tests:
        name, reference = ADJUSTMENTS[options.adjust]
        texts.append(f"p-values of pairs of groups were adjusted by the method of {name}.")
        references.append(reference)
    if options.times:
        texts.append(
            "Differences in survival have intervals from the limits of either group (MOVER), and a test on the "
            "log(-log) scale."
        )
        references += [ZOU_DONNER_2008, KLEIN_2007]
    return " ".join(texts), tuple(references)


def _start(follow_up: FollowUpSample, given: Mapping[str, object]) -> Said:
    texts, references, landmark = [], [], given["landmark"]
    if landmark is not None:
        at = f"{landmark:g} {follow_up.unit}".strip()
        texts.append(f"Time was counted from a landmark at {at}, for patients still under observation then.")
        references.append(ANDERSON_1983)
    if follow_up.entry is not None:
        texts.append("Patients counted as at risk from their entry into observation (left truncation).")
    return " ".join(texts), tuple(references)
