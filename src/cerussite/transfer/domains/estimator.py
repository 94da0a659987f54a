"""Networks on covariates, from scratch or on a pre-trained trunk."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import Tags, check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.models.resnet.checkpoints import read_state, write_state
from cerussite.models.resnet.devices import resolve_device
from cerussite.models.resnet.scaling import ResponseScaling, ResponseTransform
from cerussite.transfer.domains.configuration import (
    AdapterConfiguration,
    TrunkConfiguration,
)
from cerussite.transfer.domains.covariates import Covariates, split_covariates
from cerussite.transfer.domains.embeddings import bin_edges
from cerussite.transfer.domains.encoding import CovariateEncoding, Encoded
from cerussite.transfer.domains.network import (
    Adapter,
    DomainNetwork,
    Head,
    Trunk,
    load_members,
    member_states,
)
from cerussite.transfer.domains.training import (
    DomainHistory,
    DomainTraining,
    domain_data,
    draw_folds,
    predict_members,
    train_members,
)
from cerussite.transfer.domains.trunk import (
    PretrainedTrunk,
    generators_of,
    joined,
    parted,
)

#: Files of a saved estimator, and the folder of the trunk it started from.
ESTIMATOR_FILE, WEIGHTS_FILE, SOURCE_FOLDER = (
    "estimator.json",
    "weights.safetensors",
    "source",
)


class DomainRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """
    An adapter and a head of this domain, on a trunk that may come from others.

    With a :class:`PretrainedTrunk`, adapter and head learn first on the frozen
    trunk, then everything, the trunk at a lower rate. The controls differ in the
    trunk alone: a :class:`TrunkConfiguration` is the network from scratch,
    ``PretrainedTrunk.untrained(...)`` the random trunk, and ``pretrain_trunk`` on
    ``task.shuffled(...)`` or ``SourceTask.unrelated(...)`` the sources that know
    nothing.

    Parameters
    ----------
    trunk : PretrainedTrunk, TrunkConfiguration or None
        What the trunk starts from; None is the default configuration, from
        scratch. Member ``i`` starts from member ``i`` of a pre-trained trunk, counted
        round.
    adapter : AdapterConfiguration or None
        How the covariates enter the trunk; None is the default.
    categorical : sequence of str or int
        Columns that hold categories: names in a DataFrame, positions in an array.
    frozen_share : float
        Part of the training in which a pre-trained trunk does not learn.
    trunk_rate : float
        Learning rate of a pre-trained trunk after that, as a part of the general one;
        0 keeps it frozen.
    n_members : int
        Networks that differ in their random numbers and tuning sets; their
        predictions are averaged.
    epochs : int
        Length of the learning-rate cycle in passes over the calibration set.
    batch_size : int
        Samples a step.
    learning_rate : float
        Highest learning rate of the cycle.
    weight_decay : float
        Decoupled weight decay.
    tuning_fraction : float
        Part of the groups, at most one half, that the stopping of a member is chosen
        on; members take turns. 0, or fewer groups than parts, trains to the end of
        the cycle on everything.
    patience : int or None
        Epochs without a better tuning error after which training stops; None goes to
        the end. The best weights are kept either way.
    response_transform : {"none", "log"}
        Learn the responses or their logarithms, with Duan's smearing on the way back.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` ...
    random_state : int, Generator or None
        Source of all random numbers; no global seed is touched.

    Attributes
    ----------
    encoding_ : CovariateEncoding
        Scales and categories of the covariates.
    scaling_ : ResponseScaling
        From outputs of the networks to responses.
    members_ : tuple of dict of str to Tensor
        Weights of the networks.
    history_ : DomainHistory
        What happened in the training.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Predictions of calibration rows by members that were not fitted on them; NaN
        where there are none. Their stopping was chosen on these rows, so errors are
        slightly too small.
    n_features_in_ : int
        Number of covariates seen in :meth:`fit`.
    """

    def __init__(  # noqa: PLR0913 -- scikit-learn reads its parameters here
        self,
        trunk: PretrainedTrunk | TrunkConfiguration | None = None,
        *,
        adapter: AdapterConfiguration | None = None,
        categorical: Sequence[str | int] = (),
        frozen_share: float = 0.3,
        trunk_rate: float = 0.1,
        n_members: int = 5,
        epochs: int = 100,
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        weight_decay: float = 1e-2,
        tuning_fraction: float = 0.2,
        patience: int | None = 25,
        response_transform: ResponseTransform = "none",
        device: str = "auto",
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.trunk = trunk
        self.adapter = adapter
        self.categorical = categorical
        self.frozen_share = frozen_share
        self.trunk_rate = trunk_rate
        self.n_members = n_members
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.tuning_fraction = tuning_fraction
        self.patience = patience
        self.response_transform = response_transform
        self.device = device
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: Any, *, groups: Any = None) -> Self:
        """
        Train the networks.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_samples, n_features)
            Covariates; NaN or None where missing. A covariate that is missing
            throughout counts as missing in :meth:`predict` as well.
        y : ndarray of shape (n_samples,) or (n_samples, n_responses)
            Responses; NaN where not measured.
        groups : array_like of shape (n_samples,), optional
            Labels that tuning sets never split; without them rows are independent.

        Returns
        -------
        Self
            The fitted estimator.

        Raises
        ------
        InvalidStudyError
            If there is no ``y`` or no member, or an option is impossible.
        """
        if y is None:
            msg = "DomainRegressor requires y to be passed, but the target y is None"
            raise InvalidStudyError(msg)
        if self.n_members < 1:
            msg = f"n_members: {self.n_members}; expected at least 1"
            raise InvalidStudyError(msg)
        settings, rng = self._training(), np.random.default_rng(self.random_state)
        covariates, responses, labels = self._checked(X, y, groups)
        adapter = self._adapter()
        self.encoding_ = CovariateEncoding.learn(covariates, scaling=adapter.scaling)
        encoded = self.encoding_.apply(covariates)
        scaling = ResponseScaling.learn(
            responses, transform=self.response_transform, is_positive=False
        )
        z = scaling.scaled(responses)
        folds = draw_folds(labels, self.n_members, self.tuning_fraction, rng)
        edges = bin_edges(encoded.numbers, adapter.n_bins)
        network = self._network(edges, z.shape[1], rng)
        device = resolve_device(self.device)
        data = domain_data(encoded, z, folds, device)
        self.history_ = train_members(network.to(device), [data], settings, rng=rng)
        self.members_ = member_states(network)
        self._edges_ = edges
        self._smear(encoded, z, folds[1], scaling)
        return self

    def _training(self) -> DomainTraining:
        # A trunk from scratch has nothing to protect.
        is_pretrained = isinstance(self.trunk, PretrainedTrunk)
        return DomainTraining(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            patience=self.patience,
            tuning_fraction=self.tuning_fraction,
            frozen_share=self.frozen_share if is_pretrained else 0.0,
            trunk_rate=self.trunk_rate if is_pretrained else 1.0,
        )

    def _adapter(self) -> AdapterConfiguration:
        return self.adapter or AdapterConfiguration()

    def _sizes(self) -> TrunkConfiguration:
        if isinstance(self.trunk, PretrainedTrunk):
            return self.trunk.configuration
        return self.trunk or TrunkConfiguration()

    def _checked(
        self, X: Any, y: Any, groups: Any
    ) -> tuple[Covariates, FloatArray, NDArray[Any]]:
        covariates = self._covariates(X, is_new=True)
        responses = check_array(
            y,
            dtype=np.float64,
            ensure_2d=False,
            ensure_all_finite="allow-nan",
            input_name="y",
        )
        labels = np.arange(len(responses)) if groups is None else np.asarray(groups)
        check_consistent_length(covariates.numbers, responses, labels)
        self._has_flat_y = responses.ndim == 1
        return covariates, responses.reshape(len(responses), -1), labels

    def _covariates(self, X: Any, *, is_new: bool) -> Covariates:
        if hasattr(X, "iloc"):
            # Names and their number; columns of text are no array of numbers.
            validate_data(self, X, reset=is_new, skip_check_array=True)
            return split_covariates(X, self.categorical)
        checked = validate_data(
            self,
            X,
            reset=is_new,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            ensure_min_samples=2 if is_new else 1,
        )
        return split_covariates(checked, self.categorical)

    def _network(
        self, edges: FloatArray, n_responses: int, rng: np.random.Generator
    ) -> DomainNetwork:
        sizes, generators = self._sizes(), generators_of(rng, self.n_members)
        trunk = Trunk(sizes, generators)
        if isinstance(self.trunk, PretrainedTrunk):
            load_members(trunk, [dict(one) for one in self.trunk.members])
        adapter = Adapter(
            self.encoding_, edges, self._adapter(), sizes.width, generators
        )
        return DomainNetwork(
            [adapter], trunk, [Head(sizes.width, n_responses, generators)]
        )

    def _smear(
        self,
        encoded: Encoded,
        z: FloatArray,
        tuning: Sequence[Any],
        scaling: ResponseScaling,
    ) -> None:
        """Out-of-fold predictions, and the way back from logarithms by their errors."""
        self.scaling_ = scaling
        predicted = predict_members(self._loaded(), 0, encoded)
        total, counts = np.zeros(z.shape), np.zeros((len(z), 1))
        for member, rows in enumerate(tuning):
            total[rows] += predicted[member, rows]
            counts[rows] += 1
        left_out = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
        seen = np.where(counts > 0, left_out, predicted.mean(axis=0))
        self.scaling_ = scaling.with_smearing(z, seen)
        self.out_of_fold_ = self.scaling_.unscaled(left_out)

    def _loaded(self) -> DomainNetwork:
        generator = np.random.default_rng(0)
        n_responses = self.scaling_.n_responses
        network = self._network(self._edges_, n_responses, generator).double()
        load_members(network, self.members_)
        return network

    def predict(self, X: Any) -> FloatArray:
        """
        Predict responses, averaged over the members.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_samples, n_features)
            Covariates with the columns given to :meth:`fit`. Categories that were
            not seen there count as missing.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_responses)
            In the unit and the shape of the ``y`` given to :meth:`fit`.
        """
        y = self.predict_members(X).mean(axis=0)
        y = self.scaling_.unscaled(y)
        return y[:, 0] if self._has_flat_y else y

    def predict_members(self, X: Any) -> FloatArray:
        """
        Scaled responses of each member; their spread says how far they disagree.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_samples, n_features)
            Covariates.

        Returns
        -------
        ndarray of shape (n_members, n_samples, n_responses)
            On the scale of the training.
        """
        check_is_fitted(self)
        encoded = self.encoding_.apply(self._covariates(X, is_new=False))
        return predict_members(self._loaded(), 0, encoded)

    def save(self, folder: Path | str) -> Path:
        """
        Write the fitted estimator as JSON and safetensors; nothing is pickled.

        A ``random_state`` that is a generator is not kept: the loaded estimator has
        None there.

        Parameters
        ----------
        folder : Path or str
            Made if it is not there.

        Returns
        -------
        Path
            The folder.
        """
        check_is_fitted(self)
        folder = Path(folder)
        tensors = {
            **joined(self.members_),
            "edges": torch.as_tensor(self._edges_),
            "out_of_fold": torch.as_tensor(self.out_of_fold_),
        }
        write_state(folder / WEIGHTS_FILE, tensors, {"n_members": len(self.members_)})
        text = json.dumps(self._description(folder), indent=1)
        (folder / ESTIMATOR_FILE).write_text(text, encoding="utf-8")
        return folder

    def _description(self, folder: Path) -> dict[str, Any]:
        names = getattr(self, "feature_names_in_", None)
        return {
            "class": type(self).__name__,
            "parameters": {
                name: _packed(folder, value)
                for name, value in self.get_params(deep=False).items()
            },
            "encoding": self.encoding_.to_dict(),
            "scaling": self.scaling_.to_dict(),
            "history": asdict(self.history_),
            "has_flat_y": self._has_flat_y,
            "n_features": self.n_features_in_,
            "feature_names": None if names is None else list(names),
        }

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """
        Read what :meth:`save` wrote.

        Parameters
        ----------
        folder : Path or str
            Folder of a saved estimator of this class.

        Returns
        -------
        Self
            Predicts the same as the one written.

        Raises
        ------
        UnreadableFileError
            If a file is missing, damaged or belongs to another class; the message
            names it.
        """
        folder = Path(folder)
        path = folder / ESTIMATOR_FILE
        if not path.is_file():
            msg = f"{path}: no such file; expected the folder of a saved estimator"
            raise UnreadableFileError(msg)
        tensors, facts = read_state(folder / WEIGHTS_FILE)
        try:
            return cls._restored(
                json.loads(path.read_text(encoding="utf-8")), tensors, facts, folder
            )
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            msg = (
                f"{path}: does not describe a {cls.__name__} ({error!r}); expected a "
                "file written by save"
            )
            raise UnreadableFileError(msg) from error

    @classmethod
    def _restored(
        cls,
        values: dict[str, Any],
        tensors: dict[str, torch.Tensor],
        facts: dict[str, Any],
        folder: Path,
    ) -> Self:
        if values["class"] != cls.__name__:
            raise TypeError(values["class"])
        parameters = values["parameters"].items()
        estimator = cls(
            **{name: _unpacked(folder, value) for name, value in parameters}
        )
        estimator._edges_ = tensors.pop("edges").numpy()
        estimator.out_of_fold_ = tensors.pop("out_of_fold").numpy()
        estimator.members_ = parted(tensors, facts["n_members"])
        estimator.encoding_ = CovariateEncoding.from_dict(values["encoding"])
        estimator.scaling_ = ResponseScaling.from_dict(values["scaling"])
        estimator.history_ = DomainHistory(**values["history"])
        estimator._has_flat_y = values["has_flat_y"]
        estimator.n_features_in_ = values["n_features"]
        if values["feature_names"] is not None:
            estimator.feature_names_in_ = np.array(
                values["feature_names"], dtype=object
            )
        return estimator


def _packed(folder: Path, value: Any) -> Any:
    if isinstance(value, PretrainedTrunk):
        value.save(folder / SOURCE_FOLDER)
        return {"pretrained": SOURCE_FOLDER}
    if isinstance(value, TrunkConfiguration):
        return {"trunk": value.to_dict()}
    if isinstance(value, AdapterConfiguration):
        return {"adapter": value.to_dict()}
    if isinstance(value, np.random.Generator):
        return None
    return list(value) if isinstance(value, tuple) else value


def _unpacked(folder: Path, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, dict):
        return value
    kind, content = next(iter(value.items()))
    if kind == "pretrained":
        return PretrainedTrunk.load(folder / content)
    if kind == "trunk":
        return TrunkConfiguration(**content)
    return AdapterConfiguration(**content)
