"""Principal components, residuals and left-out statistics."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.evaluation.applicability import (
    components_needed,
    fit_latent_space,
    leave_out,
    range_of,
)


def spectra(n, n_bands, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 4)) @ rng.normal(size=(4, n_bands)) + 0.1 * rng.normal(
        size=(n, n_bands)
    )


@pytest.mark.parametrize("shape", [(30, 80), (80, 30)])
def test_components_equal_those_of_scikit_learn(shape):
    X = spectra(*shape)
    new = spectra(7, shape[1], seed=1)
    other = PCA(3, svd_solver="full").fit(X)
    space = fit_latent_space(X, n_components=3)
    scores = other.transform(new)
    np.testing.assert_allclose(space.variances, other.explained_variance_)
    np.testing.assert_allclose(
        space.hotelling(new), (scores**2 / other.explained_variance_).sum(axis=1)
    )
    residuals = new - other.inverse_transform(scores)
    np.testing.assert_allclose(space.residuals(new), residuals, atol=1e-10)
    np.testing.assert_allclose(space.squared_residual(new), (residuals**2).sum(axis=1))


def test_calibration_scores_have_unit_variance():
    X = spectra(40, 10)
    scores = fit_latent_space(X, n_components=4).scores(X)
    np.testing.assert_allclose(np.cov(scores.T), np.eye(4), atol=1e-9)


def test_rounding_is_no_residual():
    X = np.outer(np.arange(1.0, 9), np.array([1.0, 0.3, 0.1])) + 1e3
    space = fit_latent_space(X, n_components=1)
    assert (space.squared_residual(X) == 0).all()


def test_too_many_components_are_refused():
    with pytest.raises(InvalidStudyError, match=r"expected 1 to 4, so that a residual"):
        fit_latent_space(spectra(6, 9), n_components=5)


def test_directions_that_are_not_there_are_refused():
    X = np.outer(np.arange(9.0), np.ones(5))
    with pytest.raises(InvalidStudyError, match="fewer than 2 directions"):
        fit_latent_space(X, n_components=2)


def test_missing_values_and_other_bands_are_refused():
    X = spectra(9, 5)
    space = fit_latent_space(X, n_components=2)
    for call in (space.scores, space.residuals):
        with pytest.raises(InvalidSpectraError, match=r"shape \(9, 4\); expected"):
            call(X[:, :4])
    broken = X.copy()
    broken[3, 1] = np.nan
    with pytest.raises(InvalidSpectraError, match=r"1 of 9 samples .*first: row 3"):
        space.scores(broken)
    with pytest.raises(InvalidSpectraError, match="missing or infinite"):
        fit_latent_space(broken, n_components=2)
    with pytest.raises(InvalidSpectraError, match="missing or infinite"):
        leave_out(broken, n_components=2)
    with pytest.raises(InvalidSpectraError, match="missing or infinite"):
        components_needed(broken, share=0.9)


def test_components_needed_follow_the_share_by_hand():
    # Variances 80, 15, 4 and 1 of 100.
    X = np.diag(np.sqrt([80.0, 15.0, 4.0, 1.0]))
    X = np.vstack([X, -X] * 5)
    assert [components_needed(X, share=s) for s in (0.7, 0.9, 0.98)] == [1, 2, 3]
    # The fourth would leave no residual.
    assert components_needed(X, share=0.9999) == 3


def test_components_needed_are_at_most_a_fifth_of_the_samples():
    X = np.random.default_rng(0).normal(size=(20, 200))
    assert components_needed(X, share=0.99) == 4


def test_equal_spectra_and_senseless_shares_are_refused():
    with pytest.raises(InvalidSpectraError, match="all spectra are equal"):
        components_needed(np.ones((9, 3)), share=0.9)
    with pytest.raises(InvalidStudyError, match="share 1 of the variance"):
        components_needed(spectra(9, 3), share=1.0)


def test_left_out_statistics_equal_the_literal_loop():
    X = spectra(25, 40)
    found = leave_out(X, n_components=3)
    for i in range(25):
        kept = np.delete(X, i, axis=0)
        centre = kept.mean(axis=0)
        _, values, axes = np.linalg.svd(kept - centre, full_matrices=False)
        t = axes[:3] @ (X[i] - centre)
        e = X[i] - centre - t @ axes[:3]
        low, high = kept.min(axis=0), kept.max(axis=0)
        outside = np.maximum(np.maximum(low - X[i], X[i] - high), 0) / (high - low)
        assert found.hotelling[i] == pytest.approx((t**2 / values[:3] ** 2 * 23).sum())
        assert found.squared_residual[i] == pytest.approx(e @ e)
        assert found.excess[i] == pytest.approx(outside.max())


def test_residuals_of_fitted_samples_are_too_small_for_new_ones():
    X, new = np.split(spectra(260, 300), [60])
    space = fit_latent_space(X, n_components=6)
    fresh = space.squared_residual(new).mean()
    assert space.squared_residual(X).mean() < 0.95 * fresh
    left_out = leave_out(X, n_components=6).squared_residual.mean()
    assert left_out == pytest.approx(fresh, rel=0.03)


def test_replicates_are_left_out_together():
    X = np.repeat(spectra(12, 20), 2, axis=0)
    alone = leave_out(X, n_components=8)
    together = leave_out(X, n_components=8, groups=np.repeat(np.arange(12), 2))
    ratio = np.median(together.squared_residual) / np.median(alone.squared_residual)
    assert ratio > 3
    assert (alone.excess == 0).all()
    assert together.excess.max() > 0


def test_a_share_of_the_width_outside_the_range_is_counted_by_hand():
    known = range_of(np.array([[0.0, 10.0, 5.0], [4.0, 30.0, 5.0]]))
    found = known.excess(np.array([[-1.0, 35.0, 5.0], [2.0, 20.0, 17.0]]))
    # The third feature has no width; the mean of 4 and 20 stands in.
    np.testing.assert_allclose(found, [[0.25, 0.25, 0.0], [0.0, 0.0, 1.0]])


def test_ranges_refuse_what_has_none():
    with pytest.raises(InvalidSpectraError, match="no calibration samples"):
        range_of(np.empty((0, 3)))
    with pytest.raises(InvalidSpectraError, match="missing or infinite"):
        range_of(np.array([[np.inf]]))
    with pytest.raises(InvalidSpectraError, match=r"expected \(n_samples, 2\)"):
        range_of(np.ones((3, 2))).excess(np.ones((1, 3)))
