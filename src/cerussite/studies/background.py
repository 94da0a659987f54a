"""Calibration spectra that explanations of a saved calibration are contrasted with."""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import FloatArray, IntArray
from cerussite.studies.files import seed_of

#: File inside the folder of a calibration.
BACKGROUND_FILE = "background.safetensors"
#: Most spectra that are explained, and that they are contrasted with.
N_EXPLAINED = 100


def explained_rows(n_samples: int, random_state: int) -> IntArray:
    """
    Samples that stand for all of a survey in explanations.

    Parameters
    ----------
    n_samples : int
        Size of the survey.
    random_state : int
        Seed of the study.

    Returns
    -------
    ndarray of int
        All of a small survey, else :data:`N_EXPLAINED` at random, in order.

    Examples
    --------
    >>> explained_rows(3, 0)
    array([0, 1, 2])
    """
    if n_samples <= N_EXPLAINED:
        return np.arange(n_samples)
    rng = np.random.default_rng(seed_of(random_state, "explained samples"))
    return np.sort(rng.choice(n_samples, N_EXPLAINED, replace=False))


def save_background(folder: Path, X: FloatArray) -> None:
    """
    Write spectra into the folder of their calibration.

    Parameters
    ----------
    folder : Path
        Folder of a saved calibration.
    X : ndarray of shape (n_samples, n_wavelengths)
        Calibration spectra.
    """
    save_file({"X": np.ascontiguousarray(X)}, folder / BACKGROUND_FILE)


def load_background(folder: Path) -> FloatArray:
    """
    Read the spectra back.

    Parameters
    ----------
    folder : Path
        Folder of a saved calibration.

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths)
        As written.

    Raises
    ------
    UnreadableFileError
        If the folder has none, or they are damaged.
    """
    path = folder / BACKGROUND_FILE
    if not path.is_file():
        msg = (
            f"{path}: no such file; expected calibration spectra to contrast with; "
            "run the study that made the calibration again"
        )
        raise UnreadableFileError(msg)
    try:
        return load_file(path)["X"]
    except (SafetensorError, KeyError, OSError) as error:
        msg = f"{path}: damaged ({error}); expected spectra; copy the folder again"
        raise UnreadableFileError(msg) from error
