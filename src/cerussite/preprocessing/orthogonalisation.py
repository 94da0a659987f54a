"""External parameter orthogonalisation: directions that do not matter, removed."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray


class ExternalParameterOrthogonalisation(
    OneToOneFeatureMixin, TransformerMixin, BaseEstimator
):
    r"""
    Project spectra off the directions in which an outer influence moves them.

    Differences of the same samples with and without the influence (moist minus
    dry, field minus laboratory, one instrument minus another) span the
    directions to remove: the first right singular vectors :math:`V` of the
    differences, and :math:`X (I - V V^\top)` is what is left [1]_. Features of
    the samples that point the same way are removed too.

    Parameters
    ----------
    n_components : int
        Directions to remove; choose it inside the calibration folds.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_wavelengths)
        Directions that are removed, orthonormal.
    n_features_in_ : int
        Number of bands seen in :meth:`fit`.

    References
    ----------
    .. [1] Roger, J.-M., Chauchard, F. and Bellon-Maurel, V. (2003). EPO-PLS
       external parameter orthogonalisation of PLS: application to
       temperature-independent measurement of sugar content of intact fruits.
       Chemometrics and Intelligent Laboratory Systems 66(2), 191-204.

    Examples
    --------
    >>> import numpy as np
    >>> difference = np.array([[0.0, 2.0, 0.0]])
    >>> epo = ExternalParameterOrthogonalisation(n_components=1).fit(difference)
    >>> epo.transform(np.array([[1.0, 5.0, 3.0]]))
    array([[1., 0., 3.]])
    """

    def __init__(self, n_components: int) -> None:
        self.n_components = n_components

    def fit(self, X: FloatArray, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn
        """
        Learn the directions from differences of paired spectra.

        Parameters
        ----------
        X : ndarray of shape (n_pairs, n_wavelengths)
            Spectra of the same samples with the influence minus without it;
            calibration samples only. Not centred here: a constant shift is an
            influence as well.
        y : object
            Ignored; scikit-learn passes it.

        Returns
        -------
        Self
            The fitted transformer.

        Raises
        ------
        InvalidStudyError
            If there are fewer pairs, or not more bands, than ``n_components``.
        """
        X = validate_data(
            self, X, dtype=[np.float64, np.float32], ensure_min_features=2
        )
        most = min(X.shape[0], X.shape[1] - 1)
        if not 1 <= self.n_components <= most:
            msg = (
                f"n_components {self.n_components} for {X.shape[0]} pairs of spectra "
                f"with {X.shape[1]} bands; expected 1 to {most}; take fewer "
                "components, or measure more pairs"
            )
            raise InvalidStudyError(msg)
        directions = np.linalg.svd(X, full_matrices=False)[2]
        self.components_ = directions[: self.n_components]
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """
        Remove the directions learnt in :meth:`fit`.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra with or without the influence; treat those of the library and
            those of the field alike.

        Returns
        -------
        ndarray of shape (n_samples, n_wavelengths)
            Spectra without the directions; doing it twice changes nothing.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        return X - (X @ self.components_.T) @ self.components_
