"""A trained network as a value: what transfer starts from and files hold."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.explanation import Features
from cerussite.models.resnet.architecture import ResNet, as_tensor
from cerussite.models.resnet.checkpoints import read_state, write_state
from cerussite.models.resnet.configuration import (
    ResNetConfiguration,
    resolve_configuration,
)
from cerussite.models.resnet.explaining import (
    ResponseModule,
    note_of,
    resolved_bins,
)
from cerussite.models.resnet.scaling import ResponseScaling
from cerussite.models.resnet.training import predict_scaled

#: Files of a saved network.
DESCRIPTION_FILE, WEIGHTS_FILE = "network.json", "weights.safetensors"
#: Version of their layout.
SCHEMA_VERSION = 1


@dataclass(frozen=True, eq=False)
class PretrainedNetwork:
    """
    Weights of one or more trained networks of one configuration.

    Not an estimator: a copy is the network itself, so that cloning an estimator
    that starts from it keeps the weights. Do not change the weights in place.

    Attributes
    ----------
    configuration : ResNetConfiguration
        The layers.
    n_wavelengths : int
        Number of bands.
    scaling : ResponseScaling
        From outputs of the network to responses in their unit.
    members : tuple of mapping of str to Tensor
        State of each member of the ensemble, input scaling included, on the
        processor.
    responses : tuple of str
        Names of the responses; empty where the training did not know them.
    wavelengths : ndarray of shape (n_wavelengths,) or None
        Band centres in nm, where known.
    is_trained : bool
        False for the random network that serves as a control.
    """

    configuration: ResNetConfiguration
    n_wavelengths: int
    scaling: ResponseScaling
    members: tuple[Mapping[str, Tensor], ...]
    responses: tuple[str, ...] = ()
    wavelengths: FloatArray | None = None
    is_trained: bool = True

    def __post_init__(self) -> None:
        if self.responses and len(self.responses) != self.n_responses:
            msg = (
                f"{len(self.responses)} names for {self.n_responses} responses; "
                "expected one each"
            )
            raise InvalidStudyError(msg)
        if self.wavelengths is not None and (
            self.wavelengths.shape != (self.n_wavelengths,)
        ):
            msg = (
                f"wavelengths of shape {self.wavelengths.shape} for a network of "
                f"{self.n_wavelengths} bands; expected one each"
            )
            raise InvalidStudyError(msg)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    @classmethod
    def untrained(
        cls,
        configuration: str | ResNetConfiguration,
        n_wavelengths: int,
        *,
        random_state: int = 0,
        n_members: int = 1,
    ) -> Self:
        """
        Random networks: the control that shows what training on a source adds.

        Parameters
        ----------
        configuration : {"paper", "accurate"} or ResNetConfiguration
            The layers.
        n_wavelengths : int
            Number of bands.
        random_state : int
            Seed of the weights.
        n_members : int
            Number of networks.

        Returns
        -------
        PretrainedNetwork
            With one response and inputs that are not scaled: let the transfer
            standardise them on the target.
        """
        layers = resolve_configuration(configuration)
        seeds = np.random.default_rng(random_state).integers(2**31, size=n_members)
        members = []
        for seed in seeds.tolist():
            generator = torch.Generator().manual_seed(seed)
            network = ResNet(layers, n_wavelengths, 1, generator=generator)
            members.append(frozen_state(network))
        one = np.ones(1)
        scaling = ResponseScaling("none", np.zeros(1), one, one, 0.1 * one)
        return cls(layers, n_wavelengths, scaling, tuple(members), is_trained=False)

    @property
    def n_responses(self) -> int:
        """
        Number of responses.

        Returns
        -------
        int
            Outputs of the network.
        """
        return self.scaling.n_responses

    @property
    def n_members(self) -> int:
        """
        Number of networks whose predictions are averaged.

        Returns
        -------
        int
            At least 1.
        """
        return len(self.members)

    def with_labels(
        self,
        *,
        responses: tuple[str, ...] | list[str] = (),
        wavelengths: FloatArray | None = None,
    ) -> Self:
        """
        The same network with the names of its responses and its band centres.

        Parameters
        ----------
        responses : sequence of str
            One name for each response, or none.
        wavelengths : ndarray of shape (n_wavelengths,) or None
            Band centres in nm.

        Returns
        -------
        PretrainedNetwork
            Weights are shared.
        """
        return replace(self, responses=tuple(responses), wavelengths=wavelengths)

    def module(self, member: int = 0) -> ResNet:
        """
        One member as a torch module, for explanations and further training.

        Parameters
        ----------
        member : int
            Which one.

        Returns
        -------
        ResNet
            A copy in evaluation mode; it maps spectra as read to responses on
            the scale of the training (see ``scaling``).
        """
        network = ResNet(
            self.configuration,
            self.n_wavelengths,
            self.n_responses,
            generator=torch.Generator(),
        )
        network.load_state_dict(dict(self.members[member]))
        return network.eval()

    def as_modules(self) -> list[ResponseModule]:
        """
        Members as torch modules that give responses, for explanations.

        Returns
        -------
        list of ResponseModule
            Copies in evaluation mode.
        """
        note = note_of(self.configuration)
        return [
            ResponseModule(self.module(member), self.scaling, note=note)
            for member in range(self.n_members)
        ]

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
        return resolved_bins(self.configuration, wavelengths)

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Responses of spectra, averaged over the members.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra as read.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            Responses in the unit of the training.
        """
        return self.scaling.unscaled(self.predict_members(X).mean(axis=0))

    def predict_members(self, X: FloatArray) -> FloatArray:
        """
        Scaled responses of each member; their spread says how far they disagree.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra as read.

        Returns
        -------
        ndarray of shape (n_members, n_samples, n_responses)
            On the scale of the training.

        Raises
        ------
        InvalidStudyError
            If the number of bands differs from that of the training.
        """
        if X.shape[1] != self.n_wavelengths:
            msg = (
                f"spectra of {X.shape[1]} bands; the network takes "
                f"{self.n_wavelengths}: resample them to its wavelengths"
            )
            raise InvalidStudyError(msg)
        spectra = as_tensor(X)
        parts = []
        for member in range(self.n_members):
            network = self.module(member)
            with torch.inference_mode():
                inputs = network.inputs(spectra)
            parts.append(predict_scaled(network, inputs).numpy())
        return np.stack(parts).astype(np.float64)

    def save(self, folder: Path | str) -> Path:
        """
        Write the network as JSON and safetensors.

        Parameters
        ----------
        folder : Path or str
            Made if it is not there.

        Returns
        -------
        Path
            The folder.
        """
        folder = Path(folder)
        tensors = {
            f"member_{number}/{name}": tensor
            for number, member in enumerate(self.members)
            for name, tensor in member.items()
        }
        write_state(folder / WEIGHTS_FILE, tensors, {"n_members": self.n_members})
        description = json.dumps(self._description(), indent=1)
        (folder / DESCRIPTION_FILE).write_text(description, encoding="utf-8")
        return folder

    def _description(self) -> dict[str, Any]:
        wavelengths = self.wavelengths
        return {
            "schema_version": SCHEMA_VERSION,
            "configuration": self.configuration.to_dict(),
            "n_wavelengths": self.n_wavelengths,
            "scaling": self.scaling.to_dict(),
            "responses": list(self.responses),
            "wavelengths": None if wavelengths is None else wavelengths.tolist(),
            "is_trained": self.is_trained,
        }

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """
        Read what :meth:`save` wrote.

        Parameters
        ----------
        folder : Path or str
            Folder with ``network.json`` and ``weights.safetensors``.

        Returns
        -------
        PretrainedNetwork
            Predicts the same as the one written.

        Raises
        ------
        UnreadableFileError
            If a file is missing or holds something else; the message names it.
        """
        path = Path(folder) / DESCRIPTION_FILE
        if not path.is_file():
            msg = f"{path}: no such file; expected the folder of a saved network"
            raise UnreadableFileError(msg)
        tensors, facts = read_state(Path(folder) / WEIGHTS_FILE)
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            wavelengths = values["wavelengths"]
            return cls(
                ResNetConfiguration.from_dict(values["configuration"]),
                values["n_wavelengths"],
                ResponseScaling.from_dict(values["scaling"]),
                _split_members(tensors, facts["n_members"]),
                tuple(values["responses"]),
                None if wavelengths is None else np.array(wavelengths),
                values["is_trained"],
            )
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            msg = (
                f"{path}: does not describe a network ({error!r}); expected a file "
                "written by save"
            )
            raise UnreadableFileError(msg) from error


def frozen_state(network: ResNet) -> dict[str, Tensor]:
    """
    Weights and buffers of a network, detached and on the processor.

    Parameters
    ----------
    network : ResNet
        The network.

    Returns
    -------
    dict of str to Tensor
        Copies.
    """
    return {
        name: tensor.detach().to("cpu", copy=True)
        for name, tensor in network.state_dict().items()
    }


def _split_members(
    tensors: dict[str, Tensor], n_members: int
) -> tuple[dict[str, Tensor], ...]:
    members: tuple[dict[str, Tensor], ...] = tuple({} for _ in range(n_members))
    for key, tensor in tensors.items():
        number, name = key.removeprefix("member_").split("/", maxsplit=1)
        members[int(number)][name] = tensor
    return members
