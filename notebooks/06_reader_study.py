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
# # A reader study: would another reader see the same?
#
# Before uptake can guide treatment, two readers must find the same uptake in the same lesion, and one reader
# the same uptake twice. **The readings are synthetic**: three readers, two sessions, up to five target lesions
# a patient. By construction the third reader's SUVmean is 7 % too high.

# %%
import biomarker as bm

_, tables = bm.prepare_study(bm.example_folder("simulated-trial"))
readings = tables["readings"].frame
first = bm.filter_rows(readings, {"session": "1"})
n_lesions = len(readings[["patient_id", "lesion_id"]].drop_duplicates())
print(
    f"{len(readings)} readings of {n_lesions} lesions in {readings['patient_id'].nunique()} patients"
)
readings.head(3)

# %% [markdown]
# ## The wrong way: a correlation
#
# Two readers correlate even when one of them reads twice as high as the other. Correlation asks whether lesions
# are put in the same order, and lesions differ so much that almost any two readers will do that.

# %%
wide = first.pivot(
    index=["patient_id", "lesion_id"], columns="reader_id", values="suvmean"
).reset_index()
r = bm.correlate(wide, x="R1", y="R3", method="pearson").estimate("pearson_r")
ratio = (wide["R3"] / wide["R1"]).median()
print(f"R1 and R3 correlate with r = {r.value:.3f},")
print(f"and yet R3 reads {ratio - 1:.0%} higher in the median lesion.")

# %% [markdown]
# ## Limits of agreement
#
# How far apart are two readers in one lesion? In percent, since the error grows with uptake. The bias tells of
# R3; the limits tell what to expect in 95 % of lesions.

# %%
agreement = bm.limits_of_agreement(
    bm.filter_rows(first, {"reader_id": ["R1", "R3"]}), value="suvmean", scale="percent"
)
agreement

# %%
agreement.plot();

# %%
bias, low, high = (agreement.estimate(name) for name in ("bias", "loa_low", "loa_high"))
print(f"R1 reads {bias.value:.1f}% (95% CI {bias.low:.1f} to {bias.high:.1f}) against R3;")
print(f"in a single lesion, expect {low.value:.0f}% to {high.value:.0f}%.")

# %% [markdown]
# ## Intraclass correlation: which one?
#
# "The ICC was excellent" says nothing until its form is told. ICC(2,1): another reader from the street,
# absolute agreement, one reading. ICC(3,1): these very readers, and a constant difference between them
# forgiven. Since R3 reads high, the two must differ, and the one that forgives must be larger.

# %%
icc = bm.intraclass_correlation(first, value="suvmean", form=["ICC(2,1)", "ICC(3,1)"])
icc

# %%
for form in ("ICC(2,1)", "ICC(3,1)"):
    nested, naive = icc.estimate("icc", form=form), icc.estimate("icc_naive", form=form)
    print(f"{form} {nested.value:.3f}, 95% CI {nested.low:.3f} to {nested.high:.3f}", end="")
    print(f" (naive: {naive.low:.3f} to {naive.high:.3f})")

# %% [markdown]
# And an ICC is relative: it compares the error with how much lesions differ. The same readers reach a lower ICC
# in lesions that are more alike, without reading any worse. The line "within patients" shows it: within a
# patient lesions differ less, so the ICC is lower.
#
# ## Repeatability: what change is real?
#
# The number a physician needs. Read a lesion twice, and SUVmean differs; how large must the difference be
# before it means anything? The error is split into that of one reader who repeats the reading, and that of
# readers against each other.

# %%
repeat = bm.repeatability(readings, value="suvmean", session="session")
repeat

# %%
down, up = repeat.estimate("repeatability_limit_low"), repeat.estimate("repeatability_limit_high")
print(
    f"Same reader twice: a fall beyond {-down.value:.0%} or a rise beyond {up.value:.0%} is more than error."
)
down, up = (
    repeat.estimate(f"reproducibility_limit_{side}", over="reader") for side in ("low", "high")
)
print(
    f"Different readers: it takes a fall beyond {-down.value:.0%} or a rise beyond {up.value:.0%}."
)

# %% [markdown]
# Falls and rises are not mirror images: error is multiplicative, and what doubles must be halved to come back.
# Let the same reader read both scans of a patient. And note that these readers read one scan twice: what a
# second scan adds comes on top, and takes a test-retest study to find.
#
# ## Categories
#
# Readers also give classes. Kappa corrects for the agreement that chance would bring. Since the visual classes
# are ordered, 3 against 4 is nearly an agreement and 1 against 4 is none: linear weights.

# %%
categories = bm.categorical_agreement(
    first, value="category", readers=["R1", "R3"], weights="linear"
)
categories

# %% [markdown]
# Of three readers and both sessions, for the pattern of a whole patient (A to D): look at the agreement on each
# category, which an overall kappa does not show.

# %%
patterns = tables["patterns"].frame
pattern = bm.categorical_agreement(
    patterns, value="pattern", item="patient_id", session="session", categories=["A", "B", "C", "D"]
)
pattern.plot();

# %%
for letter in "ABCD":
    line = pattern.estimate("specific_agreement", category=letter)
    print(
        f"pattern {letter}: {line.value:.0%} (95% CI {line.low:.0%} to {line.high:.0%}), n = {line.n}"
    )

# %% [markdown]
# Pattern C is where readers part ways: where one of them chose it, another did so less often than for any other
# pattern. Its interval is wide, for few patients show it.
#
# ## What it means for a cutoff
#
# Agreement is not an end in itself. At SUVmax 6.5, how many lesions would another reader call otherwise, and do
# predictive values hold in the hands of each reader?

# %%
lesions = bm.filter_rows(tables["lesions"].frame, {"arm": "Conjugate"})
hands = bm.evaluate_cutoff(
    lesions,
    reference_standard="lesion_status",
    positive="responding",
    marker="suvmax",
    cutoffs=6.5,
    readers={"readings": first, "value": "suvmax", "reader": "reader_id", "item": "lesion_id"},
)
hands

# %% [markdown]
# Only target lesions were read by all, so compare the readers' ranges with one another, not with the lines
# above them, which are of all lesions.
