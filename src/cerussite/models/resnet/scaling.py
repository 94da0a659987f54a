"""Responses on the scale that a network learns on."""

from dataclasses import dataclass, replace
from typing import Any, Literal, Self, TypeAlias

import numpy as np

from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.types import FloatArray

ResponseTransform: TypeAlias = Literal["none", "log"]


@dataclass(frozen=True, eq=False)
class ResponseScaling:
    r"""
    Transform, shift and scale of responses, and the way back.

    A scaled response is :math:`z = (t(y) - s) / d` where :math:`t` is the
    identity or the natural logarithm.

    Attributes
    ----------
    transform : {"none", "log"}
        The transform :math:`t`.
    shift, scale : ndarray of shape (n_responses,)
        Shift :math:`s` and scale :math:`d`, on the scale of :math:`t(y)`.
    smearing : ndarray of shape (n_responses,)
        Factor that turns the back-transformed median into a mean; 1 without a
        transform.
    mean : ndarray of shape (n_responses,)
        Mean scaled response: what a network predicts before it has learnt.
    """

    transform: ResponseTransform
    shift: FloatArray
    scale: FloatArray
    smearing: FloatArray
    mean: FloatArray

    @classmethod
    def learn(
        cls, y: FloatArray, *, transform: ResponseTransform, is_positive: bool
    ) -> Self:
        """
        Learn shift and scale on a calibration set.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_responses)
            Responses; NaN where not measured.
        transform : {"none", "log"}
            Transform of the responses.
        is_positive : bool
            Whether the output of the network cannot be negative. The shift is
            then 0 for responses that are never negative, so that predictions
            are not either; for others it lies two standard deviations below
            the lowest value, and predictions cannot fall below it.

        Returns
        -------
        ResponseScaling
            With a smearing factor of 1.

        Raises
        ------
        InvalidConcentrationError
            If a response was measured on fewer than two samples, or is not
            positive where a logarithm is asked for.
        InvalidStudyError
            If the transform is unknown.

        Examples
        --------
        >>> y = np.array([[1.0], [3.0], [np.nan]])
        >>> scaling = ResponseScaling.learn(y, transform="none", is_positive=False)
        >>> scaling.scaled(y)[:2].tolist()
        [[-1.0], [1.0]]
        """
        if transform not in {"none", "log"}:
            msg = f"response_transform: {transform!r}; expected 'none' or 'log'"
            raise InvalidStudyError(msg)
        msg = _too_few(y) or (_without_logarithm(y) if transform == "log" else "")
        if msg:
            raise InvalidConcentrationError(msg)
        transformed = _transformed(y, transform)
        spread = np.nanstd(transformed, axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        if is_positive:
            lowest = np.nanmin(transformed, axis=0)
            shift = np.where(lowest >= 0, 0.0, lowest - 2 * scale)
        else:
            shift = np.nanmean(transformed, axis=0)
        mean = (np.nanmean(transformed, axis=0) - shift) / scale
        return cls(transform, shift, scale, np.ones_like(scale), mean)

    @property
    def n_responses(self) -> int:
        """
        Number of responses.

        Returns
        -------
        int
            Columns of ``y``.
        """
        return int(self.scale.size)

    def scaled(self, y: FloatArray) -> FloatArray:
        """
        Responses as the network learns them.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_responses)
            Responses in their unit; NaN stays NaN.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            Dimensionless.
        """
        return (_transformed(y, self.transform) - self.shift) / self.scale

    def unscaled(self, z: FloatArray) -> FloatArray:
        """
        Responses in their unit.

        Parameters
        ----------
        z : ndarray of shape (n_samples, n_responses)
            Output of a network.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            Mean responses in the unit of the calibration set.
        """
        transformed = z * self.scale + self.shift
        if self.transform == "log":
            return np.exp(transformed) * self.smearing
        return transformed

    def with_smearing(
        self, z: FloatArray, z_predicted: FloatArray
    ) -> "ResponseScaling":
        """
        The same scaling with the smearing factor of residuals.

        Parameters
        ----------
        z, z_predicted : ndarray of shape (n_samples, n_responses)
            Scaled responses, NaN where not measured, and their predictions.

        Returns
        -------
        ResponseScaling
            ``self`` where there is no transform to correct for.

        References
        ----------
        .. [1] Duan, N. (1983). Smearing estimate: a nonparametric
           retransformation method. Journal of the American Statistical
           Association 78(383), 605-610.
        """
        if self.transform == "none":
            return self
        residuals = (z - z_predicted) * self.scale
        factor = np.nanmean(np.exp(residuals), axis=0)
        return replace(self, smearing=factor)

    def to_dict(self) -> dict[str, Any]:
        """
        Plain values for JSON.

        Returns
        -------
        dict
            One entry a field.
        """
        return {
            "transform": self.transform,
            "shift": self.shift.tolist(),
            "scale": self.scale.tolist(),
            "smearing": self.smearing.tolist(),
            "mean": self.mean.tolist(),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """
        Scaling from what :meth:`to_dict` gave.

        Parameters
        ----------
        values : dict
            Values by field name.

        Returns
        -------
        ResponseScaling
            Equal to the one written.
        """
        names = ("shift", "scale", "smearing", "mean")
        return cls(values["transform"], *(np.array(values[name]) for name in names))


def _too_few(y: FloatArray) -> str:
    n_measured = np.count_nonzero(~np.isnan(y), axis=0)
    few = np.flatnonzero(n_measured < 2)
    if not few.size:
        return ""
    return (
        f"response {few[0]} was measured on {n_measured[few[0]]} samples; expected at "
        "least 2: drop the response"
    )


def _without_logarithm(y: FloatArray) -> str:
    bad = int(np.count_nonzero(y <= 0))
    if not bad:
        return ""
    return (
        f"{bad} responses are zero or negative; a logarithm needs positive values: "
        "use response_transform='none', or drop them"
    )


def _transformed(y: FloatArray, transform: ResponseTransform) -> FloatArray:
    return np.log(y) if transform == "log" else y
