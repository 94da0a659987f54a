"""From the recipe of an index to its rows, classes and probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cerussite.assessment.classes import Classes
from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.scoring import Index, Scores, score
from cerussite.assessment.tidy import Block, categorical
from cerussite.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class Recipe:
    """
    How to compute and label one index.

    Attributes
    ----------
    index : str
        Name of the index.
    compute : callable
        Gives one column an element, or one number a sample.
    elements : tuple of str
        Label of each column: an element, or a set.
    classes : Classes
        Classes of the values.
    background, standard : str
        What it is held against; empty where it is not.
    reasons : tuple of str
        Why the verdict on a column is withheld; empty text or nothing where not.
    """

    index: str
    compute: Index
    elements: tuple[str, ...]
    classes: Classes
    background: str = ""
    standard: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Entry:
    """
    Rows of one index of one element or set.

    Attributes
    ----------
    block : Block
        Values and classes.
    classes : Classes
        Classes as applied.
    probabilities : ndarray of shape (n_bounds, n_samples)
        P(index > bound); no rows without draws.
    """

    block: Block
    classes: Classes
    probabilities: FloatArray


def entries_of(
    recipe: Recipe,
    concentrations: Concentrations,
    *,
    level: float,
    n_draws: int | None = None,
) -> list[Entry]:
    """
    Compute an index and label it.

    Parameters
    ----------
    recipe : Recipe
        What to compute.
    concentrations : Concentrations
        Of what.
    level : float
        Probability inside the interval.
    n_draws : int, optional
        Draws that the index itself brings along, as of exposure factors.

    Returns
    -------
    list of Entry
        One a column of the index.
    """
    scores = score(
        concentrations,
        recipe.compute,
        bounds=recipe.classes.bounds,
        level=level,
        n_draws=n_draws,
    )
    reasons = recipe.reasons or ("",) * len(recipe.elements)
    return [
        _entry(recipe, scores, column, reason) for column, reason in enumerate(reasons)
    ]


def _entry(recipe: Recipe, scores: Scores, column: int, reason: str) -> Entry:
    value, element = scores.value[:, column], recipe.elements[column]
    withheld = np.isnan(value) | bool(reason)
    positions = recipe.classes.positions(value)
    positions[withheld] = -1
    probabilities = scores.probabilities[..., column]
    block = Block(
        recipe.index,
        element,
        value,
        scores.lower[:, column],
        scores.upper[:, column],
        positions,
        recipe.classes.labels,
        recipe.background,
        recipe.standard,
        withheld,
        reason or missing_reason(element),
    )
    return Entry(block, recipe.classes, probabilities[:0] if reason else probabilities)


def missing_reason(element: str) -> str:
    """
    Why an index of an element or set is not there.

    Parameters
    ----------
    element : str
        An element, or a set with spaces between.

    Returns
    -------
    str
        Words for the column ``reason``.
    """
    if " " in element:
        return "not every element of the set was measured"
    return f"{element} was not measured"


def probability_table(
    entries: Sequence[Entry], sample_ids: Sequence[str]
) -> pd.DataFrame:
    """
    P(index > bound) as a tidy table.

    Parameters
    ----------
    entries : sequence of Entry
        With probabilities or without.
    sample_ids : sequence of str
        Names of the samples.

    Returns
    -------
    DataFrame
        Columns ``sample_id``, ``index``, ``element``, ``standard``, further words
        of the blocks, ``bound`` and ``probability``; no rows without draws.
    """
    rows = [
        (entry.block, bound, shares)
        for entry in entries
        for bound, shares in zip(
            entry.classes.bounds, entry.probabilities, strict=False
        )
    ]
    n_samples, n_rows = len(sample_ids), len(rows)
    codes = np.tile(np.arange(n_samples, dtype=np.int32), n_rows)
    table: dict[str, object] = {"sample_id": categorical(codes, sample_ids)}
    first = rows[0][0].words if rows else {}
    columns = {
        **{
            name: [getattr(block, name) for block, _, _ in rows]
            for name in ("index", "element", "standard")
        },
        **{name: [block.words[name] for block, _, _ in rows] for name in first},
    }
    for name, words in columns.items():
        known = list(dict.fromkeys(words))
        at = np.array([known.index(word) for word in words], dtype=np.int16)
        table[name] = categorical(np.repeat(at, n_samples), known)
    table["bound"] = np.repeat(np.array([row[1] for row in rows], float), n_samples)
    shares = [row[2] for row in rows]
    table["probability"] = np.concatenate(shares) if shares else np.empty(0)
    return pd.DataFrame(table, copy=False)


def class_table(entries: Sequence[Entry]) -> pd.DataFrame:
    """
    Classes as applied, rescaled bounds included.

    Parameters
    ----------
    entries : sequence of Entry
        Those of single elements that share an index share their classes.

    Returns
    -------
    DataFrame
        Columns ``index``, ``element`` (the set, or ``"each"``), ``label``,
        ``lower``, ``upper``, ``closed`` and ``source``.
    """
    rows: dict[tuple[str, str], Classes] = {}
    for entry in entries:
        is_set = " " in entry.block.element
        where = entry.block.element if is_set else "each"
        rows.setdefault((entry.block.index, where), entry.classes)
    tables = [
        pd.DataFrame(
            {
                "index": index,
                "element": element,
                "label": classes.labels,
                "lower": [-np.inf, *classes.bounds],
                "upper": [*classes.bounds, np.inf],
                "closed": classes.closed,
                "source": classes.source,
            }
        )
        for (index, element), classes in rows.items()
    ]
    return pd.concat(tables, ignore_index=True)
