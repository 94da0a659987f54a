"""Each family against another program, or the formula written out."""

import lightgbm
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process.kernels import Matern
from sklearn.kernel_ridge import KernelRidge as ScikitKernelRidge
from sklearn.linear_model import Ridge
from sklearn.svm import SVR

from cerussite.evaluation import inner_folds
from cerussite.models import (
    BoostedTrees,
    Consensus,
    GaussianProcess,
    KernelRidge,
    PartialLeastSquares,
    RandomForest,
    SpectralRidge,
    SupportVectorRegression,
)
from cerussite.models.gaussian_process import log_marginal_likelihood
from cerussite.models.machines import Kernel, typical_length
from cerussite.models.partial_least_squares import cross_validated_components
from cerussite.models.stacking import stacked_weights
from cerussite.models.trees import pooled
from cerussite.models.tuning import out_of_fold
from cerussite.models.views import Block, make_views

RAW = {"preprocessing": "none", "standardise": False, "sharpness": float("inf")}


def data(n_samples=40, n_features=25):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_samples, 4)) @ rng.normal(size=(4, n_features))
    X += 0.1 * rng.normal(size=X.shape)
    y = np.column_stack([X[:, 0] + X[:, 5] ** 2, 3.0 * X[:, 9]])
    return X, y + 0.3 * rng.normal(size=y.shape)


def whole_block(X, new):
    (view,) = make_views({"none": X}, standardise=(False,))
    return view.block_of(new)


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("n_features", [15, 60])
def test_components_are_cross_validated_as_by_scikit_learn(standardise, n_features):
    X, y = data(n_features=n_features)
    folds = inner_folds(np.arange(40), n_folds=4, random_state=0)
    paths = cross_validated_components(
        X, y, folds=folds, n_components=6, standardise=standardise
    )
    slow = np.empty_like(paths)
    for fitted, held_out in folds:
        for n in range(6):
            # scale=True also scales y, which changes the components of PLS2.
            one = PLSRegression(n + 1, scale=False, tol=1e-15, max_iter=10_000)
            centre = X[fitted].mean(axis=0)
            spread = X[fitted].std(axis=0) if standardise else 1.0
            one.fit((X[fitted] - centre) / spread, y[fitted])
            slow[n, held_out] = one.predict((X[held_out] - centre) / spread)
    assert_allclose(paths, slow, atol=1e-5)


def test_both_ways_through_the_folds_agree():
    # Fewer features than rows: ikpls takes cross-products down; otherwise the
    # rotated folds are fitted one by one.
    X, y = data(n_features=15)
    folds = inner_folds(np.arange(40), n_folds=4, random_state=0)
    pls = PartialLeastSquares(n_components=8)
    for view in make_views({"none": X}, standardise=(False, True)):
        fast = pls._cross_validated(view, y, folds)
        slow = [pls._paths(view.block(*fold), y[fold[0]]) for fold in folds]
        order = np.argsort(np.concatenate([held_out for _, held_out in folds]))
        assert_allclose(fast, np.concatenate(slow, axis=1)[:, order], atol=1e-8)


def test_partial_least_squares_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 20)) * np.linspace(0.2, 3.0, 20)
    y = X @ rng.normal(size=20)
    pls = PartialLeastSquares(**RAW).fit(X[:30], y[:30])
    n_components = int(pls.terms_[0][0].setting.split()[0])
    other = PLSRegression(n_components, scale=False).fit(X[:30], y[:30])
    assert n_components > 3
    assert_allclose(pls.predict(X[30:]), other.predict(X[30:]), rtol=1e-6)


def test_the_one_standard_error_rule_takes_the_smallest_within_reach():
    # Mean errors 4, 2.5, 2 and 3; the best varies by sd 2, so 2 + 2/sqrt(4) = 3
    # lets the second through and not the first.
    errors = np.array(
        [[4.0, 4.0, 4.0, 4.0], [2.5, 2.5, 2.5, 2.5], [0.0, 2.0, 1.0, 5.0], [3.0] * 4]
    )
    assert errors[2].std(ddof=1) / 2.0 == pytest.approx(1.08, abs=0.01)
    assert PartialLeastSquares(rule="one_standard_error")._choice(errors) == 1
    assert PartialLeastSquares(rule="minimum")._choice(errors) == 2


def test_ridge_is_that_of_scikit_learn():
    X, y = data()
    block = whole_block(X[:30], X[30:])
    ridge = SpectralRidge(penalties=(1e-3, 1e-1))
    paths = ridge._paths(block, y[:30])
    for setting, penalty in enumerate(ridge.penalties):
        alpha = penalty * np.square(block.fitted).sum()
        other = Ridge(alpha=alpha).fit(block.fitted, y[:30])
        assert_allclose(paths[setting], other.predict(block.new), rtol=1e-8)
        one = ridge._machine(block, y[:30, 0], setting).predict(block)
        assert_allclose(one, paths[setting, :, 0])


def test_the_kernel_is_matern_five_halves_plus_a_line():
    block = whole_block(*np.split(data()[0], [30]))
    kernel = Kernel(length=0.7, linear=0.4)
    matern = Matern(length_scale=0.7, nu=2.5)
    assert_allclose(
        kernel.new(block),
        matern(block.new, block.fitted) + 0.4 * block.new @ block.fitted.T,
    )


def test_kernel_ridge_is_that_of_scikit_learn():
    X, y = data()
    block = whole_block(X[:30], X[30:])
    family = KernelRidge(lengths=(1.0, 2.0), penalties=(0.01, 0.1))
    paths = family._paths(block, y[:30])
    for setting, (length, penalty) in enumerate(family._settings()):
        kernel = Kernel(length * typical_length(block))
        other = ScikitKernelRidge(alpha=penalty, kernel="precomputed")
        other.fit(kernel.fitted(block), y[:30] - y[:30].mean(axis=0))
        expected = other.predict(kernel.new(block)) + y[:30].mean(axis=0)
        assert_allclose(paths[setting], expected, rtol=1e-7)
        one = family._machine(block, y[:30, 1], setting).predict(block)
        assert_allclose(one, paths[setting, :, 1])


def test_the_marginal_likelihood_is_that_of_the_normal_density():
    X, y = data()
    block = whole_block(X, X[:1])
    kernel = Kernel(length=1.0).fitted(block)
    z = y[:, 0] - y[:, 0].mean()
    values, basis = np.linalg.eigh(kernel)
    noises = np.array([[0.01], [0.3]])
    likelihoods = log_marginal_likelihood(values + noises, basis.T @ z)
    for noise, likelihood in zip(noises[:, 0], likelihoods, strict=True):

        def density(log_variance, noise=noise):
            covariance = np.exp(log_variance) * (kernel + noise * np.eye(40))
            return -multivariate_normal(np.zeros(40), covariance).logpdf(z)

        found = minimize(lambda v: density(v[0]), [0.0], method="Nelder-Mead")
        assert likelihood == pytest.approx(-found.fun, abs=1e-4)


def test_a_gaussian_process_takes_the_most_likely_of_its_grid():
    X, y = data()
    block = whole_block(X[:30], X[30:])
    family = GaussianProcess(lengths=(0.5, 2.0), linear=(0.0, 1.0), noise=(0.01, 0.1))
    z = y[:30, 0] - y[:30, 0].mean()
    best, expected = -np.inf, None
    for kernel in family._kernels(block):
        for noise in family.noise:
            covariance = kernel.fitted(block) + noise * np.eye(30)
            variance = z @ np.linalg.solve(covariance, z) / 30
            normal = multivariate_normal(np.zeros(30), variance * covariance)
            if normal.logpdf(z) > best:
                best = normal.logpdf(z)
                expected = kernel.new(block) @ np.linalg.solve(covariance, z)
    predicted = family._paths(block, y[:30])[0, :, 0]
    assert_allclose(predicted, expected + y[:30, 0].mean(), rtol=1e-6)


def test_support_vectors_are_those_of_scikit_learn():
    X, y = data()
    block = whole_block(X[:30], X[30:])
    family = SupportVectorRegression(lengths=(1.0,), costs=(1.0, 10.0), epsilon=0.05)
    kernel = Kernel(typical_length(block))
    z = y[:30, 0]
    for setting, cost in enumerate(family.costs):
        other = SVR(kernel="precomputed", C=cost, epsilon=0.05)
        other.fit(kernel.fitted(block), (z - z.mean()) / z.std())
        expected = other.predict(kernel.new(block)) * z.std() + z.mean()
        one = family._machine(block, z, setting).predict(block)
        assert_allclose(one, expected)
        assert_allclose(family._paths(block, y[:30])[setting, :, 0], expected)


def test_a_forest_taken_apart_predicts_what_scikit_learn_does():
    X, y = data()
    block = whole_block(X[:30], X[30:])
    family = RandomForest(n_trees=15, n_bands=10)
    forest = RandomForestRegressor(15, max_features=0.33, random_state=0)
    forest.fit(pooled(block.fitted, 10), y[:30, 0])
    assert_allclose(
        family._machine(block, y[:30, 0], 0).predict(block),
        forest.predict(pooled(block.new, 10)),
    )


def test_boosted_trees_survive_their_text_form():
    X, y = data()
    block = whole_block(X[:30], X[30:])
    family = BoostedTrees(rounds=(10, 30), n_bands=10)
    booster = family._boosted(block, y[:30, 0], 30)
    assert isinstance(booster, lightgbm.Booster)
    machine = family._machine(block, y[:30, 0], 1)
    assert_array_equal(machine.predict(block), booster.predict(pooled(block.new, 10)))
    assert_allclose(family._paths(block, y[:30])[1, :, 0], machine.predict(block))


def test_pooled_bands_are_means_of_runs():
    rows = np.array([[1.0, 2.0, 6.0, 1.0, 0.0]])
    assert_allclose(pooled(rows, 2), [[1.5, 7.0 / 3.0]])
    assert_array_equal(pooled(rows, 9), rows)


def test_the_consensus_is_the_mean_of_its_members_alone():
    X, y = data()
    members = (PartialLeastSquares(), SpectralRidge(), GaussianProcess())
    views = {"preprocessing": ("none", "snv"), "random_state": 3}
    consensus = Consensus(members=members, **views).fit(X[:30], y[:30])
    alone = [member.set_params(**views).fit(X[:30], y[:30]) for member in members]
    assert_allclose(
        consensus.predict(X[30:]), np.mean([m.predict(X[30:]) for m in alone], axis=0)
    )
    assert_allclose(
        consensus.out_of_fold_, np.mean([m.out_of_fold_ for m in alone], axis=0)
    )


def test_the_consensus_has_five_families_unless_told_otherwise():
    X, y = data()
    fitted = Consensus(preprocessing="none").fit(X, y[:, 0])
    assert [type(member).__name__ for member in fitted.members_] == [
        "PartialLeastSquares",
        "SpectralRidge",
        "KernelRidge",
        "GaussianProcess",
        "SupportVectorRegression",
    ]
    assert_allclose(fitted.weights_, np.full((5, 1), 0.2))


def test_stacked_weights_are_those_of_a_general_optimiser():
    rng = np.random.default_rng(0)
    y = rng.normal(size=30)
    predictions = y[:, np.newaxis] + rng.normal(size=(30, 3)) * [0.3, 0.5, 2.0]
    mean_error = np.square(predictions - y[:, np.newaxis]).sum(axis=0).mean()
    for shrinkage in (0.0, 0.1, 1.0):

        def objective(w, shrinkage=shrinkage):
            misfit = np.square(y - predictions @ w).sum()
            return misfit + shrinkage * mean_error * np.square(w - 1 / 3).sum()

        found = minimize(
            objective,
            np.full(3, 1 / 3),
            bounds=[(0, 1)] * 3,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0},
            options={"ftol": 1e-14},
        )
        weights = stacked_weights(predictions, y, shrinkage=shrinkage)
        assert_allclose(weights, found.x, atol=1e-5)


def test_infinite_shrinkage_is_the_plain_mean():
    predictions = np.array([[1.0, 5.0], [2.0, -5.0]])
    weights = stacked_weights(predictions, np.array([1.0, 2.0]), shrinkage=np.inf)
    assert_array_equal(weights, [0.5, 0.5])


def test_out_of_fold_predictions_come_in_the_order_of_the_rows():
    X, y = data()
    folds = inner_folds(np.arange(40), n_folds=4, random_state=0)
    (view,) = make_views({"none": X}, standardise=(False,))
    ridge = SpectralRidge(penalties=(1e-3,))
    (path,) = out_of_fold([ridge], view, y, folds)
    for fitted, held_out in folds:
        block = view.block(fitted, held_out)
        assert isinstance(block, Block)
        alpha = 1e-3 * np.square(block.fitted).sum()
        other = Ridge(alpha=alpha).fit(block.fitted, y[fitted])
        assert_allclose(path[0, held_out], other.predict(block.new), rtol=1e-8)
