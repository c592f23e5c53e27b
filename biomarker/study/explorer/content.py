"""explorer.html: a page on which the trial team moves a cutoff and sees what follows.

Every number on the page but two was worked out here, by the functions behind the report, for every cutoff that calls
different rows positive, and rounded here; the page looks them up. PPV and NPV at another prevalence follow on the page
from the likelihood ratios, which it holds unrounded, and survival curves from the patients' follow-up.
"""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from numpy.typing import ArrayLike, NDArray

from biomarker.analyses.follow_up import duration_unit
from biomarker.analyses.result import Exclusion
from biomarker.kernels.measure import Measure
from biomarker.study.explorer.settings import ExplorerSettings
from biomarker.study.explorer.views import Split, View
from biomarker.study.report.nuclides import raised_mass_numbers
from biomarker.tables.render.characters import on_one_line
from biomarker.tables.style import Style
from biomarker.vocabulary import column_label, lower_label, outcome_label

_SHOWN = ("sensitivity", "specificity", "ppv", "npv")
_SCRIPTS = ("explorer_numbers.js", "explorer_plots.js", "explorer_page.js")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDF", "PDI"})
_SEED_WORD = 0x65787031  # sets the order of patients apart from every other use of the study's seed


def explorer_content(
    views: Sequence[View], settings: ExplorerSettings, style: Style, *, seed: int = 0
) -> dict[str, Any]:
    """Return all that the page holds, of plain types.

    Parameters
    ----------
    views : sequence of View
    settings : ExplorerSettings
    style : Style
        How numbers print.
    seed : int
        Patients are numbered in an order drawn with it, so that a number says nothing of who it is.
    """
    numbers, ids = _patient_numbers(views, seed, show_ids=settings.show_ids)
    outcome = None if settings.duration is None else text_of(outcome_label(settings.duration))
    return {
        "level": f"{settings.confidence_level:.0%}",
        "style": {"decimal": style.decimal_mark, "range": style.range_mark, "p": style.p_symbol},
        "higher": settings.higher_is_positive,
        "reference": text_of(column_label(settings.reference_standard)),
        "outcome": outcome,
        "unit_of_time": "" if settings.duration is None else duration_unit(settings.duration),
        "change_probability": f"{100 * settings.change_probability:.3g}",
        "patients": ids,
        "views": [_view(view, numbers, settings, style) for view in views],
    }


def render_explorer(content: Mapping[str, Any], *, title: str, tracer: str = "", banner: str = "") -> str:
    """Return the page, which needs no other file and no network and runs no script but its own."""
    script, css = _script(), _text("explorer.css")
    environment = Environment(
        loader=PackageLoader("biomarker.study", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["nuclides"] = _nuclides
    return environment.get_template("explorer.html.j2").render(
        title=text_of(title),
        tracer=text_of(tracer),
        banner=text_of(banner),
        css=Markup(css),
        css_hash=_hash(css),
        script=Markup(script),
        script_hash=_hash(script),
        data=Markup(_json(content)),
        level=content["level"],
    )


def _patient_numbers(views: Sequence[View], seed: int, *, show_ids: bool) -> tuple[dict[str, int], list[str] | int]:
    """Return a number from 1 on for each patient, in random order, and their ids where these are to be shown."""
    owners = sorted({str(owner) for view in views for owner in view.owners})
    order = np.random.default_rng([seed, _SEED_WORD]).permutation(len(owners))
    numbers = {owner: int(number) + 1 for owner, number in zip(owners, order, strict=True)}
    if not show_ids:
        return numbers, len(owners)
    return numbers, [text_of(owner) for owner, _ in sorted(numbers.items(), key=lambda pair: pair[1])]


def _view(view: View, numbers: Mapping[str, int], settings: ExplorerSettings, style: Style) -> dict[str, Any]:
    found = view.performance
    by, classes = _class_texts(view, settings)
    known = [_place_of(view, cutoff) for cutoff in view.prespecified]
    chosen = [_place_of(view, cutoff) for cutoff in view.chosen]
    rows = view.sample.population
    return {
        "marker": text_of(view.marker),
        "time": text_of(view.time),
        "unit": text_of(view.unit),
        "axis": text_of(view.axis),
        "measure": view.measure,
        "word": view.row_word,
        "nested": view.sample.is_nested,
        "k": view.sample.n_patients,
        "left_out": [_left_out(exclusion) for exclusion in rows.exclusions],
        "by": by,
        "classes": classes,
        "v": view.measured.tolist(),
        "y": _bits(view.truth),
        "p": [numbers[str(owner)] for owner in view.owners],
        "cutoffs": list(view.cutoffs),
        "start": (known or chosen or [_best(view)])[0],
        "prespecified": known,
        "chosen": chosen,
        "values": found.distinct.tolist(),
        "cells": [cell.tolist() for cell in found.cells],
        "shares": {name: _tenths(found.measures[name], style) for name in _SHOWN},
        "naive": {name: _bits(found.naive[name]) for name in _SHOWN if found.naive[name].any()},
        "ratios": {
            name: [_exact(part) for part in found.measures[name][:3]] for name in ("lr_positive", "lr_negative")
        },
        "auc": style.with_interval(view.auc.value, view.auc.low, view.auc.high, 3),
        "grey": None if view.zones is None else _grey(view, style),
        "split": None if view.split is None else _split(view.split, view.axis, style),
    }


def _left_out(exclusion: Exclusion) -> str:
    column = exclusion.column
    reason = exclusion.reason.replace(column, lower_label(column)) if column else exclusion.reason
    return text_of(f"{exclusion.n} {reason}")


def _class_texts(view: View, settings: ExplorerSettings) -> tuple[str, list[str]]:
    """Return what tells the classes apart, and what they are called: "Lesion status: responding" and "not"."""
    of_patients = view.row_word == "patient" and settings.patient_reference_standard is not None
    column = settings.patient_reference_standard if of_patients else settings.reference_standard
    positive = settings.patient_positive if of_patients else settings.positive
    if positive is None:
        held, other = "yes", "no"
    else:
        held = ", ".join(map(str, positive)) if isinstance(positive, list | tuple) else str(positive)
        other = f"not {held}" if not isinstance(positive, list | tuple) or len(positive) == 1 else "other"
    label = column_label(str(column))
    return text_of(lower_label(str(column))), [text_of(f"{label}: {held}"), text_of(f"{label}: {other}")]


def _place_of(view: View, cutoff: float) -> int:
    return [float(text) for text in view.cutoffs].index(cutoff)


def _best(view: View) -> int:
    """Return the first cutoff on the slider with the largest sum of sensitivity and specificity."""
    places = view.performance.place([float(text) for text in view.cutoffs])
    return int(np.flatnonzero(places == view.performance.best_youden())[0])


def _tenths(measure: Measure, style: Style) -> list[list[int | None]]:
    """Return value and limits in tenths of a percent, rounded as the tables round them."""
    plain = Style(name=style.name)
    return [[_digits(plain.percent(float(part))) for part in np.atleast_1d(array)] for array in measure[:3]]


def _digits(printed: str) -> int | None:
    return None if printed == "NE" else int(printed.replace(".", ""))


def _exact(array: ArrayLike) -> list[float | str | None]:
    """Return floats as they are; what JSON cannot hold as null and as text."""
    return [
        None if np.isnan(value) else ("inf" if np.isinf(value) else float(value)) for value in np.asarray(array, float)
    ]


def _grey(view: View, style: Style) -> dict[str, Any]:
    zones = view.zones
    if zones is None:
        return {}
    return {
        "low": [style.significant(value) for value in zones.low],
        "high": [style.significant(value) for value in zones.high],
        "limits": [[float(f"{value:.5g}") for value in limit] for limit in (zones.low, zones.high)],  # to be drawn
        "inside": zones.inside.tolist(),
        "share": _tenths(zones.share, style),
        "change": [_digits(Style(name="").percent(value)) for value in zones.change],
        "source": text_of(view.error_source),
    }


def _split(split: Split, axis: str, style: Style) -> dict[str, Any]:
    found = split.numbers
    order = np.argsort(split.duration, kind="stable")
    return {
        "label": text_of(split.label[:1].upper() + split.label[1:] if split.label else axis),
        "v": split.measured[order].tolist(),
        "t": split.duration[order].tolist(),
        "e": _bits(split.event[order]),
        "values": found.distinct.tolist(),
        "medians": [[_median(limits, style) for limits in side] for side in found.medians],
        "p": [style.p_phrase(p) if not np.isnan(p) else "" for p in found.p_values],
        "ticks": split.ticks.tolist(),
    }


def _median(limits: NDArray[np.float64], style: Style) -> str:
    """Return "9.3 (6.1 to 14.0)", with limits that were not reached as "NR"."""
    value, low, high = (style.number(part, 1) if not np.isnan(part) else "NR" for part in limits)
    mark = style.range_mark if style.range_mark != "to" else " to "
    return f"{value} ({low}{mark}{high})"


def text_of(text: str) -> str:
    """Return a text of the data on one line; where signs run right to left, set apart from what stands round it."""
    line = on_one_line(text)
    return f"\u2068{line}\u2069" if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in line) else line


def _bits(flags: Iterable[Any]) -> str:
    return "".join("1" if flag else "0" for flag in flags)


def _json(content: Mapping[str, Any]) -> str:
    """Return JSON that can stand within a script element: no sign in it can end that."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _nuclides(text: str) -> Markup:
    pieces = raised_mass_numbers(text)
    return Markup("").join(Markup("<sup>{}</sup>").format(piece) if up else escape(piece) for piece, up in pieces)


@cache
def _text(name: str) -> str:
    return (files("biomarker.study") / "templates" / name).read_text(encoding="utf-8").strip()


@cache
def _script() -> str:
    return "\n".join(["'use strict';", *(_text(name) for name in _SCRIPTS)])


def _hash(text: str) -> str:
    """Return the hash by which the page's policy allows a script or a style and no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
