import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist

from cerussite.models.views import Block, Scaling, make_views

shapes = pytest.mark.parametrize("shape", [(8, 20), (20, 8)])


def rows(shape, seed=0):
    values = np.random.default_rng(seed).normal(size=shape)
    return values - values.mean(axis=0)


@shapes
def test_scores_keep_every_inner_product(shape):
    block = Block(rows(shape), rows((5, shape[1]), seed=1))
    assert_allclose(block.scores @ block.scores.T, block.gram, atol=1e-10)
    assert_allclose(block.new_scores @ block.scores.T, block.new_gram, atol=1e-10)


@shapes
def test_axes_are_those_of_the_singular_value_decomposition(shape):
    block = Block(rows(shape), rows((1, shape[1])))
    singular = np.linalg.svd(block.fitted, compute_uv=False)
    kept = singular[singular > 1e-6][::-1] ** 2
    assert_allclose(block.variances, kept)
    assert_allclose(block.axes.T @ block.axes, np.eye(len(kept)), atol=1e-10)


@shapes
def test_distances_are_those_of_scipy(shape):
    block = Block(rows(shape), 3.0 + rows((5, shape[1]), seed=1))
    assert_allclose(
        block.distances, cdist(block.fitted, block.fitted, "sqeuclidean"), atol=1e-10
    )
    assert_allclose(
        block.new_distances, cdist(block.new, block.fitted, "sqeuclidean"), atol=1e-10
    )


@given(st.booleans(), st.floats(-5.0, 5.0), st.floats(0.01, 100.0))
def test_scaled_rows_forget_offset_and_gain(standardise, offset, gain):
    values = np.random.default_rng(0).normal(size=(9, 4)) * [1.0, 2.0, 3.0, 4.0]
    other = offset + gain * values
    once = Scaling.learn(values, standardise=standardise)(values)
    twice = Scaling.learn(other, standardise=standardise)(other)
    assert_allclose(once, twice, atol=1e-9)
    assert np.square(once).sum(axis=1).mean() == pytest.approx(1.0)
    assert_allclose(once.mean(axis=0), 0.0, atol=1e-12)


def test_standardised_bands_have_one_variance_and_constant_ones_stay():
    values = np.array([[1.0, 5.0, 10.0], [2.0, 5.0, 30.0], [3.0, 5.0, 20.0]])
    scaled = Scaling.learn(values, standardise=True)(values)
    assert_allclose(scaled.var(axis=0), [0.5, 0.0, 0.5])


def test_a_fold_is_scaled_by_its_own_rows():
    values = np.array([[0.0], [2.0], [100.0]])
    (view,) = make_views({"none": values}, standardise=(False,))
    block = view.block(np.array([0, 1]), np.array([2]))
    # Mean 1 and deviation 1 of the first two rows; the third has no say.
    assert_array_equal(block.fitted, [[-1.0], [1.0]])
    assert_array_equal(block.new, [[99.0]])


def test_views_without_rows_predict_the_same_new_rows():
    (view,) = make_views({"none": rows((6, 3))}, standardise=(True,))
    new = rows((2, 3), seed=1)
    assert_array_equal(view.block_of(new).new, view.without_rows().block_of(new).new)
    assert len(view.without_rows().preprocessed) == 0
