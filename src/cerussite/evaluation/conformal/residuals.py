"""Out-of-fold residuals of a calibration: all that its intervals need."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.core.types import BoolArray, FloatArray, IntArray
from cerussite.evaluation.splits import Labels, encode

#: Version of the layout that :meth:`CalibrationResiduals.to_json` writes.
SCHEMA_VERSION = 1


@dataclass(frozen=True, eq=False)
class CalibrationResiduals:
    """
    Residuals of calibration samples; made by :func:`calibration_residuals`.

    Attributes
    ----------
    scaled : ndarray of shape (n_samples, n_responses)
        Observed minus predicted, of logarithms where ``is_log``, over the
        difficulty; NaN where not measured.
    is_log : ndarray of shape (n_responses,)
        Whether a response is compared on the log scale.
    has_difficulty : bool
        Whether residuals were divided by a difficulty; new samples then need
        one too.
    groups : ndarray of shape (n_samples,) or None
        Number of the site of each sample, where new samples are of new sites.
    classes : ndarray of shape (n_samples,) or None
        Class of each sample as text, where every class has its own limits.
    """

    scaled: FloatArray
    is_log: BoolArray
    has_difficulty: bool = False
    groups: IntArray | None = None
    classes: NDArray[np.str_] | None = None

    def to_json(self) -> dict[str, Any]:
        """
        Residuals as plain values, to be kept with a saved calibration.

        Returns
        -------
        dict
            Strings, numbers, lists and None only; NaN becomes None.
        """
        rows = self.scaled.tolist()
        return {
            "schema_version": SCHEMA_VERSION,
            "scaled": [[None if math.isnan(v) else v for v in row] for row in rows],
            "is_log": self.is_log.tolist(),
            "has_difficulty": self.has_difficulty,
            "groups": None if self.groups is None else self.groups.tolist(),
            "classes": None if self.classes is None else self.classes.tolist(),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """
        Residuals from plain values.

        Parameters
        ----------
        plain : mapping
            As written by :meth:`to_json`.

        Returns
        -------
        CalibrationResiduals
            Equal to those written, bit by bit.

        Raises
        ------
        UnreadableFileError
            If a value is missing, of another kind or number, or the schema is
            of a later release.
        """
        schema = plain.get("schema_version")
        if schema != SCHEMA_VERSION:
            msg = (
                f"residuals of schema version {schema!r}; expected {SCHEMA_VERSION}; "
                "update cerussite or copy the file again"
            )
            raise UnreadableFileError(msg)
        try:
            return cls(
                scaled=_rows(plain["scaled"], len(plain["is_log"])),
                is_log=np.array(plain["is_log"], dtype=np.bool_),
                has_difficulty=bool(plain["has_difficulty"]),
                groups=_labels(plain, "groups", np.intp),
                classes=_labels(plain, "classes", np.str_),
            )
        except (KeyError, TypeError, ValueError) as error:
            msg = (
                f"no table of residuals ({type(error).__name__}: {error}); expected "
                "one written by to_json; copy the file again"
            )
            raise UnreadableFileError(msg) from error


def calibration_residuals(  # noqa: PLR0913 - what is known of each calibration sample
    observed: FloatArray,
    predicted: FloatArray,
    *,
    difficulty: FloatArray | None = None,
    groups: Labels | None = None,
    classes: Labels | None = None,
    log: bool | Sequence[bool] = False,
) -> CalibrationResiduals:
    """
    Residuals by models that had not seen the sample, ready for intervals.

    Predictions of the very rows a model was fitted on are no use here: their
    errors are too small and so are all limits made of them. Difficulties, too,
    must come from models that had not seen the sample.

    Parameters
    ----------
    observed : ndarray of shape (n_samples, n_responses)
        Measured values, one row a specimen; NaN where not measured.
    predicted : ndarray of shape (n_samples, n_responses)
        Out-of-fold predictions in the unit of ``observed``; NaN where a sample
        was never predicted. For new sites, by folds that left out whole sites.
    difficulty : ndarray of shape (n_samples,) or (n_samples, n_responses), optional
        Expected size of the error up to a factor, > 0; intervals widen with it.
    groups : array_like of shape (n_samples,), optional
        Sites; give them where new samples are of sites not among these. A
        known site is better served without.
    classes : array_like of shape (n_samples,), optional
        Classes known before the measurement (matrix, land use, range of the
        prediction); each is covered on its own.
    log : bool or sequence of bool
        Whether to compare logarithms, for all or for each response: errors are
        then factors, and limits stay above zero.

    Returns
    -------
    CalibrationResiduals
        For :func:`prediction_intervals` and the predictive distributions.

    Raises
    ------
    InvalidStudyError
        If shapes or labels do not fit, a difficulty is not above zero, or a
        value has no logarithm.

    Notes
    -----
    Samples below the detection limit have no residual: pass NaN and say so.

    Examples
    --------
    >>> import numpy as np
    >>> observed = np.array([[2.0], [8.0], [np.nan]])
    >>> predicted = np.array([[1.0], [10.0], [5.0]])
    >>> calibration_residuals(observed, predicted).scaled
    array([[ 1.],
           [-2.],
           [nan]])
    """
    observed, predicted = _matrix(observed, "observed"), _matrix(predicted, "predicted")
    if observed.shape != predicted.shape:
        msg = (
            f"observed {observed.shape} and predicted {predicted.shape}; expected one "
            "shape (n_samples, n_responses)"
        )
        raise InvalidStudyError(msg)
    is_log = flags(log, observed.shape[1])
    is_known = ~np.isnan(observed + predicted)
    errors = np.full(observed.shape, np.nan)
    for j in range(observed.shape[1]):
        known = is_known[:, j]
        pair = (
            on_scale(values[known, j], is_log=bool(is_log[j]), response=j, what=what)
            for values, what in ((observed, "observed"), (predicted, "predicted"))
        )
        errors[known, j] = np.subtract(*pair)
    if difficulty is not None:
        errors = errors / checked_difficulty(difficulty, is_known)
    return CalibrationResiduals(
        scaled=errors,
        is_log=is_log,
        has_difficulty=difficulty is not None,
        groups=None if groups is None else numbered(groups, len(errors), what="groups"),
        classes=None if classes is None else class_names(classes, len(errors)),
    )


def on_scale(
    values: FloatArray, *, is_log: bool, response: int, what: str
) -> FloatArray:
    """
    Values on the scale on which residuals are taken.

    Parameters
    ----------
    values : ndarray
        In the unit of the response; NaN passes.
    is_log : bool
        Whether that scale is the natural logarithm.
    response : int
        Position of the response, for the message.
    what : str
        What the values are, for the message.

    Returns
    -------
    ndarray
        The values, or their logarithms.

    Raises
    ------
    InvalidStudyError
        If a value has no logarithm, or is infinite.
    """
    if np.isinf(values).any():
        msg = f"{what} values of response {response} are infinite; expected finite ones"
        raise InvalidStudyError(msg)
    if not is_log:
        return values
    n_bad = int(np.count_nonzero(values <= 0))
    if n_bad:
        msg = (
            f"{n_bad} {what} values of response {response} are <= 0 and have no "
            "logarithm; expected values > 0: fit on logarithms, or compare this "
            "response as it is"
        )
        raise InvalidStudyError(msg)
    return np.log(values)


def checked_difficulty(difficulty: FloatArray, is_known: BoolArray) -> FloatArray:
    """
    Difficulty of each value, refused where it cannot be one.

    Parameters
    ----------
    difficulty : ndarray of shape (n_samples,) or that of ``is_known``
        Expected size of the error up to a factor.
    is_known : ndarray of shape (..., n_samples, n_responses)
        Where one is needed.

    Returns
    -------
    ndarray of the shape of ``is_known``
        One number a value.

    Raises
    ------
    InvalidStudyError
        If shapes do not fit, or a needed difficulty is not above zero.
    """
    values = np.asarray(difficulty, dtype=np.float64)
    if values.shape == is_known.shape[:-1]:
        values = np.broadcast_to(values[..., np.newaxis], is_known.shape)
    if values.shape != is_known.shape:
        msg = (
            f"difficulties of shape {values.shape} for values of shape "
            f"{is_known.shape}; expected one a sample, or one a value"
        )
        raise InvalidStudyError(msg)
    n_bad = int(np.count_nonzero(is_known & ~((values > 0) & np.isfinite(values))))
    if n_bad:
        msg = (
            f"{n_bad} difficulties are not finite numbers > 0; expected the size of "
            "the error up to a factor: add a constant to distances that may be 0"
        )
        raise InvalidStudyError(msg)
    return values


def class_names(classes: Labels, n_samples: int) -> NDArray[np.str_]:
    """
    Classes as text, one a sample.

    Parameters
    ----------
    classes : array_like of shape (n_samples,)
        Labels, none missing.
    n_samples : int
        How many are expected.

    Returns
    -------
    ndarray of shape (n_samples,)
        Text.
    """
    numbered(classes, n_samples, what="classes")
    return np.array([str(label) for label in classes], dtype=np.str_)


def numbered(labels: Labels, n_samples: int, *, what: str) -> IntArray:
    """
    Labels as numbers, one a sample.

    Parameters
    ----------
    labels : array_like of shape (n_samples,)
        Numbers or text, none missing.
    n_samples : int
        How many are expected.
    what : str
        What they label, for the message.

    Returns
    -------
    ndarray of shape (n_samples,)
        Numbers in the order of first occurrence.

    Raises
    ------
    InvalidStudyError
        If there are more or fewer.
    """
    codes = encode(labels, what=what)
    if codes.size != n_samples:
        msg = f"{codes.size} {what} for {n_samples} samples; expected one each"
        raise InvalidStudyError(msg)
    return codes


def flags(log: bool | Sequence[bool], n_responses: int) -> BoolArray:
    """
    Whether each response is compared on the log scale.

    Parameters
    ----------
    log : bool or sequence of bool
        For all, or for each response.
    n_responses : int
        How many there are.

    Returns
    -------
    ndarray of shape (n_responses,)
        One flag each.

    Raises
    ------
    InvalidStudyError
        If there are more or fewer flags.
    """
    if isinstance(log, bool):
        return np.full(n_responses, log)
    each = np.asarray(log, dtype=np.bool_)
    if each.shape != (n_responses,):
        msg = f"{each.size} log flags for {n_responses} responses; expected one each"
        raise InvalidStudyError(msg)
    return each


def _matrix(values: FloatArray, what: str) -> FloatArray:
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2:
        msg = f"{what} of shape {matrix.shape}; expected (n_samples, n_responses)"
        raise InvalidStudyError(msg)
    return matrix


def _rows(rows: Sequence[Sequence[float | None]], n_responses: int) -> FloatArray:
    plain = [[np.nan if value is None else value for value in row] for row in rows]
    return np.array(plain, dtype=np.float64).reshape(len(rows), n_responses)


def _labels(plain: Mapping[str, Any], key: str, kind: Any) -> Any:
    if plain[key] is None:
        return None
    labels = np.array(plain[key], dtype=kind)
    if labels.shape != (len(plain["scaled"]),):
        msg = f"{labels.size} {key} for {len(plain['scaled'])} rows"
        raise ValueError(msg)
    return labels
