"""From a table of covariates to numbers, learnt on calibration rows alone."""

import warnings
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.stats import skew
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.models.tabular.table import check_table, is_text

#: Level that holds what was too rare to learn from.
OTHER = "other"
#: Quantile of the sizes of numbers below which the logarithm becomes a line.
_BEND = 0.05


class TableEncoder(TransformerMixin, BaseEstimator):
    r"""
    Numbers from a table: gaps filled, levels spread, scales made alike.

    Gaps in numbers become the median of the column. Each level of a text column
    becomes a column of zeros and ones; rare levels share the column ``other``,
    and so do levels that turn up only later; where no level was rare, all columns
    are zero for those. A gap in text is no level: all its columns are zero.

    Parameters
    ----------
    logs : {"auto", "none"}
        ``"auto"`` bends numbers that are nearer to symmetric then by
        :math:`\operatorname{asinh}(x / s)`, a logarithm of values above
        :math:`s` and a line below, with :math:`s` the fifth percentile of the
        sizes of values other than zero.
    is_scaled : bool
        Bring every column to mean zero and variance one.
    is_filled : bool
        Fill gaps; otherwise NaN stays, for methods that know what to do with it.
    one_hot : bool
        One column a level; otherwise one column of level numbers, NaN for gaps
        and for levels not learnt.
    has_indicators : bool
        Add a column of zeros and ones for each column of numbers with gaps.
        Where gaps tell one campaign from another, these columns learn the
        campaign.
    min_level_rows : int
        Levels of fewer rows are rare.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen in :meth:`fit`.
    names_ : list of str
        Encoded columns.
    sources_ : ndarray of shape (n_encoded,)
        Position of the column of the table behind each encoded one.
    levels_, rare_ : dict of int to list of str
        Levels learnt of each text column, and those too rare, by its position.
    notes_ : list of str
        What was decided: logarithms, gaps, rare levels, columns without values.

    Examples
    --------
    >>> table = pd.DataFrame({"depth": [1.0, 3.0, None, 2.0, 4.0]})
    >>> table["use"] = ["field", "field", "wood", "wood", "moor"]
    >>> encoder = TableEncoder(is_scaled=False, min_level_rows=2).fit(table)
    >>> encoder.names_
    ['depth', 'use=field', 'use=wood', 'use=other']
    >>> encoder.transform(table)[[2, 4]]
    array([[2.5, 0. , 1. , 0. ],
           [4. , 0. , 0. , 1. ]])
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        logs: str = "auto",
        is_scaled: bool = True,
        is_filled: bool = True,
        one_hot: bool = True,
        has_indicators: bool = False,
        min_level_rows: int = 5,
    ) -> None:
        self.logs = logs
        self.is_scaled = is_scaled
        self.is_filled = is_filled
        self.one_hot = one_hot
        self.has_indicators = has_indicators
        self.min_level_rows = min_level_rows

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn
        """
        Learn medians, levels and scales.

        Parameters
        ----------
        X : DataFrame or array_like of shape (n_samples, n_features)
            Calibration rows.
        y : object
            Ignored; scikit-learn passes it.

        Returns
        -------
        Self
            The fitted encoder.

        Raises
        ------
        InvalidStudyError
            If an option is unknown, or the table cannot be read.
        """
        if self.logs not in {"auto", "none"}:
            msg = f"logs {self.logs!r}; expected one of auto, none"
            raise InvalidStudyError(msg)
        table = check_table(self, X, reset=True)
        n_columns = table.shape[1]
        self.notes_: list[str] = []
        self.levels_: dict[int, list[str]] = {}
        self.rare_: dict[int, list[str]] = {}
        self.bends_ = np.full(n_columns, np.nan)
        self.medians_ = np.zeros(n_columns)
        self.has_gaps_ = np.zeros(n_columns, dtype=bool)
        for k, name in enumerate(table.columns):
            column = table.iloc[:, k]
            learn = self._learn_levels if is_text(column) else self._learn_numbers
            learn(k, str(name), column)
        parts = self._parts([str(name) for name in table.columns])
        self.names_ = [name for name, _ in parts]
        self.sources_ = np.array([source for _, source in parts], dtype=np.intp)
        self._learn_scale(self._encode(table))
        return self

    def transform(self, X: Any) -> FloatArray:
        """
        Encode rows; a warning names levels that were not learnt.

        Parameters
        ----------
        X : DataFrame or array_like of shape (n_samples, n_features)
            The columns given to :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_encoded)
            Finite where ``is_filled``.
        """
        check_is_fitted(self)
        table = check_table(self, X, reset=False)
        for name, levels in self.unseen_levels(X).items():
            shown = ", ".join(map(repr, levels[:5]))
            warnings.warn(
                f"column {name!r}: {len(levels)} levels that the calibration has not "
                f"seen ({shown}); they are treated like rare ones",
                stacklevel=2,
            )
        return (self._encode(table) - self.centre_) / self.scale_

    def unseen_levels(self, X: Any) -> dict[str, list[str]]:
        """
        Levels that were not there in :meth:`fit`, not even as rare ones.

        Parameters
        ----------
        X : DataFrame or array_like of shape (n_samples, n_features)
            The columns given to :meth:`fit`.

        Returns
        -------
        dict of str to list of str
            Sorted levels by name of column; columns without any are left out.
        """
        check_is_fitted(self)
        table = check_table(self, X, reset=False)
        found = {}
        for k, levels in self.levels_.items():
            column = _text_of(table, k)
            new = set(column[column.notna()]) - {*levels, *self.rare_[k]}
            if new:
                found[str(table.columns[k])] = sorted(new)
        return found

    def _learn_numbers(self, k: int, name: str, column: pd.Series) -> None:
        values = column.to_numpy()
        known = values[~np.isnan(values)]
        n_gaps = values.size - known.size
        self.has_gaps_[k] = n_gaps > 0
        if not known.size:
            self.notes_.append(f"{name}: no value in the calibration rows; not used")
            return
        bend = _bend_of(known) if self.logs == "auto" else np.nan
        if np.isfinite(bend):
            self.bends_[k] = bend
            known = np.arcsinh(known / bend)
            self.notes_.append(f"{name}: logarithms above {bend:.3g}")
        self.medians_[k] = np.median(known)
        if n_gaps and self.is_filled:
            self.notes_.append(f"{name}: {n_gaps} gaps became the median")

    def _learn_levels(self, k: int, name: str, column: pd.Series) -> None:
        counts = column.value_counts()
        is_rare = counts < self.min_level_rows
        self.levels_[k] = sorted(counts.index[~is_rare])
        self.rare_[k] = sorted(counts.index[is_rare])
        if is_rare.any():
            self.notes_.append(
                f"{name}: {int(is_rare.sum())} levels of fewer than "
                f"{self.min_level_rows} rows became {OTHER!r}"
            )

    def _learn_scale(self, encoded: FloatArray) -> None:
        self.centre_ = np.zeros(encoded.shape[1])
        self.scale_ = np.ones(encoded.shape[1])
        for j, column in enumerate(encoded.T if self.is_scaled else ()):
            known = column[~np.isnan(column)]
            if known.size and np.ptp(known) > 0:
                self.centre_[j], self.scale_[j] = known.mean(), known.std()
            elif known.size:
                self.centre_[j] = known[0]

    def _parts(self, names: list[str]) -> list[tuple[str, int]]:
        """Encoded columns and the columns of the table behind them, in order."""
        parts = []
        for k, name in enumerate(names):
            if k in self.levels_ and self.one_hot:
                parts += [(f"{name}={level}", k) for level in self._columns_of(k)]
            else:
                parts.append((name, k))
        if self.has_indicators:
            with_gaps = np.flatnonzero(self.has_gaps_)
            parts += [(f"{names[k]} missing", int(k)) for k in with_gaps]
        return parts

    def _columns_of(self, k: int) -> list[str]:
        return self.levels_[k] + ([OTHER] if self.rare_[k] else [])

    def _encode(self, table: pd.DataFrame) -> FloatArray:
        blocks = []
        for k in range(table.shape[1]):
            if k in self.levels_:
                blocks.append(self._encode_levels(k, _text_of(table, k)))
            else:
                blocks.append(self._encode_numbers(k, table))
        if self.has_indicators:
            gaps = table.isna().to_numpy(dtype=np.float64)
            blocks.append(gaps[:, self.has_gaps_])
        return np.hstack(blocks) if blocks else np.zeros((len(table), 0))

    def _encode_numbers(self, k: int, table: pd.DataFrame) -> FloatArray:
        column = table.iloc[:, k]
        if is_text(column) and column.notna().any():
            msg = (
                f"column {table.columns[k]!r} holds text; expected numbers, as in the "
                "calibration; convert it first"
            )
            raise InvalidStudyError(msg)
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isfinite(self.bends_[k]):
            values = np.arcsinh(values / self.bends_[k])
        if self.is_filled:
            values = np.where(np.isnan(values), self.medians_[k], values)
        return values[:, np.newaxis]

    def _encode_levels(self, k: int, column: pd.Series) -> FloatArray:
        columns = self._columns_of(k)
        at = {level: j for j, level in enumerate(self.levels_[k])}
        # NaN where unknown; what is known but not learnt goes to the last column.
        last = len(columns) - 1 if self.rare_[k] else np.nan
        number = np.array(
            [np.nan if pd.isna(level) else at.get(level, last) for level in column],
            dtype=np.float64,
        )
        if not self.one_hot:
            return number[:, np.newaxis]
        return (number[:, np.newaxis] == np.arange(len(columns))).astype(float)


def _text_of(table: pd.DataFrame, k: int) -> pd.Series:
    """Text column of a checked table; one that is all gaps may look like numbers."""
    column = table.iloc[:, k]
    if is_text(column) or column.isna().all():
        return column
    msg = (
        f"column {table.columns[k]!r} holds numbers; expected text, as in the "
        "calibration; convert it first"
    )
    raise InvalidStudyError(msg)


def _bend_of(values: FloatArray) -> float:
    """Value where the logarithm becomes a line, or NaN where none is needed."""
    sizes = np.abs(values[values != 0])
    # Truth values, counts of few and constants have no shape to speak of.
    if np.unique(values).size < 10:
        return np.nan
    bend = float(np.quantile(sizes, _BEND))
    bent = np.arcsinh(values / bend)
    return bend if abs(skew(bent)) < abs(skew(values)) - 0.5 else np.nan
