"""A study with everything an explorer can show, some of it hostile; used by the tests of its data and of its page."""

from pathlib import Path

import numpy as np
import pandas as pd

HOSTILE = (
    """</script><script>document.title='broken'</script><img src=x onerror="alert(1)"> {{ 7 * 7 }} & ' \u202eabc"""
)

STUDY = """
[study]
title = "Uptake & response"
tracer = "89Zr-trastuzumab"
banner = "Synthetic data"
seed = 11

[data.lesions]
file = "lesions.csv"

[data.patients]
file = "patients.csv"

[[analysis]]
name = "cutoff"
kind = "suv_cutoff"
table = "lesions"
reference_standard = "status"
positive = "responding"
marker = "suvmax"
n_resamples = 20

[explorer]
table = "lesions"
markers = ["suvmax", "suvpeak"]
reference_standard = "status"
positive = "responding"
cutoff = 6.5
repeatability = 0.12
rules = ["max", "mean"]
patients = "patients"
patient_reference_standard = "response"
patient_positive = ["CR", "PR"]
duration = "pfs_months"
event = "pfs_event"
"""


def tables_of(seed: int = 8, patients: int = 24, most: int = 8) -> dict[str, pd.DataFrame]:
    """Return lesions nested in patients, with responses and follow-up that go with uptake."""
    rng = np.random.default_rng(seed)
    names = [f"KH-{1000 + 7 * number}" for number in range(patients)]
    owner = np.repeat(np.arange(patients), rng.integers(1, most, patients))
    level = rng.normal(0, 0.5, patients)
    suvmax = np.round(np.exp(1.8 + level[owner] + rng.normal(0, 0.4, owner.size)), 1)
    responds = rng.random(owner.size) < 1 / (1 + np.exp(-2.5 * (np.log(suvmax) - 1.9)))
    lesions = pd.DataFrame({
        "patient_id": np.array(names)[owner],
        "lesion_id": np.arange(owner.size),
        "suvmax": suvmax,
        "suvpeak": np.round(suvmax * rng.uniform(0.7, 0.9, owner.size), 2),
        "status": np.where(responds, "responding", "not responding"),
    })  # fmt: skip
    lesions.loc[[2, 5], "status"] = None
    months = np.round(rng.exponential(6 * np.exp(0.5 * level)) + 0.1, 1)
    people = pd.DataFrame({
        "patient_id": names,
        "response": np.where(rng.random(patients) < 1 / (1 + np.exp(-2 * level)), "PR", "SD"),
        "pfs_months": months,
        "pfs_event": np.where(rng.random(patients) < 0.75, "yes", "no"),
    })  # fmt: skip
    return {"lesions": lesions, "patients": people.assign(pfs_event=people["pfs_event"].eq("yes").astype(int))}


def write_study(folder: Path, text: str = STUDY, tables: dict[str, pd.DataFrame] | None = None) -> Path:
    """Write the study and its tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    for name, table in (tables or tables_of()).items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def hostile_study(folder: Path) -> Path:
    """Write the study with text in it that would break out of a page, wherever text can stand."""
    name = HOSTILE.replace('"', "'")
    text = (
        STUDY.replace("Uptake & response", name)
        .replace("89Zr-trastuzumab", name)
        .replace("Synthetic data", name)
        .replace('"suvpeak"', f'"{name}"')
        .replace('"responding"', f'"{name}"')
        .replace('"CR", "PR"', f'"CR", "{name}"')
        + "show_ids = true\n"
    )
    tables = tables_of()
    tables["lesions"] = tables["lesions"].rename(columns={"suvpeak": name}).replace({"responding": name})
    tables["patients"] = tables["patients"].replace({"PR": name})
    for table in tables.values():
        table["patient_id"] = table["patient_id"].replace({"KH-1000": name})
    return write_study(folder, text, tables)
