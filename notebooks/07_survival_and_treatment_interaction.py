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
# # Survival, and who gains from the treatment
#
# Does uptake go with survival? And, which is another question, does it tell for whom the treatment works? The
# first needs one arm. The second needs two.
#
# **The trial is synthetic**: 60 patients, randomised between chemotherapy and a conjugate that binds what the
# tracer binds. By construction uptake changes the effect of the conjugate, so this notebook can be judged by
# whether it finds out.

# %%
import pandas as pd

import biomarker as bm

_, tables = bm.prepare_study(bm.example_folder("simulated-trial"))
patients = tables["patients"].frame
conjugate = bm.filter_rows(patients, {"arm": "Conjugate"})
pfs = dict(duration="pfs_months", event="pfs_event")

# %% [markdown]
# ## The arms
#
# The risk table under the curves is not decoration: it tells from which month on the curves are a handful of
# patients.

# %%
arms = bm.survival_curves(patients, **pfs, group="arm", times=[6, 12])
arms

# %%
arms.plot();

# %% [markdown]
# Judged by this alone, no difference between the treatments is shown. Keep that in mind.
#
# ## Uptake and survival, in one arm
#
# Uptake enters as it was measured, per doubling. The usual way, to split patients at the median first, makes
# opposites of two patients on either side of it.

# %%
hazard = bm.hazard_model(
    conjugate, **pfs, predictors=["mean_suvmax"], per={"mean_suvmax": "doubling"}
)
split = bm.hazard_model(
    conjugate.assign(upper_half=conjugate["mean_suvmax"] >= conjugate["mean_suvmax"].median()),
    **pfs,
    predictors=["upper_half"],
)
rows = []
for name, one in {"per doubling": hazard, "split at the median": split}.items():
    ratio = one.estimate("hazard_ratio")
    printed = f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
    rows.append({"uptake": name, "hazard ratio (95% CI)": printed, "z": ratio.statistic})
pd.DataFrame(rows).set_index("uptake").round(2)

# %% [markdown]
# Both see that uptake goes with survival. But what is the second hazard ratio a ratio of? It compares halves of
# these 30 patients, split at a median that no other trial will have. The first can be carried over: for any two
# patients of whom one has twice the uptake of the other.
#
# Then there is the cutoff that "separates best". Try every cutoff, keep the smallest p-value, and print it as
# if it were the only one: that is how tracers come to have excellent cutoffs that the next trial does not find
# again. The table prints the uncorrected p-value and those that allow for the search, and the hazard ratio
# before and after it is corrected for having been picked.

# %%
best = bm.survival_cutoff(
    conjugate, **pfs, marker="highest_suvmax", n_resamples=200, n_permutations=1999, rng=1
)
best

# %%
best.plot();

# %%
apparent, corrected = (
    best.estimate("hazard_ratio", performance=name) for name in ("apparent", "corrected")
)
print("Hazard ratio at the chosen cutoff (95% CI)")
for name, line in {"as found": apparent, "corrected": corrected}.items():
    print(f"{name:10} {line.value:.2f} ({line.low:.2f} to {line.high:.2f})")

# %% [markdown]
# ## How well does uptake tell the course, month by month?

# %%
over_time = bm.time_dependent_roc(
    conjugate,
    **pfs,
    marker="mean_suvmax",
    higher_is_positive=False,
    times=[3, 6, 9],
    n_resamples=200,
    rng=1,
)
over_time

# %%
over_time.plot();

# %% [markdown]
# ## What must not be a predictor
#
# "Responders live longer" is the oldest mistake in the field: whoever responds at week 8 has lived to week 8.
# Response, and any scan made on treatment, is not known on day 0, so the package refuses it and says what to
# do:

# %%
try:
    bm.hazard_model(conjugate, **pfs, predictors=["response"])
except bm.DesignError as error:
    print(error)

# %% [markdown]
# A landmark answers the question that can be asked: among patients who are alive and free of progression at 3
# months, do those who had responded by then do better from there?

# %%
by_response = conjugate["response"].isin(["CR", "PR"]).map({True: "CR or PR", False: "other"})
responded = conjugate.assign(responded=by_response)
landmark = bm.survival_curves(
    responded, **pfs, group="responded", landmark=3, measured_at={"responded": 2.1}
)
landmark.plot();

# %%
rank = landmark.estimate("log_rank")
early = int((conjugate["pfs_months"] < 3).sum())
print(
    f"{early} of {len(conjugate)} patients had progressed or died before 3 months and cannot take part."
)
print(f"Log-rank test from the landmark: chi-square {rank.statistic:.2f}, p = {rank.p_value:.3f}")

# %% [markdown]
# ## Predictive or prognostic?
#
# On the conjugate, high uptake goes with longer progression-free survival. That is no reason to give the
# conjugate to patients with high uptake: they might do as well on chemotherapy. A marker is *predictive* when
# the effect of the treatment changes with it. The interaction says so; two p-values, one an arm, do not.

# %%
interaction = bm.treatment_interaction(
    patients,
    marker="mean_suvmax",
    arm="arm",
    control="Chemotherapy",
    randomised=True,
    **pfs,
    per="doubling",
    subgroups=["centre_id"],
    n_resamples=100,  # 2,000 for a paper
    rng=1,
)
interaction

# %%
interaction.plot();

# %%
ratio = interaction.estimate("interaction_hazard_ratio")
low, high = (
    interaction.estimate("treatment_hazard_ratio", at=f"{side} quartile")
    for side in ("lower", "upper")
)
print("Hazard ratio of the conjugate against chemotherapy (95% CI)")
for where, line in {"lower quartile of uptake": low, "upper quartile of uptake": high}.items():
    print(f"at the {where}: {line.value:.2f} ({line.low:.2f} to {line.high:.2f})")
print(f"per doubling, multiplied by: {ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})")

# %% [markdown]
# That is what the curves of the arms hid: a treatment that helps patients with high uptake and not those with
# low uptake can look, on average, as if it did little.
#
# The lower part of the table asks what a marker is for: if each patient had the treatment that uptake speaks
# for, how many events would be spared against giving the conjugate to all? It is an estimate from the data that
# made the rule, corrected for that, and its interval is wide. A trial of 60 patients can suggest a rule. It
# cannot establish one.
#
# ## Two ways to leave
#
# A patient who dies without progression can no longer progress. To count such a patient as censored, as if
# progression were still to come, makes progression look more frequent than it is. Cumulative incidences of the
# two add up to all who left.

# %%
causes = bm.cumulative_incidence(
    patients,
    duration="pfs_months",
    event="first_event",
    causes=["progression", "death"],
    censored="none",
    group="arm",
    times=[6, 12],
)
causes

# %%
causes.plot();

# %%
left = patients["first_event"].eq("progression")
as_censored = bm.survival_curves(
    patients.assign(progressed=left),
    duration="pfs_months",
    event="progressed",
    group="arm",
    times=[12],
)
for arm in ("Chemotherapy", "Conjugate"):
    right = causes.estimate("cumulative_incidence", group=arm, cause="progression", time=12).value
    wrong = 1 - as_censored.estimate("survival", group=arm, time=12).value
    print(f"{arm:13} progression by 12 months: {right:.0%}; with deaths censored, {wrong:.0%}")
