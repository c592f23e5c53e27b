"""The wheel holds everything: schemas, examples, templates; the command lists them where it alone is installed."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel with the build backend that is installed, so that no network is needed."""
    folder = tmp_path_factory.mktemp("wheel")
    arguments = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_what_is_read_at_run_time(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = [
        *(f"biomarker/data_schemas/{path.name}" for path in (ROOT / "data_schemas").glob("*.json")),
        *(path.relative_to(ROOT).as_posix() for path in (ROOT / "biomarker").rglob("*") if _is_data(path)),
        "biomarker/py.typed",
    ]
    assert len(expected) > 20
    assert [name for name in expected if name not in names] == []
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_installed_in_a_fresh_environment_it_lists_schemas_and_examples(wheel, tmp_path):
    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True)
    # the dependencies are lent by this environment; the package itself is the wheel's
    lent = next((tmp_path / "fresh" / "lib").glob("python3*")) / "site-packages" / "lent.pth"
    lent.write_text(sysconfig.get_path("purelib") + "\n")
    command = [tmp_path / "fresh" / "bin" / "biomarker"]

    def printed(*arguments):
        done = subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    where = subprocess.run(
        [python, "-c", "import biomarker; print(biomarker.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(tmp_path))
    schemas = {path.name.removesuffix(".schema.json") for path in (ROOT / "data_schemas").glob("*.json")}
    assert {line.split()[0] for line in printed("schema").splitlines()} == schemas
    assert {line.split()[0] for line in printed("example").splitlines()} >= {"cd8", "zephir", "simulated-trial"}
    printed("example", "cd8", "mine")
    assert (tmp_path / "mine" / "lesions.csv").is_file()


def _is_data(path):
    return path.is_file() and path.suffix not in (".py", ".pyc")
