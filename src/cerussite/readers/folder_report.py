"""What came of reading a folder: the survey, and what did not fit."""

import re
from dataclasses import dataclass
from itertools import islice

from cerussite.core.survey import Survey
from cerussite.readers.outlying import OutlyingScan

#: Items of a list that are named; the value holds all of them.
_SHOWN = 20


@dataclass(frozen=True, eq=False)
class FolderReading:
    """
    A survey read from a folder, and what did not fit.

    Attributes
    ----------
    survey : Survey
        Samples that have both spectra and analyses.
    n_files : int
        Files in the folder, hidden ones and headers of images left out.
    without_analyses : tuple of (str, str)
        Sample id (empty where none could be told) and file of scans that the
        table does not know.
    without_spectrum : tuple of str
        Samples of the table without a scan.
    unreadable : tuple of (str, str)
        File and reason.
    outlying : tuple of OutlyingScan
        Replicate scans unlike the others of their specimen; they are in the survey.
    """

    survey: Survey
    n_files: int
    without_analyses: tuple[tuple[str, str], ...] = ()
    without_spectrum: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    outlying: tuple[OutlyingScan, ...] = ()

    @property
    def similar(self) -> tuple[tuple[str, str], ...]:
        """
        Ids that differ in case, signs or leading zeros only.

        Returns
        -------
        tuple of (str, str)
            Id of a scan without analyses, and id of a sample without a scan.
        """
        wanted = {_plain(name): name for name in self.without_spectrum}
        return tuple(
            (name, wanted[_plain(name)])
            for name in dict.fromkeys(name for name, _ in self.without_analyses)
            if name and _plain(name) in wanted
        )

    def notes(self) -> tuple[str, ...]:
        """
        What did not match or fit, in a line a kind.

        Returns
        -------
        tuple of str
            With the first items of each; kinds without any are left out.
        """
        parts = (
            (
                [f"{name or 'no id'} ({file})" for name, file in self.without_analyses],
                "scans without analyses left out",
            ),
            (list(self.without_spectrum), "analyses without a scan left out"),
            (
                [f"{own} in the folder, {other} in the table"
                 for own, other in self.similar],
                "ids alike but for case, signs or zeros not joined",
            ),
            (
                [file for file, _ in self.unreadable],
                "files could not be read and were left out",
            ),
            (
                [f"{scan.place} of {scan.sample_id}" for scan in self.outlying],
                "outlying replicate scans kept",
            ),
        )  # fmt: skip
        return tuple(
            f"{len(items)} {text}: {_named(items)}" for items, text in parts if items
        )

    def text(self) -> str:
        """
        What was read and what was not, for people.

        Returns
        -------
        str
            Lines of text.
        """
        lists = [
            (
                "scans without analyses",
                [f"{name or 'no id'} ({file})" for name, file in self.without_analyses],
            ),
            ("analyses without a scan", list(self.without_spectrum)),
            (
                "ids alike but for case, signs or zeros",
                [f"{own!r} in the folder, {other!r} in the table"
                 for own, other in self.similar],
            ),
            ("files not read", [f"{file}: {why}" for file, why in self.unreadable]),
            (
                "outlying replicate scans",
                [f"{scan.place} of {scan.sample_id}: {scan.distance:.3g} from the others, "
                 f"usually {scan.usual:.3g}" for scan in self.outlying],
            ),
        ]  # fmt: skip
        lines = [f"{self.n_files} files, {self.survey.n_samples} samples joined"]
        for title, items in lists:
            lines.append(f"{len(items)} {title}{':' if items else ''}")
            lines.extend(f"  {item}" for item in islice(items, _SHOWN))
            if len(items) > _SHOWN:
                lines.append(f"  and {len(items) - _SHOWN} more")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class FolderSpectra:
    """
    Spectra read from a folder without analyses, and what was left out.

    Attributes
    ----------
    surveys : tuple of Survey
        Samples without responses; one survey for each axis and quantity.
    unnamed : tuple of str
        Files whose names do not hold a sample id.
    unreadable : tuple of (str, str)
        File and reason.
    """

    surveys: tuple[Survey, ...]
    unnamed: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()

    def notes(self) -> tuple[str, ...]:
        """
        What was left out, in a line a kind.

        Returns
        -------
        tuple of str
            With the first items of each; kinds without any are left out.
        """
        parts = (
            (list(self.unnamed), "scans without a sample id left out"),
            (
                [f"{file} ({reason})" for file, reason in self.unreadable],
                "files could not be read and were left out",
            ),
        )
        return tuple(
            f"{len(items)} {text}: {_named(items)}" for items, text in parts if items
        )


def _named(items: list[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return f"{', '.join(items[:_SHOWN])}{more}"


def _plain(name: str) -> str:
    letters = re.sub(r"[\W_]+", "", name.casefold())
    return re.sub(r"(?<!\d)0+(?=\d)", "", letters)
