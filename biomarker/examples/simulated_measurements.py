"""Measurements of the synthetic trial's lesions at each scan: what the response criteria are applied to."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

DAYS_BETWEEN_SCANS, DAYS_BETWEEN_LATER_SCANS, EARLY_SCANS = 63, 84, 4
DAYS_PER_MONTH = 30.4375
MOST_TARGETS, MOST_PER_SITE, MOST_OTHERS = 5, 2, 3
LEAST_MM, LEAST_NODE_MM, SMALLEST_SHOWN_MM = 10, 15, 3
NODE = "Lymph node"
NEW_SITES = ("Brain", "Liver", "Bone")

Floats = NDArray[np.float64]
Patient = dict[Hashable, Any]
Columns = dict[str, NDArray[Any]]
_OF_LESION = ("patient_id", "lesion_id", "lesion_site", "role", "is_node")


def draw_measurements(patients: pd.DataFrame, lesions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a lesion and scan, from baseline to progression or the end of follow-up.

    The first scan after baseline has the sizes behind ``diameter_change_percent``. From then on sizes wander by 5 % a
    scan, until at progression a new lesion is there (in three of five patients, and where all else has gone) or every
    lesion has grown by half. One target in fifty cannot be assessed at a scan; a patient whose response is not
    evaluable has the baseline alone.
    """
    chosen = _choose(lesions)
    rows_of = chosen.groupby("patient_id").indices
    columns = {name: chosen[name].to_numpy() for name in ("size_mm", "diameter_change_percent", *_OF_LESION)}
    blocks = [
        block
        for patient in patients.to_dict("records")
        for block in _course(
            patient, {name: values[rows_of[patient["patient_id"]]] for name, values in columns.items()}, rng
        )
    ]
    table = pd.DataFrame({name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]})
    table["diameter_mm"] = table["diameter_mm"].astype("Int64")
    return table


def _choose(lesions: pd.DataFrame) -> pd.DataFrame:
    """Return targets as RECIST 1.1 allows them, the largest first, and up to three other lesions of each patient."""
    ranked = lesions.sort_values(["patient_id", "size_mm"], ascending=[True, False], kind="stable")
    is_node = ranked["lesion_site"] == NODE
    can = ranked["target"] & (ranked["size_mm"] >= np.where(is_node, LEAST_NODE_MM, LEAST_MM))
    of_site = can.astype(int).groupby([ranked["patient_id"], ranked["lesion_site"]]).cumsum()
    can &= of_site <= MOST_PER_SITE
    is_target = can & (can.astype(int).groupby(ranked["patient_id"]).cumsum() <= MOST_TARGETS)
    place = (~is_target).astype(int).groupby(ranked["patient_id"]).cumsum()
    ranked = ranked.assign(role=np.where(is_target, "target", "non-target"), is_node=is_node)
    return ranked[is_target | (place <= MOST_OTHERS)].sort_index()


def _course(patient: Patient, lesions: Columns, rng: np.random.Generator) -> list[Columns]:
    """Return one block of rows a scan, and one of a new lesion."""
    days = _scan_days(patient)
    start = lesions["size_mm"].astype(float)
    first = start * (1 + lesions["diameter_change_percent"].astype(float) / 100)
    first[first < 1] = 0
    sizes = np.vstack([start, *([first] if len(days) > 1 else [])])
    steps = np.exp(rng.normal(0, 0.05, (max(len(days) - 2, 0), len(start)))).cumprod(axis=0)
    sizes = np.vstack([sizes, first * steps]) if len(steps) else sizes
    has_new = _progresses(patient) and (rng.random() < 0.6 or sizes[-1].sum() < 2 * LEAST_MM)
    if _progresses(patient) and len(days) > 2 and not has_new:
        sizes[-1] = 1.5 * sizes[1:-1].min(axis=0)
    blocks = [_scan(lesions, at, day, sizes[at], rng) for at, day in enumerate(days)]
    if has_new or _had_new(patient, sizes[:, lesions["role"] == "target"]):
        blocks.append(_new_lesion(str(patient["patient_id"]), len(days) - 1, days[-1], rng))
    return blocks


def _progresses(patient: Patient) -> bool:
    return patient["first_event"] == "progression" and patient["response"] not in ("PD", "NE")


def _had_new(patient: Patient, sizes: Floats) -> bool:
    """Return whether a patient progressed at the first assessment although the targets had not grown enough."""
    return patient["response"] == "PD" and not sizes[-1].sum() >= max(1.2 * sizes[0].sum(), sizes[0].sum() + 5)


def _scan_days(patient: Patient) -> list[int]:
    """Return the days of the scans: every nine weeks, later every twelve, and one when progression was seen."""
    if patient["response"] == "NE":
        return [0]
    end = round(float(str(patient["pfs_months"])) * DAYS_PER_MONTH)
    if patient["response"] == "PD":
        return [0, max(end, DAYS_BETWEEN_SCANS - 7)]
    planned = [DAYS_BETWEEN_SCANS * number for number in range(EARLY_SCANS + 1)]
    planned += [planned[-1] + DAYS_BETWEEN_LATER_SCANS * number for number in range(1, 12)]
    last = end if patient["first_event"] == "progression" else end + 1
    days = [day for day in planned if day < last - 14 or day <= DAYS_BETWEEN_SCANS]
    return [*days, max(end, days[-1] + 28)] if patient["first_event"] == "progression" else days


def _scan(lesions: Columns, at: int, day: int, sizes: Floats, rng: np.random.Generator) -> Columns:
    """Return the rows of one scan: sizes of targets, words for the others."""
    n = len(sizes)
    is_target = lesions["role"] == "target"
    is_gone = np.round(sizes) < 1
    is_tiny = ~is_gone & (sizes < SMALLEST_SHOWN_MM) & is_target
    is_missed = (rng.random(n) < 0.02) & is_target & (at > 0)
    words = ["not evaluable", "absent", "too small to measure", "present"]
    return {
        "patient_id": lesions["patient_id"],
        "lesion_id": lesions["lesion_id"],
        "visit": np.repeat("baseline" if at == 0 else f"scan {at}", n).astype(object),
        "day": np.repeat(day, n),
        "role": lesions["role"],
        "lesion_site": lesions["lesion_site"],
        "is_node": lesions["is_node"],
        "diameter_mm": np.where(is_target & ~is_missed & ~is_tiny, np.round(sizes), np.nan),
        "status": np.select([is_missed, is_gone & ~is_target, is_tiny, ~is_target], words, default="").astype(object),
    }


def _new_lesion(patient: str, at: int, day: int, rng: np.random.Generator) -> Columns:
    return {
        "patient_id": np.array([patient], dtype=object),
        "lesion_id": np.array(["N01"], dtype=object),
        "visit": np.array([f"scan {at}"], dtype=object),
        "day": np.array([day]),
        "role": np.array(["new"], dtype=object),
        "lesion_site": np.array([str(rng.choice(NEW_SITES))], dtype=object),
        "is_node": np.array([False]),
        "diameter_mm": np.array([float(np.round(rng.uniform(8, 25)))]),
        "status": np.array([""], dtype=object),
    }
