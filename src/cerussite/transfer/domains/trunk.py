"""A pre-trained trunk as a value: what transfer starts from and files hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from cerussite.core.errors import UnreadableFileError
from cerussite.models.resnet.checkpoints import read_state, write_state
from cerussite.transfer.domains.configuration import TrunkConfiguration
from cerussite.transfer.domains.network import Trunk, member_states

#: File of a saved trunk.
TRUNK_FILE = "trunk.safetensors"


def generators_of(
    rng: np.random.Generator, n_members: int
) -> tuple[torch.Generator, ...]:
    """
    A generator of random weights for each member.

    Parameters
    ----------
    rng : Generator
        Who draws their seeds.
    n_members : int
        Networks.

    Returns
    -------
    tuple of torch.Generator
        On the processor.
    """
    seeds = rng.integers(2**31, size=n_members).tolist()
    return tuple(torch.Generator().manual_seed(seed) for seed in seeds)


@dataclass(frozen=True, eq=False)
class PretrainedTrunk:
    """
    Weights of the trunks of one or more networks.

    Not an estimator: a copy is the trunk itself, so that cloning an estimator that
    starts from it keeps the weights. Do not change the weights in place.

    Attributes
    ----------
    configuration : TrunkConfiguration
        Sizes.
    members : tuple of mapping of str to Tensor
        Weights of each member.
    sources : mapping of str to float
        What it was trained on, and the mean tuning R² there of the members; empty
        for the random trunk that serves as a control. The stopping was chosen on
        the same rows, so they flatter a little.
    """

    configuration: TrunkConfiguration
    members: tuple[Mapping[str, Tensor], ...]
    sources: Mapping[str, float] = field(default_factory=dict)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    @classmethod
    def untrained(
        cls,
        configuration: TrunkConfiguration | None = None,
        *,
        n_members: int = 5,
        random_state: int = 0,
    ) -> Self:
        """
        Random trunks: the control that shows what training on a source adds.

        Parameters
        ----------
        configuration : TrunkConfiguration, optional
            Sizes.
        n_members : int
            Number of trunks.
        random_state : int
            Seed of the weights.

        Returns
        -------
        PretrainedTrunk
            Of no source.
        """
        sizes = configuration or TrunkConfiguration()
        generators = generators_of(np.random.default_rng(random_state), n_members)
        return cls(sizes, member_states(Trunk(sizes, generators)))

    def save(self, folder: Path | str) -> Path:
        """
        Write the trunk as safetensors.

        Parameters
        ----------
        folder : Path or str
            Made if it is not there.

        Returns
        -------
        Path
            The folder.
        """
        facts = {
            "configuration": self.configuration.to_dict(),
            "n_members": len(self.members),
            "sources": dict(self.sources),
        }
        write_state(Path(folder) / TRUNK_FILE, joined(self.members), facts)
        return Path(folder)

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """
        Read what :meth:`save` wrote.

        Parameters
        ----------
        folder : Path or str
            Folder of a saved trunk.

        Returns
        -------
        PretrainedTrunk
            With the same weights.

        Raises
        ------
        UnreadableFileError
            If the file is missing or holds something else; the message names it.
        """
        path = Path(folder) / TRUNK_FILE
        tensors, facts = read_state(path)
        try:
            return cls(
                TrunkConfiguration(**facts["configuration"]),
                parted(tensors, facts["n_members"]),
                facts["sources"],
            )
        except (KeyError, TypeError, ValueError) as error:
            msg = (
                f"{path}: does not describe a trunk ({error!r}); expected a file "
                "written by save"
            )
            raise UnreadableFileError(msg) from error


def joined(members: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """
    Weights of all members by one name each.

    Parameters
    ----------
    members : sequence of mapping of str to Tensor
        Weights of each member.

    Returns
    -------
    dict of str to Tensor
        Names begin with the number of the member.
    """
    return {
        f"{number}/{name}": tensor
        for number, member in enumerate(members)
        for name, tensor in member.items()
    }


def parted(
    tensors: Mapping[str, Tensor], n_members: int
) -> tuple[dict[str, Tensor], ...]:
    """
    The inverse of :func:`joined`.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        Weights of all members.
    n_members : int
        How many there are.

    Returns
    -------
    tuple of dict of str to Tensor
        Weights of each member.
    """
    members: tuple[dict[str, Tensor], ...] = tuple({} for _ in range(n_members))
    for key, tensor in tensors.items():
        number, name = key.split("/", maxsplit=1)
        members[int(number)][name] = tensor
    return members
