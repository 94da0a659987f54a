import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.models.resnet import (
    Augmentation,
    ResNet,
    ResNetConfiguration,
    TrainingSettings,
    masked_mean_squared_error,
)
from cerussite.models.resnet.augmentation import Augmenter
from cerussite.models.resnet.devices import resolve_device, uses_bfloat16
from cerussite.models.resnet.schedule import TrainedStage, one_cycle
from cerussite.models.resnet.training import Trainer, TrainingData, predict_scaled

TINY = ResNetConfiguration(
    pooling=2, width=6, last_width=4, n_blocks=1, dense=(5,), dropout=0.2
)
QUICK = TrainingSettings(epochs=6, batch_size=8, precision="float32")


def slow_loss(prediction, response):
    per_response = []
    for p, r in zip(prediction.T.tolist(), response.T.tolist(), strict=True):
        errors = [(a - b) ** 2 for a, b in zip(p, r, strict=True) if not math.isnan(b)]
        if errors:
            per_response.append(sum(errors) / len(errors))
    return sum(per_response) / len(per_response)


def test_loss_equals_the_slow_one_and_gradients_are_finite():
    generator = torch.Generator().manual_seed(0)
    prediction = torch.randn(20, 3, generator=generator, requires_grad=True)
    response = torch.randn(20, 3, generator=generator)
    response[::2, 0], response[:, 2] = torch.nan, torch.nan
    loss = masked_mean_squared_error(prediction, response)
    loss.backward()
    assert loss.item() == pytest.approx(slow_loss(prediction, response))
    assert torch.isfinite(prediction.grad).all()
    assert (prediction.grad[:, 2] == 0).all()


def test_a_batch_without_measurements_has_no_loss_and_no_gradient():
    prediction = torch.ones(2, 2, requires_grad=True)
    loss = masked_mean_squared_error(prediction, torch.full((2, 2), torch.nan))
    loss.backward()
    assert loss.item() == 0
    assert (prediction.grad == 0).all()


def make(configuration=TINY, n_samples=30, n_responses=2, seed=0):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_samples, 40)).cumsum(axis=1)
    z = X[:, [5, 30]][:, :n_responses] / 4
    z[::4, 0] = np.nan
    generator = torch.Generator().manual_seed(seed)
    network = ResNet(configuration, 40, n_responses, generator=generator)
    network.inputs.standardise_on(X)
    rows = np.arange(n_samples)
    X, z = (torch.tensor(a, dtype=torch.float32) for a in (X, z))
    return network, TrainingData(X, z, rows[6:], rows[:6])


def trainer_of(network, data, settings=QUICK, seed=0, **keywords):
    generator = torch.Generator().manual_seed(seed)
    return Trainer(network, data, settings, generator=generator, **keywords)


def states_equal(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_training_lowers_the_tuning_error_and_keeps_the_best_weights():
    network, data = make(ResNetConfiguration(pooling=2, output="linear"))
    settings = TrainingSettings(epochs=30, batch_size=8, precision="float32")
    history = trainer_of(network, data, settings).run()
    assert min(history.tuning_rmse) < 0.6 * history.tuning_rmse[0]
    assert history.best_epoch == int(np.argmin(history.tuning_rmse))
    with torch.no_grad():
        prediction = predict_scaled(network, network.inputs(data.X[:6]))
    error = masked_mean_squared_error(prediction, data.z[:6]).sqrt()
    assert error.item() == pytest.approx(min(history.tuning_rmse), rel=1e-5)


def test_patience_stops_the_training_early():
    network, data = make()
    settings = TrainingSettings(epochs=200, batch_size=8, patience=3)
    history = trainer_of(network, data, settings).run()
    assert len(history.tuning_rmse) < 200
    assert len(history.tuning_rmse) == history.best_epoch + 4


def test_the_same_seed_trains_the_same_network_and_leaves_global_numbers_alone():
    before = torch.random.get_rng_state()
    states = []
    for seed in (0, 0, 1):
        network, data = make()
        trainer_of(network, data, seed=seed).run()
        states.append(network.state_dict())
    assert torch.equal(before, torch.random.get_rng_state())
    assert states_equal(states[0], states[1])
    assert not states_equal(states[0], states[2])


def interrupt_after(n_epochs):
    def report(history):
        if len(history.calibration_loss) == n_epochs:
            raise KeyboardInterrupt

    return report


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_an_interrupted_training_resumes_with_the_same_bits(tmp_path, precision):
    settings = TrainingSettings(epochs=6, batch_size=8, precision=precision)
    whole, data = make()
    expected = trainer_of(whole, data, settings).run()
    path = tmp_path / "deep" / "state.safetensors"
    network, data = make()
    with pytest.raises(KeyboardInterrupt):
        trainer_of(network, data, settings).run(
            checkpoint=path, report=interrupt_after(3)
        )
    resumed, data = make(seed=5)
    again = trainer_of(resumed, data, settings, seed=9)
    done = []
    history = again.run(
        checkpoint=path, report=lambda h: done.append(len(h.calibration_loss))
    )
    assert done == [4, 5, 6]
    assert history == expected
    assert states_equal(whole.state_dict(), resumed.state_dict())


def test_an_interruption_while_writing_leaves_the_former_checkpoint(
    tmp_path, monkeypatch
):
    path = tmp_path / "state.safetensors"
    network, data = make()
    with pytest.raises(KeyboardInterrupt):
        trainer_of(network, data).run(checkpoint=path, report=interrupt_after(2))
    former = path.read_bytes()

    def interrupted(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("cerussite.models.resnet.checkpoints.os.fsync", interrupted)
    network, data = make()
    with pytest.raises(KeyboardInterrupt):
        trainer_of(network, data).run(checkpoint=path)
    assert path.read_bytes() == former


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    path = tmp_path / "state.safetensors"
    network, data = make()
    trainer_of(network, data).run(checkpoint=path, fingerprint="one")
    with pytest.raises(InvalidStudyError, match=r"fingerprint one; expected other"):
        trainer_of(network, data).run(checkpoint=path, fingerprint="other")


def test_a_broken_checkpoint_is_named(tmp_path):
    path = tmp_path / "state.safetensors"
    path.write_bytes(b"half a file")
    network, data = make()
    with pytest.raises(UnreadableFileError, match=r"state\.safetensors: not a whole"):
        trainer_of(network, data).run(checkpoint=path)


def test_a_dead_output_is_started_again_and_learns():
    network, data = make(ResNetConfiguration(pooling=2, output="relu"))
    data.z.abs_().add_(1.0)
    with torch.no_grad():
        network.output_layer.bias.fill_(-100.0)
    assert (network(data.X) == 0).all()
    settings = TrainingSettings(epochs=20, batch_size=8)
    history = trainer_of(network, data, settings).run()
    assert history.n_restarts == 1
    assert history.calibration_loss[-1] < 0.5 * history.calibration_loss[0]
    assert (network(data.X) > 0).any(dim=0).all()


def test_an_output_that_dies_again_and_again_is_an_error():
    network, data = make(ResNetConfiguration(pooling=2, output="relu"))
    trainer = trainer_of(network, data)
    network.restart_output = lambda *_: None  # every new start fails
    with torch.no_grad():
        network.output_layer.bias.fill_(-100.0)
    with pytest.raises(InvalidStudyError, match="zero for all samples 4 times"):
        trainer.run()


def test_stages_that_are_not_named_stay_as_they_are():
    network, data = make(ResNetConfiguration(pooling=2, normalisation="batch"))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    stages = (TrainedStage("dense"), TrainedStage("output"))
    trainer_of(network, data, stages=stages).run()
    for name, value in network.state_dict().items():
        is_trained = name.split(".")[0] in {"dense", "output"}
        assert torch.equal(value, before[name]) != is_trained, name


def test_a_stage_does_not_learn_before_its_start():
    network, data = make()
    before = network.stem[0].weight.detach().clone()
    stages = (TrainedStage("stem", start=0.5), TrainedStage("output"))
    same = []

    def report(_history):
        same.append(torch.equal(network.stem[0].weight, before))

    trainer_of(network, data, stages=stages).run(report=report)
    assert same == [True, True, True, False, False, False]


def test_the_rate_of_a_stage_scales_its_first_step():
    # Adam divides by the gradient: the first step is the learning rate itself.
    settings = TrainingSettings(epochs=1, batch_size=99, weight_decay=0.0)
    network, data = make(ResNetConfiguration(pooling=2))
    before = {n: p.detach().clone() for n, p in network.named_parameters()}
    stages = (TrainedStage("last", rate=0.1), TrainedStage("output"))
    trainer_of(network, data, settings, stages=stages).run()
    after = dict(network.named_parameters())
    steps = {
        name: (after[name] - before[name]).abs().max().item()
        for name in ("last.0.bias", "output.0.bias")
    }
    rate = settings.learning_rate / 25
    assert steps["output.0.bias"] == pytest.approx(rate, rel=1e-3)
    assert steps["last.0.bias"] == pytest.approx(0.1 * rate, rel=1e-3)


def test_one_cycle_follows_torch():
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    reference = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 1.0, 101, pct_start=26 / 101, final_div_factor=400
    )
    rates = []
    for _ in range(101):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        reference.step() if len(rates) < 101 else None
    ours = [one_cycle(step / 100) for step in range(101)]
    assert_allclose(ours, rates, atol=1e-6)


def slow_changes(inputs, X, sizes, augmentation):
    """Literal twin: change the raw spectra, then pass them through the layer."""
    unit = float(np.sqrt((X.numpy().std(axis=0) ** 2).mean()))
    line = torch.linspace(-1, 1, X.shape[1])
    changed = X + augmentation.offset * unit * sizes[:, :1]
    changed = changed + augmentation.slope * unit * sizes[:, 1:2] * line
    changed = changed + augmentation.gain * sizes[:, 2:] * X.mean(dim=0)
    return inputs(changed)


def test_augmentation_of_pooled_inputs_equals_augmentation_of_the_spectra():
    network, data = make()
    X = data.X
    augmentation = Augmentation(noise=0.0)
    augmenter = Augmenter(
        augmentation, network.inputs, X, generator=torch.Generator().manual_seed(3)
    )
    sizes = torch.randn(len(X), 3, generator=torch.Generator().manual_seed(3))
    changed = augmenter(network.inputs(X))
    assert not torch.allclose(changed, network.inputs(X), atol=1e-2)
    expected = slow_changes(network.inputs, X, sizes, augmentation)
    assert_allclose(changed, expected, atol=1e-4)


def test_a_network_on_snv_does_not_see_offsets():
    network, data = make(ResNetConfiguration(pooling=2, channels=("snv",)))
    augmenter = Augmenter(
        Augmentation(offset=1.0, slope=0.0, gain=0.0, noise=0.0),
        network.inputs,
        data.X,
        generator=torch.Generator().manual_seed(0),
    )
    inputs = network.inputs(data.X)
    assert_allclose(augmenter(inputs), inputs, atol=1e-4)


def test_mixed_precision_is_a_matter_of_hardware_unless_asked_for():
    cpu = torch.device("cpu")
    assert uses_bfloat16("bfloat16", cpu)
    assert not uses_bfloat16("float32", cpu)
    assert isinstance(uses_bfloat16("auto", cpu), bool)
    with pytest.raises(InvalidStudyError, match="precision: 'float16'; expected"):
        uses_bfloat16("float16", cpu)


def test_unknown_devices_are_refused():
    assert resolve_device("auto").type in {"cpu", "cuda"}
    with pytest.raises(InvalidStudyError, match="device: 'abacus' is unknown"):
        resolve_device("abacus")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_a_missing_gpu_is_refused():
    with pytest.raises(InvalidStudyError, match="torch sees no GPU"):
        resolve_device("cuda")


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"epochs": 0}, "epochs: 0"),
        ({"batch_size": 0}, "batch_size: 0"),
        ({"learning_rate": 0.0}, "learning_rate: 0,"),
        ({"weight_decay": -1.0}, "weight_decay: -1;"),
    ],
)
def test_impossible_settings_are_refused(wrong, match):
    with pytest.raises(InvalidStudyError, match=match):
        TrainingSettings(**wrong)


def test_every_new_start_takes_shorter_steps():
    network, data = make(ResNetConfiguration(pooling=2, output="relu"))
    trainer = trainer_of(network, data)
    trainer._set_rates()
    before = [group["lr"] for group in trainer._optimiser.param_groups]
    trainer.history.n_restarts = 2
    trainer._set_rates()
    after = [group["lr"] for group in trainer._optimiser.param_groups]
    assert after == pytest.approx([rate / 16 for rate in before])
