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
# # Does uptake go with response, and does another marker do better?
#
# Association first, then models, then competitors. **Two sources**: a synthetic trial (its lesions and patients
# are drawn from a model), and the printed numbers of a real study of 124I-trastuzumab in gastric cancer, where
# printed numbers turn out to deserve a second look.

# %%
import biomarker as bm

_, tables = bm.prepare_study(bm.example_folder("simulated-trial"))
lesions = bm.filter_rows(tables["lesions"].frame, {"arm": "Conjugate"})
patients = tables["patients"].frame

# %% [markdown]
# ## Responding and other lesions
#
# SUVmax is skewed, so groups are compared by the ratio of geometric means, from a model that knows which
# lesions share a patient.

# %%
groups = bm.compare_uptake(
    lesions, marker="suvmax", group="lesion_status", reference="not responding"
)
groups

# %%
groups.plot();

# %% [markdown]
# A difference between groups is not yet a use. The last line of the table says more to a physician: how often
# does a responding lesion have the higher uptake of the two?
#
# ## Keep the response continuous where you can
#
# "Responding" cuts the change in diameter at a fall of 30 %. Two lesions a hair to either side of it are called
# opposites, and much is lost. The waterfall keeps the change as it was measured.

# %%
change = bm.waterfall(
    lesions, change="diameter_change_percent", response="response", marker="suvmax"
)
change

# %%
change.plot();

# %%
together = bm.correlate(lesions, x="suvmax", y="diameter_change_percent")
together.plot();

# %%
naive = bm.correlate(lesions, x="suvmax", y="diameter_change_percent", patient=None)
for unit, result in {"nested": together, "naive": naive}.items():
    rho = result.estimate("spearman_rho")
    print(f"{unit:7} Spearman rho {rho.value:.2f} (95% CI {rho.low:.2f} to {rho.high:.2f})")

# %% [markdown]
# Here the two intervals hardly differ. Nesting widens an interval, or narrows it, or leaves it, as the data
# have it; one need not guess which.
#
# ## Which marker goes best with response?
#
# The wrong way is to test each marker and to compare the p-values: "SUVmax is associated, FDG is not". Whether
# *two markers differ* is a question of its own, and it has a test of its own, on the same lesions.

# %%
markers = bm.compare_correlations(
    lesions, outcome="diameter_change_percent", markers=["suvmax", "suvpeak", "fdg_suvmax"]
)
markers

# %% [markdown]
# SUVmax and SUVpeak cannot be told apart here; FDG uptake is no match for either. The same for separating
# responding lesions from others:

# %%
curves = bm.compare_roc_curves(
    lesions,
    reference_standard="lesion_status",
    positive="responding",
    markers=["suvmax", "suvpeak", "fdg_suvmax"],
)
curves

# %%
curves.plot();

# %% [markdown]
# ## A model: does site explain it?
#
# Perhaps lesions respond better in some organs, and these take up more tracer. A model with both answers.
# Uptake enters per doubling: one unit of SUVmax is much in a cold lesion and little in a hot one.

# %%
model = bm.response_model(
    lesions,
    response="lesion_status",
    positive="responding",
    predictors=["suvmax", "lesion_site"],
    per={"suvmax": "doubling"},
    n_resamples=50,
    rng=1,
)
model

# %%
doubling = model.estimate("odds_ratio", term="suvmax")
alone = bm.response_model(
    lesions,
    response="lesion_status",
    positive="responding",
    predictors=["suvmax"],
    per={"suvmax": "doubling"},
    n_resamples=0,
)
for name, line in {
    "with site": doubling,
    "alone": alone.estimate("odds_ratio", term="suvmax"),
}.items():
    print(
        f"odds ratio per doubling of SUVmax, {name:9}: {line.value:.1f} (95% CI {line.low:.1f} to {line.high:.1f})"
    )

# %% [markdown]
# ## Several questions, one error
#
# Each test has its own chance to be wrong. Name the family of questions beforehand, and adjust for its size.

# %%
family = {"uptake by response": groups, "uptake and change": together, "site": model}
titles = {
    "uptake by response": "Uptake by response",
    "uptake and change": "Uptake and change",
    "site": "Response by site",
}
bm.adjust_p_values(
    family,
    hypotheses=[
        {"analysis": "uptake by response", "quantity": "geometric_mean_ratio"},
        {"analysis": "uptake and change", "quantity": "spearman_rho"},
        {"analysis": "site", "quantity": "term_wald_test"},
    ],
    titles=titles,
)

# %% [markdown]
# ## From lesions to patients: response rates
#
# Patients respond by RECIST 1.1, from measurements at every scan. The arms of the synthetic trial:

# %%
rate = bm.response_rate(patients, response="best_response", by="arm")
rate

# %% [markdown]
# ## A printed comparison, checked
#
# Real numbers: a study of 124I-trastuzumab printed SUVmax of 18 HER2-positive lesions as mean ± SD, 7.83 ± 0.55
# at 24 h and 5.73 ± 0.47 at 48 h, with p = 0.0065. Do these numbers hang together?

# %%
check = bm.check_summary(
    means=["7.83", "5.73"],
    spreads=["0.55", "0.47"],
    n=18,
    groups=["24 h", "48 h"],
    p_value="0.0065",
    spread_is="sd",
    paired=True,
)
check

# %% [markdown]
# The ± cannot be a standard deviation: with it the p-value would be far smaller than the one printed. It is the
# standard error. And the p-value comes out of a test for independent groups, though the same lesions were
# scanned twice; a paired test would need scans of one lesion that hardly correlate. Read as standard errors,
# the means compare so:

# %%
printed = bm.compare_uptake_from_summaries(
    means=[7.83, 5.73], se=[0.55, 0.47], n=18, groups=["24 h", "48 h"], marker="suvmax"
)
printed.plot();

# %% [markdown]
# And whose lesions are they? The paper's list of patients tells:

# %%
_, tables = bm.prepare_study(bm.example_folder("her2-gastric"))
tables["patients"].frame[["patient_id", "her2_status", "n_lesions"]].query(
    "her2_status == 'positive'"
)

# %% [markdown]
# Nearly all of the lesions are of one patient. What summaries do not tell cannot be mended afterwards: publish
# lesions, with their patients.
