"""A small simulated trial with lesions nested in patients, for the tests of cutoffs."""

import numpy as np
import pandas as pd


def trial(n_patients=24, seed=2):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), 1 + rng.poisson(2, n_patients))
    response = rng.random(patient.size) < 0.45
    shared, own = 0.3 * rng.normal(size=n_patients)[patient], 0.4 * rng.normal(size=patient.size)
    suvmax = np.exp(1.2 + shared + own + 0.6 * response)
    return pd.DataFrame(
        {
            "patient_id": [f"P{number:02d}" for number in patient],
            "lesion_id": np.arange(patient.size),
            "suvmax_24h": suvmax.round(2),
            "suvmax_48h": (suvmax * np.exp(0.2 * rng.normal(size=patient.size))).round(2),
            "response": np.where(response, "CR", "PD"),
            "site": np.where(patient % 3, "north", "south"),
        }
    )


ASKED = {"reference_standard": "response", "positive": "CR", "marker": "suvmax_24h"}
