"""How often new spectra of the same population exceed the limits."""

import os

import numpy as np
import pytest

from cerussite.evaluation.applicability import (
    ResidualMoments,
    box_limit,
    components_needed,
    fit_applicability,
    fit_latent_space,
)
from cerussite.readers import load_dataset

MIRROR = os.environ.get("CERUSSITE_DATA", "")
N_BANDS = 200


def fitted_box_limit(X, n_components):
    """The limit of textbooks: eigenvalues of the calibration residuals."""
    residuals = fit_latent_space(X, n_components=n_components).residuals(X)
    eigenvalues = np.linalg.svd(residuals, compute_uv=False) ** 2 / (len(X) - 1)
    return box_limit(ResidualMoments.of_eigenvalues(eigenvalues), level=0.95)


def alarms(X, new, n_components):
    bands = np.arange(1.0, X.shape[1] + 1)
    known = fit_applicability(X, bands, n_components=n_components)
    table = known.judge(new, bands)
    return {
        "hotelling": (table["hotelling"] > known.limits["hotelling"].inner).mean(),
        "residual": (
            table["squared_residual"] > known.limits["squared_residual"].inner
        ).mean(),
        "textbook": (
            table["squared_residual"] > fitted_box_limit(X, n_components)
        ).mean(),
        "outside": (table["verdict"] == "outside").mean(),
        "inside": (table["verdict"] == "inside").mean(),
    }


def mean_of(found):
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 100])
@pytest.mark.parametrize("has_heavy_tails", [False, True])
def test_false_alarms_are_4_to_6_percent_with_more_bands_than_samples(
    n, has_heavy_tails
):
    rng, found = np.random.default_rng(0), []
    variances = 10 * 0.6 ** np.arange(30)
    for _ in range(150):
        axes = np.linalg.qr(rng.normal(size=(N_BANDS, 30)))[0]
        X = (rng.normal(size=(n + 500, 30)) * np.sqrt(variances)) @ axes.T
        X += 0.02 * rng.normal(size=X.shape)
        if has_heavy_tails:
            X /= np.sqrt(rng.chisquare(6, size=(len(X), 1)) / 6)
        found.append(alarms(X[:n], X[n:], n_components=8))
    shares = mean_of(found)
    assert 0.04 < shares["hotelling"] < 0.06
    assert 0.04 < shares["residual"] < 0.06
    assert shares["textbook"] > 0.09
    assert shares["outside"] < 0.06
    assert shares["inside"] > 0.85


@pytest.mark.slow
@pytest.mark.skipif(not MIRROR, reason="CERUSSITE_DATA names no mirror")
@pytest.mark.parametrize("name", ["yamsys", "kssl-mir-500"])
def test_real_spectra_of_the_same_survey_are_seldom_called_strange(name):
    X = load_dataset(name).spectra.values[:, ::8]
    rng, found = np.random.default_rng(0), []
    for _ in range(40):
        order = rng.permutation(len(X))
        kept, new = X[order[:70]], X[order[70:]]
        found.append(alarms(kept, new, components_needed(kept, share=0.99)))
    shares = mean_of(found)
    assert shares["hotelling"] < 0.07
    assert shares["residual"] < 0.07
    assert shares["outside"] < 0.08
    assert shares["inside"] > 0.8
