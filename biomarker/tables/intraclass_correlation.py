"""Lay out intraclass correlations."""

from __future__ import annotations

from biomarker.analyses.intraclass_correlation import IntraclassCorrelation
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.vocabulary import column_label, lower_label, marker_unit, quantity_label

_BLANK = ("", "")


@layout.register
def _(result: IntraclassCorrelation, style: Style) -> Table:
    """Lay out one row a form, what patients make of it beneath, and the components of variance."""
    if len(result.features) > 1:
        return _of_features(result, style)
    if not result.forms:
        return _of_sessions(result, style)
    return Table(
        title=f"Intraclass correlation of {lower_label(result.value)}, {len(result.readers)} readers",
        header=("Form", "ICC", _level(result), "F (df)", style.p_symbol),
        rows=[*(_form_row(line, result, style) for line in _correlations(result)), *_components(result, style, 5)],
        footnotes=(_abbreviations(result, style), *_patient_footnotes(result)),
    )


def _level(result: IntraclassCorrelation) -> str:
    return f"{100 * result.method.confidence_level:g}% CI"


def _abbreviations(result: IntraclassCorrelation, style: Style) -> str:
    null = float(str(result.method.settings.get("null_value", 0)))
    tested = f"the ICC is not above {style.plain(null)}" if null else f"{result.item_word}s do not differ"
    return (
        f"ICC, intraclass correlation; CI, confidence interval ({result.method.name}); {style.p_symbol}, F test that "
        f"{tested}."
    )


def _patient_footnotes(result: IntraclassCorrelation) -> tuple[str, ...]:
    word = result.item_word
    shown = {line.quantity for line in result.estimates}
    notes = {
        "icc_patient_means": f"Patients' means: the mean of a patient's {word}s in place of each {word}, F interval.",
        "icc_within_patients": f"Within patients: how well readers tell {word}s of one patient apart.",
        "icc_leave_one_patient_out": "Range without one patient: lowest to highest ICC when each patient in turn is "
        "left out, and the ICC without the one who changes it most.",
    }
    return tuple(note for quantity, note in notes.items() if quantity in shown)


def _correlations(result: IntraclassCorrelation) -> list[Estimate]:
    return [line for line in result.estimates if line.quantity.startswith("icc")]


def _form_row(line: Estimate, result: IntraclassCorrelation, style: Style) -> Row:
    number, interval = style.number(line.value, 3), style.interval(line.low, line.high, 3)
    if line.quantity == "icc":
        return Row((_name(line), number, interval, *_test(line, style)))
    if line.quantity == "icc_naive":
        return indented(f"as if {result.item_word}s were independent", number, interval, *_test(line, style))
    if line.quantity == "icc_patient_means":
        return indented("patients' means", number, interval, *_BLANK)
    if line.quantity == "icc_within_patients":
        return indented("within patients", number, interval, *_BLANK)
    return indented("range without one patient", number, interval, *_BLANK)


def _name(line: Estimate) -> str:
    equal = line.of.get("shrout_fleiss")
    return f"{line.of['form']} = {equal}" if equal else str(line.of["form"])


def _test(line: Estimate, style: Style) -> tuple[str, str]:
    if isinstance(line.df, float):  # no F test goes with this line
        return "", style.p_value(line.p_value) if line.p_value == line.p_value else ""
    df = ", ".join(f"{part:.4g}" for part in line.df)
    return f"{style.significant(line.statistic)} ({df})", style.p_value(line.p_value)


def _components(result: IntraclassCorrelation, style: Style, width: int) -> list[Row]:
    unit = marker_unit(result.value)
    rows = [heading(f"Variance{f', ({unit})²' * bool(unit)} (share of the total)")]
    for line in result.estimates:
        if line.quantity == "variance_component":
            component = str(line.of["component"])
            share = result.estimate("variance_share", component=component).value
            value = f"{style.significant(line.value)} ({style.percent(share)}%)"
            rows.append(indented(component.capitalize(), value, *[""] * (width - 2)))
    return rows


def _of_sessions(result: IntraclassCorrelation, style: Style) -> Table:
    rows = []
    for line in _correlations(result):
        number, interval = style.number(line.value, 3), style.interval(line.low, line.high, 3)
        if line.quantity == "icc_naive":
            rows.append(indented(f"as if {result.item_word}s were independent", number, interval))
        else:
            rows.append(Row((quantity_label(line.quantity), number, interval)))
    return Table(
        title=f"Agreement between and within {len(result.readers)} readers on {lower_label(result.value)}",
        header=("Quantity", "ICC", _level(result)),
        rows=[*rows, *_components(result, style, 3)],
        footnotes=(f"ICC, intraclass correlation; CI, confidence interval ({result.method.name}).",),
    )


def _of_features(result: IntraclassCorrelation, style: Style) -> Table:
    several = len(result.forms) > 1
    rows = [
        (
            column_label(str(line.of["feature"])),
            *((_name(line),) if several else ()),
            style.number(line.value, 3),
            style.interval(line.low, line.high, 3),
            str(line.n),
        )
        for line in _correlations(result)
    ]
    form = "" if several else f", {result.forms[0]}" if result.forms else ""
    return Table(
        title=f"Intraclass correlation of {len(result.features):,} features, {len(result.readers)} readers{form}",
        header=("Feature", *(("Form",) if several else ()), "ICC", _level(result), f"{result.item_word.capitalize()}s"),
        rows=rows,
        footnotes=(f"ICC, intraclass correlation; CI, confidence interval ({result.method.name}).",),
    )
