"""``python -m biomarker``: the command line."""

from biomarker.cli import main

if __name__ == "__main__":
    main()
