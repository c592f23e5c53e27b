"""Example studies shipped with the package, and the generator of the simulated trial.

Each example is a folder: tables, `study.toml`, and `SOURCE.md`, which says where every number comes from.
"""

from biomarker.examples.catalogue import EXAMPLES, copy_example, example_folder

__all__ = ["EXAMPLES", "copy_example", "example_folder"]
