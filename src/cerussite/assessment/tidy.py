"""Blocks of one index in many samples, joined to one tidy table of millions of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cerussite.core.types import BoolArray, FloatArray, IntArray

#: Columns of every tidy table of an assessment, in this order.
COLUMNS = (
    "sample_id",
    "index",
    "element",
    "value",
    "lower",
    "upper",
    "class",
    "background",
    "standard",
    "withheld",
    "reason",
)


@dataclass(frozen=True, eq=False)
class Block:
    """
    One index of one element, or of one set, in all samples.

    Attributes
    ----------
    index, element : str
        What; a set of elements is named by its symbols, with spaces between.
    value, lower, upper : ndarray of shape (n_samples,)
        Value and interval; NaN where there is none.
    positions : ndarray of int, shape (n_samples,)
        Class of each sample as position in ``labels``; -1 for none.
    labels : tuple of str
        Labels of the classes.
    background, standard : str
        What it was held against; empty where it was not.
    withheld : ndarray of bool, shape (n_samples,)
        True where no verdict is given.
    reason : str
        Why, where it is withheld.
    more : dict of str to ndarray of shape (n_samples,)
        Further columns of numbers, the same in every block of a table.
    words : dict of str to str
        Further columns of text that is one for the whole block.
    """

    index: str
    element: str
    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    positions: IntArray
    labels: tuple[str, ...]
    background: str
    standard: str
    withheld: BoolArray
    reason: str
    more: dict[str, FloatArray] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def tidy_table(blocks: Sequence[Block], sample_ids: Sequence[str]) -> pd.DataFrame:
    """
    Join blocks to one table.

    Parameters
    ----------
    blocks : sequence of Block
        In the order wanted.
    sample_ids : sequence of str
        Names of the samples.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`, then those of ``more`` and ``words``; one row a block and
        sample. Text is categorical, for the sake of memory.
    """
    columns: dict[str, object] = {
        "sample_id": _samples(sample_ids, len(blocks)),
        **{name: _attribute(blocks, name) for name in ("index", "element")},
        **{name: _joined(blocks, name) for name in ("value", "lower", "upper")},
        "class": _classes(blocks),
        **{name: _attribute(blocks, name) for name in ("background", "standard")},
        "withheld": _joined(blocks, "withheld"),
        "reason": _reasons(blocks),
    }
    for name in blocks[0].more if blocks else ():
        columns[name] = np.concatenate([block.more[name] for block in blocks])
    for name in blocks[0].words if blocks else ():
        columns[name] = _text(blocks, [block.words[name] for block in blocks])
    return pd.DataFrame(columns, copy=False)


def categorical(codes: IntArray, known: Sequence[str]) -> pd.Categorical:
    """
    Text of few different values as codes.

    Parameters
    ----------
    codes : ndarray of int, shape (n_rows,)
        Positions in ``known``; -1 for missing.
    known : sequence of str
        The different values.

    Returns
    -------
    Categorical
        Of n_rows.
    """
    categories = pd.Index(list(known), dtype=object)
    return pd.Categorical.from_codes(codes, categories=categories)


def _samples(sample_ids: Sequence[str], n_blocks: int) -> pd.Categorical:
    codes = np.tile(np.arange(len(sample_ids), dtype=np.int32), n_blocks)
    return categorical(codes, sample_ids)


def _joined(blocks: Sequence[Block], name: str) -> np.ndarray:
    parts = [getattr(block, name) for block in blocks]
    return np.concatenate(parts) if parts else np.empty(0)


def _attribute(blocks: Sequence[Block], name: str) -> pd.Categorical:
    return _text(blocks, [getattr(block, name) for block in blocks])


def _text(blocks: Sequence[Block], words: Sequence[str]) -> pd.Categorical:
    known = list(dict.fromkeys(words))
    codes = np.array([known.index(word) for word in words], dtype=np.int16)
    sizes = [block.value.size for block in blocks]
    return categorical(np.repeat(codes, sizes), known)


def _classes(blocks: Sequence[Block]) -> pd.Categorical:
    known = list(dict.fromkeys(label for block in blocks for label in block.labels))
    numbers = {label: number for number, label in enumerate(known)}
    parts = [
        np.array([*(numbers[label] for label in block.labels), -1], dtype=np.int16)[
            block.positions
        ]
        for block in blocks
    ]
    codes = np.concatenate(parts) if parts else np.empty(0, dtype=np.int16)
    return categorical(codes, known)


def _reasons(blocks: Sequence[Block]) -> pd.Categorical:
    known = list(dict.fromkeys(["", *(block.reason for block in blocks)]))
    parts = [
        np.where(block.withheld, known.index(block.reason), 0).astype(np.int16)
        for block in blocks
    ]
    codes = np.concatenate(parts) if parts else np.empty(0, dtype=np.int16)
    return categorical(codes, known)
