"""
Speed of explanations: networks against captum and shap, and linear models.

One network of He et al. (2025) with four outputs, trained shortly on simulated
spectra of 2100 bands; all sides explain it against the same background. captum and
shap explain fewer spectra, for they need far longer; times are per spectrum, for all
four responses, and completeness is the sum of absolute residuals over the sum of
absolute differences from the baseline each side names.

shap is not among the dependencies (pip install shap); -P keeps the other scripts of
this folder from hiding packages of the same name that it imports.

    python benchmarks/explanation.py [--quick] [--threads 2] [--processor-time]
"""

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch
from captum.attr import IntegratedGradients

from cerussite.core.spectra import Spectra
from cerussite.core.types import FloatArray
from cerussite.explanation import (
    Attribution,
    Contrast,
    Features,
    LinearMap,
    LinearTerm,
    linear_shapley,
)
from cerussite.explanation.gradients import expected_gradients, integrated_gradients
from cerussite.models.resnet import ResNetRegressor
from cerussite.simulation import simulate_mine_site

RESPONSES = ["Pb", "Zn", "Cu", "As"]
Timed = tuple[float, float]


def trained() -> tuple[torch.nn.Module, Spectra]:
    """Module of the paper's network for four metals, and spectra it has seen."""
    survey = simulate_mine_site(300, random_state=0).survey
    assert survey.spectra is not None
    spectra = survey.spectra.to_absorbance()
    columns = [survey.response_names.index(name) for name in RESPONSES]
    model = ResNetRegressor("paper", epochs=15, random_state=0)
    model.fit(spectra.values, np.log(survey.y[:, columns]))
    return model.as_modules()[0], spectra


def residual(total: FloatArray, difference: FloatArray) -> float:
    """Sum of absolute residuals over that of absolute differences."""
    return float(np.abs(total - difference).sum() / np.abs(difference).sum())


def ours(clock: Callable[[], float], run: Callable[[], Attribution]) -> Timed:
    """Seconds a spectrum and completeness of a call of this package."""
    start = clock()
    found = run()
    seconds = (clock() - start) / found.contributions.shape[1]
    difference = found.prediction - found.baseline[:, np.newaxis]
    total = found.contributions.sum(axis=2, dtype=np.float64)
    return seconds, residual(total, difference)


def with_captum(
    clock: Callable[[], float],
    module: torch.nn.Module,
    contrast: Contrast,
    n_steps: int,
) -> Timed:
    """The same for integrated gradients of captum from the mean background."""
    X = torch.from_numpy(contrast.X).float()
    mean = torch.from_numpy(contrast.reference.mean(axis=0, keepdims=True)).float()
    engine = IntegratedGradients(module)
    start = clock()
    parts = [
        engine.attribute(X, mean, target=k, n_steps=n_steps, internal_batch_size=256)
        for k in range(len(RESPONSES))
    ]
    seconds = (clock() - start) / len(X)
    total = torch.stack([part.double().sum(dim=1) for part in parts], dim=1)
    return seconds, residual(total.numpy(), (module(X) - module(mean)).numpy())


def with_shap(
    clock: Callable[[], float], module: torch.nn.Module, contrast: Contrast
) -> Timed | None:
    """The same for DeepExplainer of shap, with every spectrum of the background."""
    try:
        import shap  # noqa: PLC0415 - not a dependency
    except ImportError:
        return None
    X = torch.from_numpy(contrast.X).float()
    background = torch.from_numpy(contrast.reference).float()
    explainer = shap.DeepExplainer(module, background)
    start = clock()
    with warnings.catch_warnings():
        # Layers it does not know are taken as linear; completeness shows the cost.
        warnings.simplefilter("ignore")
        values = explainer.shap_values(X, check_additivity=False)
    seconds = (clock() - start) / len(X)
    total = np.asarray(values, dtype=np.float64).sum(axis=1)
    difference = (module(X) - module(background).mean(dim=0)).detach().numpy()
    return seconds, residual(total, difference)


def linear(clock: Callable[[], float], n_samples: int, n_responses: int) -> Timed:
    """Seconds and residual of a linear model on 2100 bands, in bins of 10 nm."""
    rng = np.random.default_rng(0)
    wavelengths = np.arange(400.0, 2500.0)
    X = Spectra(rng.random((n_samples, 2100)), wavelengths, "absorbance")
    terms = [LinearTerm(k, rng.normal(size=2100), 0.0) for k in range(n_responses)]
    contrast = Contrast(
        X,
        X.take(range(100)),
        [f"response {k}" for k in range(n_responses)],
        Features.bins(wavelengths, n_bands=10),
    )
    one = LinearMap(tuple(terms), n_responses)
    start = clock()
    found = linear_shapley(one, contrast)
    return clock() - start, float(found.relative_residual.max())


def report(name: str, timed: Timed, base: float | None = None) -> None:
    """Print one line."""
    seconds, completeness = timed
    ratio = "" if base is None else f", {seconds / base:.1f} times as long as ours"
    print(
        f"{name}: {1e3 * seconds:.2f} ms a spectrum, residual {completeness:.1e}{ratio}"
    )


def main() -> None:
    """Explain with all sides and print their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--quick", action="store_true", help="a tenth of the spectra")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--processor-time", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clock = time.process_time if options.processor_time else time.perf_counter
    n, n_few, n_background = (100, 4, 20) if options.quick else (1000, 16, 100)
    module, spectra = trained()
    rng = np.random.default_rng(0)
    background = spectra.take(rng.choice(300, n_background, replace=False))
    repeated = spectra.take(np.arange(n) % 300)
    bins = Features.bins(spectra.wavelengths, n_bands=10)
    contrast = Contrast(repeated, background, RESPONSES, bins)
    few = Contrast(repeated.take(np.arange(n_few)), background, RESPONSES, bins)

    print(f"{n} spectra, 2100 bands, 4 responses, {options.threads} threads")
    integrated_gradients(module, few)  # the first call sets up kernels
    own = ours(clock, lambda: integrated_gradients(module, contrast))
    print(f"integrated gradients: {own[0] * n:.2f} s for all")
    report("integrated gradients, 8 steps", own)
    for n_steps in (50, 500):
        timed = with_captum(clock, module, few, n_steps)
        report(f"captum, {n_steps} steps, {n_few} spectra", timed, own[0])
    own = ours(clock, lambda: expected_gradients(module, few))
    report(f"expected gradients, {n_background} references", own)
    if (timed := with_shap(clock, module, few)) is None:
        print("shap is not installed")
    else:
        report(f"shap.DeepExplainer, {n_background} references", timed, own[0])
        quick = ours(clock, lambda: integrated_gradients(module, contrast))
        print(f"  and {timed[0] / quick[0]:.0f} times as long as integrated gradients")
    n_linear = 10_000 if options.quick else 100_000
    for n_responses in (1, 4):
        seconds, worst = linear(clock, n_linear, n_responses)
        print(
            f"linear, {n_linear} spectra, {n_responses} responses: {seconds:.2f} s, "
            f"residual {worst:.1e}"
        )


if __name__ == "__main__":
    main()
