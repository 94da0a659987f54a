"""What must be known about a calibration to use it: its card, as JSON."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self, get_args

import numpy as np

from cerussite.core.errors import InvalidSpectraError, UnreadableFileError
from cerussite.core.survey import Response, Survey
from cerussite.core.types import AxisUnit, FloatArray, Quantity
from cerussite.evaluation import ErrorModel

#: Version of the layout of ``model.json`` that this release writes.
SCHEMA_VERSION = 2
#: Packages whose versions decide what an estimator computes.
PACKAGES = ("cerussite", "numpy", "scipy", "scikit-learn", "ikpls", "lightgbm", "torch")


def hash_calibration(X: FloatArray, y: FloatArray) -> str:
    """
    SHA-256 of calibration spectra and responses.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra.
    y : ndarray of shape (n_samples, n_responses)
        Responses; NaN where not measured.

    Returns
    -------
    str
        64 hexadecimal digits, the same on every machine; the order of samples
        counts.

    Examples
    --------
    >>> import numpy as np
    >>> hash_calibration(np.zeros((1, 2)), np.array([[np.nan]]))[:8]
    '6f24ea87'
    """
    digest = hashlib.sha256()
    for values in (X, y):
        array = np.array(values, dtype="<f8", order="C")
        array[np.isnan(array)] = np.nan  # one NaN of the many
        digest.update(repr(array.shape).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def package_versions() -> dict[str, str]:
    """
    Versions of the packages that decide what an estimator computes.

    Returns
    -------
    dict of str to str
        Those that are installed.
    """
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


@dataclass(frozen=True)
class CalibrationCard:
    """
    What must be known about a calibration to use it.

    Attributes
    ----------
    method : str
        Name of the method in the study.
    responses : tuple of Response
        What it predicts, in the order of the columns.
    wavelengths : tuple of float
        Band centres in nm that it expects.
    quantity : {"reflectance", "absorbance"}
        What it expects there.
    original_unit : {"nm", "cm-1"}
        Unit of the axis of the calibration files; for figures.
    preprocessing : tuple of str
        Names of the recipes in use.
    n_calibration : int
        Number of calibration spectra.
    calibration_hash : str
        See :func:`hash_calibration`.
    lowest, highest : tuple of float
        Range of the calibration spectra in each band.
    scheme : str
        Validation scheme of ``metrics`` and ``errors``.
    metrics : mapping of str to mapping of str to float
        Response to name of the metric to value.
    errors : ErrorModel or None
        Errors of left-out samples, for intervals and probabilities.
    level : float
        Nominal coverage of the intervals.
    versions : mapping of str to str
        Packages it was fitted with.
    sensor : str
        Sensor whose bands ``wavelengths`` are; empty for those of a laboratory
        instrument.

    Raises
    ------
    InvalidSpectraError
        If the ranges do not match the wavelengths.
    """

    method: str
    responses: tuple[Response, ...]
    wavelengths: tuple[float, ...]
    quantity: Quantity
    original_unit: AxisUnit
    preprocessing: tuple[str, ...]
    n_calibration: int
    calibration_hash: str
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    scheme: str = ""
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    errors: ErrorModel | None = None
    level: float = 0.9
    versions: Mapping[str, str] = field(default_factory=package_versions)
    sensor: str = ""

    def __post_init__(self) -> None:
        n_bands = len(self.wavelengths)
        if (len(self.lowest), len(self.highest)) != (n_bands, n_bands):
            msg = (
                f"ranges of {len(self.lowest)} and {len(self.highest)} bands for "
                f"{n_bands} wavelengths; expected one of each; derive them from the "
                "calibration spectra"
            )
            raise InvalidSpectraError(msg)

    def to_json(self) -> dict[str, Any]:
        """
        Card as plain values.

        Returns
        -------
        dict
            Numbers, text, lists and mappings only; NaN becomes null.
        """
        plain = _without_nan(asdict(replace(self, errors=None)))
        errors = None if self.errors is None else self.errors.to_json()
        return {"schema_version": SCHEMA_VERSION, **plain, "errors": errors}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """
        Card from plain values.

        Parameters
        ----------
        plain : mapping
            As written by :meth:`to_json`; further keys are left alone.

        Returns
        -------
        CalibrationCard
            The card.

        Raises
        ------
        UnreadableFileError
            If the schema is of a later release, or a value is missing or of
            another kind.
        """
        _check_schema(plain)
        try:
            return cls(
                method=str(plain["method"]),
                responses=tuple(Response(**r) for r in plain["responses"]),
                wavelengths=_numbers(plain["wavelengths"]),
                quantity=_one_of(Quantity, plain["quantity"]),
                original_unit=_one_of(AxisUnit, plain["original_unit"]),
                preprocessing=tuple(map(str, plain["preprocessing"])),
                n_calibration=int(plain["n_calibration"]),
                calibration_hash=str(plain["calibration_hash"]),
                lowest=_numbers(plain["lowest"]),
                highest=_numbers(plain["highest"]),
                scheme=str(plain["scheme"]),
                metrics={k: _with_nan(v) for k, v in plain["metrics"].items()},
                errors=_errors(plain["errors"]),
                level=float(plain["level"]),
                versions=dict(plain["versions"]),
                sensor=str(plain.get("sensor", "")),
            )
        except KeyError as error:
            msg = f"no {error} in the card; expected the card of a saved calibration"
            raise UnreadableFileError(msg) from error
        except (AttributeError, TypeError, ValueError) as error:
            msg = f"a value of the card is of another kind ({error}); copy it again"
            raise UnreadableFileError(msg) from error


def _check_schema(plain: Mapping[str, Any]) -> None:
    schema = plain.get("schema_version")
    if not isinstance(schema, int):
        msg = f"schema version {schema!r}; expected {SCHEMA_VERSION}"
        raise UnreadableFileError(msg)
    if schema != SCHEMA_VERSION:
        remedy = (
            "update cerussite"
            if schema > SCHEMA_VERSION
            else "run the study that made it again"
        )
        msg = f"schema version {schema}; this release reads {SCHEMA_VERSION}; {remedy}"
        raise UnreadableFileError(msg)


def _one_of(literal: Any, value: Any) -> Any:
    if value not in get_args(literal):
        msg = f"{value!r}, expected one of {', '.join(get_args(literal))}"
        raise ValueError(msg)
    return value


def _errors(plain: Mapping[str, Any] | None) -> ErrorModel | None:
    return None if plain is None else ErrorModel.from_json(plain)


def _numbers(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _with_nan(values: Mapping[str, float | None]) -> dict[str, float]:
    return {k: math.nan if v is None else float(v) for k, v in values.items()}


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def describe_calibration(  # noqa: PLR0913 - a card has that many parts
    survey: Survey,
    *,
    method: str,
    preprocessing: tuple[str, ...] = (),
    scheme: str = "",
    metrics: Mapping[str, Mapping[str, float]] | None = None,
    errors: ErrorModel | None = None,
    level: float = 0.9,
    sensor: str = "",
) -> CalibrationCard:
    """
    Card of a calibration on all samples of a survey.

    Parameters
    ----------
    survey : Survey
        What the estimator was fitted on, with spectra.
    method : str
        Name of the method in the study.
    preprocessing : tuple of str
        Names of the recipes in use.
    scheme : str
        Validation scheme of ``metrics`` and ``errors``.
    metrics : mapping of str to mapping of str to float, optional
        Response to name of the metric to value.
    errors : ErrorModel, optional
        Errors of left-out samples.
    level : float
        Nominal coverage of the intervals.
    sensor : str
        Sensor whose bands the spectra of the survey are on, if any.

    Returns
    -------
    CalibrationCard
        With the range, hash and size of the survey.

    Raises
    ------
    InvalidSpectraError
        If the survey has no spectra.
    """
    spectra = survey.spectra
    if spectra is None:
        msg = f"{survey.name}: no spectra; expected those of the calibration"
        raise InvalidSpectraError(msg)
    return CalibrationCard(
        method=method,
        responses=survey.responses,
        wavelengths=_numbers(spectra.wavelengths),
        quantity=spectra.quantity,
        original_unit=spectra.original_unit,
        preprocessing=preprocessing,
        n_calibration=survey.n_samples,
        calibration_hash=hash_calibration(spectra.values, survey.y),
        lowest=_numbers(spectra.values.min(axis=0)),
        highest=_numbers(spectra.values.max(axis=0)),
        scheme=scheme,
        metrics=metrics or {},
        errors=errors,
        level=level,
        sensor=sensor,
    )
