"""The p-value of a test of several quantities at once, its statistic in a footnote."""

from __future__ import annotations

from biomarker.analyses.result import Estimate
from biomarker.tables.style import Style
from biomarker.tables.table import noted


def joint_p_value(line: Estimate, style: Style) -> str:
    """Return p; two degrees of freedom mark Hotelling's test, one a chi-square test."""
    if isinstance(line.df, tuple):
        test = f"Hotelling's T² = {style.number(line.statistic)}, F({line.df[0]:g}, {line.df[1]:g})."
    else:
        test = f"χ² = {style.number(line.statistic)}, {line.df:g} df."
    return noted(style.p_value(line.p_value), test)
