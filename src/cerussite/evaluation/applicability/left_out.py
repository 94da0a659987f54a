"""What a calibration says of its own samples when they are left out."""

from typing import NamedTuple

import numpy as np

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.types import FloatArray
from cerussite.evaluation.applicability.latent import fit_latent_space
from cerussite.evaluation.applicability.matrices import matrix_flaw
from cerussite.evaluation.applicability.ranges import range_of
from cerussite.evaluation.splits import Labels, encode, inner_folds

#: Samples that all folds together fit about; fewer samples get more folds.
_FITTED = 20_000
#: Fewest folds where there are as many groups.
_FEWEST = 10


class LeftOut(NamedTuple):
    """
    Statistics of calibration samples, each from a fit without its fold.

    Attributes
    ----------
    hotelling, squared_residual, excess : ndarray of shape (n_calibration,)
        T², Q, and the farthest that a band leaves the range of the others, as
        a share of its width.
    """

    hotelling: FloatArray
    squared_residual: FloatArray
    excess: FloatArray


def leave_out(
    X: FloatArray, *, n_components: int, groups: Labels | None = None
) -> LeftOut:
    """
    Statistics of calibration samples as if they were new.

    Components follow their calibration samples into noise: residuals of these
    samples are too small by far to judge new ones by when bands outnumber
    samples. Left out, they are like those of new samples.

    Parameters
    ----------
    X : ndarray of shape (n_calibration, n_wavelengths)
        Calibration spectra.
    n_components : int
        Principal components.
    groups : array_like of shape (n_calibration,), optional
        Labels that are left out together: replicate scans of one specimen; sites,
        where the question is whether a new site is like the known ones.

    Returns
    -------
    LeftOut
        One value a sample.

    Raises
    ------
    InvalidSpectraError
        If a value is missing.

    Notes
    -----
    Up to 141 samples or groups are left out one by one; more of them in folds, of
    which there are the fewer the more samples there are, down to ten: then a
    fold takes little from a fit. Folds are dealt in the same way each time.
    """
    if msg := matrix_flaw(X):
        raise InvalidSpectraError(msg)
    labels = np.arange(len(X)) if groups is None else encode(groups, what="groups")
    n_folds = min(max(_FEWEST, _FITTED // len(X)), int(labels.max()) + 1)
    found = LeftOut(*(np.empty(len(X)) for _ in LeftOut._fields))
    for kept, held_out in inner_folds(labels, n_folds=n_folds, random_state=0):
        space = fit_latent_space(X[kept], n_components=n_components)
        found.hotelling[held_out] = space.hotelling(X[held_out])
        found.squared_residual[held_out] = space.squared_residual(X[held_out])
        excess = range_of(X[kept]).excess(X[held_out])
        found.excess[held_out] = excess.max(axis=1)
    return found
