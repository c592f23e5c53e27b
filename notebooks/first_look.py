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
# # First look at a tracer trial
#
# Who was studied, how uptake changes with time, where it was seen, and whether it differs between groups.
# Point `STUDY` at your own `study.toml`, and change the names of columns below it. Nothing here is written to disk.

# %%
# %matplotlib inline
import biomarker as bm
from biomarker.examples import example_folder

# %% tags=["parameters"]
STUDY = example_folder("cd8")  # or "my-trial/study.toml"
LESIONS, PATIENTS = "lesions", "patients"
MARKER, GROUP = "suvmax_24h", "treatment"

# %% [markdown]
# ## The tables
# Every table was checked against its schema when it was read. `frame` is an ordinary pandas DataFrame.

# %%
run = bm.run_study(STUDY)
lesions = run.tables[LESIONS].frame
patients = run.tables[PATIENTS].frame
lesions.head()

# %% [markdown]
# How often each column is missing, by the word that stood in the cell:

# %%
{column: note for column in lesions if (note := run.tables[LESIONS].missing_note(column))}

# %% [markdown]
# ## Patients

# %%
bm.characteristics(patients, variables=["age_years", "sex", "tumor_type", "treatment_profile"])

# %% [markdown]
# ## Uptake over time

# %%
over_time = bm.uptake_over_time(run.tables["uptake"].frame, marker="suvmax", time="hours_post_injection")
over_time

# %%
over_time.plot();

# %% [markdown]
# ## Seen by eye

# %%
bm.detection_rate(patients, detected="detected", by="therapy", interval="clopper-pearson")

# %% [markdown]
# ## Uptake by group
# Lesions are nested in patients, and the analysis allows for it: compare the two results below.

# %%
bm.compare_uptake(lesions, marker=MARKER, group=GROUP)

# %%
naive = bm.compare_uptake(lesions, marker=MARKER, group=GROUP, patient=None)
naive

# %% [markdown]
# ## Every number, unrounded

# %%
over_time.to_frame().head(12)
