"""The mark of an interval for which patients were too few to allow for nesting."""

from __future__ import annotations

from biomarker.analyses.result import Estimate
from biomarker.tables.table import noted

NAIVE = "Naive interval: rows are taken as independent, as there are too few patients to allow for nesting."


def marked_naive(text: str, *lines: Estimate) -> str:
    """Return `text` with a footnote where an interval of `lines` is naive."""
    return noted(text, NAIVE) if any(line.of.get("interval") == "naive" for line in lines) else text
