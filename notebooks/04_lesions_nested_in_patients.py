# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesions are nested in patients
#
# Ninety lesions of forty patients are not ninety observations. This notebook shows it in real data, shows by
# simulation what goes wrong when it is forgotten, and shows what to do. If you read one of these notebooks,
# read this one.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import biomarker as bm

# %% [markdown]
# ## See it
#
# Real data: SUVmax at 24 h of every measurable lesion in the CD8 minibody study, one column of dots a patient,
# on a log scale.

# %%
_, tables = bm.prepare_study(bm.example_folder("cd8"))
lesions = tables["lesions"].frame.dropna(subset=["suvmax_24h"])
order = lesions.groupby("patient_id")["suvmax_24h"].median().sort_values().index
place = lesions["patient_id"].map({patient: number for number, patient in enumerate(order)})

fig, ax = plt.subplots(figsize=(5.5, 2.8), layout="constrained")
ax.plot(place, lesions["suvmax_24h"], "o", markersize=5, alpha=0.7)
ax.set(yscale="log", xlabel="Patient", ylabel="SUVmax at 24 h (g/mL)")
ax.set_xticks(range(len(order)), order, fontsize=7)
ax.set_yticks([0.1, 0.3, 1, 3, 10, 20], ["0.1", "0.3", "1", "3", "10", "20"])
ax.minorticks_off();

# %% [markdown]
# Some patients have hot lesions, some have cold ones, and some have both. How alike two lesions of one patient
# are is told by the intraclass correlation (ICC): 0 where they are no more alike than lesions of different
# patients, 1 where they are the same. A lesion is to its patient what a reading is to a lesion, so the function
# is the one for readers:

# %%
lesions = lesions.assign(log_suvmax=np.log(lesions["suvmax_24h"]))
alike = bm.intraclass_correlation(
    lesions,
    value="log_suvmax",
    item="patient_id",
    reader="lesion_id",
    form="ICC(1,1)",
    patient=None,
)
icc = alike.estimate("icc")
print(
    f"ICC of log SUVmax between lesions of a patient: {icc.value:.2f} (95% CI {icc.low:.2f} to {icc.high:.2f})"
)

# %% [markdown]
# ## What it costs
#
# With *m* lesions a patient, the variance of a mean is 1 + (*m* − 1) × ICC times what it would be for
# independent lesions: the design effect. Divide the number of lesions by it, and you have the number of
# independent lesions that would tell as much.

# %%
sizes = pd.DataFrame({"lesions a patient": [1, 2, 4, 8, 16]})
for value in (0.2, 0.5):
    effect = 1 + (sizes["lesions a patient"] - 1) * value
    sizes[f"100 lesions are worth, ICC {value}"] = (100 / effect).round().astype(int)
sizes.set_index("lesions a patient")

# %% [markdown]
# ## What goes wrong: a simulation
#
# Draw a trial of 20 patients in which 60 % of lesions respond. Lesions of a patient have an ICC of 0.5 on the
# scale behind the response, and patients have 1 lesion or many, as in real trials. Compute the 95 % interval of
# the response rate twice, once as if lesions were independent, once nested. Do that 400 times. A 95 % interval
# should hold the truth in 95 of 100 trials; that is all it promises.

# %%
TRIALS, PATIENTS, ICC, TRUTH = 400, 20, 0.5, 0.6
THRESHOLD = 0.2533  # of a standard normal, exceeded by 40 %
rng = np.random.default_rng(20261121)
intervals = []
for trial in range(TRIALS):
    n_lesions = 1 + rng.negative_binomial(0.7, 0.7 / (0.7 + 3.5), PATIENTS)  # 4.5 on average
    patient = np.repeat(np.arange(PATIENTS), n_lesions)
    own = np.sqrt(ICC) * rng.normal(size=PATIENTS)[patient]
    hidden = own + np.sqrt(1 - ICC) * rng.normal(size=patient.size)
    drawn = pd.DataFrame({"patient_id": patient.astype(str), "responds": hidden < THRESHOLD})
    for unit, settings in {"nested": {}, "naive": {"patient": None}}.items():
        rate = bm.detection_rate(drawn, detected="responds", **settings).estimate("detection_rate")
        intervals.append(
            {"trial": trial, "unit": unit, "value": rate.value, "low": rate.low, "high": rate.high}
        )
intervals = pd.DataFrame(intervals)
intervals["holds the truth"] = intervals["low"].le(TRUTH) & intervals["high"].ge(TRUTH)
coverage = intervals.groupby("unit")["holds the truth"].mean()
coverage.map("{:.1%}".format).to_frame()

# %% [markdown]
# The first 60 trials. Intervals that miss the truth are drawn in orange. An interval that calls itself a 95 %
# interval and misses far more often than one time in twenty is a wrong number, however many digits it is
# printed with.

# %%
fig, axes = plt.subplots(1, 2, figsize=(7, 4.4), sharex=True, sharey=True, layout="constrained")
for ax, unit in zip(axes, ("naive", "nested")):
    shown = intervals[(intervals["unit"] == unit) & (intervals["trial"] < 60)]
    for held, colour in {True: "#0072B2", False: "#D55E00"}.items():
        part = shown[shown["holds the truth"] == held]
        ax.hlines(part["trial"], part["low"], part["high"], color=colour, linewidth=1.3)
    ax.axvline(TRUTH, color="black", linewidth=0.8)
    ax.set(
        title=f"{unit}: {coverage[unit]:.0%} of {TRIALS} intervals hold",
        xlabel="Response rate of lesions",
    )
axes[0].set(ylabel="Trial", xlim=(0, 1));

# %% [markdown]
# ## The same for predictive values, AUC and cutoffs
#
# What the package's own simulations found (`docs/coverage.md`, thousands of trials a cell): the share of 95 %
# intervals that hold the truth, by number of patients, at an ICC of 0.5.

# %%
published = pd.DataFrame(
    {
        "patients": [10, 15, 20, 40],
        "PPV, naive": [83.0, 81.6, 80.5, 79.5],
        "PPV, nested": [97.7, 96.7, 95.8, 95.7],
        "AUC, naive": [85.3, 84.4, 82.3, 81.9],
        "AUC, nested": [94.0, 93.9, 92.9, 94.3],
        "Youden cutoff, naive": [85.4, 88.0, 88.9, 92.5],
        "Youden cutoff, nested": [92.9, 94.9, 95.0, 96.1],
    }
).set_index("patients")
published

# %%
fig, ax = plt.subplots(figsize=(4.4, 3), layout="constrained")
for name, colour in {"PPV": "#0072B2", "AUC": "#D55E00", "Youden cutoff": "#009E73"}.items():
    for unit, line in {"nested": "-", "naive": "--"}.items():
        column = f"{name}, {unit}"
        ax.plot(published[column], color=colour, marker="o", linestyle=line, label=column)
ax.axhline(95, color="black", linewidth=0.8)
ax.set(xlabel="Patients", ylabel="Intervals that hold the truth (%)")
ax.set_xticks(published.index)
fig.legend(loc="outside right center", frameon=False, fontsize=7);

# %% [markdown]
# Note that more patients do not heal a naive PPV or AUC: the promise is broken at 40 patients as at 10. Nor is
# the remedy free of faults. With ten patients the nested interval of a PPV is somewhat too wide, and that of an
# AUC a little too narrow. No method makes ten patients into many.
#
# ## What it changes
#
# Real data again: SUVmax of lesions under immunotherapy against others.

# %%
both = {
    "naive": bm.compare_uptake(lesions, marker="suvmax_24h", group="treatment", patient=None),
    "nested": bm.compare_uptake(lesions, marker="suvmax_24h", group="treatment"),
}
for unit, result in both.items():
    ratio = result.estimate("geometric_mean_ratio")
    print(
        f"{unit:7} ratio {ratio.value:.2f} (95% CI {ratio.low:.2f} to {ratio.high:.2f}), p = {ratio.p_value:.3f}"
    )

# %% [markdown]
# And the synthetic trial: SUVmax for the response of lesions, as an AUC and at a cutoff of 6.5.

# %%
_, tables = bm.prepare_study(bm.example_folder("simulated-trial"))
conjugate = bm.filter_rows(tables["lesions"].frame, {"arm": "Conjugate"})
question = dict(reference_standard="lesion_status", positive="responding", marker="suvmax")
for unit, settings in {"naive": {"patient": None}, "nested": {}}.items():
    auc = bm.roc_curve(conjugate, **question, **settings).estimate("auc")
    ppv = bm.predictive_values(conjugate, **question, cutoff=6.5, **settings).estimate("ppv")
    print(f"{unit:7} AUC {auc.value:.3f} (95% CI {auc.low:.3f} to {auc.high:.3f})", end="; ")
    print(f"PPV {ppv.value:.1%} (95% CI {ppv.low:.1%} to {ppv.high:.1%})")

# %% [markdown]
# The PPV is the same and its certainty was borrowed. The AUC hardly changes: where a patient has responding and
# other lesions, they are compared within that patient, and what the lesions share falls out. One cannot tell
# beforehand which it will be, so let the analysis find out.
#
# ## Ways out that work, and one that does not
#
# **Nested analysis** (the default here) keeps every lesion and asks about lesions. **One value a patient** asks
# about patients: the hottest lesion, the mean, the share that takes up tracer. It is valid, and simple, and
# another question under each rule, so the rule must be fixed beforehand:

# %%
for how in ("max", "mean", "min"):
    patients = bm.aggregate_lesions(lesions, marker="suvmax_24h", how=how, name="uptake")
    patients = patients.merge(lesions[["patient_id", "treatment"]].drop_duplicates())
    ratio = bm.compare_uptake(patients, marker="uptake", group="treatment").estimate(
        "geometric_mean_ratio"
    )
    print(
        f"{how:5} of a patient's lesions: ratio {ratio.value:.2f} (95% CI {ratio.low:.2f} to {ratio.high:.2f})"
    )

# %% [markdown]
# **What does not work** is to test whether lesions are correlated and to go on naively where its p-value is
# large. In a small trial that test misses most correlations that do harm: look at the interval of the ICC
# above.
