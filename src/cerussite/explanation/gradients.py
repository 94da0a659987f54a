"""Integrated and expected gradients of networks, all responses in one pass."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.explanation.attribution import Attribution
from cerussite.explanation.contrast import Contrast
from cerussite.explanation.inputs import check_names
from cerussite.explanation.secants import Recording, Replaying

#: A network: a torch module or any function of tensors that torch can follow.
Network: TypeAlias = Callable[[Tensor], Tensor]
#: Rows that go through a network at once; more leave the cache of the processor.
BATCH = 256


def integrated_gradients(
    networks: Network | Sequence[Network], contrast: Contrast, *, n_steps: int = 8
) -> Attribution:
    r"""
    Contributions along the straight path from the mean of the background.

    .. math:: \phi_j = (x_j - \bar x_j) \int_0^1
              \frac{\partial f(\bar x + t (x - \bar x))}{\partial x_j} dt

    The path is cut into steps. Rectifiers and maximum pools without overlap are
    differentiated by their mean slope over a step instead of their slope at a
    point, which makes the contributions of networks built of them complete for
    any number of steps (for one step it is the rescale rule of DeepLIFT [2]_);
    other functions are differentiated in the middle of the step.

    Parameters
    ----------
    networks : module or sequence of modules
        Members of an ensemble, in evaluation mode; each maps a 32-bit tensor
        (n_samples, n_columns) to (n_samples, n_responses). An attribute
        ``scale`` (``"none"`` or ``"log"``) says what the outputs are.
    contrast : Contrast
        Samples and background.
    n_steps : int
        Steps of the path. More come closer to the integral; complete they are
        anyway.

    Returns
    -------
    Attribution
        One member for each network; the baseline is the prediction of the mean
        of the background.

    References
    ----------
    .. [1] Sundararajan, M., Taly, A. and Yan, Q. (2017). Axiomatic attribution
       for deep networks. Proceedings of Machine Learning Research 70, 3319-3328.
    .. [2] Shrikumar, A., Greenside, P. and Kundaje, A. (2017). Learning important
       features through propagating activation differences. Proceedings of
       Machine Learning Research 70, 3145-3153.
    """
    mean = contrast.reference.mean(axis=0, keepdims=True)
    nearest = np.zeros((len(contrast.X), 1), dtype=np.intp)
    return _gradients(
        "integrated_gradients", networks, contrast, (mean, nearest, n_steps)
    )


def expected_gradients(
    networks: Network | Sequence[Network],
    contrast: Contrast,
    *,
    n_references: int | None = None,
    n_steps: int = 1,
    random_state: int | np.random.Generator = 0,
) -> Attribution:
    """
    Contributions averaged over straight paths from spectra of the background.

    The baseline is the mean prediction of the background, as for Shapley values.
    Differentiation is that of :func:`integrated_gradients`.

    Parameters
    ----------
    networks : module or sequence of modules
        As for :func:`integrated_gradients`.
    contrast : Contrast
        Samples and background.
    n_references : int, optional
        Paths a sample, from members of the background drawn without replacement
        and used equally often over the samples. Fewer than all leave a
        completeness residual, the sampling error. All where not given.
    n_steps : int
        Steps of each path.
    random_state : int or Generator
        Who draws.

    Returns
    -------
    Attribution
        One member for each network.

    Raises
    ------
    InvalidStudyError
        If there is no step, more references are asked for than there are, a
        network is in training mode, or names of responses do not fit.

    References
    ----------
    .. [1] Erion, G., Janizek, J. D., Sturmfels, P., Lundberg, S. M. and Lee, S.-I.
       (2021). Improving performance of deep learning models with axiomatic
       attribution priors and expected gradients. Nature Machine Intelligence 3,
       620-631.
    """
    reference = contrast.reference
    n = len(reference) if n_references is None else n_references
    if not 1 <= n <= len(reference):
        msg = (
            f"{n} references of {len(reference)} background samples; expected 1 to "
            f"{len(reference)}"
        )
        raise InvalidStudyError(msg)
    order = np.random.default_rng(random_state).permutation(len(reference))
    positions = np.arange(len(contrast.X))[:, np.newaxis] * n + np.arange(n)
    drawn = order[positions % len(reference)]
    return _gradients(
        "expected_gradients", networks, contrast, (reference, drawn, n_steps)
    )


def _gradients(
    method: str,
    networks: Network | Sequence[Network],
    contrast: Contrast,
    paths: tuple[FloatArray, IntArray, int],
) -> Attribution:
    members = list(networks) if isinstance(networks, Sequence) else [networks]
    for network in members:
        _check_network(network, paths[2])
    found = [_member(network, contrast, paths) for network in members]
    values, predictions, baselines = map(np.stack, zip(*found, strict=True))
    names = check_names(contrast.responses, predictions.shape[-1])
    return Attribution(
        method,
        contrast.parts,
        names,
        values,
        predictions,
        baselines,
        scale=str(getattr(members[0], "scale", "none")),
        note=str(getattr(members[0], "note", "")),
    )


def _check_network(network: Network, n_steps: int) -> None:
    if n_steps < 1:
        msg = f"paths of {n_steps} steps; expected at least 1"
        raise InvalidStudyError(msg)
    if getattr(network, "training", False):
        msg = (
            f"{type(network).__name__} is in training mode, where predictions are "
            "random; expected a fitted network: call its eval()"
        )
        raise InvalidStudyError(msg)


def _member(
    network: Network, contrast: Contrast, paths: tuple[FloatArray, IntArray, int]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    starts, drawn, n_steps = paths
    features = contrast.parts
    X = torch.from_numpy(np.array(contrast.X, dtype=np.float32))
    references = torch.from_numpy(np.array(starts, dtype=np.float32))
    with torch.no_grad():
        prediction = _in_batches(network, X)
        baseline = _in_batches(network, references).mean(axis=0)
    shape = (len(X), len(features.names), prediction.shape[1])
    values = np.zeros(shape, dtype=np.float32)
    per_batch = max(1, BATCH // n_steps)
    for rows, columns in _pairs(drawn, per_batch):
        own, reference = X[rows], references[drawn[rows, columns]]
        gradients = _path_gradients(network, reference, own, n_steps)
        moved = (own - reference).unsqueeze(2) * gradients
        # Rows repeat where one sample has several references.
        np.add.at(values, rows, features.sums(moved.numpy()) / drawn.shape[1])
    return values, prediction, baseline


def _pairs(drawn: IntArray, size: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Rows and their references, some at a time."""
    rows, columns = np.indices(drawn.shape).reshape(2, -1)
    for start in range(0, rows.size, size):
        yield rows[start : start + size], columns[start : start + size]


def _path_gradients(
    network: Network, start: Tensor, end: Tensor, n_steps: int
) -> Tensor:
    """Mean gradient along paths, (n_rows, n_columns, n_responses)."""
    n_rows = len(start)
    ends = _points(start, end, torch.linspace(0, 1, n_steps + 1))
    with torch.no_grad(), Recording(n_rows) as recording:
        network(ends)
    middle = (torch.arange(n_steps) + 0.5) / n_steps
    points = _points(start, end, middle).requires_grad_(True)
    with torch.enable_grad(), Replaying(recording.slopes):
        outputs = network(points)
    n_responses = outputs.shape[1]
    gradients = [
        torch.autograd.grad(
            outputs[:, k].sum(), points, retain_graph=k + 1 < n_responses
        )[0]
        for k in range(n_responses)
    ]
    steps = torch.stack(gradients, dim=-1)
    return steps.view(n_steps, n_rows, -1, n_responses).mean(dim=0)


def _points(start: Tensor, end: Tensor, along: Tensor) -> Tensor:
    """Points of all paths, one point after another."""
    moved = along.view(-1, 1, 1) * (end - start)
    return (start + moved).flatten(end_dim=1)


def _in_batches(network: Any, X: Tensor) -> FloatArray:
    parts = [network(part) for part in torch.split(X, BATCH)]
    return torch.cat(parts).numpy().astype(np.float64)
