"""One small table with everything that tables have: groups, numbers of every kind, signs, notes."""

import pytest

from biomarker.tables import Table, heading, indented
from biomarker.tables.table import Spanner, noted


@pytest.fixture
def table() -> Table:
    return Table(
        title="Predictive values at SUVmax ≥ 4.0",
        header=("Quantity", "n/N", "%", "95% CI", "Comment"),
        rows=[
            heading("Lesions"),
            indented("Sensitivity", "25/33", "75.8", "57.7–88.9", "exact"),
            indented("LR+ − 1", "", "−0.97", "−1.2 to 0.3", "a & b"),
            heading("Patients"),
            indented("PPV", "0/0", "NE", "NE", "not <estimable>"),
        ],
        footnotes=("CI, confidence interval.", "NE, not estimable: 0/0_rows."),
    )


@pytest.fixture
def rich() -> Table:
    """A table with labels over columns, units, and marks in every place that may have one."""
    return Table(
        title="Uptake and response",
        header=("Quantity", "n/N", "%", noted("SUVmax", "Fasting."), "p"),
        units=("", "", "", "g/mL", ""),
        spanners=(Spanner(noted("Lesions", "Nested in patients."), 1, 2), Spanner("Uptake", 3, 4)),
        rows=[
            heading(noted("Group", "Read by two readers.")),
            indented("Responding", "5/30", "16.7", noted("1.20 (0.80–1.91)", "Naive."), "<0.001"),
            indented(noted("Other", "Fasting."), "12/30", "40.0", "12.3 (8.0–19.1)", noted("0.27", "Naive.", "Last.")),
        ],
        footnotes=("CI, confidence interval.",),
    )
