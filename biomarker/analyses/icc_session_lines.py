"""Lines of an intraclass correlation whose readers read at several sessions: between readers, and within a reader."""

from __future__ import annotations

from typing import Any

import numpy as np

from biomarker.analyses.icc_lines import component_estimates
from biomarker.analyses.reading_rows import ReadingRows
from biomarker.analyses.result import Estimate
from biomarker.errors import DesignError
from biomarker.kernels.icc_sessions import SessionICC, cell_means, independent_intervals, nested_intervals
from biomarker.kernels.interval import Interval
from biomarker.kernels.variance_components import nested_and_crossed


def session_lines(rows: ReadingRows, value: str, confidence_level: float) -> tuple[list[Estimate], list[str]]:
    """Variances by REML, and the two correlations they make, with intervals [1]_.

    References
    ----------
    .. [1] Eliasziw M, Young SL, Woodbury MG, Fryday-Field K. Phys Ther 1994;74:777-788.
    """
    y = rows.numbers[:, 0]
    cells = cell_means(y, rows.items, rows.readers, rows.n_items, len(rows.reader_names))
    if cells.df == 0:
        raise DesignError(
            "no reader has read an item at two sessions, so agreement within a reader cannot be estimated; leave out "
            "session"
        )
    counts: dict[str, Any] = {"n": rows.n_items, "n_patients": rows.n_patients}
    if np.ptp(y) == 0:
        undefined = [Estimate(quantity=name, value=float("nan"), **counts) for name in _NAMES]
        return undefined, ["The ICC is not defined: the readings do not vary."]
    parts = _components(rows)
    total = sum(parts.values())
    items = parts.get("patient", 0.0) + parts[rows.item_word]
    by_item = f"{rows.item_word} by reader"
    inter, intra = items / total, (items + parts["reader"] + parts[by_item]) / total
    lines = _correlation_lines(rows, cells, inter, intra, confidence_level)
    notes = _session_notes(rows)
    return [*lines, *component_estimates(parts, counts, value)], notes


_NAMES = ("icc_inter_reader", "icc_intra_reader")


def _components(rows: ReadingRows) -> dict[str, float]:
    nested = [rows.items, rows.readers]
    names = [rows.item_word, f"{rows.item_word} by reader"]
    if rows.is_nested and rows.patients is not None:
        nested, names = [rows.patients[rows.items], *nested], ["patient", *names]
    fit = nested_and_crossed(rows.numbers[:, 0], nested, [rows.readers, rows.sessions])
    return dict(zip([*names, "reader", "session", "residual"], fit.variances.tolist(), strict=True))


def _correlation_lines(
    rows: ReadingRows, cells: Any, inter: float, intra: float, level: float  # noqa: ANN401 - CellMeans
) -> list[Estimate]:  # fmt: skip
    counts: dict[str, Any] = {"n": rows.n_items, "n_patients": rows.n_patients}
    if cells.squares.sum() == 0:  # no reader ever differs from itself
        exact = Interval(1.0, 1.0)
        naive = SessionICC(Interval(float("nan"), float("nan")), exact)
    else:
        naive = independent_intervals(cells, confidence_level=level)
    if not (rows.is_nested and rows.patients is not None):
        return [
            Estimate(quantity=name, value=value, low=limits.low, high=limits.high, **counts)
            for name, value, limits in zip(_NAMES, (inter, intra), naive, strict=True)
        ]
    nested = nested_intervals(cells, rows.patients, inter, intra, confidence_level=level)
    lines = []
    for name, value, honest, simple in zip(_NAMES, (inter, intra), nested, naive, strict=True):
        lines.append(Estimate(quantity=name, value=value, low=honest.low, high=honest.high, **counts))
        lines.append(
            Estimate(
                quantity="icc_naive", value=value, low=simple.low, high=simple.high,
                of={"agreement": name.removeprefix("icc_"), "interval": "naive"}, **counts,
            )
        )  # fmt: skip
    return lines


def _session_notes(rows: ReadingRows) -> list[str]:
    return [
        f"Inter-reader ICC: one reading of a {rows.item_word} against one by another reader at another session; "
        "intra-reader ICC: against another by the same reader. Both are of absolute agreement, so differences between "
        "readers and between sessions count as error."
    ]
