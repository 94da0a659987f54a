"""Public files: from a local mirror, from the cache, or downloaded once."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.named.record import PublicFile

#: Environment variable with the folder of a local mirror: SHELF/FOLDER/FILE.
MIRROR_VARIABLE = "CERUSSITE_DATA"


def fetch_file(file: PublicFile) -> Path:
    """
    Path of a public file whose content is the one its record describes.

    Looks in the mirror first, then in the user's cache, then downloads.

    Parameters
    ----------
    file : PublicFile
        What is wanted.

    Returns
    -------
    Path
        A file with the checksum of the record.

    Raises
    ------
    UnreadableFileError
        If the file is neither there nor reachable, or is another file.
    """
    mirrored = _in_mirror(file)
    if mirrored is not None:
        return _checked(mirrored, file.sha256)
    if not file.address:
        msg = (
            f"{file.name}: not in a mirror and nowhere to be downloaded; expected "
            f"$CERUSSITE_DATA/{_place(file)}/{file.name}; put the file there"
        )
        raise UnreadableFileError(msg)
    return _checked(_downloaded(file), file.sha256)


def fetch_folder(files: Sequence[PublicFile]) -> Path:
    """
    Folder of the mirror that holds several files of a data set.

    Parameters
    ----------
    files : sequence of PublicFile
        Of one folder; such sets are read from a mirror only.

    Returns
    -------
    Path
        Their folder; each file has the checksum of its record.
    """
    found = [fetch_file(file) for file in files]
    return found[0].parent


def _place(file: PublicFile) -> str:
    return f"{file.shelf}/{file.folder}"


def _in_mirror(file: PublicFile) -> Path | None:
    root = os.environ.get(MIRROR_VARIABLE, "")
    path = Path(root) / _place(file) / file.name
    return path if root and path.is_file() else None


def _downloaded(file: PublicFile) -> Path:
    import pooch  # noqa: PLC0415 - slow, and rarely needed

    pooch.get_logger().setLevel("WARNING")
    try:
        found = pooch.retrieve(
            file.address,
            known_hash=f"sha256:{file.archive_sha256 or file.sha256}",
            fname=f"{file.folder}-{file.address.rsplit('/', 1)[-1]}",
            path=pooch.os_cache("cerussite"),
            processor=pooch.Unzip(members=[file.member]) if file.member else None,
        )
    except (OSError, ValueError) as error:
        msg = (
            f"{file.address} could not be downloaded ({error}); expected a network or "
            f"a mirror; download it elsewhere, set {MIRROR_VARIABLE} to a folder and "
            f"put {file.member or file.name} there as {_place(file)}/{file.name}"
        )
        raise UnreadableFileError(msg) from error
    return Path(found[0] if file.member else found)


def _checked(path: Path, expected: str) -> Path:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        msg = (
            f"{path}: checksum {found[:12]}...; expected {expected[:12]}...; it is "
            "damaged or another version: delete it and fetch it again"
        )
        raise UnreadableFileError(msg)
    return path
