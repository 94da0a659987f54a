"""Networks that a study pre-trains once, and once more on shuffled labels."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.studies.bands import spectra_in
from cerussite.studies.data import StudyData, source_arrays
from cerussite.studies.files import fingerprint, seed_of, write_whole
from cerussite.studies.manifest import code_hash
from cerussite.studies.methods import METHODS
from cerussite.studies.study import Networks, Study
from cerussite.studies.working import do_all


def needed_sources(methods: Iterable[str]) -> list[str]:
    """
    Pre-trained networks that methods start from.

    Parameters
    ----------
    methods : iterable of str
        Names in the registry.

    Returns
    -------
    list of str
        ``"library"``, ``"shuffled_library"``, both or none.
    """
    return sorted({s for name in methods if (s := METHODS[name].source) is not None})


def pretrain_sources(
    study: Study, data: StudyData, needed: list[str], *, cache: Path, jobs: int
) -> dict[str, Path]:
    """
    Pre-train the networks that are not in the cache yet.

    Parameters
    ----------
    study : Study
        Its source, networks and seed decide.
    data : StudyData
        Sources on the bands that networks see.
    needed : list of str
        As given by :func:`needed_sources`.
    cache : Path
        Folder of the cache.
    jobs : int
        Number of processes.

    Returns
    -------
    dict of str to Path
        Folder of each network; its name is a hash of what decides it.
    """
    if not needed:
        return {}
    X, y, responses = source_arrays(data.sources)
    names = [response.name for response in responses]
    wavelengths = spectra_in(data.sources[0]).wavelengths
    seed = study.validation.random_state
    folders, arguments = {}, []
    for kind in needed:
        labels = _shuffled(y, seed) if kind == "shuffled_library" else y
        key = fingerprint(
            [code_hash(), study.networks.configuration, study.networks.source_epochs],
            study.networks.source_members,
            [names, seed],
            X,
            labels,
        )
        folders[kind] = cache / "sources" / f"{kind}-{key}"
        if not folders[kind].exists():
            training = (X, labels, study.networks, seed)
            arguments.append((*training, folders[kind], names, wavelengths))
    do_all(pretrain, arguments, jobs=jobs, label="Pre-training on the source")
    return folders


def _shuffled(y: FloatArray, random_state: int) -> FloatArray:
    # Whole rows of labels dealt to other spectra.
    rng = np.random.default_rng(seed_of(random_state, "shuffled labels"))
    return y[rng.permutation(len(y))]


def pretrain(  # noqa: PLR0913, PLR0917 - one call in another process
    X: FloatArray,
    y: FloatArray,
    networks: Networks,
    random_state: int,
    folder: Path,
    responses: list[str],
    wavelengths: FloatArray,
) -> None:
    """
    Train a network on a source and save it; goes on where it was interrupted.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra of the source.
    y : ndarray of shape (n_samples, n_responses)
        Responses of the source; NaN where not measured.
    networks : Networks
        Architecture and number of epochs.
    random_state : int
        Seed of the study.
    folder : Path
        Where the network goes; beside it, checkpoints while it trains.
    responses : list of str
        Names of the responses, for the record.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, for the record.
    """
    from cerussite.models.resnet import ResNetRegressor  # noqa: PLC0415 - needs torch

    epochs: dict[str, Any] = (
        {} if networks.source_epochs is None else {"epochs": networks.source_epochs}
    )
    network = ResNetRegressor(
        networks.configuration,
        n_members=networks.source_members,
        random_state=seed_of(random_state, "source"),
        checkpoint_folder=folder.with_name(f"{folder.name}.checkpoints"),
        **epochs,
    ).fit(np.array(X), np.array(y))  # joblib shares large arrays read-only
    pretrained = network.pretrained(responses=responses, wavelengths=wavelengths)
    write_whole(folder, pretrained.save)
