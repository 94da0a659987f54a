"""Ridge regression of (log) responses on covariates."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from sklearn.utils.validation import check_is_fitted

from cerussite.core.types import FloatArray
from cerussite.explanation import LinearMap, LinearTerm
from cerussite.models.tabular.base import Rows, TunedTabular
from cerussite.models.tabular.encoder import TableEncoder
from cerussite.preprocessing import LogResponse

#: Penalties tried, as shares of the number of samples.
PENALTIES = tuple(10.0 ** (k / 2) for k in range(-10, 5))


class LogLinearRidge(TunedTabular):
    r"""
    Ridge regression on covariates, by default of the logarithm of the responses.

    :math:`\ln y = \beta_0 + x^\top \beta` with the penalty
    :math:`n\lambda\,\lVert\beta\rVert^2`, chosen for each response in inner folds.
    With few samples it is hard to beat; where a response is a product of powers
    of covariates it is exact.

    Parameters
    ----------
    penalties : sequence of float
        Penalties :math:`\lambda` tried, as shares of the number of samples.
    logs : {"auto", "none"}
        Logarithms of skewed covariates; see
        :class:`~cerussite.models.tabular.TableEncoder`.
    has_indicators : bool
        A column for each covariate with gaps that says where they were.
    response_transform : {"log", "none", "yeo_johnson"}
        Scale that is learnt.
    estimate : {"mean", "median"}
        What is predicted from it: the mean, by smearing, or the median.
    n_folds : int
        Number of inner folds.
    random_state : int or Generator
        Who deals the folds.

    Attributes
    ----------
    coefficients_ : ndarray of shape (n_encoded, n_responses)
        Weights of the encoded covariates.
    intercepts_ : ndarray of shape (n_responses,)
        Predictions at the mean of the covariates.
    encoder_ : TableEncoder
        What was learnt of the table.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows.

    References
    ----------
    .. [1] Hoerl, A. E. and Kennard, R. W. (1970). Ridge regression: biased
       estimation for nonorthogonal problems. Technometrics 12(1), 55-67.

    Examples
    --------
    >>> x = np.linspace(1.0, 3.0, 20)[:, np.newaxis]
    >>> ridge = LogLinearRidge(penalties=(1e-9,)).fit(x, np.exp(x[:, 0]))
    >>> print(np.log(ridge.predict([[2.0]])).round(3))
    [2.]
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        penalties: Sequence[float] = PENALTIES,
        logs: str = "auto",
        has_indicators: bool = False,
        response_transform: str = "log",
        estimate: str = "mean",
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.penalties = penalties
        self.logs = logs
        self.has_indicators = has_indicators
        self.response_transform = response_transform
        self.estimate = estimate
        self.n_folds = n_folds
        self.random_state = random_state

    def linear_map(self) -> LinearMap:
        """
        Coefficients on the encoded covariates, for explanations.

        Give explanations ``encoder_.transform(X)`` and ``encoder_.names_``.

        Returns
        -------
        LinearMap
            Predicts what the calibration does.
        """
        check_is_fitted(self)
        constants = self.intercepts_ + self._smearing()
        link: Literal["exp", "identity"] = (
            "exp" if isinstance(self.transform_, LogResponse) else "identity"
        )
        terms = [
            LinearTerm(k, slopes, float(constant), link=link)
            for k, (slopes, constant) in enumerate(
                zip(self.coefficients_.T, constants, strict=True)
            )
        ]
        return LinearMap(tuple(terms), len(terms))

    def _encoder(self) -> TableEncoder:
        return TableEncoder(logs=self.logs, has_indicators=self.has_indicators)

    def _prepare(self, X: FloatArray, Z: FloatArray, groups: Any) -> None:
        del groups
        self.coefficients_ = np.zeros((X.shape[1], Z.shape[1]))
        self.intercepts_ = np.zeros(Z.shape[1])

    def _paths(self, rows: Rows, new: FloatArray) -> FloatArray:
        slopes, intercepts = ridge_path(rows.X, rows.Z, self.penalties)
        return new @ slopes + intercepts[:, np.newaxis]

    def _store(self, rows: Rows) -> None:
        slopes, intercepts = ridge_path(rows.X, rows.Z, self.penalties)
        for k, response in enumerate(rows.responses):
            setting = self.settings_[response]
            self.coefficients_[:, response] = slopes[setting, :, k]
            self.intercepts_[response] = intercepts[setting, k]

    def _evaluate(self, X: FloatArray) -> FloatArray:
        return X @ self.coefficients_ + self.intercepts_


def ridge_path(
    X: FloatArray, Z: FloatArray, penalties: Sequence[float]
) -> tuple[FloatArray, FloatArray]:
    """
    Ridge regressions with every penalty from one decomposition.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_encoded)
        Encoded covariates.
    Z : ndarray of shape (n_samples, n_columns)
        Responses on the scale that is learnt.
    penalties : sequence of float
        As shares of the number of samples.

    Returns
    -------
    slopes : ndarray of shape (n_penalties, n_encoded, n_columns)
        Weights of the covariates.
    intercepts : ndarray of shape (n_penalties, n_columns)
        Predictions where all covariates are zero.

    Examples
    --------
    >>> X, Z = np.array([[0.0], [2.0]]), np.array([[0.0], [4.0]])
    >>> slopes, intercepts = ridge_path(X, Z, [0.0, 1.0])
    >>> slopes.ravel().tolist(), intercepts.ravel().tolist()
    ([2.0, 1.0], [0.0, 1.0])
    """
    centre, mean = X.mean(axis=0), Z.mean(axis=0)
    U, s, Vt = np.linalg.svd(X - centre, full_matrices=False)
    # Directions without any spread have no slope, whatever the penalty.
    keep = s > s.max(initial=0.0) * np.finfo(float).eps * max(X.shape)
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    shrinkage = s / (s**2 + len(X) * np.asarray(penalties)[:, np.newaxis])
    projected = U.T @ (Z - mean)
    slopes = Vt.T @ (shrinkage[:, :, np.newaxis] * projected)
    return slopes, mean - centre @ slopes
