"""One small table with everything that tables have: groups, numbers of every kind, signs, notes."""

import pytest

from biomarker.tables import Table, heading, indented


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
