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
# # A full study report
#
# A notebook is for looking. A report that others rely on should come from one file that says all that was done,
# so that it can be run again, reviewed and archived. This notebook runs such a file, and shows what is in it
# and what comes out.
#
# **The data are real**: the CD8 minibody study of `01_quick_start`.

# %%
import json
import tempfile
from pathlib import Path

import pandas as pd
from IPython.display import Markdown, display

import biomarker as bm

# %% tags=["parameters"]
STUDY = bm.copy_example("cd8", Path(tempfile.mkdtemp()) / "cd8")  # or Path("my-trial")

# %% [markdown]
# ## The study file
#
# `study.toml` is text. Tables and their columns come first, then what is derived, then the analyses: each is
# one of the functions of the other notebooks, with the same arguments. Nothing in it is ever evaluated as code.
# The beginning, and one analysis:

# %%
text = (STUDY / "study.toml").read_text(encoding="utf-8")
print(text[: text.index("[data.lesions]")])
start = text.index('name = "immunotherapy-lesions"')
print("...\n\n[[analysis]]\n" + text[start : text.index("[[analysis]]", start)])

# %% [markdown]
# `biomarker init patients.csv lesions.csv` drafts a first study file from your tables. `biomarker validate`
# finds every fault at once, before anything is computed. A slip of the pen, for instance, is answered with the
# nearest name that exists:

# %%
(STUDY / "slip.toml").write_text(
    text.replace('marker = "suvmax_24h"', 'marker = "suvmax_24"'), encoding="utf-8"
)
try:
    bm.run_study(STUDY / "slip.toml")
except bm.StudyError as error:
    print(str(error).splitlines()[0][:180], "...")

# %% [markdown]
# ## Run it
#
# The folder appears whole or not at all. On the command line: `biomarker run study.toml -o report --notebook`.

# %%
run = bm.run_study(STUDY, STUDY / "report", notebook=True)
sorted(path.name + "/" * path.is_dir() for path in run.folder.iterdir())

# %% [markdown]
# `report.html` and `report.docx` are for reading, `tables/` and `figures/` hold each piece as files of its own,
# `results.json` is for other programs, `methods.md` for the paper, `notebook.ipynb` to go on working: it calls
# the public functions one by one and gives the same numbers. `manifest.json` says from which data, with which
# versions, they were made:

# %%
manifest = json.loads((run.folder / "manifest.json").read_text(encoding="utf-8"))
pd.DataFrame(manifest["inputs"])[["file", "rows"]]

# %% [markdown]
# ## Every result
#
# `run.results` holds them by name: each is what the function itself returns.

# %%
for outcome in run.outcomes:
    display(Markdown(f"### {outcome.title}"), outcome.result)

# %% [markdown]
# And the figures, of those that the text would show:

# %%
run.results["uptake-over-time"].plot();

# %%
run.results["immunotherapy-lesions"].plot();

# %% [markdown]
# ## Which patients? It changes the answer
#
# The study compares uptake at two doses of the minibody twice: in the expansion cohort, as the paper did, and
# with the patients of the escalation at the same doses. Read the two titles again, then the two differences:

# %%
for name in ("dose-expansion", "dose-all"):
    result = run.results[name]
    means = {line.of["group"]: line for line in result.estimates if line.quantity == "mean"}
    difference = result.estimate("mean_difference")
    print(
        name,
        "|",
        ", ".join(
            f"{group}: mean {line.value:.2f} ({line.n} lesions)" for group, line in means.items()
        ),
    )
    print(
        f"    difference {difference.value:+.2f} (95% CI {difference.low:+.2f} to {difference.high:+.2f})"
    )

# %% [markdown]
# The sign turns. Neither analysis is wrong, and neither difference is told from zero; but a report that does
# not say which patients it is about can be made to say either. That is why the rows, the conditions and the
# exclusions stand under each table.
#
# ## The methods, ready for the paper

# %%
sections = (run.folder / "methods.md").read_text(encoding="utf-8").split("\n## ")
for section in sections:
    if section.startswith(("Uptake over time", "Detection rate", "Comparison of uptake")):
        display(Markdown("### " + section))
