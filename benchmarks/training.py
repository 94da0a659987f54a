"""
Pre-training speed: the engine of this package against a plain PyTorch loop.

Both train the network of He et al. (2025) for pH on a simulated library of the
size of LUCAS (14,277 spectra of 2100 bands to fit on, 4,759 to tune on). The plain
loop is what one writes first: DataLoader, batches of 32, Adam at 1e-3, single
precision. The threshold both must reach is the best tuning error of the plain loop.
An epoch includes one look at the tuning set on either side.

    python benchmarks/training.py [--quick] [--threads 2] [--processor-time]
"""

import argparse
import math
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from cerussite.models.resnet import PAPER, ResNet, TrainingSettings
from cerussite.models.resnet.devices import uses_bfloat16
from cerussite.models.resnet.scaling import ResponseScaling
from cerussite.models.resnet.training import Trainer, TrainingData
from cerussite.simulation import simulate_library

Curve = list[tuple[float, float]]
Clock = Callable[[], float]


class PlainBlock(nn.Module):
    """Convolution, rectifier, convolution, added to the input."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(48, 48, 3, padding=1),
            nn.ReLU(),
            nn.Conv1d(48, 48, 3, padding=1),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Features and what the two convolutions add."""
        return features + self.body(features)


def plain_network() -> nn.Sequential:
    """Layers of the paper as one writes them down from its table."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 2100)),
        nn.AvgPool1d(10),
        nn.Conv1d(1, 48, 3, padding=1),
        nn.LeakyReLU(),
        nn.MaxPool1d(2),
        PlainBlock(),
        PlainBlock(),
        nn.Conv1d(48, 32, 3, padding=1),
        nn.LeakyReLU(),
        nn.MaxPool1d(2),
        nn.Flatten(),
        nn.Linear(1664, 16),
        nn.LeakyReLU(),
        nn.Linear(16, 10),
        nn.LeakyReLU(),
        nn.Linear(10, 1),
        nn.ReLU(),
    )


def simulate(n_calibration: int, n_tuning: int) -> tuple[TrainingData, float]:
    """Spectra, scaled pH and the scale that leads back to pH units."""
    survey = simulate_library(n_calibration + n_tuning, random_state=0).survey
    assert survey.spectra is not None
    y = survey.y[:, [survey.response_names.index("pH")]]
    scaling = ResponseScaling.learn(
        y[:n_calibration], transform="none", is_positive=True
    )
    X, z = (
        torch.tensor(values, dtype=torch.float32)
        for values in (survey.spectra.values, scaling.scaled(y))
    )
    rows = np.arange(len(y))
    data = TrainingData(X, z, rows[:n_calibration], rows[n_calibration:])
    return data, float(scaling.scale[0])


def train_plainly(data: TrainingData, n_epochs: int, clock: Clock) -> Curve:
    """Seconds since the start and tuning error after each epoch."""
    torch.manual_seed(0)
    network = plain_network()
    assert sum(p.numel() for p in network.parameters()) == 59_493
    start = clock()
    calibration = data.X[data.calibration]
    X = (data.X - calibration.mean(dim=0)) / calibration.std(dim=0)
    with torch.no_grad():  # the same start as ours, and no dead output
        network[-2].bias.fill_(data.z[data.calibration].mean())
    fitted = TensorDataset(X[data.calibration], data.z[data.calibration])
    loader = DataLoader(fitted, batch_size=32, shuffle=True)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    curve = []
    for _ in range(n_epochs):
        network.train()
        for spectra, response in loader:
            optimiser.zero_grad()
            loss = nn.functional.mse_loss(network(spectra), response)
            loss.backward()
            optimiser.step()
        error = plain_error(network, X[data.tuning], data.z[data.tuning])
        curve.append((clock() - start, error))
    return curve


def plain_error(network: nn.Module, X: Tensor, z: Tensor) -> float:
    """Root mean squared error of scaled responses."""
    network.eval()
    with torch.no_grad():
        prediction = torch.cat([network(part) for part in X.split(1024)])
    return math.sqrt(nn.functional.mse_loss(prediction, z))


def train_here(data: TrainingData, settings: TrainingSettings, clock: Clock) -> Curve:
    """Seconds since the start and tuning error after each epoch."""
    generator = torch.Generator().manual_seed(0)
    network = ResNet(PAPER, data.X.shape[1], 1, generator=generator)
    start = clock()
    network.inputs.standardise_on(data.X[data.calibration].numpy())
    network.restart_output(data.z[data.calibration].mean(dim=0), generator)
    trainer = Trainer(network, data, settings, generator=generator)
    curve = []
    trainer.run(
        report=lambda history: curve.append((clock() - start, history.tuning_rmse[-1]))
    )
    return curve


def seconds_to(curve: Curve, threshold: float) -> float:
    """Seconds until the tuning error is first at most the threshold."""
    return next((s for s, error in curve if error <= threshold), math.inf)


def show(name: str, curve: Curve, scale: float) -> float:
    """Print the curve of one side and return its seconds an epoch."""
    per_epoch = curve[-1][0] / len(curve)
    best = min(error for _, error in curve)
    print(f"{name}: {len(curve)} epochs, {per_epoch:.2f} s an epoch, ", end="")
    print(f"best tuning RMSE {best * scale:.4f} pH units")
    points = (f"{s:.0f}s {error * scale:.4f}" for s, error in curve)
    print("   ", "  ".join(points))
    return per_epoch


def main() -> None:
    """Run both and print their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="count processor seconds of this process: use it, with one thread, on a "
        "machine that others keep busy",
    )
    parser.add_argument("--plain-epochs", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=5e-3)
    options = parser.parse_args()
    clock = time.process_time if options.processor_time else time.perf_counter
    torch.set_num_threads(options.threads)
    sizes = (1428, 476) if options.quick else (14_277, 4_759)
    data, scale = simulate(*sizes)
    settings = TrainingSettings(
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        weight_decay=0.0,
        augmentation=None,
    )
    is_mixed = uses_bfloat16("auto", torch.device("cpu"))
    print(
        f"torch {torch.__version__}, {options.threads} threads, {sizes[0]} spectra, ",
        end="",
    )
    print(f"mixed precision here: {is_mixed}", flush=True)
    here = train_here(data, settings, clock)
    per_epoch_here = show("cerussite", here, scale)
    plain = train_plainly(data, options.plain_epochs, clock)
    per_epoch_plain = show("plain loop", plain, scale)
    threshold = min(error for _, error in plain)
    print(f"an epoch: {per_epoch_plain / per_epoch_here:.1f} times faster")
    plain_seconds, seconds = seconds_to(plain, threshold), seconds_to(here, threshold)
    print(f"to RMSE {threshold * scale:.4f}: plain {plain_seconds:.0f} s, ", end="")
    if math.isinf(seconds):
        print("not reached here")
    else:
        print(f"here {seconds:.0f} s, {plain_seconds / seconds:.1f} times faster")


if __name__ == "__main__":
    main()
