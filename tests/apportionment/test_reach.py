"""What is promised of planted sources and reference data, on few of them."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite.apportionment import (
    Draws,
    FitSettings,
    ReceptorData,
    bootstrap,
    combined_intervals,
    displacement,
    matched_factors,
    positive_matrix_factorisation,
    shares_of_species,
    suggest_number_of_factors,
)

SIZES = [(200, 12, 4), (160, 10, 3), (300, 14, 5), (250, 9, 3)]


def share_inside(table, truth, fitted):
    factors = [fitted.factors.index(name) for name in table["factor"]]
    species = [fitted.data.species.index(name) for name in table["species"]]
    values = truth[factors, species]
    low, high = table["lower"] * (1 - 1e-9), table["upper"] * (1 + 1e-9)
    return float(((values >= low) & (values <= high)).mean())


@pytest.mark.slow
def test_planted_sources_are_found_with_intervals_that_hold_them(planting):
    displaced, combined, numbers, starts, alike = [], [], [], [], []
    for seed, size in enumerate(SIZES):
        data, truth, _ = planting(*size, seed=seed, has_zeros=False)
        fitted = positive_matrix_factorisation(data, size[2])
        starts.append(fitted.runs["reaches_best"].sum())
        shares = shares_of_species(fitted).to_numpy()
        match = matched_factors((truth / truth.sum(axis=0)).T, shares)
        ordered = np.empty_like(truth)
        ordered[match.order] = truth
        alike.append(np.median(match.similarity))
        shifted = displacement(fitted, levels=[4.0])
        displaced.append(share_inside(shifted.intervals, ordered, fitted))
        drawn = bootstrap(fitted, draws=Draws(40), settings=FitSettings(n_starts=1))
        limits = combined_intervals(fitted, shifted, drawn)
        combined.append(share_inside(limits, ordered, fitted))
        suggested = suggest_number_of_factors(
            data,
            range(size[2] - 1, size[2] + 2),
            n_folds=5,
            settings=FitSettings(n_starts=2, max_iterations=60),
        )
        numbers.append(suggested.n_factors == size[2])
    assert min(starts) >= 18
    assert np.median(alike) > 0.97
    assert np.mean(displaced) >= 0.85
    # Percentiles of the bootstrap alone hold fewer: docs/apportionment.md.
    assert np.mean(combined) >= 0.9
    assert np.mean(numbers) >= 0.75


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "files"),
    [
        ("BatonRouge_k4", ("Dataset-BatonRouge-con.csv", "Dataset-BatonRouge-unc.csv")),
        ("StLouis_k6", ("Dataset-StLouis-con.csv", "Dataset-StLouis-unc.csv")),
        ("StLouis_k7", ("Dataset-StLouis-con.csv", "Dataset-StLouis-unc.csv")),
    ],
)
def test_the_best_q_is_not_above_that_of_another_program(key, files):
    # Best of ten runs of ESAT 2025.0.1 (least squares) on the same rows.
    if "CERUSSITE_DATA" not in os.environ:
        pytest.skip("CERUSSITE_DATA is not set")
    folder = Path(os.environ["CERUSSITE_DATA"]) / "geochem" / "pmf_esat"
    reference = json.loads((folder / "esat_reference_Q.json").read_text("utf-8"))[key]
    values, errors = (pd.read_csv(folder / file).iloc[:, 1:] for file in files)
    ids = tuple(map(str, range(len(values))))
    data = ReceptorData(values.to_numpy(), errors.to_numpy(), tuple(values), ids)
    found = positive_matrix_factorisation(data, int(key.rpartition("k")[2]))
    assert found.is_converged
    assert found.q_true <= min(reference["all_Qtrue"])
    assert found.q_robust <= reference["best_Qrobust"]
