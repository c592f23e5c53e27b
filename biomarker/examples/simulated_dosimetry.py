"""The dosimetry substudy of the synthetic trial: blood samples, activity of organs, and doses to organs."""

from __future__ import annotations

import numpy as np
import pandas as pd

N_DOSIMETRY = 24  # the first patients are those of the dosimetry substudy
SCAN_HOURS = (2, 24, 48, 96)
BLOOD_HOURS = (0.1, 1, 4, 24, 48, 96, 168)
# share of the injected activity in each source organ at first, and the time constant of its biologic loss in h
SOURCE_ORGANS = {"Liver": (0.16, 400), "Spleen": (0.03, 300), "Kidneys": (0.025, 250), "Red marrow": (0.07, 200)}
# mean dose to each organ, mGy/MBq, in the order of size that antibodies labelled with 89Zr have
TARGET_DOSES = {
    "Adrenals": 0.6, "Brain": 0.2, "Breasts": 0.25, "Oesophagus": 0.45, "Extrathoracic region": 0.2,
    "Gallbladder wall": 0.7, "Left colon": 0.45, "Right colon": 0.5, "Rectum": 0.4, "Heart wall": 0.8, "Kidneys": 1.1,
    "Liver": 1.6, "Lungs": 0.5, "Lymph nodes": 0.45, "Muscle": 0.3, "Oral mucosa": 0.2, "Ovaries": 0.45,
    "Pancreas": 0.6, "Red marrow": 0.6, "Osteogenic cells": 0.5, "Salivary glands": 0.25, "Skin": 0.2,
    "Small intestine": 0.5, "Spleen": 1.3, "Stomach wall": 0.5, "Thymus": 0.45, "Thyroid": 0.3,
    "Urinary bladder wall": 0.4, "Uterus": 0.4, "Total body": 0.36,
}  # fmt: skip


def draw_dosimetry(patients: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return blood samples, activity of source organs and doses to target organs of the first patients.

    Blood falls from 100 % over 2.9 L (at 70 kg) as in the scans of the trial, its slow time constant log-normal round
    70 h (CV 20 %), with 5 % noise. Organs hold their share of the activity at first and lose it with their time
    constant; the remainder of the body has the rest. Doses are log-normal round `TARGET_DOSES`, and do not follow from
    the organs.
    """
    patients = patients.head(N_DOSIMETRY)
    n, names = len(patients), patients["patient_id"].to_numpy()
    arms = patients["arm"].to_numpy()
    hours = np.array(BLOOD_HOURS) * (1 + rng.normal(0, 0.02, (n, len(BLOOD_HOURS))))
    volume = 2.9 * patients["weight_kg"].to_numpy(dtype=np.float64)[:, None] / 70
    slow = 70 * np.exp(rng.normal(0, 0.2, (n, 1)))
    curve = 0.35 * np.exp(-hours / 8) + 0.65 * np.exp(-hours / slow)
    percent = 100 / volume * curve * np.exp(rng.normal(0, 0.05, hours.shape))
    blood = pd.DataFrame(
        {
            "patient_id": np.repeat(names, hours.shape[1]),
            "arm": np.repeat(arms, hours.shape[1]),
            "fluid": "blood",
            "hours_post_injection": hours.ravel().round(2),
            "activity_percent_per_l": percent.ravel().round(2),
        }
    )
    at = np.array(SCAN_HOURS, dtype=np.float64)
    share = np.array([first * np.exp(-at / constant) for first, constant in SOURCE_ORGANS.values()])
    held = 100 * share * np.exp(rng.normal(0, 0.2, (n, len(share), 1)) + rng.normal(0, 0.05, (n, *share.shape)))
    whole = 100 * np.exp(-at / 500)
    rest = (whole - held.sum(axis=1))[:, None]
    held = np.concatenate([held, rest], axis=1)
    organs = pd.DataFrame(
        {
            "patient_id": np.repeat(names, held.shape[1] * at.size),
            "arm": np.repeat(arms, held.shape[1] * at.size),
            "organ": np.tile(np.repeat([*SOURCE_ORGANS, "Remainder"], at.size), n),
            "hours_post_injection": np.tile(at, n * held.shape[1]).astype(int),
            "activity_percent": held.ravel().round(2),
        }
    )
    means = np.array(list(TARGET_DOSES.values()))
    received = means * np.exp(rng.normal(0, 0.12, (n, 1)) + rng.normal(0, 0.15, (n, means.size)))
    doses = pd.DataFrame(
        {
            "patient_id": np.repeat(names, means.size),
            "arm": np.repeat(arms, means.size),
            "organ": np.tile(list(TARGET_DOSES), n),
            "dose_per_activity": received.ravel().round(3),
            "unit": "mGy/MBq",
        }
    )
    return {"blood": blood, "organs": organs, "doses": doses}
