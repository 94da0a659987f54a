import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.apportionment import (
    Draws,
    FitSettings,
    bootstrap,
    bootstrap_intervals,
    noise_bootstrap,
    positive_matrix_factorisation,
)
from cerussite.core.errors import InvalidStudyError

ONE = FitSettings(n_starts=1)


@pytest.fixture(scope="module")
def fitted(small_set):
    return positive_matrix_factorisation(
        small_set[0], 3, settings=FitSettings(n_starts=3)
    )


def test_blocks_are_drawn_whole():
    rows = Draws(3, blocks=np.repeat(list("abcdefghij"), 5)).rows(50)[0][0]
    assert rows.size == 50
    assert_array_equal(
        rows.reshape(10, 5) - rows.reshape(10, 5)[:, :1], [range(5)] * 10
    )


def test_every_planted_factor_is_mapped_and_intervals_hold_the_value(fitted):
    found = bootstrap(fitted, draws=Draws(30), settings=ONE)
    assert found.profiles.shape == (30, *fitted.profiles.shape)
    assert found.share_unmapped == 0
    assert_array_equal(found.mapping.to_numpy(), np.diag([30, 30, 30, 0])[:3])
    table = bootstrap_intervals(fitted, found, level=0.95)
    assert table["is_inside"].mean() > 0.8
    drawn = found.profiles[:, 1, 4]
    row = table[(table["factor"] == "factor 2") & (table["species"] == "E4")].iloc[0]
    assert_allclose([row["lower"], row["upper"]], np.quantile(drawn, [0.025, 0.975]))


def test_errors_alone_spread_profiles_as_far_as_the_normal_equations_say(small_set):
    data = small_set[0]
    fitted = positive_matrix_factorisation(data, 1, settings=ONE)
    found = noise_bootstrap(fitted, n_resamples=200, settings=ONE)
    n, m = data.concentrations.shape
    g, f = fitted.contributions[:, 0], fitted.profiles[0]
    by_profile = np.einsum("i,jk->ijk", g, np.eye(m)).reshape(-1, m)
    by_contribution = np.einsum("il,j->ijl", np.eye(n), f).reshape(-1, n)
    weighted = np.hstack([by_profile, by_contribution]) / data.uncertainties.reshape(
        -1, 1
    )
    direction = np.concatenate([np.eye(m)[0], np.full(n, f[0] / n)])
    error = np.sqrt(direction @ np.linalg.pinv(weighted.T @ weighted) @ direction)
    assert_allclose(found.profiles[:, 0, 0].std(), error, rtol=0.15)


def test_what_cannot_be_resampled_is_refused(fitted):
    with pytest.raises(InvalidStudyError, match="149 labels of 149 blocks for 150"):
        bootstrap(fitted, draws=Draws(blocks=range(149)))
    with pytest.raises(InvalidStudyError, match="150 labels of 1 blocks"):
        bootstrap(fitted, draws=Draws(blocks=["a"] * 150))
    with pytest.raises(InvalidStudyError, match="1 resamples"):
        Draws(1)
