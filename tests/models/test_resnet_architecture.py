import itertools

import numpy as np
import pytest
import torch
from captum.attr import DeepLift
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.signal import savgol_filter
from torch import nn

from cerussite.core.errors import InvalidStudyError
from cerussite.models.resnet import ACCURATE, PAPER, ResNet, ResNetConfiguration
from cerussite.models.resnet.architecture import InputLayer, stage_parameters

TINY = ResNetConfiguration(pooling=2, width=4, last_width=3, dense=(5,))


def build(configuration=PAPER, n_wavelengths=2100, n_responses=1, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return ResNet(configuration, n_wavelengths, n_responses, generator=generator)


def n_parameters(network, *stages):
    return sum(p.numel() for p in stage_parameters(network, stages).values())


def count_by_hand(c, n_wavelengths, n_responses):
    """Number of weights and biases of a network without normalisation."""
    conv = [(len(c.channels), c.width)]
    conv += 2 * c.n_blocks * [(c.width, c.width)] + [(c.width, c.last_width)]
    bands = n_wavelengths // c.pooling // c.max_pooling // c.max_pooling
    widths = [bands * c.last_width, *c.dense, n_responses]
    return sum(c.kernel * a * b + b for a, b in conv) + sum(
        a * b + b for a, b in itertools.pairwise(widths)
    )


# He et al. (2025), Sensors 25(13), 4209, table of layers; the dense layer of 16 is
# printed with 16,640 parameters, which no flattened width gives: 1664 x 16 + 16.
@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("stem", 3 * 1 * 48 + 48),
        ("blocks", 4 * (3 * 48 * 48 + 48)),
        ("last", 3 * 48 * 32 + 32),
        ("dense", 1664 * 16 + 16 + 16 * 10 + 10),
        ("output", 10 * 1 + 1),
    ],
)
def test_each_part_of_the_paper_network_has_the_parameters_of_the_table(
    stage, expected
):
    assert n_parameters(build(), stage) == expected


def test_the_paper_network_has_59493_parameters():
    network = build()
    assert n_parameters(network, "stem", "blocks", "last") == 32_672
    assert n_parameters(network, "dense", "output") == 26_821
    assert sum(p.numel() for p in network.parameters()) == 59_493


def test_widths_of_the_paper_network_are_those_of_the_table():
    network = build()
    widths = []
    last = network.last
    for layer in (
        network.inputs.pool,
        network.stem[0],
        network.stem[2],
        *last[:2],
        last[4],
    ):
        layer.register_forward_hook(lambda _m, _i, out: widths.append(out.shape[1:]))
    network(torch.ones(2, 2100))
    assert [tuple(shape) for shape in widths] == [
        (1, 1, 210),
        (48, 1, 210),
        (48, 1, 105),
        (32, 1, 105),
        (32, 1, 52),
        (1664,),
    ]


def test_activations_of_the_paper_network_are_those_of_the_table():
    network = build()
    slopes = [
        m.negative_slope for m in network.modules() if isinstance(m, nn.LeakyReLU)
    ]
    assert slopes == [0.01] * 4
    assert isinstance(network.output[-1], nn.ReLU)
    assert [type(block.activation) for block in network.blocks] == [nn.ReLU] * 2
    assert not any(isinstance(m, nn.BatchNorm2d) for m in network.modules())


@settings(max_examples=25, deadline=None)
@given(
    n_channels=st.integers(1, 3),
    pooling=st.integers(1, 4),
    width=st.integers(1, 6),
    n_blocks=st.integers(0, 3),
    kernel=st.sampled_from([1, 3, 5]),
    max_pooling=st.integers(1, 3),
    dense=st.lists(st.integers(1, 5), max_size=3).map(tuple),
    n_responses=st.integers(1, 3),
    excess=st.integers(0, 30),
)
def test_any_network_runs_and_has_the_parameters_counted_by_hand(
    n_channels, excess, n_responses, **layers
):
    channels = ("raw", "snv", "derivative")[:n_channels]
    configuration = ResNetConfiguration(channels=channels, **layers)
    n_wavelengths = configuration.minimum_width + excess
    network = build(configuration, n_wavelengths, n_responses)
    n_expected = count_by_hand(configuration, n_wavelengths, n_responses)
    assert sum(p.numel() for p in network.parameters()) == n_expected
    spectra = torch.rand(2, n_wavelengths, generator=torch.Generator().manual_seed(0))
    assert network.eval()(spectra).shape == (2, n_responses)


@pytest.mark.parametrize("configuration", [PAPER, TINY, ACCURATE])
def test_one_band_below_the_minimum_width_is_refused(configuration):
    least = configuration.minimum_width
    build(configuration, least)
    with pytest.raises(InvalidStudyError, match=f"{least - 1} bands.*at least {least}"):
        build(configuration, least - 1)


def slow_convolution(x, weight, bias):
    """Literal twin: zero-padded correlation over one axis."""
    n_out, n_in, kernel = weight.shape
    half = kernel // 2
    out = np.zeros((n_out, x.shape[1]))
    for o in range(n_out):
        for at in range(x.shape[1]):
            out[o, at] = bias[o]
            for i in range(n_in):
                for k in range(kernel):
                    if 0 <= at + k - half < x.shape[1]:
                        out[o, at] += weight[o, i, k] * x[i, at + k - half]
    return out


def slow_network(network, spectrum):
    """Literal twin of the whole network for one spectrum, in double precision."""
    state = {k: v.double().numpy() for k, v in network.state_dict().items()}

    def convolve(x, name):
        weight = state[f"{name}.weight"][:, :, 0]
        return slow_convolution(x, weight, state[f"{name}.bias"])

    def leaky(x):
        return np.where(x > 0, x, 0.01 * x)

    def pool(x, size, reduce):
        n = x.shape[1] // size
        return reduce(x[:, : n * size].reshape(len(x), n, size), axis=2)

    x = pool(spectrum[np.newaxis], network.configuration.pooling, np.mean)
    x = pool(leaky(convolve(x, "stem.0")), 2, np.max)
    for number in range(network.configuration.n_blocks):
        inner = np.maximum(convolve(x, f"blocks.{number}.first"), 0)
        x = x + convolve(inner, f"blocks.{number}.second")
    x = pool(leaky(convolve(x, "last.0")), 2, np.max).T.ravel()
    for number in range(len(network.configuration.dense)):
        name = f"dense.{2 * number}"
        x = leaky(state[f"{name}.weight"] @ x + state[f"{name}.bias"])
    x = state["output.0.weight"] @ x + state["output.0.bias"]
    return np.maximum(x, 0)


def test_the_network_computes_what_its_literal_twin_computes():
    network = build(TINY, 23, 2).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    X = torch.randn(5, 23, generator=generator)
    expected = [slow_network(network, row) for row in X.double().numpy()]
    assert np.ptp(expected) > 0
    assert_allclose(network(X).detach(), expected, rtol=1e-4, atol=1e-5)


def test_input_channels_equal_those_of_scipy_and_numpy():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4, 60)).cumsum(axis=1)
    snv = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, ddof=1, keepdims=True)
    layers = ResNetConfiguration(
        channels=("raw", "snv", "derivative"), input_scaling="none", pooling=1
    )
    channels = InputLayer(layers, 60)(torch.from_numpy(X))[:, :, 0].numpy()
    assert_allclose(channels[:, 0], X)
    assert_allclose(channels[:, 1], snv)
    derivative = savgol_filter(snv, 11, 2, deriv=1, mode="nearest")
    assert_allclose(channels[:, 2], derivative, atol=1e-12)


def test_scaled_inputs_of_the_calibration_set_have_mean_0_and_spread_1():
    rng = np.random.default_rng(0)
    X = rng.normal(loc=5, scale=rng.uniform(0.1, 9, size=40), size=(30, 40))
    X[:, 7] = 2.0
    inputs = InputLayer(ResNetConfiguration(pooling=1), 40)
    inputs.standardise_on(X)
    scaled = inputs(torch.from_numpy(X))[:, 0, 0].numpy()
    assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)
    assert_allclose(np.delete(scaled.std(axis=0), 7), 1, rtol=1e-5)
    assert_allclose(scaled[:, 7], 0)


def test_the_pool_averages_neighbouring_bands():
    layers = ResNetConfiguration(pooling=3, input_scaling="none", max_pooling=1)
    X = torch.arange(8.0).unsqueeze(0)
    assert InputLayer(layers, 8)(X).flatten().tolist() == [1.0, 4.0]


@pytest.mark.parametrize("normalisation", ["batch", "group"])
def test_normalised_networks_run_in_training_and_evaluation(normalisation):
    network = build(ResNetConfiguration(normalisation=normalisation), 80)
    spectra = torch.rand(4, 80, generator=torch.Generator().manual_seed(0))
    assert torch.isfinite(network.train()(spectra)).all()
    assert torch.isfinite(network.eval()(spectra)).all()


def test_weights_depend_on_the_generator_alone():
    before = torch.random.get_rng_state()
    one, same, other = build(seed=1), build(seed=1), build(seed=2)
    assert torch.equal(before, torch.random.get_rng_state())
    weight = one.stem[0].weight
    assert torch.equal(weight, same.stem[0].weight)
    assert not torch.equal(weight, other.stem[0].weight)


def test_deep_lift_attributions_sum_to_the_difference_from_the_baseline():
    network = build(TINY, 40).eval()
    generator = torch.Generator().manual_seed(0)
    X, baseline = (torch.rand(3, 40, generator=generator) for _ in range(2))
    X.requires_grad_()
    baseline.requires_grad_()
    explainer = DeepLift(network)
    with pytest.warns(UserWarning, match="Setting forward, backward hooks"):
        attributions = explainer.attribute(X, baseline)
    difference = (network(X) - network(baseline)).squeeze(1)
    assert difference.abs().min() > 0
    assert_allclose(attributions.sum(dim=1).detach(), difference.detach(), rtol=1e-3)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"output": "sigmoid"}, "output: 'sigmoid' is unknown; expected one of relu"),
        ({"channels": ("raw", "msc")}, "'msc' is unknown; expected some of raw"),
        ({"channels": ()}, "at least one, each once"),
        ({"channels": ("raw", "raw")}, "at least one, each once"),
        ({"pooling": 0}, "pooling: 0; expected a whole number of at least 1"),
        ({"dense": (16, 0)}, r"dense\[1\]: 0; expected"),
        ({"kernel": 4}, "kernel: 4; expected .* an odd kernel"),
        ({"dropout": 1.0}, "dropout: 1; expected a fraction"),
    ],
)
def test_impossible_configurations_are_refused(wrong, match):
    with pytest.raises(InvalidStudyError, match=match):
        ResNetConfiguration(**wrong)


@pytest.mark.parametrize("configuration", [PAPER, ACCURATE, TINY])
def test_a_configuration_survives_json(configuration):
    assert ResNetConfiguration.from_dict(configuration.to_dict()) == configuration


def test_an_unknown_field_of_a_configuration_is_named():
    with pytest.raises(InvalidStudyError, match="unknown field 'depth'"):
        ResNetConfiguration.from_dict({"depth": 3})
