"""Dissimilarity index, area of applicability and local point density."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from scipy.spatial.distance import cdist

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation.applicability.matrices import matrix_flaw
from cerussite.evaluation.applicability.neighbours import find_neighbours
from cerussite.evaluation.splits import Labels, encode

#: How the threshold follows from the dissimilarity of the calibration samples.
ThresholdRule: TypeAlias = Literal["quartile", "whisker"]
#: Rows whose distances to all others are held at once.
_ROWS = 256


@dataclass(frozen=True, eq=False)
class Dissimilarity:
    """
    Calibration samples against which new ones are held.

    Attributes
    ----------
    centre : ndarray of shape (n_features,)
        Mean of each feature.
    factor : ndarray of shape (n_features,)
        Weight over standard deviation of each feature.
    reference : ndarray of shape (n_calibration, n_features)
        Calibration samples, centred and multiplied.
    mean_distance : float
        Mean distance between two calibration samples; the unit of the index.
    threshold : float
        Index up to which a sample lies in the area of applicability.
    """

    centre: FloatArray
    factor: FloatArray
    reference: FloatArray
    mean_distance: float
    threshold: float

    def index(self, X: FloatArray) -> FloatArray:
        """
        Dissimilarity index: distance to the nearest calibration sample.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            New samples.

        Returns
        -------
        ndarray of shape (n_samples,)
            In mean distances between calibration samples: 0 for a sample of the
            calibration; above ``threshold`` outside the area of applicability.

        Raises
        ------
        InvalidSpectraError
            If the features are others or a value is missing.
        """
        if msg := matrix_flaw(X, n_features=self.centre.size):
            raise InvalidSpectraError(msg)
        found = find_neighbours((X - self.centre) * self.factor, self.reference)
        return found.distance / self.mean_distance

    def index_and_density(self, X: FloatArray) -> tuple[FloatArray, IntArray]:
        """
        Dissimilarity index and local point density, in one search.

        The density is the number of calibration samples with an index of at
        most ``threshold`` [1]_: 0 outside the area of applicability, 1 where a
        single calibration sample stands for the new one.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            New samples.

        Returns
        -------
        tuple of two ndarray of shape (n_samples,)
            Index, and number of calibration samples.

        Raises
        ------
        InvalidSpectraError
            If the features are others or a value is missing.

        References
        ----------
        .. [1] Schumacher, F. L., Knoth, C., Ludwig, M. and Meyer, H. (2025).
           Estimation of local training data point densities to support the
           assessment of spatial prediction uncertainty. Geoscientific Model
           Development 18, 10185 ff. (preprint 2024).
        """
        if msg := matrix_flaw(X, n_features=self.centre.size):
            raise InvalidSpectraError(msg)
        found = find_neighbours(
            (X - self.centre) * self.factor,
            self.reference,
            radius=self.threshold * self.mean_distance,
        )
        return found.distance / self.mean_distance, found.n_near


def fit_dissimilarity(
    X: FloatArray,
    *,
    folds: Labels | None = None,
    weights: FloatArray | None = None,
    rule: ThresholdRule = "quartile",
) -> Dissimilarity:
    """
    Dissimilarity index with the area of applicability of a calibration [1]_.

    Features are standardised and weighted; the index of a sample is its
    distance to the nearest calibration sample over the mean distance between
    calibration samples. The threshold comes from the index of the calibration
    samples, each held against those of other folds: with the folds of the
    validation, the error measured there is the error to expect below it.

    Parameters
    ----------
    X : ndarray of shape (n_calibration, n_features)
        Covariates, or scores of spectra.
    folds : array_like of shape (n_calibration,), optional
        Samples of one label are no neighbours of each other: folds of the
        validation, or sites or specimens; None where each stands alone.
    weights : ndarray of shape (n_features,), optional
        Importance of each feature for the predictions, at or above zero; None
        weights all alike.
    rule : {"quartile", "whisker"}
        See :func:`applicability_threshold`.

    Returns
    -------
    Dissimilarity
        Ready for new samples.

    Raises
    ------
    InvalidSpectraError
        If a value is missing, or a feature is constant.
    InvalidStudyError
        If there are fewer than two folds, or weights that make no sense.

    Notes
    -----
    Standard deviations have n - 1 in the denominator, as in the authors'
    program. The mean distance is over all pairs, also those of one fold.

    References
    ----------
    .. [1] Meyer, H. and Pebesma, E. (2021). Predicting into unknown space?
       Estimating the area of applicability of spatial prediction models.
       Methods in Ecology and Evolution 12(9), 1620-1633.

    Examples
    --------
    >>> import numpy as np
    >>> known = fit_dissimilarity(np.array([[0.0], [1.0], [2.0], [5.0]]))
    >>> known.index(np.array([[2.0], [6.0]])) * known.mean_distance / known.factor[0]
    array([0., 1.])
    """
    if msg := matrix_flaw(X) or _constant(X):
        raise InvalidSpectraError(msg)
    codes = np.arange(len(X)) if folds is None else encode(folds, what="folds")
    if msg := _wrong_folds(codes, len(X)) or _wrong_weights(weights, X.shape[1]):
        raise InvalidStudyError(msg)
    centre = X.mean(axis=0)
    factor = (1.0 if weights is None else weights) / X.std(axis=0, ddof=1)
    reference = (X - centre) * factor
    nearest, mean_distance = _distances(reference, codes)
    threshold = applicability_threshold(nearest / mean_distance, rule=rule)
    return Dissimilarity(centre, factor, reference, mean_distance, threshold)


def applicability_threshold(
    index: FloatArray, *, rule: ThresholdRule = "quartile"
) -> float:
    """
    Threshold of the area of applicability from left-out calibration samples.

    Parameters
    ----------
    index : ndarray of shape (n_calibration,)
        Dissimilarity index of each calibration sample to those of other folds.
    rule : {"quartile", "whisker"}
        ``"whisker"``: the largest index that is no outlier of the box plot, as
        the paper of 2021 says [1]_. ``"quartile"``: the end of the whisker
        itself, third quartile plus 1.5 interquartile ranges, but at most the
        largest index; so the authors' program CAST since its version 0.7.1, the
        cap somewhat later [2]_. It is never below the other and does not jump
        with single samples.

    Returns
    -------
    float
        In the unit of the index.

    Raises
    ------
    InvalidStudyError
        If the rule is unknown, or there are no values or missing ones.

    Notes
    -----
    Quartiles interpolate between order statistics (type 7 of R) in both rules.
    R's ``boxplot.stats`` takes hinges instead, which differ in small samples;
    the paper speaks of percentiles.

    References
    ----------
    .. [1] Meyer, H. and Pebesma, E. (2021). Methods in Ecology and Evolution
       12(9), 1620-1633.
    .. [2] CAST, issues 46 (2022) and 65 (2023) of its public repository.

    Examples
    --------
    >>> import numpy as np
    >>> index = np.array([1.0, 2.0, 3.0, 4.0, 9.0])
    >>> applicability_threshold(index), applicability_threshold(index, rule="whisker")
    (7.0, 4.0)
    """
    if rule not in get_args(ThresholdRule):
        msg = f"rule {rule!r}; expected one of {', '.join(get_args(ThresholdRule))}"
        raise InvalidStudyError(msg)
    if index.ndim != 1 or not index.size or not np.isfinite(index).all():
        msg = f"index of shape {index.shape}; expected finite values in one row"
        raise InvalidStudyError(msg)
    low, high = np.quantile(index, [0.25, 0.75])
    end = float(high + 1.5 * (high - low))
    if rule == "quartile":
        return min(end, float(index.max()))
    return float(index[index <= end].max())


def left_out_index(known: Dissimilarity, folds: Labels | None = None) -> FloatArray:
    """
    Dissimilarity index of each calibration sample to those of other folds.

    Parameters
    ----------
    known : Dissimilarity
        Calibration samples.
    folds : array_like of shape (n_calibration,), optional
        As given to :func:`fit_dissimilarity`.

    Returns
    -------
    ndarray of shape (n_calibration,)
        What the threshold was made from; for error profiles, too.

    Raises
    ------
    InvalidStudyError
        If there are fewer than two folds or other than one a sample.

    Examples
    --------
    >>> import numpy as np
    >>> known = fit_dissimilarity(np.array([[0.0], [1.0], [3.0]]))
    >>> left_out_index(known) * known.mean_distance / known.factor[0]
    array([1., 1., 2.])
    """
    n = len(known.reference)
    codes = np.arange(n) if folds is None else encode(folds, what="folds")
    if msg := _wrong_folds(codes, n):
        raise InvalidStudyError(msg)
    return _distances(known.reference, codes)[0] / known.mean_distance


def _distances(points: FloatArray, codes: IntArray) -> tuple[FloatArray, float]:
    # Distance to the nearest point of another fold; mean over all pairs.
    n, total = len(points), 0.0
    nearest = np.empty(n)
    for start in range(0, n, _ROWS):
        rows = slice(start, start + _ROWS)
        found = cdist(points[rows], points)
        total += float(found.sum())
        found[codes[rows, np.newaxis] == codes] = np.inf
        nearest[rows] = found.min(axis=1)
    return nearest, total / (n * (n - 1))


def _constant(X: FloatArray) -> str | None:
    is_constant = np.ptp(X, axis=0) == 0 if len(X) else np.ones(X.shape[1], bool)
    if not is_constant.any():
        return None
    return (
        f"{int(is_constant.sum())} of {X.shape[1]} features are constant over "
        f"{len(X)} calibration samples (first: column {int(np.argmax(is_constant))}); "
        "expected a spread to scale by; leave these features out"
    )


def _wrong_folds(codes: IntArray, n_samples: int) -> str | None:
    if codes.size != n_samples:
        return f"{codes.size} folds for {n_samples} samples; expected one each"
    if codes.max() == 0:
        return "all calibration samples in one fold; expected at least two folds"
    return None


def _wrong_weights(weights: FloatArray | None, n_features: int) -> str | None:
    if weights is None:
        return None
    if weights.shape != (n_features,):
        return f"weights of shape {weights.shape}; expected ({n_features},)"
    if not (np.isfinite(weights).all() and weights.min() >= 0 and weights.any()):
        return (
            f"weights from {weights.min():g} to {weights.max():g}; expected finite "
            "ones at or above zero, not all zero; set negative importances to zero"
        )
    return None
