import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError
from torch import nn

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.explanation import Contrast, Features, explain
from cerussite.explanation.gradients import expected_gradients, integrated_gradients
from cerussite.models.resnet import ResNetConfiguration, ResNetRegressor
from cerussite.transfer import TransferRegressor

SMALL = ResNetConfiguration(pooling=2, width=6, last_width=4, dense=(5,))


def spectra(n=12, n_bands=40, seed=0):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(n, n_bands)).cumsum(axis=1)
    return Spectra(0.5 + 0.02 * steps, 400.0 + np.arange(n_bands), "absorbance")


def fitted(X, configuration=SMALL, **options):
    y = np.exp(X.values[:, [5, 20]])
    model = ResNetRegressor(configuration, epochs=8, random_state=0, **options)
    return model.fit(X.values, y)


def network(n_columns=8, *layers):
    torch.manual_seed(0)
    found = nn.Sequential(nn.Linear(n_columns, 10), *layers, nn.Linear(10, 2))
    return found.eval().requires_grad_(requires_grad=False)


def small(n=6, n_bands=8, seed=0):
    rng = np.random.default_rng(seed)
    wavelengths = 400.0 + np.arange(n_bands)
    return Spectra(rng.normal(size=(n, n_bands)).clip(-0.9), wavelengths, "absorbance")


@pytest.mark.parametrize("n_steps", [1, 3, 8])
def test_networks_of_rectifiers_are_complete_for_any_number_of_steps(n_steps):
    X = spectra()
    model = fitted(X)
    contrast = Contrast(X, X.take(range(5)), ["Pb", "Zn"])
    found = integrated_gradients(model.as_modules(), contrast, n_steps=n_steps)
    assert found.relative_residual.max() < 1e-4
    assert_allclose(found.prediction[0], model.predict(X.values), rtol=1e-4)


def test_many_steps_approach_the_integrated_gradients_of_captum():
    # captum 0.9, double precision, 500 steps, same baseline.
    X = spectra()
    module = fitted(X).as_modules()[0]
    background = X.take(range(5))
    found = integrated_gradients(
        module, Contrast(X, background, ["Pb", "Zn"]), n_steps=64
    )
    engine = IntegratedGradients(module.double())
    baseline = torch.from_numpy(background.values.mean(axis=0, keepdims=True))
    rows = torch.from_numpy(X.values)
    for k in range(2):
        expected = engine.attribute(rows, baseline, target=k, n_steps=500).numpy()
        error = np.abs(found.contributions[0, :, :, k] - expected).sum()
        assert error < 0.02 * np.abs(expected).sum()


def test_one_step_of_a_rectifier_is_the_rescale_rule_by_hand():
    # f(x) = relu(x1 + x2): from (-1, 0) to (2, 1) it rises from 0 to 3 over a rise of
    # 4 of its input, so that the slope is 3/4 and contributions are 9/4 and 3/4.
    def rectified(x):
        return torch.relu(x.sum(dim=1, keepdim=True))

    wavelengths = np.array([400.0, 401.0])
    start = Spectra(np.array([[-1.0, 0.0]]), wavelengths, "absorbance")
    end = Spectra(np.array([[2.0, 1.0]]), wavelengths, "absorbance")
    found = integrated_gradients(rectified, Contrast(end, start, ["Pb"]), n_steps=1)
    assert_allclose(found.contributions.ravel(), [2.25, 0.75])


def test_a_rectifier_whose_input_does_not_move_has_its_slope_there():
    # f(x) = relu(x1 - x2 + 1) stays 1 from (0, 0) to (1, 1), where its slope is 1.
    def rectified(x):
        return torch.relu(x[:, :1] - x[:, 1:] + 1)

    wavelengths = np.array([400.0, 401.0])
    start = Spectra(np.zeros((1, 2)), wavelengths, "absorbance")
    end = Spectra(np.ones((1, 2)), wavelengths, "absorbance")
    found = integrated_gradients(rectified, Contrast(end, start, ["Pb"]), n_steps=2)
    assert_allclose(found.contributions.ravel(), [1.0, -1.0])


def test_a_maximum_is_split_by_the_part_of_the_path_that_each_wins():
    # max(u, v) from (0, 1) to (3, 1): u overtakes after a third of the path.
    pool = nn.MaxPool1d(2)

    def highest(x):
        return pool(x.unsqueeze(1)).flatten(1)

    wavelengths = np.array([400.0, 401.0])
    start = Spectra(np.array([[0.0, 1.0]]), wavelengths, "absorbance")
    end = Spectra(np.array([[3.0, 1.0]]), wavelengths, "absorbance")
    found = integrated_gradients(highest, Contrast(end, start, ["Pb"]), n_steps=1)
    assert_allclose(found.contributions.ravel(), [2.0, 0.0])


@pytest.mark.parametrize(
    "layers",
    [
        (nn.Tanh(),),
        (nn.LeakyReLU(0.2, inplace=True),),
        (nn.MaxPool1d(3, 2, 1), nn.ReLU()),
    ],
)
def test_other_functions_and_overlapping_pools_are_complete_with_many_steps(layers):
    torch.manual_seed(0)
    width = 5 if isinstance(layers[0], nn.MaxPool1d) else 10
    module = nn.Sequential(nn.Linear(8, 10), *layers, nn.Linear(width, 2)).eval()
    found = integrated_gradients(
        module, Contrast(small(), small(seed=1), ["Pb", "Zn"]), n_steps=300
    )
    assert found.relative_residual.max() < 0.01


def test_expected_gradients_average_over_paths_from_every_reference():
    module = network(8, nn.ReLU())
    X, background = small(3), small(5, seed=1)
    found = expected_gradients(module, Contrast(X, background, ["Pb", "Zn"]))
    single = [
        integrated_gradients(
            module, Contrast(X, background.take([k]), ["Pb", "Zn"]), n_steps=1
        ).contributions
        for k in range(5)
    ]
    assert_allclose(found.contributions, np.mean(single, axis=0), atol=1e-6)
    assert found.relative_residual.max() < 1e-5
    rows = torch.from_numpy(background.values).float()
    assert_allclose(found.baseline[0], module(rows).mean(dim=0), atol=1e-6)


def test_fewer_references_are_drawn_evenly_and_leave_a_residual():
    module = network(8, nn.ReLU())
    contrast = Contrast(small(10), small(5, seed=1), ["Pb", "Zn"])
    found = expected_gradients(module, contrast, n_references=2)
    # 20 paths over 5 references: four each, so that the residuals cancel.
    assert np.abs(found.residual).max() > 1e-3
    assert np.abs(found.residual.sum(axis=1)).max() < 1e-4


@pytest.mark.parametrize("transform", ["none", "log"])
def test_members_of_an_ensemble_are_explained_in_the_unit_of_the_response(transform):
    X = spectra(24)
    model = fitted(X, n_members=3, response_transform=transform)
    found = explain(model, Contrast(X, X, ["Pb", "Zn"]))
    assert found.contributions.shape == (3, 24, 20, 2)
    assert found.scale == transform
    predicted = found.prediction.mean(axis=0)
    expected = model.predict(X.values)
    expected = np.log(expected) if transform == "log" else expected
    assert_allclose(predicted, expected, rtol=1e-3, atol=1e-5)
    assert found.relative_residual.max() < 1e-3
    assert np.isfinite(found.profile().spread).all()


def test_bins_are_as_wide_as_the_pool_and_wider_behind_a_derivative():
    X = spectra()
    model = fitted(X)
    bins = model.explained_features(X.wavelengths)
    assert [columns.size for columns in bins.columns] == [2] * 20
    accurate = ResNetConfiguration(channels=("derivative",), pooling=3)
    source = ResNetRegressor(accurate).explained_features(np.arange(400.0, 530.0))
    assert [columns.size for columns in source.columns] == [13] * 10


def test_a_network_that_sees_a_derivative_is_complete_to_a_percent():
    X = spectra(24)
    layers = ResNetConfiguration(
        channels=("derivative",), pooling=2, width=6, last_width=4, dense=(5,)
    )
    found = explain(fitted(X, layers), Contrast(X, X, ["Pb", "Zn"]))
    assert found.relative_residual.max() < 0.01
    assert "scales each spectrum" in found.note


def test_a_transferred_network_is_explained_like_its_source():
    X = spectra(24)
    source = fitted(X)
    target = TransferRegressor(source.pretrained(), epochs=2, random_state=0)
    target.fit(X.values, np.exp(X.values[:, 8]))
    found = explain(target, Contrast(X, X, ["Pb"]))
    of_source = explain(source.pretrained(), Contrast(X, X, ["Pb", "Zn"]))
    assert found.features.names == of_source.features.names
    assert found.relative_residual.max() < 1e-3


def test_bands_outside_a_bin_that_the_network_never_sees_get_nothing():
    X = spectra(n_bands=41)
    found = integrated_gradients(
        fitted(X).as_modules(), Contrast(X, X.take([0]), ["Pb", "Zn"])
    )
    assert np.abs(found.contributions[:, :, -1]).max() == 0.0


def test_networks_in_training_mode_no_steps_and_too_many_references_are_refused():
    contrast = Contrast(small(), small(), ["Pb", "Zn"])
    module = network(8, nn.ReLU())
    with pytest.raises(InvalidStudyError, match="0 steps"):
        integrated_gradients(module, contrast, n_steps=0)
    with pytest.raises(InvalidStudyError, match="7 references of 6"):
        expected_gradients(module, contrast, n_references=7)
    with pytest.raises(InvalidStudyError, match="call its eval"):
        integrated_gradients(module.train(), contrast)


def test_an_unfitted_network_is_refused():
    X = spectra()
    with pytest.raises(NotFittedError, match="not fitted"):
        explain(ResNetRegressor(SMALL), Contrast(X, X, ["Pb"]))


def test_bins_change_nothing_but_the_sums():
    X = spectra()
    modules = fitted(X).as_modules()
    wide = Features.bins(X.wavelengths, n_bands=10)
    fine = integrated_gradients(modules, Contrast(X, X, ["Pb", "Zn"]))
    coarse = integrated_gradients(modules, Contrast(X, X, ["Pb", "Zn"], wide))
    assert_allclose(coarse.contributions, wide.sums(fine.contributions), atol=1e-5)
