"""A table of 100,000 rows with 500 seeded faults: all are found, within 5 seconds and 500 MB."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from biomarker.data.intake import read_table
from biomarker.data.suspicions import suspicious
from biomarker.errors import SchemaError

ROWS = 100_000
HEAD = "patient_id,lesion_id,lesion_site,laterality,size_mm,volume_ml,suvmax,suvmean,age_years,response\n"
# each turns the cells of a row into a fault in the column named
FAULTS = {
    "text in numbers": ("suvmax", "high"),
    "a limit": ("suvmax", "<0.5"),
    "a decimal comma": ("size_mm", "12;5"),
    "below the range": ("size_mm", "-3"),
    "above the range": ("age_years", "170"),
    "a formula error": ("volume_ml", "#REF!"),
    "no patient": ("patient_id", ""),
    "an unknown word": ("laterality", "lefft"),
    "a mean above its maximum": ("suvmean", "99"),
    "several numbers": ("suvmean", "1.1 (0.9-1.3)"),
}
EACH = 50
UNLIKELY = {"suvmax": "140", "volume_ml": "0"}


def rows(rng):
    size, volume = rng.uniform(5, 60, ROWS), rng.uniform(0.1, 90, ROWS)
    highest = rng.uniform(2, 30, ROWS)
    mean = highest * rng.uniform(0.3, 0.9, ROWS)
    sides = rng.choice(["left", "right", "midline"], ROWS)
    for at in range(ROWS):
        yield [
            f"P{at // 4:06}",
            str(at % 4 + 1),
            ("liver", "lung", "node")[at % 3],
            str(sides[at]),
            f"{size[at]:.3f}",
            f"{volume[at]:.4f}",
            f"{highest[at]:.4f}",
            f"{mean[at]:.4f}",
            str(30 + (at // 4) % 50),
            "PR" if (at // 4) % 3 else "CR",
        ]


def table(path, faults, seed=3):
    """Write the table; return the row and column of each fault."""
    rng = np.random.default_rng(seed)
    names = HEAD.strip().split(",")
    cells = list(rows(rng))
    chosen = rng.choice(ROWS, size=len(faults), replace=False)
    for at, (column, word) in zip(chosen, faults, strict=True):
        cells[at][names.index(column)] = word
    path.write_text(HEAD + "\n".join(",".join(row) for row in cells) + "\n", encoding="utf-8")
    return {(int(at) + 2, column) for at, (column, _) in zip(chosen, faults, strict=True)}


@pytest.mark.slow
def test_every_seeded_fault_is_found(tmp_path):
    seeded = table(tmp_path / "lesions.csv", [fault for fault in FAULTS.values() for _ in range(EACH)])
    with pytest.raises(SchemaError) as error:
        read_table(tmp_path / "lesions.csv", schema="lesion")
    found = {(problem.row, problem.column) for problem in error.value.problems}
    assert len(seeded) == 500
    assert found == seeded, "all that was seeded, and nothing else"


@pytest.mark.slow
def test_every_unlikely_value_is_pointed_at(tmp_path):
    seeded = table(tmp_path / "lesions.csv", [fault for fault in UNLIKELY.items() for _ in range(250)])
    found = suspicious(read_table(tmp_path / "lesions.csv", schema="lesion"))
    assert {(one.row, one.column) for one in found} == seeded


MEASURED = """
import json, resource, sys, time
began = time.process_time()
from biomarker.cli import main
sys.argv = ["biomarker", "validate", sys.argv[1]]
try:
    main()
except SystemExit as stop:
    status = stop.code
print(json.dumps([status, time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
STUDY = """
[study]
title = "Large"
[data.lesions]
file = "lesions.csv"
schema = "lesion"
[[analysis]]
name = "table-1"
kind = "characteristics"
table = "lesions"
variables = ["age_years"]
"""


@pytest.mark.slow
@pytest.mark.parametrize("faulty", [True, False])
def test_time_and_memory_of_validate(tmp_path, faulty):
    """Seconds of processor time, imports included: the time on the clock is that of the machine's other work too."""
    every = [fault for fault in (FAULTS if faulty else {}).values() for _ in range(EACH)]
    table(tmp_path / "lesions.csv", every)
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", MEASURED, tmp_path], capture_output=True, text=True, check=True)
    status, seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    print(f"validate of {ROWS} rows: {seconds:.1f} s, {megabytes:.0f} MB")
    assert status == (2 if faulty else 0)
    assert done.stderr.count("lesions.csv, row") == len(every)
    assert seconds < 5
    assert megabytes < 500
