"""What Ctrl-C ends says so, whoever catches it first."""

from __future__ import annotations

import pytest

from biomarker import cli


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(130)])
def test_a_stopped_run_says_that_nothing_was_written(monkeypatch, capsys, end):
    def stopped(**_):
        raise end

    monkeypatch.setattr(cli, "app", stopped)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 130
    assert capsys.readouterr().err == "biomarker: stopped; nothing was written\n"


def test_other_ends_keep_their_status(monkeypatch, capsys):
    def refused(**_):
        raise SystemExit(2)

    monkeypatch.setattr(cli, "app", refused)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert capsys.readouterr().err == ""
