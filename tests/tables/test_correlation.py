import json
from pathlib import Path

import numpy as np
import pandas as pd

from biomarker import correlate

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "correlation.json").read_text())
LESIONS = pd.DataFrame(REFERENCE["lesions"])


def cells(table):
    return [row.cells for row in table.lines]


def test_independent_rows_print_what_r_gives():
    table = correlate(LESIONS, x="suvmax_2h", y="suvmax_24h", patient=None).table()
    assert table.title == "SUVmax 24 h and SUVmax 2 h"
    assert table.header == ("Coefficient", "n", "Estimate (95% CI)", "p")
    assert cells(table) == [("Spearman rank correlation", "42", "0.68 (0.45–0.83)", "<0.001")]


def test_nested_rows_count_patients():
    table = correlate(LESIONS, x="suvmax_2h", y="suvmax_24h", method="pearson", partial="suvmax_48h").table()
    assert table.title == "SUVmax 24 h and SUVmax 2 h, given SUVmax 48 h"
    assert table.header[2] == "Patients"
    assert cells(table)[0][1:3] == ("42", "14")


def test_repeated_measures_print_what_r_gives():
    logs = LESIONS.assign(a=np.log(LESIONS["suvmax_2h"]), b=np.log(LESIONS["suvmax_24h"]))
    table = correlate(logs, x="a", y="b", method="repeated_measures").table()
    assert cells(table) == [("Repeated-measures correlation", "42", "14", "0.83 (0.67–0.92)", "<0.001")]


def test_a_constant_is_not_estimable():
    data = LESIONS.assign(constant=1.0)
    table = correlate(data, x="constant", y="suvmax_24h", patient=None).table()
    assert cells(table) == [("Spearman rank correlation", "42", "NE", "NE")]
