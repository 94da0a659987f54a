"""What every estimator that holds residual networks shares."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags, check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation.splits import inner_folds
from cerussite.explanation import Features
from cerussite.models.resnet.architecture import ResNet, as_tensor
from cerussite.models.resnet.augmentation import Augmentation, resolve_augmentation
from cerussite.models.resnet.configuration import ResNetConfiguration
from cerussite.models.resnet.devices import resolve_device
from cerussite.models.resnet.explaining import ResponseModule, resolved_bins
from cerussite.models.resnet.pretrained import PretrainedNetwork, frozen_state
from cerussite.models.resnet.scaling import ResponseScaling
from cerussite.models.resnet.schedule import TrainedStage
from cerussite.models.resnet.training import (
    History,
    Trainer,
    TrainingData,
    TrainingSettings,
    predict_scaled,
)

#: File beside the network that holds the settings of the estimator.
ESTIMATOR_FILE = "estimator.json"


class NetworkRegressor(RegressorMixin, BaseEstimator):
    """
    Fit, predict, save and load; subclasses say which network training starts from.

    Attributes
    ----------
    network_ : PretrainedNetwork
        The trained networks.
    history_ : tuple of History
        What happened in the training of each member.
    n_features_in_ : int
        Number of bands seen in :meth:`fit`.
    """

    # Set by the constructors of the subclasses.
    bands: tuple[int, int] | None
    n_members: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    augmentation: Augmentation | str | None
    tuning_fraction: float
    patience: int | None
    response_transform: Any
    precision: Any
    device: str
    random_state: int | np.random.Generator | None
    checkpoint_folder: Path | str | None

    def _layers(self) -> ResNetConfiguration:
        """Layers of the network."""
        raise NotImplementedError

    def _start(
        self, member: int, X: FloatArray, scaling: ResponseScaling, seed: int
    ) -> ResNet:
        """Network of one member before its training, inputs scaled."""
        raise NotImplementedError

    def _stages(self) -> tuple[TrainedStage, ...]:
        """Parts of the network that learn."""
        raise NotImplementedError

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: FloatArray, y: FloatArray, *, groups: Any = None) -> Self:
        """
        Train the networks.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra as read.
        y : ndarray of shape (n_samples,) or (n_samples, n_responses)
            Responses; NaN where not measured.
        groups : array_like of shape (n_samples,) or None
            Labels that the tuning set never splits; None means that every
            sample stands alone.

        Returns
        -------
        NetworkRegressor
            Itself.
        """
        X, y = self._checked(X, y)
        X = self._seen(X)
        rows = np.arange(len(X)) if groups is None else np.asarray(groups)
        check_consistent_length(X, rows)
        layers = self._layers()
        scaling = ResponseScaling.learn(
            y, transform=self.response_transform, is_positive=layers.output == "relu"
        )
        folds, seeds = self._draw(rows)
        fingerprint = self._fingerprint(X, y, rows) if self.checkpoint_folder else ""
        z = scaling.scaled(y)
        tuned = np.full((self.n_members, *z.shape), np.nan)
        states, histories = [], []
        for member in range(self.n_members):
            network = self._start(member, X, scaling, seeds[member])
            calibration, tuning = folds[member % len(folds)]
            trainer = self._trainer(network, X, z, (calibration, tuning), seeds[member])
            histories.append(
                trainer.run(
                    checkpoint=self._checkpoint(member), fingerprint=fingerprint
                )
            )
            states.append(frozen_state(network))
            chosen = tuning if tuning.size else calibration
            tuned[member, chosen] = _predicted(network, X[chosen])
        self.network_ = PretrainedNetwork(
            layers,
            X.shape[1],
            scaling.with_smearing(z, _mean_of_members(tuned)),
            tuple(states),
        )
        self.history_ = tuple(histories)
        return self

    def _checked(
        self, X: FloatArray, y: FloatArray | None
    ) -> tuple[FloatArray, FloatArray]:
        if y is None:
            msg = f"{type(self).__name__} requires y to be passed, but the target y is None"
            raise InvalidStudyError(msg)
        X = validate_data(
            self,
            X,
            dtype=np.float64,
            ensure_min_samples=2,
            ensure_min_features=self._layers().minimum_width,
        )
        y = check_array(
            y,
            dtype=np.float64,
            ensure_2d=False,
            ensure_all_finite="allow-nan",
            input_name="y",
        )
        check_consistent_length(X, y)
        self._has_flat_y = y.ndim == 1
        return X, y.reshape(len(y), -1)

    def _seen(self, X: FloatArray) -> FloatArray:
        # Part of the spectra that the networks look at.
        if self.bands is None:
            return X
        first, stop = self.bands
        if not 0 <= first < stop <= X.shape[1]:
            msg = (
                f"bands: {first} to {stop} of spectra of {X.shape[1]} bands; expected "
                "the position of the first and the position behind the last"
            )
            raise InvalidStudyError(msg)
        return X[:, first:stop]

    def _draw(
        self, rows: IntArray
    ) -> tuple[list[tuple[IntArray, IntArray]], list[int]]:
        if self.n_members < 1 or not 0 <= self.tuning_fraction <= 0.5:
            msg = (
                f"n_members: {self.n_members}, tuning_fraction: "
                f"{self.tuning_fraction:g}; expected at least 1 and 0 to 0.5"
            )
            raise InvalidStudyError(msg)
        rng = np.random.default_rng(self.random_state)
        seeds = rng.integers(2**31, size=self.n_members).tolist()
        n_folds = round(1 / self.tuning_fraction) if self.tuning_fraction else 0
        if n_folds and np.unique(rows).size >= n_folds:
            return inner_folds(rows, n_folds=n_folds, random_state=rng), seeds
        return [(np.arange(rows.size), np.arange(0))], seeds

    def _trainer(
        self,
        network: ResNet,
        X: FloatArray,
        z: FloatArray,
        fold: tuple[IntArray, IntArray],
        seed: int,
    ) -> Trainer:
        device = resolve_device(self.device)
        data = TrainingData(as_tensor(X).to(device), as_tensor(z).to(device), *fold)
        generator = torch.Generator().manual_seed(seed)
        return Trainer(
            network.to(device),
            data,
            self._settings(),
            generator=generator,
            stages=self._stages(),
        )

    def _settings(self) -> TrainingSettings:
        return TrainingSettings(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            patience=self.patience,
            augmentation=resolve_augmentation(self.augmentation),
            precision=self.precision,
        )

    def _checkpoint(self, member: int) -> Path | None:
        if self.checkpoint_folder is None:
            return None
        return Path(self.checkpoint_folder) / f"member_{member}.safetensors"

    def _fingerprint(self, X: FloatArray, y: FloatArray, rows: IntArray) -> str:
        if not isinstance(self.random_state, int | np.integer):
            msg = (
                f"random_state: {self.random_state!r}; a training that can be resumed "
                "needs a whole number"
            )
            raise InvalidStudyError(msg)
        whole = hashlib.sha256(X.tobytes() + y.tobytes())
        whole.update(np.unique(rows, return_inverse=True)[1].tobytes())
        for name, value in sorted(self.get_params(deep=False).items()):
            if name not in {"checkpoint_folder", "device"}:
                whole.update(f"{name}={_identity(value)};".encode())
        return whole.hexdigest()[:16]

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Predict responses, averaged over the members.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra as read.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_responses)
            In the unit and the shape of the ``y`` given to :meth:`fit`.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        y = self.network_.predict(self._seen(X))
        return y[:, 0] if self._has_flat_y else y

    def as_modules(self) -> list[ResponseModule]:
        """
        Members as torch modules that give responses, for explanations.

        Returns
        -------
        list of ResponseModule
            Copies in evaluation mode.
        """
        check_is_fitted(self)
        return self.network_.as_modules()

    def explained_features(self, wavelengths: FloatArray) -> Features:
        """
        Bins that the network can tell apart.

        Parameters
        ----------
        wavelengths : ndarray of shape (n_wavelengths,)
            Band centres in nm.

        Returns
        -------
        Features
            See :func:`cerussite.models.resnet.explaining.resolved_bins`.
        """
        return resolved_bins(self._layers(), wavelengths)

    def pretrained(
        self,
        *,
        responses: tuple[str, ...] | list[str] = (),
        wavelengths: FloatArray | None = None,
    ) -> PretrainedNetwork:
        """
        The trained networks as a value to transfer from.

        Parameters
        ----------
        responses : sequence of str
            Names of the responses, for the record.
        wavelengths : ndarray of shape (n_wavelengths,) or None
            Band centres in nm, for the record.

        Returns
        -------
        PretrainedNetwork
            Weights are shared with this estimator.
        """
        check_is_fitted(self)
        return self.network_.with_labels(responses=responses, wavelengths=wavelengths)

    def save(self, folder: Path | str) -> Path:
        """
        Write the fitted estimator as JSON and safetensors; nothing is pickled.

        A ``random_state`` that is a generator is not kept: the loaded estimator
        has None there.

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
        folder = self.network_.save(folder)
        parameters = {
            name: self._packed(folder, name, value)
            for name, value in self.get_params(deep=False).items()
        }
        facts = {
            "class": type(self).__name__,
            "parameters": parameters,
            "history": [asdict(history) for history in self.history_],
            "has_flat_y": self._has_flat_y,
            "n_features_in": self.n_features_in_,
        }
        text = json.dumps(facts, indent=1)
        (folder / ESTIMATOR_FILE).write_text(text, encoding="utf-8")
        return folder

    @staticmethod
    def _packed(folder: Path, name: str, value: Any) -> Any:
        if isinstance(value, PretrainedNetwork):
            value.save(folder / name)
            return {"network": name}
        if isinstance(value, ResNetConfiguration):
            return {"configuration": value.to_dict()}
        if isinstance(value, Augmentation):
            return {"augmentation": asdict(value)}
        if isinstance(value, np.random.Generator):
            return None
        return str(value) if isinstance(value, Path) else value

    @staticmethod
    def _unpacked(folder: Path, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        kind, content = next(iter(value.items()))
        if kind == "network":
            return PretrainedNetwork.load(folder / content)
        if kind == "configuration":
            return ResNetConfiguration.from_dict(content)
        return Augmentation(**content)

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
        NetworkRegressor
            Predicts the same as the one written.

        Raises
        ------
        UnreadableFileError
            If a file is missing or belongs to another class; the message names it.
        """
        folder = Path(folder)
        path = folder / ESTIMATOR_FILE
        if not path.is_file():
            msg = f"{path}: no such file; expected the folder of a saved estimator"
            raise UnreadableFileError(msg)
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts.get("class") != cls.__name__:
            msg = f"{path}: holds a {facts.get('class')}; expected a {cls.__name__}"
            raise UnreadableFileError(msg)
        parameters = facts["parameters"]
        estimator = cls(
            **{name: cls._unpacked(folder, value) for name, value in parameters.items()}
        )
        estimator.network_ = PretrainedNetwork.load(folder)
        estimator.history_ = tuple(History(**values) for values in facts["history"])
        estimator.n_features_in_ = facts["n_features_in"]
        estimator._has_flat_y = facts["has_flat_y"]
        return estimator


def _predicted(network: ResNet, X: FloatArray) -> FloatArray:
    device = next(network.parameters()).device
    with torch.inference_mode():
        inputs = network.inputs(as_tensor(X).to(device))
    return predict_scaled(network, inputs).cpu().numpy()


def _mean_of_members(predictions: FloatArray) -> FloatArray:
    # Not nanmean, which warns where no member predicted a row.
    n_predicted = np.count_nonzero(~np.isnan(predictions), axis=0)
    total = np.nansum(predictions, axis=0)
    return np.where(n_predicted > 0, total / np.maximum(n_predicted, 1), np.nan)


def _identity(value: Any) -> str:
    if isinstance(value, PretrainedNetwork):
        return hashlib.sha256(b"".join(_weight_bytes(value))).hexdigest()
    return repr(value)


def _weight_bytes(network: PretrainedNetwork) -> Iterator[bytes]:
    for member in network.members:
        for name, tensor in member.items():
            yield name.encode() + tensor.numpy().tobytes()
