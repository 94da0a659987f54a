"""How difficult a sample is: expected size of its error, up to a factor."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray

#: Share of the typical difficulty that is left where the estimate is 0, for the
#: laboratory errs next to a known sample too.
FLOOR = 0.5


class NeighbourDifficulty(BaseEstimator):
    r"""
    Distance to the nearest calibration samples: :math:`1/2 + d / \tilde d`.

    :math:`d` is the mean Euclidean distance to the nearest samples that were
    fitted on, :math:`\tilde d` the median of the same distance among those
    samples, each without itself. A normalised score of this kind is used for
    regression in [1]_. Fit it on the rows that the calibration is fitted on.

    Parameters
    ----------
    n_neighbours : int
        Number of nearest samples.

    Attributes
    ----------
    n_features_in_ : int
        Number of wavelengths or covariates seen in :meth:`fit`.
    typical_ : float
        Median distance :math:`\tilde d`.

    References
    ----------
    .. [1] Papadopoulos, H., Vovk, V. and Gammerman, A. (2011). Regression
       conformal prediction with nearest neighbours. Journal of Artificial
       Intelligence Research 40, 815-840.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> estimate = NeighbourDifficulty(n_neighbours=1).fit(X)
    >>> estimate.predict(np.array([[3.0], [5.0]]))
    array([0.5, 2.5])
    """

    def __init__(self, *, n_neighbours: int = 5) -> None:
        self.n_neighbours = n_neighbours

    def fit(self, X: FloatArray, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn
        """
        Remember the samples, and how far they are apart.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates, on scales that may be compared.
        y : object
            Ignored; scikit-learn passes it.

        Returns
        -------
        Self
            The fitted estimate.

        Raises
        ------
        InvalidStudyError
            If there are not more samples than neighbours, or most of them have
            doubles.
        """
        X = validate_data(self, X, dtype=np.float64)
        if not 1 <= self.n_neighbours < len(X):
            msg = (
                f"{self.n_neighbours} neighbours among {len(X)} samples; expected at "
                "least 1, and more samples than neighbours"
            )
            raise InvalidStudyError(msg)
        self._index = NearestNeighbors(n_neighbors=self.n_neighbours).fit(X)
        self.typical_ = float(np.median(self._index.kneighbors()[0].mean(axis=1)))
        if self.typical_ == 0:
            msg = (
                "most samples have doubles at distance 0; expected one row a specimen: "
                "average replicates first"
            )
            raise InvalidStudyError(msg)
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Difficulty of new samples.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            New samples; a row seen in :meth:`fit` finds itself and looks easy.

        Returns
        -------
        ndarray of shape (n_samples,)
            At least 0.5; about 1.5 for a typical sample.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        distances = self._index.kneighbors(X)[0].mean(axis=1)
        return FLOOR + distances / self.typical_
