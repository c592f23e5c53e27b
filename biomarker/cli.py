"""The command line: arguments in, exit status out; everything else is done elsewhere.

Exit status: 0 done; 2 the input is at fault, and one message says how; 1 the program is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from biomarker import __version__
from biomarker.errors import BiomarkerError

app = typer.Typer(
    name="biomarker",
    help="Does uptake predict response, and at which SUV cutoff? Tables of a PET tracer trial in, a report out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich would double the time to the first line
)

_STOPPED = 130  # the exit status of what Ctrl-C ends

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="A study.toml, or the folder that holds one.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"biomarker {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version  # handled by its callback


@app.command()
def run(
    study: StudyFile,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to make; it must not exist yet.")] = Path(
        "report"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace the output of an earlier run.")] = False,
    notebook: Annotated[
        bool, typer.Option("--notebook", help="Also write notebook.ipynb, which makes every number again.")
    ] = False,
    template: Annotated[
        Path | None, typer.Option("--template", help="A Word document (.docx, .dotx) whose page and styles to use.")
    ] = None,
) -> None:
    """Run a study and write its report.

    The output folder holds report.html, report.docx, results.json, methods.md, manifest.json, tables/ and figures/, and
    every table in one document: tables.docx, .rtf, .html and .xlsx.
    """
    from biomarker.study.workflow import run_study

    typer.echo(run_study(study, output, force=force, notebook=notebook, template=template).summary())


@app.command()
def validate(study: StudyFile) -> None:
    """Check a study file and every table it names."""
    from biomarker.study.describe import validation_text

    typer.echo(validation_text(study))


@app.command()
def plan(study: StudyFile) -> None:
    """Show what a run would do."""
    from biomarker.study.describe import plan_text

    typer.echo(plan_text(study))


@app.command()
def example(
    name: Annotated[str | None, typer.Argument(help="An example study; without it, the list of them.")] = None,
    destination: Annotated[Path | None, typer.Argument(help="Folder to make; by default the example's name.")] = None,
) -> None:
    """List the example studies, or copy one."""
    from biomarker.study.shipped import copied_text, examples_text

    typer.echo(examples_text() if name is None else copied_text(name, destination))


@app.command()
def schema(
    name: Annotated[str | None, typer.Argument(help="A table schema; without it, the list of them.")] = None,
) -> None:
    """List the table schemas, or print one."""
    from biomarker.study.shipped import schema_json, schemas_text

    typer.echo(schemas_text() if name is None else schema_json(name))


@app.command()
def init(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Tables: CSV, Excel, Parquet, SAS, and more.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The study file to write.")] = Path("study.toml"),
) -> None:
    """Write a first study file from your tables."""
    from biomarker.study.init import write_first_study

    typer.echo(write_first_study(files, output))


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        app(standalone_mode=True)
    except BiomarkerError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        _fail("stopped; nothing was written", _STOPPED)
    except SystemExit as end:  # typer turns Ctrl-C into a silent exit
        if end.code == _STOPPED:
            _fail("stopped; nothing was written", _STOPPED)
        raise
    except BrokenPipeError:  # the reader of our output has gone: `biomarker plan STUDY | head`
        sys.stderr.close()
        sys.exit(0)
    except Exception:
        import traceback

        traceback.print_exc()
        _fail(
            "this is a fault of biomarker, not of your data; nothing was written. Report it with these lines",
            1,
        )
    sys.exit(0)


def _fail(message: str, status: int) -> NoReturn:
    typer.echo(f"biomarker: {message}", err=True)
    sys.exit(status)
