"""Coverage-guided fuzzing of the intake of tables and of study files, by atheris (``pip install atheris``).

Run from the top of the repository, for as many seconds as are wanted::

    python tests/fuzz/fuzz_intake.py csv -max_total_time=3600
    python tests/fuzz/fuzz_intake.py excel -max_total_time=3600
    python tests/fuzz/fuzz_intake.py study -max_total_time=3600

Every file of `tests/corpus` that fits is a seed. An exception that is not the package's own is a crash, an input that
takes more than 20 seconds a hang (``-timeout``), and a study that leaves part of its output behind an error.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["biomarker.data", "biomarker.study"]):
    from biomarker.data.guess import guess_tables
    from biomarker.data.intake import read_table
    from biomarker.data.suspicions import suspicious
    from biomarker.errors import BiomarkerError
    from biomarker.study.describe import validation_text

CORPUS = Path(__file__).parents[1] / "corpus"
EXAMPLES = Path(__file__).parents[2] / "biomarker" / "examples"
SUFFIXES = {"csv": (".csv", ".txt", ".tsv", ".voistat"), "excel": (".xlsx",), "study": (".toml",)}
OPTIONS = (
    {},
    {"schema": "lesion"},
    {"schema": "patient", "dates": "dmy"},
    {"delimiter": ";", "decimal": ",", "thousands": ".", "schema": "lesion"},
    {"encoding": "windows-1252", "skip_rows": 1, "header_rows": 2, "totals": ["Total"]},
    {"format": "redcap"},
    {"format": "adtte"},
    {"format": "adtr"},
    {"format": "adtr", "part": "visits", "schema": "measurement"},
    {"format": "adrs", "part": "visits"},
    {"format": "sdtm-tr"},
    {"format": "pmod"},
    {"format": "dicom-sr-csv"},
    {"blocks": "Lesion {lesion_id} {column}", "fill_down": ["patient_id"]},
)
TABLE = "patient_id,lesion_id,suvmax,response\n" + "".join(f"P{n % 9},{n},{1 + n % 7},{n % 2}\n" for n in range(30))
SCRATCH = Path(tempfile.mkdtemp(prefix="fuzz-intake-"))


def fuzz_table(content: bytes, suffix: str) -> None:
    if not content:
        return
    choice = OPTIONS[content[0] % len(OPTIONS)]
    options = {key: value for key, value in choice.items() if suffix == ".csv" or key not in ("delimiter", "encoding")}
    path = SCRATCH / f"table{suffix}"
    path.write_bytes(content)
    with contextlib.suppress(BiomarkerError):
        suspicious(read_table(path, **options))
    with contextlib.suppress(BiomarkerError):
        guess_tables(path)


def fuzz_study(content: bytes) -> None:
    (SCRATCH / "study.toml").write_bytes(content)
    (SCRATCH / "lesions.csv").write_text(TABLE, encoding="utf-8")
    before = sorted(SCRATCH.iterdir())
    with contextlib.suppress(BiomarkerError):
        validation_text(SCRATCH)
    if sorted(SCRATCH.iterdir()) != before:
        raise RuntimeError("something was written")


TARGETS = {
    "csv": lambda content: fuzz_table(content, ".csv"),
    "excel": lambda content: fuzz_table(content, ".xlsx"),
    "study": fuzz_study,
}


def main() -> None:
    warnings.simplefilter("ignore")
    target = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if target not in TARGETS:
        sys.exit(f"give one of {', '.join(TARGETS)}, and options of libFuzzer such as -max_total_time=60")
    seeds = SCRATCH.with_name(SCRATCH.name + "-seeds")
    seeds.mkdir()
    sources = [*CORPUS.iterdir(), *EXAMPLES.rglob("*.toml")]
    for number, path in enumerate(path for path in sources if path.suffix in SUFFIXES[target]):
        (seeds / f"{number}").write_bytes(path.read_bytes())
    atheris.Setup([sys.argv[0], "-timeout=20", "-rss_limit_mb=2048", *sys.argv[1:], str(seeds)], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
