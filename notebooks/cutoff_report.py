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
# # Does uptake go with response, and at which cutoff?
#
# A ROC curve, a cutoff with its interval and its optimism, and predictive values at a cutoff that was fixed beforehand;
# lesions nested in patients throughout. **The data are synthetic**: they show the shape of a report, not a finding.

# %% tags=["parameters"]
import biomarker as bm

STUDY = bm.example_folder("simulated-trial")  # or "my-trial/study.toml"
TABLE, ARM = "lesions", "Conjugate"
MARKER = "suvmax"
REFERENCE_STANDARD, POSITIVE = "lesion_status", "responding"
PRESPECIFIED_CUTOFF = 6.5
PREVALENCE = [0.2, 0.4, 0.6]
N_RESAMPLES = 500  # 2,000 or more for a paper
SEED = 20261121

# %% [markdown]
# ## The lesions

# %%
plan, tables = bm.prepare_study(STUDY)
lesions = tables[TABLE].frame
lesions = lesions[lesions["arm"] == ARM]
print(f"{len(lesions)} lesions of {lesions['patient_id'].nunique()} patients")

# %% [markdown]
# ## ROC curve

# %%
roc = bm.roc_curve(lesions, reference_standard=REFERENCE_STANDARD, positive=POSITIVE, marker=MARKER)
roc

# %%
roc.plot();

# %% [markdown]
# ## A cutoff from these data
# Its performance is corrected for having been chosen on the data it is judged by: whole patients are resampled, and the cutoff is
# chosen anew in each resample.

# %%
cutoff = bm.suv_cutoff(
    lesions, reference_standard=REFERENCE_STANDARD, positive=POSITIVE, marker=MARKER, n_resamples=N_RESAMPLES, rng=SEED
)
cutoff

# %%
cutoff.plot();

# %% [markdown]
# ## A cutoff that was fixed beforehand

# %%
bm.predictive_values(
    lesions,
    reference_standard=REFERENCE_STANDARD,
    positive=POSITIVE,
    marker=MARKER,
    cutoff=PRESPECIFIED_CUTOFF,
    prevalence=PREVALENCE,
)

# %% [markdown]
# ## For the paper
# Tables go to Word, LaTeX, Excel, HTML or Markdown: `roc.table(style="jnm").to_docx("roc.docx")`. What was done, in words:

# %%
print(cutoff.method.description or cutoff.method.name)
for reference in cutoff.method.references:
    print("-", reference)
