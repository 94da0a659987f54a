from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.studies.schemes import StudySplit
from cerussite.studies.series import Series


@cache
def small_survey(*, n_specimens=30, scans=1, n_groups=6, seed=0):
    """Spectra of 12 bands; Pb shows in them, Zn does not; some values missing."""
    rng = np.random.default_rng(seed)
    specimen = np.repeat(np.arange(n_specimens), scans)
    pb = np.exp(rng.normal(4, 1, n_specimens))
    zn = np.exp(rng.normal(4, 1, n_specimens))
    zn[::7] = np.nan
    bands = np.linspace(500, 1600, 12)
    shape = np.exp(-(((bands - 900) / 150) ** 2))
    values = 0.5 + 0.1 * np.log(pb)[specimen, None] * shape
    values = values + rng.normal(0, 0.01, values.shape)
    samples = pd.DataFrame(
        {
            "specimen": specimen,
            "group": np.char.add("site-", (specimen % n_groups).astype(str)),
            "easting": 100.0 * (specimen % 6),
            "northing": 100.0 * (specimen // 6),
        },
        index=[f"s{i}" for i in range(len(specimen))],
    )
    return Survey(
        samples=samples,
        responses=(Response("Pb", "mg/kg", "xrf"), Response("Zn", "mg/kg", "xrf")),
        y=np.column_stack([pb, zn])[specimen],
        spectra=Spectra(values, bands, "absorbance"),
        crs="EPSG:25832",
        name="small",
    )


@pytest.fixture
def survey():
    return small_survey()


@pytest.fixture
def replicated():
    return small_survey(scans=3)


def make_series(
    y, *, n_repeats=2, n_folds=5, noise=1.0, method="ridge", scheme="random", seed=0
):
    """Predictions that are the observed values with noise, over random folds."""
    rng = np.random.default_rng(seed)
    splits, predicted = [], []
    for repeat in range(n_repeats):
        folds = np.array_split(rng.permutation(len(y)), n_folds)
        for fold, test in enumerate(folds):
            rest = np.setdiff1d(np.arange(len(y)), test)
            splits.append(StudySplit(scheme, repeat, fold, len(rest), rest, test))
            filled = np.where(np.isnan(y[test]), 5.0, y[test])
            predicted.append(filled + rng.normal(0, noise, filled.shape))
    series = Series(method, scheme, len(y) - len(y) // n_folds, splits, predicted)
    series.limits = [np.stack([each - 1.5, each + 1.5]) for each in predicted]
    return series


@pytest.fixture
def trial():
    """Two series of different noise on the same folds, with their observed values."""
    y = np.random.default_rng(1).normal(10, 3, (60, 2))
    y[::9, 1] = np.nan
    good = make_series(y, noise=0.5, method="ridge")
    bad = make_series(y, noise=2.0, method="partial_least_squares")
    return SimpleNamespace(y=y, good=good, bad=bad, names=["Pb", "Zn"])


@pytest.fixture
def series_of():
    """The function that makes series."""
    return make_series


@pytest.fixture(scope="session")
def survey_of():
    """The function that makes small surveys."""
    return small_survey
