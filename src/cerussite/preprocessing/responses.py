"""Transforms of responses, and the way back without bias."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import yeojohnson, yeojohnson_llf
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.types import FloatArray

#: Names that :func:`response_transform` knows.
RESPONSE_TRANSFORMS: tuple[str, ...] = ("none", "log", "yeo_johnson")

#: Values held at once while smearing, so that large maps fit into memory.
_CHUNK = 4_000_000


class ResponseTransform(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """
    The identity: responses stay as they are; the others build on it.

    NaN means not measured, is ignored in :meth:`fit` and passes through.

    Attributes
    ----------
    n_features_in_ : int
        Number of responses seen in :meth:`fit`.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[1.0], [2.0]])
    >>> transform = ResponseTransform().fit(y)
    >>> transform.back_transform(y, residuals=np.array([[-1.0], [1.0]]))
    array([[1.],
           [2.]])
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: FloatArray, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn
        """
        Learn the transform from calibration responses alone.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_responses)
            Responses; NaN where not measured.
        y : object
            Ignored; scikit-learn passes it.

        Returns
        -------
        Self
            The fitted transform.
        """
        self._learn(self._checked(X, reset=True))
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """
        Take responses to the scale the model works on.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_responses)
            Responses; NaN where not measured.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            Transformed responses ``z``; NaN where not measured.
        """
        check_is_fitted(self)
        return self._forward(self._checked(X))

    def inverse_transform(self, X: FloatArray) -> FloatArray:
        """
        Plain inverse: the median of the response, where errors of ``z`` are even.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_responses)
            Values ``z`` on the transformed scale.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            In the unit of the responses given to :meth:`fit`.
        """
        check_is_fitted(self)
        z = self._checked(X)
        columns = [self._inverse(z[:, j], j) for j in range(z.shape[1])]
        return np.column_stack(columns)

    def back_transform(self, X: FloatArray, residuals: FloatArray) -> FloatArray:
        r"""
        Mean of the response by smearing: :math:`\frac1n\sum_i g^{-1}(z + e_i)`.

        The plain inverse of a mean is too low where the transform is concave;
        averaging over the residuals of the calibration removes this bias
        without a distribution being assumed [1]_, as long as residuals spread
        evenly along ``z``.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_responses)
            Predictions ``z`` on the transformed scale.
        residuals : ndarray of shape (n_calibration, n_responses)
            Observed minus predicted ``z`` of the calibration set; NaN where not
            measured. Cross-validated ones are honest, fitted ones too small.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            Expected responses, in the unit given to :meth:`fit`.

        Raises
        ------
        InvalidConcentrationError
            If residuals have other responses, or a response has none.

        References
        ----------
        .. [1] Duan, N. (1983). Smearing estimate: a nonparametric
           retransformation method. Journal of the American Statistical
           Association 78(383), 605-610.
        """
        check_is_fitted(self)
        z = self._checked(X)
        errors = np.asarray(residuals, dtype=np.float64)
        if msg := self._complaint(errors):
            raise InvalidConcentrationError(msg)
        columns = [
            self._smeared(z[:, j], errors[~np.isnan(errors[:, j]), j], j)
            for j in range(z.shape[1])
        ]
        return np.column_stack(columns)

    def _checked(self, X: FloatArray, *, reset: bool = False) -> FloatArray:
        return validate_data(
            self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"
        )

    def _complaint(self, errors: FloatArray) -> str:
        if errors.ndim != 2 or errors.shape[1] != self.n_features_in_:
            return (
                f"residuals of shape {errors.shape}; expected (n_calibration, "
                f"{self.n_features_in_}), one column a response"
            )
        empty = np.flatnonzero(np.isnan(errors).all(axis=0))
        if empty.size:
            return (
                f"responses {empty.tolist()} have no residual; expected one or more "
                "each; give those of the rows where the response was measured"
            )
        if np.isinf(errors).any():
            return "infinite residuals; expected finite ones, NaN where not measured"
        return ""

    def _smeared(self, z: FloatArray, errors: FloatArray, column: int) -> FloatArray:
        n_parts = -(-z.size * errors.size // _CHUNK)
        parts = np.array_split(z, max(n_parts, 1))
        return np.concatenate(
            [
                self._inverse(part[:, np.newaxis] + errors, column).mean(axis=1)
                for part in parts
            ]
        )

    def _learn(self, y: FloatArray) -> None:
        """Nothing is learnt here; others do."""

    def _forward(self, y: FloatArray) -> FloatArray:
        return y.copy()

    def _inverse(self, z: FloatArray, column: int) -> FloatArray:  # noqa: ARG002 - others need it
        return z.copy()


class LogResponse(ResponseTransform):
    r"""
    Natural logarithm :math:`z = \ln(y + c)`, for concentrations that spread widely.

    Parameters
    ----------
    offset : float
        Constant :math:`c` in the unit of the responses. The default 0 refuses
        responses <= 0; a constant is declared, never guessed.

    Attributes
    ----------
    n_features_in_ : int
        Number of responses seen in :meth:`fit`.

    Examples
    --------
    >>> import numpy as np
    >>> transform = LogResponse().fit(np.array([[1.0], [4.0]]))
    >>> print(transform.transform(np.array([[1.0], [np.nan]])))
    [[ 0.]
     [nan]]
    >>> residuals = np.log(np.array([[0.5], [2.0]]))
    >>> print(transform.back_transform(np.array([[0.0]]), residuals))
    [[1.25]]
    """

    def __init__(self, *, offset: float = 0.0) -> None:
        self.offset = offset

    def _learn(self, y: FloatArray) -> None:
        self._forward(y)

    def _forward(self, y: FloatArray) -> FloatArray:
        bad = y + self.offset <= 0
        if bad.any():
            row, column = np.argwhere(bad)[0]
            msg = (
                f"{int(bad.sum())} responses have no logarithm (first: row {row}, "
                f"response {column} = {y[row, column]:g}, offset {self.offset:g}); "
                "expected values > 0; declare an offset, or leave the response as it is"
            )
            raise InvalidConcentrationError(msg)
        return np.log(y + self.offset)

    def _inverse(self, z: FloatArray, column: int) -> FloatArray:  # noqa: ARG002 - same for all
        return np.exp(z) - self.offset

    def _smeared(self, z: FloatArray, errors: FloatArray, column: int) -> FloatArray:  # noqa: ARG002
        # exp(z + e) factorises, so the mean over residuals is one number.
        return np.exp(z) * np.exp(errors).mean() - self.offset


class YeoJohnsonResponse(ResponseTransform):
    r"""
    Yeo-Johnson power transform, its power learnt by maximum likelihood.

    For :math:`y \ge 0`: :math:`z = ((y + 1)^\lambda - 1) / \lambda`, and
    :math:`\ln(y + 1)` for :math:`\lambda = 0` [1]_. Takes zeros and negative
    values, which the logarithm refuses.

    Attributes
    ----------
    lambdas_ : ndarray of shape (n_responses,)
        Powers; 1 leaves a response as it is, 0 is the logarithm of 1 + y.
    n_features_in_ : int
        Number of responses seen in :meth:`fit`.

    Notes
    -----
    The power is sought between 0 and 2: outside, some predictions ``z`` would
    have no response to go back to.

    References
    ----------
    .. [1] Yeo, I.-K. and Johnson, R. A. (2000). A new family of power
       transformations to improve normality or symmetry. Biometrika 87(4), 954-959.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[0.0], [1.0], [10.0], [1000.0], [100000.0]])
    >>> transform = YeoJohnsonResponse().fit(y)
    >>> print(transform.inverse_transform(transform.transform(y))[-1].round(6))
    [100000.]
    """

    def _learn(self, y: FloatArray) -> None:
        columns = [column[~np.isnan(column)] for column in y.T]
        self.lambdas_ = np.array([_best_lambda(c, j) for j, c in enumerate(columns)])

    def _forward(self, y: FloatArray) -> FloatArray:
        return np.column_stack(
            [yeojohnson(y[:, j], lmbda=power) for j, power in enumerate(self.lambdas_)]
        )

    def _inverse(self, z: FloatArray, column: int) -> FloatArray:
        power = self.lambdas_[column]
        above, below = np.maximum(z, 0.0), np.minimum(z, 0.0)
        # Each branch adds nothing where the other one holds; NaN passes both.
        return _power_inverse(above, power) - _power_inverse(-below, 2.0 - power)


def _power_inverse(z: FloatArray, power: float) -> FloatArray:
    # For z >= 0; expm1 and log1p stay exact near zero.
    if power == 0:
        return np.expm1(z)
    return np.expm1(np.log1p(power * z) / power)


def _best_lambda(y: FloatArray, column: int) -> float:
    if y.size < 2 or np.ptp(y) == 0:
        msg = (
            f"response {column} was measured on {y.size} samples without a difference; "
            "expected two different values or more to learn a power from; use no "
            "transform"
        )
        raise InvalidConcentrationError(msg)

    def loss(power: float) -> float:
        return -float(yeojohnson_llf(power, y))

    inside = minimize_scalar(
        loss, bounds=(0.0, 2.0), method="bounded", options={"xatol": 1e-8}
    )
    return min((0.0, float(inside.x), 2.0), key=loss)


_CLASSES: dict[str, Callable[[], ResponseTransform]] = {
    "none": ResponseTransform,
    "log": LogResponse,
    "yeo_johnson": YeoJohnsonResponse,
}


def response_transform(name: str, *, offset: float = 0.0) -> ResponseTransform:
    """
    Unfitted transform of responses.

    Parameters
    ----------
    name : {"none", "log", "yeo_johnson"}
        What is done with the responses; see :class:`LogResponse` and
        :class:`YeoJohnsonResponse`.
    offset : float
        Constant added before the logarithm, in the unit of the responses; only
        for ``"log"``.

    Returns
    -------
    ResponseTransform
        With ``fit``, ``transform``, ``inverse_transform`` and ``back_transform``.

    Raises
    ------
    InvalidStudyError
        If the name is unknown, or an offset is given for another transform.

    Examples
    --------
    >>> response_transform("log")
    LogResponse()
    """
    if name not in _CLASSES:
        expected = ", ".join(RESPONSE_TRANSFORMS)
        msg = f"no transform of responses {name!r}; expected one of {expected}"
        raise InvalidStudyError(msg)
    if name == "log":
        return LogResponse(offset=offset)
    if offset:
        msg = (
            f"offset {offset:g} for {name!r}; expected one for 'log' only; leave it out"
        )
        raise InvalidStudyError(msg)
    return _CLASSES[name]()
