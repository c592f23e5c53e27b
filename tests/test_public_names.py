"""`import biomarker` is light, and every public name is there."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import biomarker

HEAVY = (
    "numpy",
    "pandas",
    "scipy",
    "matplotlib",
    "statsmodels",
    "sklearn",
    "lifelines",
    "seaborn",
    "pingouin",
    "docx",
    "typer",
)


@pytest.mark.parametrize("name", biomarker.__all__)
def test_every_public_name_loads(name):
    assert getattr(biomarker, name) is not None


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        biomarker.nothing  # noqa: B018 - the access is what is tested


def test_import_loads_no_heavy_library():
    script = f"import biomarker, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_only_the_command_line_library():
    heavy = tuple(name for name in HEAVY if name != "typer")
    script = (
        "import sys; sys.argv = ['biomarker', '--help']\n"
        "import biomarker.cli as cli\n"
        "try:\n    cli.main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_type_checkers_see_the_same_names_as_the_lazy_loader():
    tree = ast.parse(Path(biomarker.__file__).read_text(encoding="utf-8"))
    typed = {
        f"{(node.module or '').removeprefix('biomarker.')}.{alias.name}"
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    lazy = {f"{module}.{name}" for name, module in biomarker._MODULES.items()}
    assert typed == lazy
