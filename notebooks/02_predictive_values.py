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
# # What does a positive scan mean?
#
# Sensitivity and specificity belong to the test. Positive and negative predictive value (PPV, NPV) belong to
# the patient in front of you: of those with a positive scan, how many respond? They depend on how many respond
# at all, and on how they were counted.
#
# **Real numbers** first: published two-by-two tables. Then a **synthetic** trial, where the rows are at hand.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import biomarker as bm

# %% [markdown]
# ## From published counts
#
# 89Zr-trastuzumab PET against HER2 status at a cutoff of SUVmax 3.2 (Dehdashti and others, 2018). The abstract
# prints four percentages with exact intervals; these are the counts from which all of them follow.

# %%
dehdashti = bm.predictive_values_from_counts(tp=25, fp=5, fn=8, tn=8, interval="clopper-pearson")
dehdashti.table().with_title("HER2 status by SUVmax of 3.2 or more")

# %% [markdown]
# PPV is high here and NPV is low. Is this a property of the scan? Most were HER2-positive to begin with, so a
# positive scan was likely to be right, and a negative one likely to be wrong, whatever the scan showed.

# %%
prevalence, ppv, npv = (dehdashti.estimate(name) for name in ("prevalence", "ppv", "npv"))
print(f"HER2-positive before any scan: {prevalence.value:.0%}")
print(f"... after a positive scan:     {ppv.value:.0%} (95% CI {ppv.low:.0%} to {ppv.high:.0%})")
print(
    f"... after a negative scan:     {1 - npv.value:.0%} (95% CI {1 - npv.high:.0%} to {1 - npv.low:.0%})"
)

# %% [markdown]
# A positive scan moved the probability up from there, a negative one down. By how much, likelihood ratios say
# in one number each (LR+ and LR− in the table), and they can be carried to another population. Predictive
# values can too, once you say how common the condition is there:

# %%
elsewhere = bm.predictive_values_from_counts(
    tp=25, fp=5, fn=8, tn=8, prevalence=[0.1, 0.2, 0.3, 0.5, 0.7, 0.9]
)
curve = elsewhere.to_frame().query("quantity in ['ppv', 'npv']")
curve = curve.assign(prevalence=[of.get("prevalence") for of in curve["of"]]).dropna(
    subset=["prevalence"]
)
curve.pivot(index="prevalence", columns="quantity", values="value").map("{:.1%}".format)

# %%
fig, ax = plt.subplots(figsize=(4.2, 3), layout="constrained")
for quantity, marker in {"ppv": "o", "npv": "s"}.items():
    line = curve[curve["quantity"] == quantity]
    ax.errorbar(
        line["prevalence"],
        line["value"],
        yerr=[line["value"] - line["low"], line["high"] - line["value"]],
        marker=marker,
        capsize=2,
        label=quantity.upper(),
    )
ax.axvline(prevalence.value, color="grey", linestyle=":", label="in the study")
ax.set(xlabel="Share with HER2-positive disease", ylabel="Predictive value", ylim=(0, 1.02))
ax.legend(frameon=False);

# %% [markdown]
# A percentage without its counts hides how little is known. ZEPHIR reported a PPV of 72 % and an NPV of 88 %
# for response to T-DM1, without a table. The counts below are **a reconstruction** that gives these
# percentages, not the trial's own. Look at the width of the interval of the NPV: it rests on 16 patients.

# %%
zephir = bm.predictive_values_from_counts(tp=28, fp=11, fn=2, tn=14)
for name in ("ppv", "npv"):
    line = zephir.estimate(name)
    print(
        f"{name.upper()} {line.numerator}/{line.n} = {line.value:.0%} (95% CI {line.low:.0%} to {line.high:.0%})"
    )

# %% [markdown]
# ## From rows: lesions nested in patients
#
# With the data at hand the unit must be chosen. **The trial below is synthetic**: no patient stands behind it.
# On the conjugate, does a lesion with SUVmax of 6.5 or more shrink? The cutoff was fixed beforehand; one that
# is chosen on the same data needs the care of `03_choosing_a_cutoff`.

# %%
_, tables = bm.prepare_study(bm.example_folder("simulated-trial"))
lesions = bm.filter_rows(tables["lesions"].frame, {"arm": "Conjugate"})
lesion_response = dict(
    reference_standard="lesion_status", positive="responding", marker="suvmax", cutoff=6.5
)
nested = bm.predictive_values(lesions, **lesion_response)
nested

# %%
nested.plot();

# %% [markdown]
# What comes of taking every lesion as a patient of its own: the same percentages, and intervals that are too
# narrow. Their widths:

# %%
naive = bm.predictive_values(lesions, **lesion_response, patient=None)
rows = []
for name in ("sensitivity", "specificity", "ppv", "npv"):
    for unit, result in {"nested": nested, "naive": naive}.items():
        line = result.estimate(name)
        width = line.high - line.low
        rows.append({"quantity": name, "unit": unit, "estimate": line.value, "width": width})
widths = pd.DataFrame(rows).pivot(index="quantity", columns="unit", values=["estimate", "width"])
widths.map("{:.1%}".format)

# %% [markdown]
# ## From rows: patients
#
# Trial teams treat patients, not lesions. Here a scan is positive when most of the tumour volume takes up
# tracer. Note what the table does with the cell that is zero: no responder was missed, so the estimate of the
# sensitivity is at its bound, and the interval still is not.

# %%
patients = bm.filter_rows(tables["patients"].frame, {"arm": "Conjugate"})
pattern = bm.predictive_values(
    patients,
    reference_standard="response",
    positive=["CR", "PR"],
    index_test="pet_positive",
    prevalence=[0.2, 0.4, 0.6],
)
pattern

# %% [markdown]
# `positive=["CR", "PR"]` was said, not guessed, and the footnote repeats it: patients who were not evaluable
# (NE) count as not responding. To leave them out is another question, with another answer:

# %%
evaluable = bm.filter_rows(patients, {"response": "!= NE"})
strict = bm.predictive_values(
    evaluable, reference_standard="response", positive=["CR", "PR"], index_test="pet_positive"
)
for name, result in {"NE counts as no response": pattern, "NE left out": strict}.items():
    line = next(line for line in result.estimates if line.quantity == "ppv" and not line.of)
    print(
        f"{name:25} PPV {line.numerator}/{line.n} = {line.value:.1%} (95% CI {line.low:.1%} to {line.high:.1%})"
    )

# %% [markdown]
# ## Two tests on the same patients
#
# Is HER2 PET better than an early FDG response? Both were read in each patient, so the comparison is paired:
# only patients in whom the two differ tell which is better. Comparing the two intervals by eye throws that
# away.

# %%
tests = bm.compare_tests(
    patients,
    reference_standard="response",
    positive=["CR", "PR"],
    index_tests=["pet_positive", "early_fdg_response"],
)
tests

# %%
tests.plot();

# %% [markdown]
# ## Only some were biopsied
#
# Lesions that are seen are biopsied more often than those that are not. Sensitivity among the biopsied is then
# too high, and specificity too low: the false positives were all looked for, the false negatives hardly. Begg
# and Greenes' correction weighs each lesion by how likely one like it was verified.

# %%
verified = bm.verification_bias(
    tables["lesions"].frame,
    index_test="detected",
    reference_standard="biopsy",
    positive="positive",
    n_resamples=500,
    rng=1,
)
verified

# %% [markdown]
# ## What this does not show
#
# One arm shows that a scan goes *with* response. Whether it predicts the benefit of this treatment over another
# needs two arms: `07_survival_and_treatment_interaction`.
