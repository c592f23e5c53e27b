"""The synthetic trial: patients, lesions, scans, readings and outcomes drawn from a model that is written down here.

No patient stands behind any row. The tables of the shipped study are what `simulate_trial` gives with its defaults.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.examples.simulated_dosimetry import draw_dosimetry
from biomarker.examples.simulated_measurements import draw_measurements

SEED = 20261121
ARMS = ("Chemotherapy", "Conjugate")
SITES = ("Lymph node", "Bone", "Liver", "Lung", "Soft tissue")
NOMINAL_HOURS = (2, 24, 48, 96)
REFERENCE_HOURS = 96  # the scan whose SUVmax the outcomes depend on
MAX_TARGET_LESIONS = 5

MEAN_LOG_SUVMAX = np.log(6.5)
SD_LOG_SUVMAX = 0.75
LESION_RESPONSE_PERCENT = -30.0
FIRST_ASSESSMENT_MONTHS = 2.1
DEATH_FIRST = 0.2  # of the patients without progression at the first assessment, those who die before they progress

# What stands in a cell that has no value, by table and column; anything else is left empty.
MISSING_TOKENS: dict[str, dict[str, str]] = {
    "patients": {"ecog": "n/a", "prior_therapy_months": "-"},
    "lesions": {"biopsy": "-", **dict.fromkeys(("suvmax", "suvmean", "suvpeak", "mtv_ml", "tlg_g"), "n/a*")},
    "uptake": {"suvmax": "n/a", "suvmean": "n/a"},
    "readings": {},
    "patterns": {},
    "measurements": {},
    "blood": {},
    "organs": {},
    "doses": {},
}

Floats = NDArray[np.float64]


def simulate_trial(
    n_patients: int = 60,
    *,
    icc: float = 0.5,
    interaction_hazard_ratio: float = 0.6,
    n_readers: int = 3,
    n_sessions: int = 2,
    rng: int | np.random.Generator = SEED,
) -> dict[str, pd.DataFrame]:
    """Draw a two-arm trial of an antibody-drug conjugate with PET of its target before treatment.

    Parameters
    ----------
    n_patients : int
        Patients, randomised 1:1 in blocks of two between "Chemotherapy" and "Conjugate", over four centres.
    icc : float
        Correlation of log SUVmax between two lesions of one patient, in [0, 1].
    interaction_hazard_ratio : float
        By how much the hazard ratio of progression after the first assessment, conjugate to chemotherapy, is multiplied
        for each unit of X (see Notes). The response of lesions at the first assessment depends on uptake besides.
    n_readers, n_sessions : int
        Readers, each of whom reads every target lesion in every session.
    rng : int or Generator
        Seed, or source of random numbers.

    Returns
    -------
    dict of str to DataFrame
        ``patients`` (one row a patient), ``lesions`` (one a lesion), ``uptake`` (one a lesion or organ and time point),
        ``readings`` (one a reader, session and target lesion), ``patterns`` (one a reader, session and patient) and
        ``measurements`` (one a lesion and scan: sizes and words for the response criteria). Of the first 24 patients
        ``blood`` (one a sample), ``organs`` (one a source organ and time) and ``doses`` (one a target organ).

    Raises
    ------
    ValueError
        If a count is not positive, `icc` is outside [0, 1], or the hazard ratio is not positive.

    Notes
    -----
    The model, with x the standardised log SUVmax of a lesion and X the mean of x in a patient:

    - *Lesions.* Their number is log-normal (median about 4, log SD 0.95, between 1 and 24): about a seventh of the
      patients have one, a sixth more than ten. Diameters are log-normal, 22 mm, log SD 0.5, at least 10 mm.
    - *Uptake* at 96 h: log SUVmax is normal, mean log 6.5, SD 0.75, of which the share `icc` of the variance lies
      between patients; within patients larger lesions take up more (0.2 per SD of log diameter). At time t it is in
      proportion to ``1 - exp(-t / tau) + 0.25 exp(-t / 40 h)``, tau log-normal about 30 h, with 8 % noise; blood
      falls with half-lives of 5.5 and 49 h. One liver lesion in eight cannot be measured.
    - *Response of a lesion*: log ratio of diameters after 9 weeks, normal, SD 0.29 (0.15 of it shared within the
      patient), mean -0.05 on chemotherapy and -0.20 - 0.35 x on the conjugate; the smaller the ratio, the likelier that
      the lesion is gone. A fall of 30 % is a response. The patient's response follows RECIST 1.1 from up to five
      target lesions, and new lesions.
    - *Progression-free survival* of patients who have not progressed at the first assessment: from there Weibull,
      shape 1.2, median 6 months for X = 0 on chemotherapy; log hazard 0.10 X on chemotherapy, and
      log 0.8 + (0.10 + log `interaction_hazard_ratio`) X on the conjugate. Overall survival adds an exponential time
      of mean 16 months; one patient in five who did not progress at the first assessment dies without progression.
      Administrative censoring between 9 and 30 months.
    - *Readers* report the same hottest voxel in 55 % of readings, else a value with 15 % log-normal error; SUVmean
      has 8 % error, and the last reader's is 7 % higher. Visual classes: 1 none, 2 near background, 3 visible, 4 high.
      Patterns of a patient: A the whole tumour volume takes up tracer, B most, C some, D none.
    - The dosimetry substudy of 24 patients: see `draw_dosimetry`.
    - *FDG* correlates weakly with the tracer. Half of the visible lesions are biopsied, and one in five others.

    Examples
    --------
    >>> trial = simulate_trial()
    >>> [len(trial[name]) for name in ("patients", "lesions", "uptake")]
    [60, 395, 2300]
    """
    if min(n_patients, n_readers, n_sessions) < 1:
        raise ValueError("n_patients, n_readers and n_sessions must be at least 1")
    if not 0 <= icc <= 1 or interaction_hazard_ratio <= 0:
        raise ValueError("need 0 <= icc <= 1 and interaction_hazard_ratio > 0")
    rng = np.random.default_rng(rng)
    patients = _enrol(n_patients, rng)
    lesions = _draw_lesions(patients, icc, rng)
    _add_lesion_response(lesions, rng)
    _add_patient_outcomes(patients, lesions, interaction_hazard_ratio, rng)
    uptake = _scan(patients, lesions, rng)
    readings = _read(lesions, n_readers, n_sessions, rng)
    patterns = _patterns(lesions, n_readers, n_sessions, rng)
    patients["pattern"] = _pattern_of(lesions["detected"].to_numpy(bool), lesions, patients["patient_id"])
    # drawn apart, so that the other tables are what they were before this one was added
    measurements = draw_measurements(patients, lesions, rng.spawn(1)[0])
    patients["pet_positive"] = patients["pattern"].isin(["A", "B"]).astype(int)
    return {
        "patients": patients,
        "lesions": _published(lesions),
        "uptake": uptake,
        "readings": readings,
        "patterns": patterns,
        "measurements": measurements,
        **draw_dosimetry(patients, rng.spawn(1)[0]),
    }


def write_trial(tables: dict[str, pd.DataFrame], folder: str | PathLike[str]) -> list[Path]:
    """Write the tables as ``synthetic_<name>.csv``, with the words that stand for missing values.

    The column of patients is headed ``synthetic_patient_id``, so that a file passed on by itself still says what it is.
    """
    folder = Path(folder)
    paths = []
    for name, table in tables.items():
        shown = table.rename(columns={"patient_id": "synthetic_patient_id"}).astype(object)
        for column in map(str, shown):
            if column in table and pd.api.types.is_bool_dtype(table[column]):
                shown[column] = shown[column].map({True: "yes", False: "no"})
            shown[column] = shown[column].where(shown[column].notna(), MISSING_TOKENS[name].get(column, ""))
        path = folder / f"synthetic_{name}.csv"
        shown.to_csv(path, index=False, lineterminator="\n")
        paths.append(path)
    return paths


def _enrol(n: int, rng: np.random.Generator) -> pd.DataFrame:
    arms = np.concatenate([rng.permutation(ARMS) for _ in range((n + 1) // 2)])[:n]
    height = rng.normal(165, 7, n)
    on_therapy_before = rng.random(n) < 0.8
    ecog = rng.choice([0.0, 1.0, 2.0], n, p=[0.5, 0.4, 0.1])
    ecog[rng.random(n) < 0.05] = np.nan
    return pd.DataFrame(
        {
            "patient_id": [f"S{i:03d}" for i in range(1, n + 1)],
            "centre_id": rng.choice(["C1", "C2", "C3", "C4"], n, p=[0.4, 0.3, 0.2, 0.1]),
            "arm": arms,
            "age_years": np.clip(np.round(rng.normal(58, 11, n)), 29, 84).astype(int),
            "sex": np.where(rng.random(n) < 0.97, "Female", "Male"),
            "height_cm": height.round(0).astype(int),
            "weight_kg": (25.5 * (height / 100) ** 2 * np.exp(rng.normal(0, 0.14, n))).round(0).astype(int),
            "ecog": pd.array(ecog, dtype="Int64"),
            "prior_therapy_months": np.where(on_therapy_before, np.exp(rng.normal(2.2, 0.8, n)).round(1), np.nan),
            "injected_activity_mbq": rng.normal(37, 2, n).round(1),
        }
    )


def _draw_lesions(patients: pd.DataFrame, icc: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a lesion, with hidden columns (leading underscore) that later draws need."""
    n_lesions = np.clip(np.round(np.exp(rng.normal(np.log(4), 0.95, len(patients)))), 1, 24).astype(int)
    owner = np.repeat(np.arange(len(patients)), n_lesions)
    n = len(owner)
    log_size = rng.normal(0, 1, n)
    between, within = SD_LOG_SUVMAX * np.sqrt(icc), SD_LOG_SUVMAX * np.sqrt(1 - icc)
    by_size = min(0.2, within)
    log_suvmax = (
        MEAN_LOG_SUVMAX
        + rng.normal(0, between, len(patients))[owner]
        + by_size * log_size
        + rng.normal(0, np.sqrt(within**2 - by_size**2), n)
    )
    suvmax = np.maximum(np.exp(log_suvmax), 0.1)
    size = np.maximum(np.exp(np.log(22) + 0.5 * log_size), 10)
    site = rng.choice(SITES, n, p=[0.35, 0.27, 0.18, 0.12, 0.08])
    suvpeak = suvmax * rng.uniform(0.72, 0.92, n)
    suvmean = suvpeak * rng.uniform(0.6, 0.85, n)
    volume = np.pi / 6 * (size / 10) ** 3 * rng.uniform(0.5, 0.9, n)
    fdg = np.log(7.5) + 0.25 * (log_suvmax - MEAN_LOG_SUVMAX) + rng.normal(0, 0.3, len(patients))[owner]
    lesions = pd.DataFrame(
        {
            "patient_id": patients["patient_id"].to_numpy()[owner],
            "lesion_id": [f"L{i:02d}" for k in n_lesions for i in range(1, k + 1)],
            "arm": patients["arm"].to_numpy()[owner],
            "lesion_site": site,
            "size_mm": size.round(0).astype(int),
            "measurable": ~((site == "Liver") & (rng.random(n) < 0.12)),
            "suvmax": suvmax.round(1),
            "suvpeak": suvpeak.round(1),
            "suvmean": suvmean.round(1),
            "mtv_ml": volume.round(1),
            "tlg_g": (suvmean.round(1) * volume.round(1)).round(1),
            "fdg_suvmax": np.exp(fdg + rng.normal(0, 0.45, n)).round(1),
            "detected": rng.random(n) < _logistic(4 * (log_suvmax - np.log(3.2))),
            "_owner": owner,
            "_x": (log_suvmax - MEAN_LOG_SUVMAX) / SD_LOG_SUVMAX,
            "_log_suvmax": log_suvmax,
        }
    )
    is_target = lesions.groupby("patient_id")["size_mm"].rank(method="first", ascending=False) <= MAX_TARGET_LESIONS
    lesions.insert(4, "target", is_target & lesions["measurable"])
    is_positive = rng.random(n) < _logistic(3 * (log_suvmax - np.log(4)))
    is_biopsied = rng.random(n) < np.where(lesions["detected"], 0.5, 0.2)
    lesions["biopsy"] = pd.Series(np.where(is_positive, "positive", "negative"), dtype=object).where(is_biopsied)
    return lesions


def _add_lesion_response(lesions: pd.DataFrame, rng: np.random.Generator) -> None:
    owner = lesions["_owner"].to_numpy()
    is_treated = (lesions["arm"] == ARMS[1]).to_numpy()
    log_ratio = (
        np.where(is_treated, -0.20 - 0.35 * lesions["_x"], -0.05)
        + rng.normal(0, 0.15, owner.max() + 1)[owner]
        + rng.normal(0, 0.25, len(owner))
    )
    is_gone = rng.random(len(owner)) < _logistic(-6 * (log_ratio + 0.6))
    change = np.where(is_gone, -100.0, 100 * np.expm1(log_ratio)).round(0)
    lesions["diameter_change_percent"] = change
    lesions["lesion_status"] = np.where(change <= LESION_RESPONSE_PERCENT, "responding", "not responding")


def _add_patient_outcomes(
    patients: pd.DataFrame, lesions: pd.DataFrame, interaction: float, rng: np.random.Generator
) -> None:
    n = len(patients)
    x = lesions.groupby("_owner")["_x"].mean().reindex(range(n)).to_numpy()
    is_treated = (patients["arm"] == ARMS[1]).to_numpy()
    mean_change = lesions.groupby("_owner")["diameter_change_percent"].mean().to_numpy()
    has_new_lesion = rng.random(n) < _logistic(-2.2 + 0.03 * mean_change)
    response = _recist(lesions, has_new_lesion, n)
    is_evaluable = rng.random(n) >= 0.04
    patients["early_fdg_response"] = (mean_change + rng.normal(0, 15, n) < -20).astype(int)
    patients["response"] = np.where(is_evaluable, response, "NE")
    never_assessed = np.repeat(~is_evaluable, np.bincount(lesions["_owner"], minlength=n))
    lesions.loc[never_assessed, "diameter_change_percent"] = np.nan
    lesions.loc[never_assessed, "lesion_status"] = None

    log_hazard = 0.10 * x + np.where(is_treated, np.log(0.8) + np.log(interaction) * x, 0)
    scale = 6 / np.log(2) ** (1 / 1.2) * np.exp(-log_hazard / 1.2)
    later = FIRST_ASSESSMENT_MONTHS + scale * rng.weibull(1.2, n)
    at_first = FIRST_ASSESSMENT_MONTHS + rng.uniform(-0.2, 0.2, n)
    progression = np.where(patients["response"] == "PD", at_first, later)
    progression = np.where(is_evaluable, progression, rng.uniform(0.5, 1.7, n))
    # drawn apart from all else, so that the rest of the trial is what it was before this column was added
    dies_first = (patients["response"] != "PD").to_numpy() & (rng.spawn(1)[0].random(n) < DEATH_FIRST)
    death = progression + np.where(dies_first, 0, rng.exponential(16, n))
    end = rng.uniform(9, 30, n)
    patients["first_event"] = np.where(progression > end, "none", np.where(dies_first, "death", "progression"))
    for name, time in (("pfs", progression), ("os", death)):
        patients[f"{name}_months"] = np.minimum(time, end).round(1)
        patients[f"{name}_event"] = time <= end


def _recist(lesions: pd.DataFrame, has_new_lesion: NDArray[np.bool_], n: int) -> NDArray[np.str_]:
    """Return CR, PR, SD or PD of each patient from the sum of target diameters; all lesions where none is a target."""
    weights = lesions["target"].groupby(lesions["_owner"]).transform("any")
    counted = lesions[lesions["target"] | ~weights]
    after = counted["size_mm"] * (1 + counted["diameter_change_percent"] / 100)
    sums = pd.DataFrame({"before": counted["size_mm"], "after": after}).groupby(counted["_owner"]).sum()
    sums = sums.reindex(range(n))
    change, growth = sums["after"] / sums["before"] - 1, sums["after"] - sums["before"]
    all_gone = (lesions["diameter_change_percent"] == -100).groupby(lesions["_owner"]).all().to_numpy()
    progressed = has_new_lesion | ((change >= 0.2) & (growth >= 5)).to_numpy()
    return np.select([progressed, all_gone, (change <= -0.3).to_numpy()], ["PD", "CR", "PR"], default="SD")


def _scan(patients: pd.DataFrame, lesions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return uptake of every lesion and of three normal tissues at every time point."""
    n, nominal = len(patients), np.array(NOMINAL_HOURS, dtype=float)
    hours = (nominal + rng.normal(0, 1, (n, 4)) * np.array([0.2, 1.2, 1.5, 3.0])).round(1)
    is_missed = np.zeros((n, 4), dtype=bool)
    is_missed[:, 2] = rng.random(n) < 0.06  # the 48 h visit is the one that is dropped
    owner = lesions["_owner"].to_numpy()
    tau = np.exp(rng.normal(np.log(30), 0.35, len(owner)))[:, None]
    curve = 1 - np.exp(-nominal / tau) + 0.25 * np.exp(-nominal / 40)
    noise = np.exp(rng.normal(0, 0.08, curve.shape))
    noise[:, NOMINAL_HOURS.index(REFERENCE_HOURS)] = 1
    factor = np.where(lesions["measurable"].to_numpy()[:, None], curve / curve[:, -1:] * noise, np.nan)
    blocks = [
        _long(lesions["patient_id"], lesions["lesion_id"], "tumour", nominal, hours[owner], is_missed[owner],
              lesions["suvmax"].to_numpy()[:, None] * factor, lesions["suvmean"].to_numpy()[:, None] * factor),
    ]  # fmt: skip
    tissues = {
        "blood pool": 10 * (0.35 * np.exp(-nominal / 8) + 0.65 * np.exp(-nominal / 70)),
        "liver": 6.5 * np.exp(-nominal / 300),
        "spleen": 5.5 * np.exp(-nominal / 200),
    }
    for tissue, mean in tissues.items():
        suvmean = mean * np.exp(rng.normal(0, 0.15, (n, 1)) + rng.normal(0, 0.05, (n, 4)))
        no_lesion = pd.Series([None] * n, dtype=object)
        blocks.append(
            _long(patients["patient_id"], no_lesion, tissue, nominal, hours, is_missed, 1.35 * suvmean, suvmean)
        )
    return pd.concat(blocks, ignore_index=True)


def _long(
    patient: pd.Series, lesion: pd.Series, tissue: str, nominal: Floats, hours: Floats,
    is_missed: NDArray[np.bool_], suvmax: Floats, suvmean: Floats,
) -> pd.DataFrame:  # fmt: skip
    n = len(patient)
    return pd.DataFrame(
        {
            "patient_id": np.repeat(patient.to_numpy(), 4),
            "lesion_id": np.repeat(lesion.to_numpy(dtype=object), 4),
            "tissue": tissue,
            "nominal_hours": np.tile(nominal, n).astype(int),
            "hours_post_injection": hours.ravel(),
            "suvmax": np.where(is_missed, np.nan, suvmax).ravel().round(1),
            "suvmean": np.where(is_missed, np.nan, suvmean).ravel().round(1),
        }
    )


def _read(lesions: pd.DataFrame, n_readers: int, n_sessions: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return every reader's reading of every target lesion in every session."""
    target = lesions[lesions["target"]]
    shape = (len(target), n_readers, n_sessions)
    saw_same = rng.random(shape) < 0.55
    error = np.where(saw_same, 0, rng.normal(0, 0.15, shape))
    reader_bias = np.zeros(n_readers)
    reader_bias[-1] = np.log(1.07) if n_readers > 1 else 0
    of_mean = reader_bias[:, None] + rng.normal(0, 0.05, shape[:2])[..., None] + rng.normal(0, 0.06, shape)
    suvmax = (target["suvmax"].to_numpy()[:, None, None] * np.exp(error)).round(1)
    suvmean = np.minimum(target["suvmean"].to_numpy()[:, None, None] * np.exp(of_mean), suvmax).round(1)
    seen = target["_log_suvmax"].to_numpy()[:, None, None] + rng.normal(0, 0.15, shape)
    category = 1 + np.digitize(seen, np.log([2.0, 3.2, 7.0]))
    lesion, reader, session = (index.ravel() for index in np.indices(shape))
    return pd.DataFrame(
        {
            "patient_id": target["patient_id"].to_numpy()[lesion],
            "lesion_id": target["lesion_id"].to_numpy()[lesion],
            "reader_id": [f"R{i + 1}" for i in reader],
            "session": session + 1,
            "suvmax": suvmax.ravel(),
            "suvmean": suvmean.ravel(),
            "category": category.ravel(),
        }
    )


def _patterns(lesions: pd.DataFrame, n_readers: int, n_sessions: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the pattern A to D that each reader gave each patient in each session."""
    ids = pd.Series(lesions["patient_id"].unique())
    blocks = []
    for reader in range(n_readers):
        for session in range(n_sessions):
            seen = lesions["_log_suvmax"].to_numpy() + rng.normal(0, 0.15, len(lesions)) > np.log(3.2)
            pattern = _pattern_of(seen, lesions, ids)
            blocks.append(
                pd.DataFrame(
                    {"patient_id": ids, "reader_id": f"R{reader + 1}", "session": session + 1, "pattern": pattern}
                )
            )
    return pd.concat(blocks, ignore_index=True).sort_values(
        ["patient_id", "reader_id", "session"], kind="stable", ignore_index=True
    )


def _pattern_of(is_seen: NDArray[np.bool_], lesions: pd.DataFrame, ids: pd.Series) -> NDArray[np.str_]:
    """Return A (all), B (most), C (some) or D (none) by the share of each patient's tumour volume that is seen."""
    load = lesions["mtv_ml"]
    of_patient = lesions["patient_id"]
    share = ((load * is_seen).groupby(of_patient).sum() / load.groupby(of_patient).sum()).reindex(ids).to_numpy()
    return np.select([share > 1 - 1e-9, share > 0.5, share > 0], ["A", "B", "C"], default="D")


def _published(lesions: pd.DataFrame) -> pd.DataFrame:
    """Return the lesions without what only the model knows, and without uptake that could not be measured."""
    shown = lesions.drop(columns=[column for column in lesions if str(column).startswith("_")])
    shown.loc[~shown["measurable"], ["suvmax", "suvmean", "suvpeak", "mtv_ml", "tlg_g"]] = np.nan
    return shown


def _logistic(value: Floats | pd.Series) -> Floats:
    share: Floats = 1 / (1 + np.exp(-np.asarray(value, dtype=np.float64)))
    return share
