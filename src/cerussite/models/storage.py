"""Estimators on disk, without pickle."""

import zipfile
from pathlib import Path
from typing import Any, Self, TypeVar

from sklearn.utils.validation import check_is_fitted

from cerussite.core.errors import UnreadableFileError

Estimator = TypeVar("Estimator")
#: File of an estimator inside the folder of a calibration.
ESTIMATOR_FILE = "estimator.skops"

#: Types a stored calibration may hold; whatever else is found is refused.
TRUSTED_TYPES: tuple[str, ...] = (
    *(
        f"cerussite.models.{name}"
        for name in (
            "consensus.Consensus",
            "gaussian_process.GaussianProcess",
            "kernel_ridge.KernelRidge",
            "partial_least_squares.PartialLeastSquares",
            "ridge.SpectralRidge",
            "support_vectors.SupportVectorRegression",
            "trees.BoostedTrees",
            "trees.RandomForest",
            "trees.BoostedMachine",
            "trees.ForestMachine",
            "terms.Term",
            "machines.Kernel",
            "machines.KernelMachine",
            "machines.LinearMachine",
            "tabular.boosted.TabularBoostedTrees",
            "tabular.consensus.TabularConsensus",
            "tabular.encoder.TableEncoder",
            "tabular.forest.TabularForest",
            "tabular.gaussian_process.TabularGaussianProcess",
            "tabular.kernels.SharedKernel",
            "tabular.kriging.SpatialKriging",
            "tabular.ridge.LogLinearRidge",
            "tabular.support_vectors.TabularSupportVectors",
            "tabular.variograms.Variogram",
            "views.Scaling",
            "views.View",
        )
    ),
    "cerussite.explanation.trees.Trees",
    *(
        f"cerussite.preprocessing.{name}"
        for name in (
            "derivatives.fractional_derivative",
            "derivatives.gap_derivative",
            "derivatives.savitzky_golay",
            "responses.LogResponse",
            "responses.ResponseTransform",
            "responses.YeoJohnsonResponse",
            "scatter.MultiplicativeScatterCorrection",
            "scatter.detrend",
            "scatter.standard_normal_variate",
        )
    ),
)

#: What reading a damaged archive ends in.
_DAMAGE = (
    zipfile.BadZipFile,
    AttributeError,
    EOFError,
    ImportError,
    KeyError,
    OSError,
    TypeError,
    ValueError,
)


class Stored:
    """
    Saving and loading of fitted calibrations, for their base classes.
    """

    def save(self, folder: Path | str) -> Path:
        """
        Write the fitted calibration into a folder, without pickle.

        Parameters
        ----------
        folder : Path or str
            Made where it does not exist.

        Returns
        -------
        Path
            The folder.
        """
        check_is_fitted(self)
        return save_estimator(self, Path(folder))

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """
        Read a calibration back.

        Parameters
        ----------
        folder : Path or str
            Folder given to :meth:`save`.

        Returns
        -------
        Self
            The fitted calibration.
        """
        return load_estimator(cls, Path(folder))


def save_estimator(estimator: Any, folder: Path) -> Path:
    """
    Write a fitted estimator into a folder.

    Parameters
    ----------
    estimator : object
        Fitted estimator that holds nothing but trusted types.
    folder : Path
        Made where it does not exist; a file of an earlier estimator is
        replaced only once the new one is complete.

    Returns
    -------
    Path
        The folder.
    """
    # skops imports all of scikit-learn, and PyTorch where it is installed.
    import skops.io  # noqa: PLC0415 - seconds that only saving has to pay

    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{ESTIMATOR_FILE}.part"
    try:
        skops.io.dump(estimator, part)
        part.replace(folder / ESTIMATOR_FILE)
    finally:
        part.unlink(missing_ok=True)
    return folder


def load_estimator(kind: type[Estimator], folder: Path) -> Estimator:
    """
    Read an estimator back; nothing in the file is run.

    Parameters
    ----------
    kind : type
        Class that is expected.
    folder : Path
        Folder given to :func:`save_estimator`.

    Returns
    -------
    object of type ``kind``
        The fitted estimator.

    Raises
    ------
    UnreadableFileError
        If the file is missing or damaged, holds types that are not trusted, or
        another class.
    """
    path = folder / ESTIMATOR_FILE
    if not path.is_file():
        msg = f"{path}: no such file; expected a folder written by save; name another"
        raise UnreadableFileError(msg)
    estimator = _read(path)
    if not isinstance(estimator, kind):
        msg = (
            f"{path}: holds {type(estimator).__name__}; expected {kind.__name__}; "
            "load it with its own class"
        )
        raise UnreadableFileError(msg)
    return estimator


def _read(path: Path) -> Any:
    import skops.io  # noqa: PLC0415 - see save_estimator
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415

    try:
        return skops.io.load(path, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        msg = (
            f"{path}: {error}; expected types of cerussite, scikit-learn and NumPy "
            "only; do not use this file"
        )
        raise UnreadableFileError(msg) from error
    except _DAMAGE as error:
        msg = (
            f"{path}: damaged ({type(error).__name__}: {error}); expected a file "
            "written by save; copy the folder again"
        )
        raise UnreadableFileError(msg) from error
