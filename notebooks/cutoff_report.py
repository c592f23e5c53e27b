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

# %%
# %matplotlib inline
import biomarker as bm
from biomarker.examples import example_folder

# %% tags=["parameters"]
LESIONS = example_folder("simulated-trial") / "synthetic_lesions.csv"  # or "my-trial/lesions.xlsx"
COLUMNS = {"patient_id": "synthetic_patient_id"}  # ours: theirs
MISSING = ["n/a", "n/a*", "-"]
ARM = "Conjugate"
MARKER = "suvmax"
REFERENCE_STANDARD, POSITIVE = "lesion_status", "responding"
PRESPECIFIED_CUTOFF = 6.5
PREVALENCE = [0.2, 0.4, 0.6]
N_RESAMPLES = 500  # 2,000 or more for a paper
SEED = 20261121

# %% [markdown]
# ## The lesions
# The file is checked against the lesion schema as it is read: every fault is reported at once, with its row.

# %%
table = bm.read_table(LESIONS, schema="lesion", columns=COLUMNS, missing=MISSING)
lesions = bm.filter_rows(table.frame, {"arm": ARM})
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
