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
# # Quick start
#
# From a table of lesions to the answer a trial team asks for, in five steps: read, describe, look over time,
# compare, write down.
#
# **The data are real**: the 44 lesions of 15 patients that a phase 1 study of a 89Zr-labelled CD8 minibody
# published, lesion by lesion. To use your own data, change the path and the names of columns in the next cell
# but one.

# %%
import biomarker as bm

# %% tags=["parameters"]
FOLDER = bm.example_folder("cd8")  # or pathlib.Path("my-trial")
COLUMNS = {  # ours: theirs
    "patient_id": "subject_id",
    "lesion_id": "lesion_number",
    "age_years": "age",
    "protein_dose_mg": "minibody_dose_mg",
}
MISSING = ["n/a", "n/a*", "-"]  # the words that stand in cells without a value

# %% [markdown]
# ## 1. Read
#
# `read_table` takes CSV, Excel, Parquet, SAS, SPSS, Stata, REDCap and CDISC files. The schema gives each column
# its type, unit and range; every fault is reported at once, with its row. `frame` is an ordinary pandas
# DataFrame.

# %%
table = bm.read_table(FOLDER / "lesions.csv", schema="lesion", columns=COLUMNS, missing=MISSING)
lesions = table.frame
lesions[
    ["patient_id", "lesion_id", "lesion_site", "therapy", "suvmax_2h", "suvmax_24h", "response"]
].head()

# %% [markdown]
# A missing cell keeps the word that stood there. That matters: here `n/a*` marks uptake that could not be
# analysed, and `n/a` a response that is not known. The first is a fault of measurement, the second of
# follow-up, and a reader will want to know which.

# %%
for column in ["suvmax_24h", "response", "therapy_duration_months"]:
    print(column, "|", table.missing_note(column))

# %% [markdown]
# ## 2. Who was studied?

# %%
columns = {"patient_id": "subject_id", "age_years": "age", "protein_dose_mg": "minibody_dose_mg"}
patients = bm.read_table(
    FOLDER / "patients.csv", schema="patient", columns=columns, missing=["n/a", "-"]
).frame
bm.characteristics(patients, variables=["age_years", "sex", "tumor_type", "treatment_profile"])

# %% [markdown]
# ## 3. How does uptake run?
#
# The analysis wants one row for each lesion and time; pandas' `melt` makes them. Read the column of means
# beside that of medians: a mean far above the median says that a few lesions carry it, and that ratios of
# geometric means describe these data better than differences of means.

# %%
times = {"suvmax_2h": 2, "suvmax_24h": 24, "suvmax_48h": 48, "suvmax_135h": 135}
uptake = lesions.melt(
    ["patient_id", "lesion_id"], list(times), var_name="scan", value_name="suvmax"
)
uptake["hours_post_injection"] = uptake["scan"].map(times)
over_time = bm.uptake_over_time(uptake, marker="suvmax", time="hours_post_injection")
over_time

# %%
over_time.plot();

# %% [markdown]
# ## 4. Is uptake higher under immunotherapy?
#
# The obvious analysis takes each lesion as an observation of its own.

# %%
treated = lesions["therapy"] == "Immunotherapy"
lesions["treatment"] = treated.map({True: "Immunotherapy", False: "No immunotherapy"})
naive = bm.compare_uptake(lesions, marker="suvmax_24h", group="treatment", patient=None)
naive

# %% [markdown]
# But lesions of one patient are alike: they share the tumour, the immune system, the scanner and the day.
# Several lesions of one patient tell less than as many lesions of different patients. Every function of this
# package looks for `patient_id` and allows for that, unless `patient=None` tells it not to.

# %%
nested = bm.compare_uptake(lesions, marker="suvmax_24h", group="treatment")
nested

# %%
for name, result in {
    "lesions taken as independent": naive,
    "lesions nested in patients": nested,
}.items():
    ratio = result.estimate("geometric_mean_ratio")
    print(
        f"{name:29} ratio {ratio.value:.2f} (95% CI {ratio.low:.2f} to {ratio.high:.2f}), p = {ratio.p_value:.3f}"
    )

# %% [markdown]
# The same 42 lesions, nearly the same ratio, and two conclusions. Taken as independent, the lower limit lies
# above 1; nested, it lies below. The second interval is the one that keeps its promise: see
# `04_lesions_nested_in_patients` for why.

# %%
nested.plot();

# %% [markdown]
# ## 5. Write it down
#
# Every result gives its table in the style of a journal, for Word, LaTeX, Excel, HTML or Markdown, and its
# methods in words.

# %%
nested.table("jnm")

# %%
print(nested.method.description or nested.method.name)
for reference in nested.method.references:
    print("-", reference)

# %% [markdown]
# `nested.table("jnm").to_docx("table.docx")` and `nested.plot().figure.savefig("figure.pdf")` write files.
# Every number, unrounded, with the same columns for every analysis:

# %%
nested.to_frame()[["quantity", "of", "value", "low", "high", "p_value", "n", "n_patients"]].tail(4)

# %% [markdown]
# ## Where to go on
#
# | notebook | question |
# |---|---|
# | `02_predictive_values` | what does a positive scan mean? |
# | `03_choosing_a_cutoff` | which SUV cutoff, and how far can it be trusted? |
# | `04_lesions_nested_in_patients` | why are lesions no independent observations? |
# | `05_response_and_competing_markers` | does uptake go with response, and does another marker do better? |
# | `06_reader_study` | would another reader see the same? |
# | `07_survival_and_treatment_interaction` | does uptake tell who gains from the treatment? |
# | `08_kinetics_and_dose` | how does the tracer clear, and at what dose? |
# | `09_full_study_report` | all of it from one study file |
