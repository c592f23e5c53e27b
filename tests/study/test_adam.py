"""ADaM-shaped transport files to a finished report, with no line of the study file written by hand."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from biomarker.study.describe import validation_text
from biomarker.study.init import write_first_study
from biomarker.study.workflow import run_study

N = 40


def subjects(rng):
    arm = np.where(np.arange(N) % 2 == 0, "Placebo", "Active")
    return pd.DataFrame(
        {
            "STUDYID": "ABC",
            "USUBJID": [f"ABC-{number:03}" for number in range(N)],
            "AGE": rng.integers(35, 80, N).astype(float),
            "AGEU": "YEARS",
            "SEX": rng.choice(["M", "F"], N),
            "TRT01P": arm,
            "TRTSDT": [dt.date(2024, 1, 1) + dt.timedelta(days=int(days)) for days in rng.integers(0, 200, N)],
        }
    )


def times_to_events(rng, adsl):
    start = adsl["TRTSDT"]
    days = rng.exponential(300, N).round() + 5
    return pd.DataFrame(
        {
            "STUDYID": "ABC",
            "USUBJID": adsl["USUBJID"],
            "TRTP": adsl["TRT01P"],
            "PARAMCD": "PFS",
            "PARAM": "Progression-free survival",
            "STARTDT": start,
            "ADT": [day + dt.timedelta(days=int(after) - 1) for day, after in zip(start, days, strict=True)],
            "AVAL": days,
            "CNSR": rng.choice([0.0, 1.0, 2.0], N, p=[0.7, 0.2, 0.1]),
        }
    )


def tumours(rng, adsl):
    rows = []
    for subject in adsl["USUBJID"]:
        for lesion in (1, 2):
            size, uptake = float(rng.integers(12, 60)), round(float(rng.lognormal(1.6, 0.4)), 2)
            for flag, share in (("Y", 1.0), ("", 0.8)):
                common = {
                    "USUBJID": subject,
                    "ABLFL": flag,
                    "TRLNKID": f"T0{lesion}",
                    "TULOC": "LIVER",
                }
                rows.append({**common, "PARAMCD": f"LDIAM{lesion}", "AVAL": size * share})
                rows.append({**common, "PARAMCD": f"SUVMAX{lesion}", "AVAL": uptake * share})
            rows.append({**common, "TRLNKID": "", "PARAMCD": "SDIAM", "AVAL": size})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def adam(tmp_path_factory):
    rng = np.random.default_rng(5)
    adsl = subjects(rng)
    frames = {"adsl": adsl, "adtte": times_to_events(rng, adsl), "adtr": tumours(rng, adsl)}
    folder = tmp_path_factory.mktemp("adam")
    for name, frame in frames.items():
        pyreadstat.write_xport(frame, str(folder / f"{name}.xpt"), table_name=name.upper(), file_format_version=5)
    write_first_study([folder / f"{name}.xpt" for name in frames], folder / "study.toml")
    return folder, frames


def test_the_draft_validates(adam):
    said = validation_text(adam[0] / "study.toml")
    assert "no problem found" in said
    assert "lesions: 80 rows" in said
    assert "Placebo 20, Active 20" in said


def test_the_draft_runs_to_a_report(adam, tmp_path):
    folder, frames = adam
    run = run_study(folder / "study.toml", tmp_path / "out")
    assert {"pfs-by-arm", "pfs-hazard", "pfs-uptake", "patients"} <= set(run.results)
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert set(written["analyses"]) == set(run.results)
    # CNSR 0 is an event
    patients = run.tables["patients"].frame.set_index("patient_id")
    adtte, adtr = frames["adtte"].set_index("USUBJID"), frames["adtr"]
    assert patients["pfs_event"].astype(bool).equals((adtte["CNSR"] == 0).rename("pfs_event").rename_axis("patient_id"))
    np.testing.assert_allclose(patients["pfs_months"], adtte["AVAL"] / 30.4375, rtol=1e-12)
    baseline = adtr[(adtr["ABLFL"] == "Y") & adtr["PARAMCD"].str.startswith("SUVMAX")]
    np.testing.assert_allclose(patients["highest_suvmax"], baseline.groupby("USUBJID")["AVAL"].max(), rtol=1e-12)
    assert any("CNSR 0 was read as an event" in note for note in run.tables["adtte"].notes)
