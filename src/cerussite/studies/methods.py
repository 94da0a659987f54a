"""One table of the methods a study can name, and the controls they bring along."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
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
    """

    name: str
    title: str
    role: Role
    build: Callable[..., Any] | None
    source: Source | None = None
    mean_of: tuple[str, ...] = ()

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


_ENTRIES = (
    MethodEntry("mean", "Mean of the calibration set", "control", _mean),
    MethodEntry(
        "partial_least_squares",
        "Partial least squares",
        "baseline",
        _classical("PartialLeastSquares"),
    ),
    MethodEntry("ridge", "Ridge regression", "baseline", _classical("SpectralRidge")),
    MethodEntry(
        "kernel_ridge", "Kernel ridge regression", "baseline", _classical("KernelRidge")
    ),
    MethodEntry(
        "gaussian_process",
        "Gaussian process",
        "baseline",
        _classical("GaussianProcess"),
    ),
    MethodEntry(
        "support_vector_regression",
        "Support vector regression",
        "baseline",
        _classical("SupportVectorRegression"),
    ),
    MethodEntry(
        "random_forest", "Random forest", "baseline", _classical("RandomForest")
    ),
    MethodEntry(
        "boosted_trees", "Boosted trees", "baseline", _classical("BoostedTrees")
    ),
    MethodEntry(
        "consensus",
        "Consensus of model families",
        "consensus",
        _classical("Consensus", combine="mean"),
    ),
    MethodEntry(
        "consensus_stack",
        "Consensus with learnt weights",
        "consensus",
        _classical("Consensus", combine="stack"),
    ),
    MethodEntry("resnet", "Residual network from scratch", "network", _resnet),
    MethodEntry(
        "transfer_paper",
        "Transfer with frozen convolutions",
        "transfer",
        _transfer("library", "paper"),
        "library",
    ),
    MethodEntry(
        "transfer_all",
        "Transfer with all layers trained",
        "transfer",
        _transfer("library", "all"),
        "library",
    ),
    MethodEntry(
        "transfer_gradual",
        "Transfer with layers thawed in turn",
        "transfer",
        _transfer("library", "gradual"),
        "library",
    ),
    MethodEntry(
        "transfer_discriminative",
        "Transfer with slower early layers",
        "transfer",
        _transfer("library", "discriminative"),
        "library",
    ),
    MethodEntry(
        "control_untrained_trunk",
        "Frozen random trunk (control)",
        "control",
        _untrained,
    ),
    MethodEntry(
        "control_shuffled_source",
        "Transfer from shuffled labels (control)",
        "control",
        _transfer("shuffled_library", "all"),
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
