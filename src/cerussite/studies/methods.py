"""One table of the methods a study can name, and the controls they bring along."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeAlias

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.study import Calibrations, Networks

Role: TypeAlias = Literal["baseline", "consensus", "network", "transfer", "control"]
#: Networks a method may start from.
Source: TypeAlias = Literal["library", "shuffled_library"]


@dataclass(frozen=True)
class Workbench:
    """
    What a factory may need besides the options of a method.

    Attributes
    ----------
    random_state : int
        Seed of the task.
    calibrations : Calibrations
        Options of all methods that are no networks.
    networks : Networks
        Options of all networks of the study.
    network_bands : tuple of (int, int)
        Run of bands that networks see.
    sources : dict of str to Path
        Folders of the pre-trained networks, by what they were trained on.
    """

    random_state: int
    calibrations: Calibrations
    networks: Networks
    network_bands: tuple[int, int]
    sources: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class MethodEntry:
    """
    A method that a study can name.

    Attributes
    ----------
    name : str
        Name in study files and tables.
    title : str
        Plain-language title for the report.
    role : {"baseline", "consensus", "network", "transfer", "control"}
        Part that the method plays in comparisons.
    build : callable or None
        Makes the unfitted estimator from a workbench and options; None where
        the predictions are a mean of those of other methods.
    source : {"library", "shuffled_library"} or None
        Pre-trained network that it starts from.
    mean_of : tuple of str
        Methods whose members' predictions are averaged.
    estimator : str
        Module and class that ``build`` makes, ``"module:Class"``; empty for a
        mean of others.
    """

    name: str
    title: str
    role: Role
    build: Callable[..., Any] | None
    source: Source | None = None
    mean_of: tuple[str, ...] = ()
    estimator: str = ""

    @property
    def is_network(self) -> bool:
        """
        Tell whether the method trains a network.

        Returns
        -------
        bool
            True for networks, transfer and its controls.
        """
        return self.role in {"network", "transfer"} or self.name in CONTROLS


def check_options(method: str, options: dict[str, Any]) -> None:
    """
    Refuse options that the estimator of a method does not have.

    Parameters
    ----------
    method : str
        Name in :data:`METHODS`.
    options : dict
        Options of the study file.

    Raises
    ------
    InvalidStudyError
        If there is one; the message names the nearest that exists.
    """
    entry = METHODS[method]
    if not options:
        return
    if entry.mean_of:
        msg = f"methods: {method} is a mean of others; it has no options"
        raise InvalidStudyError(msg)
    module, _, name = entry.estimator.partition(":")
    known = list(inspect.signature(getattr(import_module(module), name)).parameters)
    for option in options:
        if option not in known:
            near = get_close_matches(option, known, n=1, cutoff=0.5)
            hint = (
                f"did you mean {near[0]!r}?" if near else f"one of {', '.join(known)}"
            )
            msg = f"methods: {method} has no option {option!r}; {hint}"
            raise InvalidStudyError(msg)


def _classical(class_name: str, **fixed: Any) -> Callable[..., Any]:
    def build(bench: Workbench, **options: Any) -> Any:
        from cerussite import models  # noqa: PLC0415 - keeps --help quick

        shared = bench.calibrations.model_dump(exclude_none=True)
        return getattr(models, class_name)(
            **{**fixed, **shared, "random_state": bench.random_state, **options}
        )

    return build


def _mean(_: Workbench, **options: Any) -> Any:
    from cerussite.studies.floor import CalibrationMean  # noqa: PLC0415

    return CalibrationMean(**options)


def network_options(networks: Networks) -> dict[str, Any]:
    """
    Keyword arguments that all networks on the target share.

    Parameters
    ----------
    networks : Networks
        Options of all networks of a study.

    Returns
    -------
    dict
        Without ``epochs`` where the study leaves them to the estimator.
    """
    options: dict[str, Any] = {
        "n_members": networks.n_members,
        "response_transform": networks.response_transform,
    }
    if networks.epochs is not None:
        options["epochs"] = networks.epochs
    return options


def _resnet(bench: Workbench, **options: Any) -> Any:
    from cerussite.models.resnet import ResNetRegressor  # noqa: PLC0415 - needs torch

    return ResNetRegressor(
        **{
            "configuration": bench.networks.configuration,
            "bands": bench.network_bands,
            **network_options(bench.networks),
            "random_state": bench.random_state,
            **options,
        }
    )


def _transfer(source: Source, policy: str) -> Callable[..., Any]:
    def build(bench: Workbench, **options: Any) -> Any:
        from cerussite.models.resnet import PretrainedNetwork  # noqa: PLC0415

        network = PretrainedNetwork.load(bench.sources[source])
        return _from_network(network, policy, bench, options)

    return build


def _untrained(bench: Workbench, **options: Any) -> Any:
    from cerussite.models.resnet import PretrainedNetwork  # noqa: PLC0415

    first, stop = bench.network_bands
    network = PretrainedNetwork.untrained(
        bench.networks.configuration,
        n_wavelengths=stop - first,
        random_state=bench.random_state,
    )
    return _from_network(network, "paper", bench, options)


def _from_network(
    network: Any, policy: str, bench: Workbench, options: dict[str, Any]
) -> Any:
    from cerussite.transfer import TransferRegressor  # noqa: PLC0415 - needs torch

    return TransferRegressor(
        network,
        **{
            "policy": policy,
            "bands": bench.network_bands,
            **network_options(bench.networks),
            "random_state": bench.random_state,
            **options,
        },
    )


_RESNET = "cerussite.models.resnet:ResNetRegressor"
_TRANSFER = "cerussite.transfer:TransferRegressor"


def _calibration(
    name: str, title: str, class_name: str, role: Role = "baseline", **fixed: Any
) -> MethodEntry:
    build = _classical(class_name, **fixed)
    return MethodEntry(
        name, title, role, build, estimator=f"cerussite.models:{class_name}"
    )


def _transferred(
    name: str,
    title: str,
    policy: str,
    role: Role = "transfer",
    source: Source = "library",
) -> MethodEntry:
    build = _transfer(source, policy)
    return MethodEntry(name, title, role, build, source=source, estimator=_TRANSFER)


_ENTRIES = (
    MethodEntry(
        "mean",
        "Mean of the calibration set",
        "control",
        _mean,
        estimator="cerussite.studies.floor:CalibrationMean",
    ),
    _calibration(
        "partial_least_squares", "Partial least squares", "PartialLeastSquares"
    ),
    _calibration("ridge", "Ridge regression", "SpectralRidge"),
    _calibration("kernel_ridge", "Kernel ridge regression", "KernelRidge"),
    _calibration("gaussian_process", "Gaussian process", "GaussianProcess"),
    _calibration(
        "support_vector_regression",
        "Support vector regression",
        "SupportVectorRegression",
    ),
    _calibration("random_forest", "Random forest", "RandomForest"),
    _calibration("boosted_trees", "Boosted trees", "BoostedTrees"),
    _calibration(
        "consensus",
        "Consensus of model families",
        "Consensus",
        "consensus",
        combine="mean",
    ),
    _calibration(
        "consensus_stack",
        "Consensus with learnt weights",
        "Consensus",
        "consensus",
        combine="stack",
    ),
    MethodEntry(
        "resnet",
        "Residual network from scratch",
        "network",
        _resnet,
        estimator=_RESNET,
    ),
    _transferred("transfer_paper", "Transfer with frozen convolutions", "paper"),
    _transferred("transfer_all", "Transfer with all layers trained", "all"),
    _transferred("transfer_gradual", "Transfer with layers thawed in turn", "gradual"),
    _transferred(
        "transfer_discriminative",
        "Transfer with slower early layers",
        "discriminative",
    ),
    MethodEntry(
        "control_untrained_trunk",
        "Frozen random trunk (control)",
        "control",
        _untrained,
        estimator=_TRANSFER,
    ),
    _transferred(
        "control_shuffled_source",
        "Transfer from shuffled labels (control)",
        "all",
        "control",
        "shuffled_library",
    ),
    MethodEntry(
        "consensus_with_transfer",
        "Consensus with transfer",
        "consensus",
        None,
        mean_of=("consensus", "transfer_all"),
    ),
)

#: Methods by name, in the order of the report.
METHODS: dict[str, MethodEntry] = {entry.name: entry for entry in _ENTRIES}
#: What stands beside every transfer method.
CONTROLS = ("resnet", "control_untrained_trunk", "control_shuffled_source")


def find_method(name: str) -> MethodEntry:
    """
    Look up a method.

    Parameters
    ----------
    name : str
        Name in :data:`METHODS`.

    Returns
    -------
    MethodEntry
        The method.

    Raises
    ------
    InvalidStudyError
        If there is none of this name; the message names the nearest.
    """
    if name in METHODS:
        return METHODS[name]
    near = get_close_matches(name, METHODS, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(METHODS)}"
    msg = f"unknown method {name!r}; {hint}"
    raise InvalidStudyError(msg)


def with_controls(names: Iterable[str]) -> list[str]:
    """
    Add what must stand beside the methods of a study.

    A mean of methods needs these methods; transfer needs the same network from
    random weights, with a frozen random trunk and from shuffled labels, partial
    least squares and the consensus.

    Parameters
    ----------
    names : iterable of str
        Methods that the study names.

    Returns
    -------
    list of str
        In the order of :data:`METHODS`.

    Examples
    --------
    >>> with_controls(["ridge", "mean"])
    ['mean', 'ridge']
    >>> "resnet" in with_controls(["transfer_paper"])
    True
    """
    wanted = {part for name in names for part in (name, *find_method(name).mean_of)}
    if any(METHODS[name].role == "transfer" for name in wanted):
        wanted.update(CONTROLS, {"partial_least_squares", "consensus"})
    return [name for name in METHODS if name in wanted]
