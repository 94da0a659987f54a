"""Saved calibrations: a folder with an estimator and its card."""

import hashlib
import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

from cerussite.core.errors import UnreadableFileError
from cerussite.models.card import CalibrationCard

#: File of the card inside the folder of a calibration.
CARD_FILE = "model.json"

#: Where the classes of saved calibrations live; networks load PyTorch.
_MODULES = {
    "BoostedTrees": "cerussite.models.trees",
    "Consensus": "cerussite.models.consensus",
    "GaussianProcess": "cerussite.models.gaussian_process",
    "KernelRidge": "cerussite.models.kernel_ridge",
    "LogLinearRidge": "cerussite.models.tabular",
    "PartialLeastSquares": "cerussite.models.partial_least_squares",
    "RandomForest": "cerussite.models.trees",
    "ResNetRegressor": "cerussite.models.resnet",
    "SpatialKriging": "cerussite.models.tabular",
    "SpectralRidge": "cerussite.models.ridge",
    "SupportVectorRegression": "cerussite.models.support_vectors",
    "TabularBoostedTrees": "cerussite.models.tabular",
    "TabularConsensus": "cerussite.models.tabular",
    "TabularForest": "cerussite.models.tabular",
    "TabularGaussianProcess": "cerussite.models.tabular",
    "TabularSupportVectors": "cerussite.models.tabular",
    "TransferRegressor": "cerussite.transfer",
}


def save_calibration(folder: Path | str, estimator: Any, card: CalibrationCard) -> None:
    """
    Write a fitted estimator and its card; all of it or nothing.

    Parameters
    ----------
    folder : Path or str
        A new folder, an empty one, or an earlier calibration that is replaced.
    estimator : object
        Fitted estimator with a ``save`` method; of a class of this package.
    card : CalibrationCard
        What must be known about it.

    Notes
    -----
    An :class:`~cerussite.core.errors.UnreadableFileError` says so where the folder
    holds something else, or the class is not known here.
    """
    folder = Path(folder)
    kind = type(estimator).__name__
    _module_of(kind, folder)
    _check_replaceable(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{folder.name}.", dir=folder.parent
    ) as part:
        new = Path(part) / "new"
        estimator.save(new)
        plain = {**card.to_json(), "estimator": kind, "files": _hashes(new)}
        text = json.dumps(plain, indent=2, allow_nan=False)
        (new / CARD_FILE).write_text(text + "\n", encoding="utf-8")
        if folder.exists():
            folder.rename(Path(part) / "old")
        new.rename(folder)


def load_calibration(folder: Path | str) -> tuple[Any, CalibrationCard]:
    """
    Read an estimator and its card back.

    Parameters
    ----------
    folder : Path or str
        Folder given to :func:`save_calibration`.

    Returns
    -------
    tuple of (object, CalibrationCard)
        The fitted estimator and what must be known about it.

    Raises
    ------
    UnreadableFileError
        If a file is missing, changed or damaged, or of a later release.
    """
    folder = Path(folder)
    plain = _read_card(folder / CARD_FILE)
    try:
        card = CalibrationCard.from_json(plain)
    except UnreadableFileError as error:
        msg = f"{folder / CARD_FILE}: {error}"
        raise UnreadableFileError(msg) from error
    _check_files(folder, plain.get("files"))
    kind = str(plain.get("estimator"))
    module = importlib.import_module(_module_of(kind, folder))
    return getattr(module, kind).load(folder), card


def _module_of(kind: str, folder: Path) -> str:
    if kind not in _MODULES:
        msg = (
            f"{folder}: an estimator of class {kind!r}; expected one of "
            f"{', '.join(_MODULES)}"
        )
        raise UnreadableFileError(msg)
    return _MODULES[kind]


def _check_replaceable(folder: Path) -> None:
    if not folder.exists() or (folder / CARD_FILE).is_file():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        msg = (
            f"{folder}: holds something that is no calibration; expected a new or "
            "empty folder; name another"
        )
        raise UnreadableFileError(msg)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): _hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        msg = f"{path}: no such file; expected the folder of a saved calibration, such as models/consensus of a results folder"
        raise UnreadableFileError(msg)
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{path}: no JSON ({error}); copy the folder again"
        raise UnreadableFileError(msg) from error
    if not isinstance(plain, dict):
        msg = f"{path}: {type(plain).__name__}; expected a mapping; copy it again"
        raise UnreadableFileError(msg)
    return plain


def _check_files(folder: Path, files: Any) -> None:
    if not isinstance(files, dict) or not files:
        msg = f"{folder / CARD_FILE}: no list of files; copy the folder again"
        raise UnreadableFileError(msg)
    for name, expected in files.items():
        path = folder / name
        if not path.is_file():
            msg = f"{path}: no such file; the card lists it; copy the folder again"
            raise UnreadableFileError(msg)
        if _hash(path) != expected:
            msg = (
                f"{path}: changed since it was written; expected SHA-256 {expected}; "
                "copy the folder again"
            )
            raise UnreadableFileError(msg)
