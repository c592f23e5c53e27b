"""Lay out performance at given cutoffs, and what measurement error does to it."""

from __future__ import annotations

from biomarker.analyses.evaluate_cutoff import EvaluatedCutoffs
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.naive import marked_naive
from biomarker.tables.style import NOT_ESTIMABLE, count_of, listed
from biomarker.vocabulary import column_label, lower_label, marker_unit, quantity_label

READERS = ("reader_discordance", "patients_with_reader_discordance", "reader_pair_discordance")
ORDER = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "youden")
GREY = ("share_in_grey_zone", "patients_in_grey_zone", "probability_of_change", "patient_probability_of_change")


@layout.register
def _(result: EvaluatedCutoffs, style: Style) -> Table:
    """Lay out a block a cutoff: performance as measured and with a further error, then the grey zone."""
    has_error = bool(result.grey_zones)
    level = f"{100 * result.method.confidence_level:g}%"
    header = ("Quantity", "n/N", f"As measured ({level} CI)", *(("With a further error",) if has_error else ()))
    unit, sign = marker_unit(result.marker), "≥" if result.higher_is_positive else "≤"
    rows: list[Row | tuple[str, ...]] = []
    for cutoff in result.cutoffs:
        lines = [line for line in result.estimates if line.of.get("cutoff") == cutoff]
        rows.append(
            heading(f"{column_label(result.marker)} {sign} {style.significant(cutoff)}{' ' * bool(unit)}{unit}")
        )
        rows += [_performance_row(quantity, lines, style, has_error=has_error) for quantity in ORDER]
        if has_error:
            rows += _grey_rows(lines, style)
        if result.readers:
            rows += _reader_rows(lines, result, style, has_error=has_error)
    kind = "prespecified" if result.is_prespecified else "given"
    return Table(
        title=f"{column_label(result.marker)} at {kind} cutoffs for {lower_label(result.reference_standard)}",
        header=header,
        rows=rows,
        footnotes=(*_footnotes(result, rows, has_error=has_error), *_reader_footnotes(result)),
    )


def _performance_row(quantity: str, lines: list[Estimate], style: Style, *, has_error: bool) -> Row:
    found = {line.of.get("performance"): line for line in lines if line.quantity == quantity}
    measured = found["as measured"]
    digits, scale = (2, 1.0) if quantity == "youden" else (1, 100.0)
    counts = "" if quantity == "youden" else count_of(measured.numerator, measured.n or 0)
    shown = style.with_interval(measured.value, measured.low, measured.high, digits, scale=scale)
    further = (style.number(found["further error"].value * scale, digits),) if has_error else ()
    label = quantity_label(quantity) if quantity == "youden" else f"{quantity_label(quantity)}, %"
    return indented(label, counts, marked_naive(shown, measured), *further)


def _grey_rows(lines: list[Estimate], style: Style) -> list[Row]:
    by_name = {line.quantity: line for line in lines if "performance" not in line.of}
    zone = by_name["grey_zone"]
    unit = f", {zone.unit}" if zone.unit else ""
    mark = " to " if style.range_mark == "to" or zone.low < 0 else style.range_mark
    limits = f"{style.significant(zone.low)}{mark}{style.significant(zone.high)}"
    rows = [indented(f"{quantity_label('grey_zone')}{unit}", "", limits, "")]
    for name in GREY:
        if name in by_name:
            line = by_name[name]
            counts = count_of(line.numerator, line.n or 0) if "grey_zone" in name else ""
            shown = style.with_interval(line.value, line.low, line.high, 1, scale=100)
            rows.append(indented(f"{quantity_label(name)}, %", counts, shown, ""))
    return rows


def _reader_rows(lines: list[Estimate], result: EvaluatedCutoffs, style: Style, *, has_error: bool) -> list[Row]:
    """Lay out how readers differ at one cutoff, and the range of what each of them finds."""
    blank = ("",) if has_error else ()
    rows = []
    for line in lines:
        if line.quantity in READERS:
            shown = style.with_interval(line.value, line.low, line.high, 1, scale=100)
            counts = "" if line.quantity == "reader_pair_discordance" else count_of(line.numerator, line.n or 0)
            rows.append(indented(f"{quantity_label(line.quantity)}, %", counts, shown, *blank))
        elif line.quantity == "reader_kappa":
            shown = style.with_interval(line.value, line.low, line.high, 2)
            rows.append(indented(quantity_label(line.quantity), "", shown, *blank))
        elif line.quantity == "reader_range":
            label = f"{quantity_label(str(line.of['performance']))}, range of {len(result.readers)} readers, %"
            rows.append(indented(label, "", style.interval(line.low, line.high, 1, scale=100), *blank))
    return rows


def _reader_footnotes(result: EvaluatedCutoffs) -> tuple[str, ...]:
    if not result.readers:
        return ()
    return (
        f"Readers on both sides: {result.item_word}s that at least one of {listed(result.readers)} calls positive and "
        "at least one negative. Two readers differ: two of them at random.",
    )


def _not_estimable(rows: list[Row | tuple[str, ...]]) -> str:
    cells = [cell for row in rows for cell in (row.cells if isinstance(row, Row) else row)]
    return f"; {NOT_ESTIMABLE}, not estimable" if any(NOT_ESTIMABLE in cell.split() for cell in cells) else ""


def _footnotes(result: EvaluatedCutoffs, rows: list[Row | tuple[str, ...]], *, has_error: bool) -> tuple[str, ...]:
    notes = [f"CI, confidence interval: {result.method.name}{_not_estimable(rows)}."]
    if has_error:
        notes.append(
            "With a further error: as expected if each measured value carried one more, independent error of the same "
            "size."
        )
    return tuple(notes)
