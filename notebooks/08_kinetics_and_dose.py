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
# # Kinetics and dose
#
# From activity in tissue to SUV, from blood samples to half-lives, from organs to the effective dose. **Real**
# are the organ doses that two trials published; **synthetic** are the blood samples and the activity in organs,
# patient by patient.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import biomarker as bm

# %% [markdown]
# ## SUV, and what is behind it
#
# An SUV divides the activity concentration in tissue by the activity injected per gram of body. With a nuclide
# that is scanned for days, decay is no detail: this is how much of 89Zr is left.

# %%
hours = pd.Series([0, 24, 48, 96, 144], name="hours after injection")
left = bm.decay_factor("89Zr", hours)
pd.DataFrame({"share left": left.map("{:.0%}".format)}).set_index(hours)

# %% [markdown]
# A lesion of 2 kBq/mL at 96 h in a patient of 70 kg who was given 37 MBq, the concentration as it stood at the
# scan:

# %%
lesion = dict(injected_mbq=37.0, weight_kg=70.0)
right = bm.standardized_uptake_value(2.0, **lesion, nuclide="89Zr", hours_to_scan=96.0)
wrong = bm.standardized_uptake_value(2.0, **lesion, nuclide="89Zr", hours_to_scan=0.0)
lean = bm.lean_body_mass(70.0, 168.0, "Female")
print(f"SUV {right:.1f} with the decay since injection, {wrong:.1f} when it is forgotten")
by_lean = bm.standardized_uptake_value(
    2.0,
    **lesion,
    height_cm=168.0,
    sex="Female",
    by="lean_body_mass",
    nuclide="89Zr",
    hours_to_scan=96.0,
)
print(
    f"SUL {by_lean:.1f}, by lean body mass ({lean:.0f} kg): a cutoff for SUV is no cutoff for SUL"
)

# %% [markdown]
# ## Clearance from blood
#
# Blood falls fast at first, while tracer spreads, then slowly. The sum of two exponentials has a half-life for
# each phase. How many phases there are is decided by AICc over all patients together, not by eye and not
# patient by patient.

# %%
_, tables = bm.prepare_study(bm.example_folder("simulated-trial"))
blood = tables["blood"].frame
cleared = bm.clearance(
    blood, time="hours_post_injection", activity="activity_percent_per_l", nuclide="89Zr"
)
lines = [
    {"quantity": line.quantity.replace("_", " "), "phase": line.of["phase"], "hours": line.value}
    for line in cleared.estimates
    if line.quantity in ("half_life_biologic", "half_life_effective") and "patient" in line.of
]
half_lives = pd.DataFrame(lines).groupby(["quantity", "phase"])["hours"].median().round(1)
print(f"Median half-lives of {blood['patient_id'].nunique()} patients")
half_lives.to_frame()

# %%
cleared.plot();

# %% [markdown]
# **Effective and biologic half-life are not the same**, and papers mix them. Biologic: how fast the body clears
# the tracer. Effective: how fast activity falls, which includes decay. Dose follows from the effective one.
#
# ## Uptake that is bound, and uptake that is passing
#
# A high SUV can mean that tracer was bound, or only that there was much in the blood. Patlak's plot separates
# them with several scans: its slope (Ki) is the rate at which tracer is bound for good. Shown for the first
# patients; each lesion has three scans, and the intervals are as wide as that.

# %%
uptake = bm.filter_rows(
    tables["uptake"].frame, {"tissue": "tumour", "patient_id": ["S001", "S002", "S003"]}
)
influx = bm.patlak(uptake, time="nominal_hours", plasma="blood_suv", tissue="suvmean", t_star=24)
influx.plot();

# %% [markdown]
# ## Below the limit of detection
#
# What cannot be measured is not zero, and it is not missing either: it is low. Both shortcuts are wrong, in
# opposite ways. The censored fit uses what is known of such values, which is that they lie below the limit.
# Here a tumour-to-blood ratio under 0.5 counts as not measurable, so that we can compare with the truth.

# %%
ratios = bm.filter_rows(tables["uptake"].frame, {"tissue": "tumour", "nominal_hours": 24}).dropna(
    subset=["tumour_to_blood"]
)
LIMIT = 0.5
below = ratios["tumour_to_blood"] < LIMIT
censored = bm.censored_summary(ratios, marker="tumour_to_blood", limit=LIMIT)
means = {
    "all values known (the truth)": ratios["tumour_to_blood"].mean(),
    "censored fit": censored.estimate("mean").value,
    "values below the limit left out": ratios.loc[~below, "tumour_to_blood"].mean(),
    "values below the limit taken as zero": ratios["tumour_to_blood"].mask(below, 0).mean(),
}
print(f"{below.sum()} of {len(ratios)} ratios lie below {LIMIT}")
pd.Series(means, name="mean ratio").round(2).to_frame()

# %% [markdown]
# ## From organs to dose
#
# Activity in an organ over time, integrated, gives the time-integrated activity; with S values of a phantom,
# the absorbed dose. The integral must be carried on after the last scan. "By decay alone" is the cautious way:
# it lets nothing leave the organ but by decay. Look at how much of the integral lies there.

# %%
organs = tables["organs"].frame
integrated = bm.time_integrated_activity(
    organs, time="hours_post_injection", activity="activity_percent", nuclide="89Zr"
)
after = [
    line.value
    for line in integrated.estimates
    if line.quantity == "share_after_last" and "patient" in line.of
]
print(f"after the last scan: {min(after):.0%} to {max(after):.0%} of the integral")
integrated.plot();

# %% [markdown]
# ## Effective dose, from published organ doses
#
# Real numbers: the organ doses of the CD8 minibody as printed, and the effective dose computed anew with the
# weights of ICRP Publication 103.

# %%
_, tables = bm.prepare_study(bm.example_folder("cd8"))
doses = tables["doses"].frame
bm.dose_table(doses, sd="dose_per_activity_sd", by="group")

# %%
effective = bm.effective_dose(doses, by="group", missing="zero")
effective

# %% [markdown]
# It comes out near what is printed, as it should from doses of two figures. `missing="zero"` had to be said:
# the paper gives no dose for some organs that the effective dose counts, and a tool that fills them in without
# a word is making up data. The same check of another trial does not come out:

# %%
_, tables = bm.prepare_study(bm.example_folder("her2-gastric"))
other = bm.effective_dose(tables["doses"].frame, missing="total_body")
other

# %%
printed = tables["doses"].frame.query("unit == 'mSv/MBq'")["dose_per_activity"].iloc[0]
computed = other.estimate("effective_dose").value
print(f"printed {printed:.2f} mSv/MBq, computed {computed:.2f} mSv/MBq")

# %%
fig, ax = plt.subplots(figsize=(4.2, 3.4), layout="constrained")
largest = doses[(doses["group"] == "All dose levels") & (doses["unit"] == "mGy/MBq")].nlargest(
    8, "dose_per_activity"
)
ax.barh(
    largest["organ"],
    largest["dose_per_activity"],
    xerr=largest["dose_per_activity_sd"],
    color="#0072B2",
    capsize=2,
)
ax.invert_yaxis()
ax.set(
    xlabel="Absorbed dose (mGy/MBq), mean ± SD", title="CD8 minibody: the eight highest organ doses"
);
