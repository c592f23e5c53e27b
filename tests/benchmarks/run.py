"""Make docs/benchmarks.md: run every benchmark beside its best peer, in one run: python -m tests.benchmarks.run."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[1] / "docs" / "benchmarks.md"


def main() -> None:
    """Run the benchmarks one after another, one thread each, and write what they print."""
    used = ", ".join(f"{name} {version(name)}" for name in ("biomarker", "numpy", "scipy", "pandas"))
    parts = [
        "# Speed beside other packages",
        f"Made by `python -m tests.benchmarks.run` on {date.today().isoformat()} with Python "
        f"{platform.python_version()}, {used}, {os.cpu_count()} cores, one thread. Ratios above 1: ours is faster.",
    ]
    parts += [_section(script) for script in sorted(FOLDER.glob("bench_*.py"))]
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(DOCUMENT.read_text(encoding="utf-8"))


def _section(script: Path) -> str:
    title = script.stem.removeprefix("bench_").replace("_", " ")
    return f"## {title}\n\n```\n{_printed(script).rstrip()}\n```"


def _printed(script: Path) -> str:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{script.stem}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER.parents[1],
        env=os.environ | one_thread,
    )
    return done.stdout


if __name__ == "__main__":
    main()
