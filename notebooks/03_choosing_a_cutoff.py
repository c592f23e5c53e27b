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
# # Choosing an SUV cutoff
#
# "Which SUVmax is positive?" is asked in every tracer trial, and answered too easily. This notebook goes from
# the ROC curve to a cutoff, and from the cutoff to what must be said with it: its interval, its optimism, and
# what measurement error alone does to it.
#
# **The trial is synthetic.** Its lesions are nested in patients, and uptake does go with response here, by
# construction.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import biomarker as bm

# %% tags=["parameters"]
STUDY = bm.example_folder("simulated-trial")  # or "my-trial/study.toml"
ARM = "Conjugate"
QUESTION = dict(reference_standard="lesion_status", positive="responding", marker="suvmax")
PRESPECIFIED = 6.5
WITHIN_CV = 0.12  # of SUVmax, from a test-retest study
N_RESAMPLES = 500  # 2,000 or more for a paper
SEED = 20261121

# %%
_, tables = bm.prepare_study(STUDY)
lesions = bm.filter_rows(tables["lesions"].frame, {"arm": ARM})
print(f"{len(lesions)} lesions of {lesions['patient_id'].nunique()} patients")

# %% [markdown]
# ## First, does uptake separate at all?
#
# The area under the ROC curve (AUC) is the probability that a responding lesion has a higher SUVmax than
# another lesion. Its interval here is Obuchowski's, for lesions nested in patients. The direction is given
# (`higher_is_positive=True` by default), never taken from the data: a marker that works the wrong way round
# shall be seen to do so.

# %%
roc = bm.roc_curve(lesions, **QUESTION, at_specificity=0.9)
roc

# %%
roc.plot();

# %% [markdown]
# ## A cutoff that was fixed beforehand
#
# If a cutoff was written into the protocol, use it. Nothing needs correcting, and the interval means what it
# says.

# %%
at_prespecified = bm.predictive_values(lesions, **QUESTION, cutoff=PRESPECIFIED)
at_prespecified

# %% [markdown]
# ## A cutoff from these data
#
# Youden's index picks the SUVmax at which sensitivity plus specificity is greatest. Three things go wrong when
# people stop there. The cutoff has no interval; cutoffs nearly as good are not shown; and it is judged by the
# very data that chose it. `suv_cutoff` resamples whole patients, chooses anew in each resample, and sees how
# the choice does in the patients that were left out.

# %%
cutoff = bm.suv_cutoff(lesions, **QUESTION, n_resamples=N_RESAMPLES, rng=SEED)
cutoff

# %%
cutoff.plot();

# %%
chosen = cutoff.estimate("cutoff")
print(f"Cutoff {chosen.value:.1f} g/mL, 95% CI {chosen.low:.1f} to {chosen.high:.1f}")
for name in ("youden", "sensitivity", "specificity", "ppv", "npv"):
    apparent = cutoff.estimate(name, performance="apparent").value
    corrected = cutoff.estimate(name, performance="corrected").value
    print(f"{name:12} {apparent:.2f} in these data, {corrected:.2f} corrected")

# %% [markdown]
# Youden's J, the sum of sensitivity and specificity less one, was made as large as possible, so it is J that
# must fall when it is corrected. Of its two parts, or of the predictive values, one may well rise.
#
# ### How much optimism is there in a useless marker?
#
# Shuffle the uptake of lesions, so that it knows nothing, and choose a "best" cutoff: it still looks better
# than chance. The corrected value knows better. How much optimism there is in trials of 10 to 40 patients
# stands in `docs/coverage.md`.

# %%
warnings.simplefilter("ignore", bm.DirectionWarning)  # a shuffled marker points either way
rng = np.random.default_rng(SEED)
useless = []
for trial in range(12):
    shuffled = lesions.dropna(subset=["suvmax", "lesion_status"])
    shuffled = shuffled.assign(suvmax=rng.permutation(shuffled["suvmax"]))
    found = bm.suv_cutoff(shuffled, **QUESTION, n_resamples=100, rng=trial)
    useless.append(
        {
            "apparent": found.estimate("youden", performance="apparent").value,
            "corrected": found.estimate("youden", performance="corrected").value,
        }
    )
useless = pd.DataFrame(useless)
useless.mean().rename("mean Youden J of a marker that knows nothing").round(2).to_frame()

# %%
fig, ax = plt.subplots(figsize=(3.4, 2.8), layout="constrained")
ax.plot(["apparent", "corrected"], useless.T, color="grey", linewidth=0.8, marker="o", markersize=3)
ax.axhline(0, color="black", linestyle=":")
ax.set(ylabel="Youden J at the “best” cutoff", title="Twelve shuffled trials", xlim=(-0.3, 1.3));

# %% [markdown]
# ## Other purposes, other cutoffs
#
# Youden's index gives a missed responder the weight of a patient treated in vain. That is rarely what a trial
# team thinks. Say what you need instead: here, a cutoff that misses few responders, and one that is seldom
# wrong when it calls a lesion positive.

# %%
sensitive = bm.suv_cutoff(
    lesions, **QUESTION, criterion="min_sensitivity", minimum=0.9, n_resamples=200, rng=SEED
)
specific = bm.suv_cutoff(
    lesions, **QUESTION, criterion="min_specificity", minimum=0.9, n_resamples=200, rng=SEED
)
rows = []
for name, one in {
    "Youden": cutoff,
    "sensitivity at least 90%": sensitive,
    "specificity at least 90%": specific,
}.items():
    line = {"cutoff, g/mL": f"{one.estimate('cutoff').value:.1f}"}
    for quantity in ("sensitivity", "specificity", "ppv", "npv"):
        line[quantity] = f"{one.estimate(quantity, performance='corrected').value:.0%}"
    rows.append(pd.Series(line, name=name))
pd.DataFrame(rows)

# %% [markdown]
# The columns are corrected for optimism, and so a criterion that was met in the data need not be met after the
# correction: what was promised is a little more than what can be kept.
#
# ## What measurement error does to a cutoff
#
# Scan the same lesion twice and SUVmax differs. Near the cutoff that is enough to turn positive into negative.
# The grey zone is the range in which a second scan would change the call with a probability above 5 %.

# %%
measured = bm.evaluate_cutoff(
    lesions, **QUESTION, cutoffs=PRESPECIFIED, repeatability={"within_cv": WITHIN_CV}
)
measured

# %%
measured.plot();

# %%
zone = measured.estimate("grey_zone", cutoff=PRESPECIFIED)
share = measured.estimate("share_in_grey_zone", cutoff=PRESPECIFIED)
print(f"At {PRESPECIFIED} g/mL the grey zone runs from {zone.low:.1f} to {zone.high:.1f} g/mL")
print(f"and holds {share.value:.0%} of the lesions ({share.numerator} of {share.n}).")

# %% [markdown]
# ## From lesions to patients
#
# A cutoff for lesions is no cutoff for patients. Which lesion stands for a patient: the hottest, the mean, the
# coldest? The answer moves predictive values far, so it belongs in the protocol. The table shows what each rule
# would have said.

# %%
rules = bm.aggregation_sensitivity(
    lesions,
    reference_standard="response",
    positive=["CR", "PR"],
    marker="suvmax",
    cutoff=PRESPECIFIED,
)
rules

# %%
for name in ("ppv", "npv"):
    values = [line.value for line in rules.estimates if line.quantity == name]
    print(
        f"{name.upper()} from {min(values):.0%} to {max(values):.0%} at the one cutoff, as the rule has it"
    )

# %% [markdown]
# ## For the paper
#
# Say where the cutoff came from, its interval, and the corrected performance. The methods, in words:

# %%
print(cutoff.method.description or cutoff.method.name)
for reference in cutoff.method.references:
    print("-", reference)
