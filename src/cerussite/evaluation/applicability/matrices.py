"""What is wrong with a matrix of samples and features, if anything."""

import numpy as np

from cerussite.core.types import FloatArray


def matrix_flaw(X: FloatArray, *, n_features: int | None = None) -> str | None:
    """
    What keeps a matrix from being compared with a calibration.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Spectra, scores or covariates.
    n_features : int, optional
        Columns of the calibration.

    Returns
    -------
    str or None
        Text of an error.
    """
    if X.ndim != 2 or (n_features is not None and X.shape[1] != n_features):
        columns = "n_features" if n_features is None else n_features
        return (
            f"values of shape {X.shape}; expected (n_samples, {columns}), the features "
            "of the calibration; bring the samples to them first"
        )
    is_bad = ~np.isfinite(X).all(axis=1)
    if is_bad.any():
        return (
            f"{int(is_bad.sum())} of {len(X)} samples hold missing or infinite values "
            f"(first: row {int(np.argmax(is_bad))}); expected finite ones; drop these "
            "samples or features"
        )
    return None
