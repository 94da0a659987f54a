"""Files of a folder, and nothing that lies outside it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from cerussite.core.errors import UnreadableFileError


def folder_files(folder: Path) -> list[Path]:
    """
    Regular files in a folder and the folders below, in the order of their names.

    Hidden files and folders are left out, as are the headers that accompany an
    image or a library of the same name (``.hdr``).

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    list of Path
        Paths below ``folder``.

    Raises
    ------
    UnreadableFileError
        If it is no folder, or holds a link that leads out of it.
    """
    if not folder.is_dir():
        msg = f"{folder}: no such folder; expected one with files of an instrument"
        raise UnreadableFileError(msg)
    found = sorted(_walk(folder))
    names = {
        (path.parent, path.stem) for path in found if path.suffix.lower() != ".hdr"
    }
    names |= {(path.parent, path.name) for path in found}
    return [
        path
        for path in found
        if path.suffix.lower() != ".hdr" or (path.parent, path.stem) not in names
    ]


def file_inside(folder: Path, name: str, where: str) -> Path:
    """
    Path of a file that a table names, if it lies in the folder.

    Parameters
    ----------
    folder : Path
        The folder.
    name : str
        Name of the file, relative to the folder.
    where : str
        What names it, for messages.

    Returns
    -------
    Path
        The path; there may be no such file.

    Raises
    ------
    UnreadableFileError
        If the name is absolute, goes up, or leads out of the folder by a link.
    """
    parts = PurePosixPath(name).parts + PureWindowsPath(name).parts
    absolute = PurePosixPath(name).is_absolute() or bool(PureWindowsPath(name).anchor)
    if absolute or ".." in parts or "\0" in name:
        msg = (
            f"{where}: the file {name!r} may lie outside {folder}; expected a name "
            "relative to the folder, without '..'; correct the table"
        )
        raise UnreadableFileError(msg)
    path = folder / name
    _refuse_outside(folder.resolve(), path)
    return path


def _walk(folder: Path) -> Iterator[Path]:
    inside = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in (*folders, *names):
            path = Path(parent, name)
            if path.is_symlink():
                _refuse_outside(inside, path)
        for name in names:
            path = Path(parent, name)
            # A pipe or a device would never end.
            if not name.startswith(".") and stat.S_ISREG(path.stat().st_mode):
                yield path


def _refuse_outside(inside: Path, path: Path) -> None:
    try:
        target = path.resolve()
    except (OSError, RuntimeError) as error:
        msg = f"{path}: a link that leads nowhere ({error}); delete it"
        raise UnreadableFileError(msg) from error
    if not target.is_relative_to(inside):
        msg = (
            f"{path}: leads out of the folder, to {target}; expected files inside it; "
            "copy the file there instead of linking it"
        )
        raise UnreadableFileError(msg)
