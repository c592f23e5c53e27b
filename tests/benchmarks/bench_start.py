"""Time `import biomarker` and `biomarker --help`, warm: python -m tests.benchmarks.bench_start."""

import statistics
import subprocess
import sys
from time import perf_counter


def main() -> None:
    """Print the median of nine runs, less what Python itself takes to start."""
    empty = _median("pass")
    print(f"import biomarker: {_median('import biomarker') - empty:.0f} ms (target 150)")
    print(f"biomarker --help: {_median(HELP):.0f} ms, Python's own start of {empty:.0f} ms included (target 500)")


HELP = "import sys; sys.argv = ['biomarker', '--help']; from biomarker.cli import main; main()"


def _median(code: str) -> float:
    seconds = []
    for _ in range(9):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        seconds.append(perf_counter() - start)
    return 1000 * statistics.median(seconds)


if __name__ == "__main__":
    main()
