"""What a measured change must exceed to be real: claims of the kind that QIBA profiles make, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from biomarker.references import OBUCHOWSKI_2016, RAUNIG_2015
from biomarker.study.checklists.checked_run import CheckedRun, Shown, columns
from biomarker.tables import Table
from biomarker.vocabulary import column_label, lower_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Estimate

_UNKNOWN = "scanner, reconstruction, uptake time and what lies between two scans"


def claim_tables(run: CheckedRun, supplied: Mapping[str, str]) -> tuple[Table, ...]:
    """Lay out the claims that the analyses of repeatability and agreement allow; none where there are none.

    Parameters
    ----------
    run : CheckedRun
    supplied : mapping
        ``[checklists.claim]`` of the study file: ``conditions``, under which the claims hold.
    """
    rows = [
        (claim, _conditions(one), one.place)
        for one in run.of("repeatability", "limits_of_agreement")
        for claim in (_repeatability(one, run) if one.kind == "repeatability" else _agreement(one, run))
    ]
    if not rows:
        return ()
    told = supplied.get("conditions", "")
    beyond = f"Conditions: {told.rstrip('.')}." if told else (
        f"The run does not tell the conditions of measurement ({_UNKNOWN}); supply them in study.toml: "
        '[checklists.claim] "conditions" = "…".'
    )  # fmt: skip
    table = Table(
        title="Claims on measurement error: what a change must exceed, as QIBA profiles say it",
        header=("Claim", "Found in", "Where"),
        rows=rows,
        footnotes=(
            beyond,
            "A claim holds for measurements made as these were, and for values in the range of these. Error between "
            "readings of one scan is less than error between scans.",
            f"Form of the claims: {RAUNIG_2015}; {OBUCHOWSKI_2016}",
        ),
    )
    return (table,)


def _repeatability(one: Shown, run: CheckedRun) -> Iterator[str]:
    name, item = column_label(str(one.setting("value"))), _item(one)
    level = f"{100 * one.result.method.confidence_level:g}%"
    over = one.setting("over")
    for prefix, by in (("repeatability", ""), ("reproducibility", f" by any {lower_label(str(over))}")):
        low, high = _one(one, f"{prefix}_limit_low"), _one(one, f"{prefix}_limit_high")
        coefficient = _one(one, f"{prefix}_coefficient")
        if low is not None and high is not None:
            yield (
                f"A change in {name} of a {item} measured{by} is real, with 95% confidence, if it is a decrease of "
                f"more than {_percent(low, run)} or an increase of more than {_percent(high, run)} ({level} confidence "
                "intervals of these limits in parentheses)."
            )
        elif coefficient is not None:
            yield (
                f"A change in {name} of a {item} measured{by} is real, with 95% confidence, if it exceeds "
                f"{run.value(coefficient, ' ').strip()} in either direction."
            )
    spread = next((line for line in one.estimates("within_cv") if line.of.get("method") != "log"), None)
    if spread is not None:
        yield f"Measured again, {name} of a {item} varies with a {run.value(spread, 'within-' + item + ' CV of')}."
    trend = _one(one, "precision_trend")
    if trend is not None:
        yield (
            f"Where {name} doubles, this error is {run.style.with_interval(trend.value, trend.low, trend.high)} times "
            "as large; 1 means that it is the same for small and large values."
        )


def _agreement(one: Shown, run: CheckedRun) -> Iterator[str]:
    name = column_label(str(one.setting("value")))
    held = f"{100 * float(one.setting('coverage') or 0.95):g}%"
    for bias in one.estimates("bias"):
        pair = bias.of.get("readers")
        low = next((line for line in one.estimates("loa_low") if line.of == bias.of), None)
        high = next((line for line in one.estimates("loa_high") if line.of == bias.of), None)
        if low is None or high is None:
            continue
        between = f" ({pair})" if pair else ""
        limits = [run.value(line, " ").strip() for line in (low, high, bias)]
        if one.setting("scale") == "ratio":
            limits = [run.style.with_interval(line.value, line.low, line.high) for line in (low, high, bias)]
        verb = "have a ratio of" if one.setting("scale") == "ratio" else "differ by"
        span = f"{limits[0]} to {limits[1]}, on average {limits[2]}"
        yield f"Of pairs of readings of {name}{between}, {held} {verb} {span}."


def _conditions(one: Shown) -> str:
    population = one.result.population
    patients = f" of {population.patients_used:,} patients" if population.patients_used else ""
    items = next((line.n for line in one.result.estimates if line.n), None)
    counted = f"{items or 0:,} {_item(one)}s{patients}, {population.rows_used:,} readings"
    where = "".join(f", {lower_label(name)} {_text(value)}" for name, value in one.where.items())
    session = one.setting("session")
    return f"{counted}{where}{f', over {columns(session)}s' if isinstance(session, str) else ''}"


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _item(one: Shown) -> str:
    return lower_label(str(one.setting("item") or "lesion_id"))


def _one(one: Shown, quantity: str) -> Estimate | None:
    return next(iter(one.estimates(quantity)), None)


def _percent(line: Estimate, run: CheckedRun) -> str:
    """Return a limit and its interval as sizes, without the sign that the words have."""
    low, high = sorted((abs(line.low), abs(line.high)))
    shown = run.style.interval(low, high, 1, scale=100)
    return f"{run.style.number(100 * abs(line.value), 1)}% ({shown})"
