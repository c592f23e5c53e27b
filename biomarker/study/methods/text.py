"""The methods section of a paper, written from what was run, with its references numbered as they are cited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from biomarker.analyses.result import Method, Population, Result
from biomarker.references import Reference
from biomarker.tables.render.markdown import inline_text, paragraph_text
from biomarker.tables.style import listed
from biomarker.vocabulary import kind_label

Analysis = tuple[str, str, Result]  # name, kind, result
_MANY_ANALYSES, _MANY_TESTS = 5, 10
_SHOWN_FIRST = ("biomarker", "python")
_PROPER_NAMES = {"python": "Python", "numpy": "NumPy", "scipy": "SciPy", "matplotlib": "Matplotlib"}


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph: its text, the references cited at the end of it, and what is said after them."""

    text: str
    heading: str = ""  # where a new subject begins
    citations: tuple[int, ...] = ()
    rest: str = ""

    @property
    def before(self) -> str:
        """What stands before the citations: the text without its last full stop."""
        return self.text.rstrip().removesuffix(".")

    @property
    def after(self) -> str:
        """What stands after them."""
        return f". {self.rest}" if self.rest else "."


@dataclass(frozen=True, kw_only=True)
class MethodsText:
    """Paragraphs, and the references they cite in order of first citation.

    Attributes
    ----------
    paragraphs : tuple of Paragraph
    references : tuple of Reference
    settings : tuple of Paragraph
        Every setting of every analysis: for a supplement, and for whoever makes the numbers again. They stand in
        ``methods.md`` after the references.
    """

    paragraphs: tuple[Paragraph, ...] = ()
    references: tuple[Reference, ...] = ()
    settings: tuple[Paragraph, ...] = ()

    def to_markdown(self) -> str:
        """Return the whole as Markdown: the text of ``methods.md``."""
        lines = ["# Statistical methods", *_markdown(self.paragraphs)]
        if self.references:
            lines.append("## References")
            lines.append("\n".join(f"{n}. {inline_text(str(one))}" for n, one in enumerate(self.references, start=1)))
        return "\n\n".join([*lines, *_markdown(self.settings)]) + "\n"


def _markdown(paragraphs: Iterable[Paragraph]) -> Iterator[str]:
    for paragraph in paragraphs:
        if paragraph.heading:
            yield f"## {inline_text(paragraph.heading)}"
        cited = f" [{', '.join(map(str, paragraph.citations))}]" if paragraph.citations else ""
        yield f"{paragraph_text(paragraph.before)}{cited}{inline_text(paragraph.after)}"


def methods_text(
    analyses: Sequence[Analysis],
    *,
    seed: int | None = None,
    versions: Mapping[str, str] | None = None,
    before: Sequence[Paragraph] = (),
    settings: Sequence[Paragraph] = (),
) -> MethodsText:
    """Describe how a study's numbers were made, as the methods section of a paper does.

    Parameters
    ----------
    analyses : sequence of (str, str, Result)
        Name, kind and result, in the order of the report. Analyses of one kind that were made in the same way share
        a paragraph, which names them.
    seed : int, optional
        The study's seed; without it, the seed of each result is printed.
    versions : mapping of str to str
        Software by name, this package as ``"biomarker"``.
    before : sequence of Paragraph
        What comes first: how the data were made ready.
    settings : sequence of Paragraph
        Every setting, for the supplement.

    Returns
    -------
    MethodsText
    """
    usual = _usual_level([result.method for _, _, result in analyses])
    references: dict[Reference, int] = {}
    paragraphs, kind_before = [], ""
    for members in _by_method(analyses):
        kind, method = kind_label(members[0][1]), members[0][2].method
        for reference in method.references:
            references.setdefault(reference, len(references) + 1)
        names = [name for name, _, _ in members] if len(analyses) > 1 else []
        paragraphs.append(
            Paragraph(
                heading="" if kind == kind_before else kind,
                text=_sentence(method.description or f"{kind}: {method.name}"),
                rest=_particulars(method, names, usual, with_seed=seed is None),
                citations=tuple(sorted(references[reference] for reference in method.references)),
            )
        )
        kind_before = kind
    closing = [
        ("Intervals and multiplicity", f"{_level_sentence(analyses, usual)} {_multiplicity(analyses)}".strip()),
        ("Missing data", _missing_sentence(analyses)),
        ("Software", _software_sentence(versions or {}, seed, analyses)),
    ]
    paragraphs += [Paragraph(heading=heading, text=text) for heading, text in closing if text]
    return MethodsText(paragraphs=(*before, *paragraphs), references=tuple(references), settings=tuple(settings))


def _by_method(analyses: Sequence[Analysis]) -> list[list[Analysis]]:
    """Return the analyses by kind and method, kinds in order of first use; seeds differ and do not count."""
    kinds = list(dict.fromkeys(kind_label(kind) for _, kind, _ in analyses))
    groups: dict[tuple[object, ...], list[Analysis]] = {}
    for analysis in sorted(analyses, key=lambda analysis: kinds.index(kind_label(analysis[1]))):
        method = analysis[2].method
        told = method.description or method.name
        key = (kind_label(analysis[1]), told, method.confidence_level, method.n_resamples, method.references)
        groups.setdefault(key, []).append(analysis)
    return list(groups.values())


def _particulars(method: Method, names: list[str], usual: float, *, with_seed: bool) -> str:
    parts = []
    if method.confidence_level != usual:
        parts.append(f"Confidence intervals were at the {_percent(method.confidence_level)} level.")
    if method.n_resamples and not _mentions(method.description, method.n_resamples):
        parts.append(f"The number of resamples was {method.n_resamples:,}.")
    if with_seed and method.seed is not None:
        parts.append(f"The random seed was {method.seed}.")
    if names:
        parts.append(f"{'Analysis' if len(names) == 1 else 'Analyses'} done in this way: {_quoted(names)}.")
    return " ".join(parts)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _mentions(text: str, count: int) -> bool:
    return str(count) in text.replace(",", "").replace("\u2009", "").replace("\u00a0", "")


def _percent(level: float) -> str:
    return f"{100 * level:g}%"


def _usual_level(methods: Iterable[Method]) -> float:
    levels = [method.confidence_level for method in methods]
    return max(levels, key=levels.count, default=0.95)


def _level_sentence(analyses: Sequence[Analysis], usual: float) -> str:
    if not analyses:
        return ""
    all_usual = all(result.method.confidence_level == usual for _, _, result in analyses)
    return f"Confidence intervals are at the {_percent(usual)} level{'' if all_usual else ' unless stated otherwise'}."


def _multiplicity(analyses: Sequence[Analysis]) -> str:
    tests = sum(not isnan(line.p_value) for _, _, result in analyses for line in result.estimates)
    if tests < 2 and len(analyses) < _MANY_ANALYSES:
        return ""
    adjusted = [name for name, kind, _ in analyses if kind == "adjust_p_values"]
    if adjusted:
        return f"Multiplicity was adjusted for in {_quoted(adjusted)}; all other p-values are unadjusted."
    reported = (
        f"{_counted(len(analyses), 'analysis', 'analyses')} with {_counted(tests, 'p-value', 'p-values')} were run"
    )
    caution = f"{reported} and not adjusted for multiplicity; findings that were not prespecified are exploratory."
    chance = f" Among {tests} true null hypotheses, about {0.05 * tests:.0f} would give p < 0.05 by chance."
    return caution + (chance if tests >= _MANY_TESTS else "")


def _missing_sentence(analyses: Sequence[Analysis]) -> str:
    """Tell how missing values were handled, and of every analysis how many rows it left out and why."""
    if not analyses:
        return ""
    incomplete = [(name, result.population) for name, _, result in analyses if result.exclusions]
    if not incomplete:
        return "No row was excluded from any analysis."
    alike: dict[str, list[str]] = {}
    for name, population in incomplete:
        alike.setdefault(_excluded(population), []).append(name)
    told = [f"{text} in {_quoted(names)}" for text, names in alike.items()]
    rule = "Each analysis used the rows that held every value it needs (complete cases); nothing was imputed."
    return f"{rule} Excluded were {'; '.join(told)}."


def _excluded(population: Population) -> str:
    """Return how many rows were left out of how many, and why."""
    left_out = f"{_left_out(population):,} of {_counted(population.rows_in, population.unit)}"
    if len(population.exclusions) == 1:
        return f"{left_out} {population.exclusions[0].printed_reason}"
    reasons = [f"{exclusion.n:,} {exclusion.printed_reason}" for exclusion in population.exclusions]
    return f"{left_out}, {', '.join(reasons)},"


def _left_out(population: Population) -> int:
    return population.rows_in - population.rows_used


def _software_sentence(versions: Mapping[str, str], seed: int | None, analyses: Sequence[Analysis]) -> str:
    if not versions:
        return ""
    first = [name for name in _SHOWN_FIRST if name in versions]
    ordered = [*first, *(name for name in versions if name not in first)]
    named = [f"{_PROPER_NAMES.get(name, name)} {versions[name]}" for name in ordered]
    text = f"Analyses were done with {named[0]}{_on(named[1:])}."
    if seed is not None and any(result.method.seed is not None for _, _, result in analyses):
        text += f" Random numbers came from NumPy's PCG64 generator, seeded with {seed} and the name of each analysis."
    return text


def _quoted(names: list[str]) -> str:
    return listed([f"“{name}”" for name in names])


def _on(others: list[str]) -> str:
    return f" on {listed(others)}" if others else ""


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
