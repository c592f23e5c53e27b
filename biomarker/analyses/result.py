"""What every analysis returns: lines of estimates, the method that made them, the population they hold for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isnan, nan
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from biomarker.errors import DesignError, nearest
from biomarker.references import Reference
from biomarker.vocabulary import lower_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from biomarker.tables import Style, Table

_Frozen = TypeVar("_Frozen")

COLUMNS = (
    "quantity", "of", "value", "low", "high", "statistic", "df", "p_value", "n", "n_patients", "unit",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One line of a result, unrounded; NaN where undefined, never 0.

    Attributes
    ----------
    quantity : str
        What it is, in the words of the house: ``"ppv"``, ``"auc"``.
    value, low, high : float
        The estimate and the limits of its interval, in `unit`.
    statistic, df, p_value : float
        Of the test that goes with it; `df` is a pair for an F test.
    n, n_patients : int, optional
        Rows and patients behind the value: the denominator, for a proportion.
    unit : str
        ``"fraction"``, ``"g/mL"``, ``"months"``...; empty for a pure number.
    of : mapping
        What tells this line from its siblings: group, term, time, cutoff, marker, reader.
    """

    quantity: str
    value: float
    low: float = nan
    high: float = nan
    statistic: float = nan
    df: float | tuple[float, float] = nan
    p_value: float = nan
    n: int | None = None
    n_patients: int | None = None
    unit: str = ""
    of: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("value", "low", "high", "statistic", "p_value"):
            object.__setattr__(self, name, float(getattr(self, name)))
        df = self.df
        object.__setattr__(self, "df", (float(df[0]), float(df[1])) if isinstance(df, tuple) else float(df))
        for name in ("n", "n_patients"):
            count = getattr(self, name)
            object.__setattr__(self, name, None if count is None else int(count))
        object.__setattr__(self, "of", MappingProxyType({key: _plain(value) for key, value in self.of.items()}))

    @property
    def numerator(self) -> int:
        """The count above `n`, for a proportion."""
        if self.unit != "fraction" or self.n is None:
            raise ValueError(f"{self.quantity} is no proportion with a denominator")
        return 0 if isnan(self.value) else round(self.value * self.n)

    def __reduce__(self) -> tuple[Any, ...]:  # a mapping proxy does not pickle, and workers send results back
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return (_rebuild, (type(self), values | {"of": dict(self.of)}))


@dataclass(frozen=True, kw_only=True)
class Method:
    """How the numbers were made: all that a reader needs to make them again.

    Attributes
    ----------
    name : str
        A phrase that fits into a sentence: "Wilson score intervals".
    confidence_level : float
    settings : mapping
        Every argument that changes a number, by its name.
    references : tuple of Reference
    seed : int or tuple of int, optional
        Of the random numbers, where any were drawn.
    n_resamples : int, optional
    notes : tuple of str
        Whole sentences for the reader: assumptions, warnings, what was left out and why.
    description : str
        Sentences for the methods text; where empty, `name` is used.
    """

    name: str
    confidence_level: float = 0.95
    settings: Mapping[str, Any] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    seed: int | tuple[int, ...] | None = None
    n_resamples: int | None = None
    notes: tuple[str, ...] = ()
    description: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "confidence_level", checked_fraction(self.confidence_level, "confidence_level"))
        object.__setattr__(self, "settings", MappingProxyType({k: _plain(v) for k, v in self.settings.items()}))
        object.__setattr__(self, "references", tuple(dict.fromkeys(self.references)))
        object.__setattr__(self, "notes", tuple(dict.fromkeys(note for note in self.notes if note)))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return (_rebuild, (type(self), values | {"settings": dict(self.settings)}))


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """Rows left out for one reason; `rows` are their labels in the frame that was given."""

    reason: str
    rows: tuple[Any, ...]
    column: str = ""

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.rows)

    @property
    def printed_reason(self) -> str:
        """The reason with the column's printed name in place of its own."""
        if not self.column:
            return self.reason
        whole_word = rf"(?<!\w){re.escape(self.column)}(?!\w)"  # a column called "g" is not the g of "missing"
        return re.sub(whole_word, lambda _: lower_label(self.column), self.reason)


@dataclass(frozen=True, kw_only=True)
class Population:
    """Whom the numbers are about: rows in, rows used, and why each other row was left out."""

    rows_in: int
    rows_used: int
    patients_in: int | None = None
    patients_used: int | None = None
    exclusions: tuple[Exclusion, ...] = ()
    unit: str = "row"  # what a row is, in the singular: lesion, patient, reading

    def __post_init__(self) -> None:
        left_out = sum(exclusion.n for exclusion in self.exclusions)
        if self.rows_used + left_out != self.rows_in:
            raise ValueError(f"{self.rows_in} rows in, but {self.rows_used} used and {left_out} left out")

    def sentence(self) -> str:
        """Return the population as a footnote."""
        patients = f" in {_counted(self.patients_used, 'patient')}" if self._names_patients(self.patients_used) else ""
        used = f"{_counted(self.rows_used, self.unit)}{patients} analysed"
        if not self.exclusions:
            return f"{used}; none excluded."
        before = f" in {_counted(self.patients_in, 'patient')}" if self._names_patients(self.patients_in) else ""
        reasons = ", ".join(f"{exclusion.n} {exclusion.printed_reason}" for exclusion in self.exclusions)
        return f"{used}, of {_counted(self.rows_in, self.unit)}{before}; excluded: {reasons}."

    def _names_patients(self, count: int | None) -> bool:
        return count is not None and self.unit != "patient"


@dataclass(frozen=True, kw_only=True)
class Result:
    """Base of every result: estimates, method, population, and ways to look at them."""

    estimates: tuple[Estimate, ...]
    method: Method
    population: Population

    @property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """Why each row that was given and not used was left out."""
        return self.population.exclusions

    @property
    def warnings(self) -> tuple[str, ...]:
        """The method's notes: what a reader must know before believing the numbers."""
        return self.method.notes

    def estimate(self, quantity: str, **of: object) -> Estimate:
        """Return the one line of that quantity for which every key of `of` matches.

        Raises
        ------
        DesignError
            If no line or more than one matches.

        Examples
        --------
        >>> from biomarker import predictive_values_from_counts
        >>> result = predictive_values_from_counts(tp=25, fp=5, fn=8, tn=8)
        >>> round(result.estimate("ppv").value, 3)
        0.833
        """
        named = [line for line in self.estimates if line.quantity == quantity]
        if not named:
            known = list(dict.fromkeys(line.quantity for line in self.estimates))
            raise DesignError(f"no estimate {quantity!r}{nearest(quantity, known)}; there are {', '.join(known)}")
        found = [line for line in named if all(line.of.get(key) == value for key, value in of.items())]
        if len(found) != 1:
            siblings = "; ".join(str(dict(line.of)) for line in named[:8])
            raise DesignError(f"{len(found)} lines of {quantity!r} match {of}; tell them apart by: {siblings}")
        return found[0]

    def to_frame(self) -> pd.DataFrame:
        """Return the estimates as a frame, unrounded, with the same columns for every analysis.

        Columns: quantity, of (a dict), value, low, high, statistic, df, p_value, n, n_patients, unit.
        """
        import pandas as pd

        rows = [{name: getattr(line, name) for name in COLUMNS} | {"of": dict(line.of)} for line in self.estimates]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        return frame.astype({"n": "Int64", "n_patients": "Int64"})

    def table(self, style: str | Style = "plain") -> Table:
        """Return the publication table, with numbers printed as `style` ("plain", "jnm", "lancet"...) has them."""
        from biomarker.tables import tabulate

        return tabulate(self, style)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        which: str = "",
        style: str | Style = "plain",
        width_mm: float | None = None,
    ) -> Axes:
        """Draw the result on `ax`, or on a new figure the width of a journal column, which a notebook then shows.

        Parameters
        ----------
        ax : Axes, optional
        which : str
            Another figure than the main one, where the result has several; `figures` names them.
        style : str
            How numbers print: "plain", "jnm", "lancet"...
        width_mm : float, optional
            Width of a new figure: 85 for one column, 180 for two.
        """
        from biomarker.figures import plot

        return plot(self, ax, which=which, style=style, width_mm=width_mm, shown_in_notebook=True)

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of the figures of this result besides its main one; each can be asked of `plot` by ``which=``."""
        from biomarker.figures import views

        return tuple(view.name for view in views(self) if view.name)

    def alt_text(self, which: str = "", style: str | Style = "plain") -> str:
        """Say what a figure shows, with its key numbers, for a reader who cannot see it."""
        from biomarker.figures import alt_text

        return alt_text(self, which, style)

    def _repr_html_(self) -> str:
        return str(self.table()._repr_html_())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002 - IPython's
        """Print the table where a terminal or a notebook shows no HTML, not every array that the result holds."""
        return {"text/plain": str(self)}

    def __str__(self) -> str:
        return self.table().to_markdown()


def checked_fraction(value: object, name: str) -> float:
    """Return an argument that is a fraction between 0 and 1, whatever was given for it, or raise a `DesignError`."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number) or not 0 < value < 1:
        raise DesignError(f"{name} is {value!r}; give a fraction such as 0.95")
    return float(value)


def seed_of(rng: int | np.random.Generator) -> int | tuple[int, ...] | None:
    """Return what a reader must pass to get the same random numbers, or None where it cannot be told."""
    if isinstance(rng, np.random.Generator):
        entropy = getattr(rng.bit_generator.seed_seq, "entropy", None)
        return (
            tuple(int(word) for word in entropy) if isinstance(entropy, list | tuple) else cast("int | None", entropy)
        )
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise DesignError(f"rng is {rng!r}; give a whole number of 0 or more, or a numpy Generator")
    return int(rng)


def _plain(value: Any) -> Any:  # noqa: ANN401 - numpy scalars become Python's own, whatever they are
    return value.item() if isinstance(value, np.generic) else value


def _rebuild(kind: type[_Frozen], values: dict[str, Any]) -> _Frozen:
    return kind(**values)


def _counted(count: int | None, unit: str) -> str:
    return f"{count:,} {unit}{'s' * (count != 1)}" if count is not None else ""
