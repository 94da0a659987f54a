"""Covariates of a domain on their way into a network."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from cerussite.core.errors import InvalidStudyError
from cerussite.transfer.domains.configuration import (
    AdapterConfiguration,
    TrunkConfiguration,
)
from cerussite.transfer.domains.covariates import Covariates, split_covariates
from cerussite.transfer.domains.embeddings import (
    PeriodicFeatures,
    PiecewiseFeatures,
    bin_edges,
)
from cerussite.transfer.domains.encoding import CovariateEncoding
from cerussite.transfer.domains.layers import MemberTable
from cerussite.transfer.domains.training import draw_folds, member_losses


def numbers_only(numbers):
    return Covariates(numbers, np.empty((len(numbers), 0), dtype=object))


def test_numbers_and_labels_are_told_apart():
    table = pd.DataFrame(
        {
            "depth": [1, 2, 3],
            "stratum": ["Bay", None, "Port"],
            "clay": [0.5, np.nan, 1.0],
            "survey": [1998.0, 2008.0, np.nan],
        }
    )
    found = split_covariates(table, ["stratum", "survey"])
    assert_allclose(found.numbers, [[1, 0.5], [2, np.nan], [3, 1.0]])
    assert found.labels.tolist() == [["Bay", "1998"], [None, "2008"], ["Port", None]]


def test_positions_name_the_categories_of_an_array():
    found = split_covariates(np.array([[1.0, 7.0], [2.0, np.nan]]), [1])
    assert found.labels.tolist() == [["7"], [None]]


@pytest.mark.parametrize(
    ("table", "categorical", "message"),
    [
        (pd.DataFrame({"a": ["x"]}), [], "covariate 'a' holds something other"),
        (pd.DataFrame({"a": [np.inf]}), [], "covariate 'a' holds infinite numbers"),
        (pd.DataFrame({"a": [1.0]}), ["b"], "no column 'b'; expected one of a"),
    ],
)
def test_impossible_tables_are_refused(table, categorical, message):
    with pytest.raises(InvalidStudyError, match=message):
        split_covariates(table, categorical)


def test_quantile_scaling_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    numbers = np.column_stack([rng.lognormal(size=150), rng.integers(0, 5, size=150)])
    encoding = CovariateEncoding.learn(numbers_only(numbers), scaling="quantile")
    twin = QuantileTransformer(n_quantiles=150, output_distribution="normal")
    new = numbers[:40] * 1.1 - 0.05
    expected = np.clip(twin.fit(numbers).transform(new), -3, 3)
    assert_allclose(encoding.apply(numbers_only(new)).numbers, expected, atol=1e-6)


def test_standard_scaling_agrees_with_scikit_learn_and_keeps_constants():
    numbers = np.random.default_rng(0).normal(3, 2, size=(50, 2))
    numbers[:, 1] = 7.0
    encoding = CovariateEncoding.learn(numbers_only(numbers), scaling="standard")
    scaled = encoding.apply(numbers_only(numbers)).numbers
    assert_allclose(scaled, StandardScaler().fit_transform(numbers), atol=1e-12)


@pytest.mark.parametrize("scaling", ["quantile", "standard"])
def test_missing_and_unknown_covariates_are_marked(scaling):
    labels = np.array([["Bay"], [None], ["Port"]], dtype=object)
    numbers = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    encoding = CovariateEncoding.learn(Covariates(numbers, labels), scaling=scaling)
    new_labels = np.array([["Port"], ["Marina"], [None]], dtype=object)
    encoded = encoding.apply(Covariates(np.array([[2.0, 5.0]] * 3), new_labels))
    # A covariate that was never measured stays missing.
    assert_allclose(encoded.is_missing, [[0, 1]] * 3)
    assert_allclose(encoded.numbers, 0, atol=1e-12)
    assert encoded.codes.tolist() == [[2], [0], [0]]
    again = CovariateEncoding.from_dict(encoding.to_dict())
    assert_allclose(
        again.apply(Covariates(numbers, labels)).is_missing[:, 0], [0, 1, 0]
    )


def test_piecewise_features_by_hand():
    # Bins 0-1 and 1-3: 2 fills the first and half of the second.
    features = PiecewiseFeatures(np.array([[0.0, 1.0, 3.0]]))
    found = features(torch.tensor([[[2.0], [0.25], [-1.0], [9.0]]]))
    expected = [[1, 0.5], [0.25, 0], [0, 0], [1, 1]]
    assert_allclose(found[0, :, 0].numpy(), expected)


def test_bins_hold_equal_numbers_of_samples():
    numbers = np.random.default_rng(0).normal(size=(800, 3))
    edges = bin_edges(numbers, 8)
    for column, limits in zip(numbers.T, edges, strict=True):
        assert_allclose(np.histogram(column, limits)[0], 100)


def test_periodic_features_are_sines_and_cosines():
    configuration = AdapterConfiguration(n_frequencies=3, frequency_scale=1.0)
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    features = PeriodicFeatures(2, configuration, generators)
    numbers = torch.randn(2, 5, 2)
    found = features(numbers).detach().numpy()
    frequencies = features.frequencies.detach().numpy()
    for m, b, d, k in np.ndindex(2, 5, 2, 3):
        angle = 2 * np.pi * frequencies[m, 0, d, k] * numbers[m, b, d].item()
        assert_allclose(found[m, b, d, k], np.sin(angle), atol=1e-5)
        assert_allclose(found[m, b, d, 3 + k], np.cos(angle), atol=1e-5)


def test_unknown_categories_begin_as_nothing():
    table = MemberTable(3, 4, [torch.Generator().manual_seed(0)])
    found = table(torch.tensor([[0, 2]])).detach()
    assert_allclose(found[0, 0].numpy(), 0)
    assert (found[0, 1] != 0).all()


def test_losses_of_members_agree_with_a_literal_loop():
    rng = np.random.default_rng(0)
    prediction, z = rng.normal(size=(2, 3, 6, 4))
    z[rng.random(z.shape) < 0.4] = np.nan
    z[1, :, 2] = np.nan
    z[2] = np.nan
    literal = []
    for member in range(3):
        means = []
        for response in range(4):
            squares = [
                (p - t) ** 2
                for p, t in zip(
                    prediction[member, :, response], z[member, :, response], strict=True
                )
                if not np.isnan(t)
            ]
            if squares:
                means.append(np.mean(squares))
        literal.append(np.mean(means) if means else 0.0)
    found = member_losses(torch.as_tensor(prediction), torch.as_tensor(z))
    assert_allclose(found.numpy(), literal)


def test_gradients_are_finite_beside_missing_responses():
    prediction = torch.zeros(1, 2, 1, requires_grad=True)
    z = torch.tensor([[[1.0], [torch.nan]]])
    member_losses(prediction, z).sum().backward()
    assert_allclose(prediction.grad.flatten().numpy(), [-2.0, 0.0])


def test_tuning_sets_never_split_a_group():
    labels = np.repeat(np.arange(12), 4)
    calibration, tuning = draw_folds(labels, 7, 0.25, np.random.default_rng(0))
    for fitted, chosen in zip(calibration, tuning, strict=True):
        assert sorted([*fitted, *chosen]) == list(range(48))
        assert not set(labels[fitted]) & set(labels[chosen])
    assert sorted(np.concatenate(tuning[:4])) == list(range(48))


@pytest.mark.parametrize(("n_groups", "fraction"), [(3, 0.2), (50, 0.0)])
def test_few_groups_or_no_fraction_leave_no_tuning_set(n_groups, fraction):
    calibration, tuning = draw_folds(
        np.arange(n_groups), 2, fraction, np.random.default_rng(0)
    )
    assert [len(rows) for rows in calibration] == [n_groups] * 2
    assert [len(rows) for rows in tuning] == [0, 0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AdapterConfiguration(scaling="rank"), "scaling: 'rank'"),
        (lambda: AdapterConfiguration(embedding="fourier"), "embedding: 'fourier'"),
        (lambda: AdapterConfiguration(n_bins=0), "expected positive numbers"),
        (lambda: TrunkConfiguration(dropout=1.0), "a part below 1"),
    ],
)
def test_impossible_configurations_are_refused(make, message):
    with pytest.raises(InvalidStudyError, match=message):
        make()
