"""What an instrument's file holds: its blocks, and what it says about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cerussite.core.errors import UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.readers.instruments.blocks import Block
from cerussite.readers.instruments.conversion import Overlap, spectra_of_block


@dataclass(frozen=True, eq=False)
class SpectrumFile:
    """
    An instrument's file as read, before anything is converted.

    Attributes
    ----------
    path : Path
        The file.
    format : str
        Name of the format, for example ``"ASD version 8"``.
    blocks : tuple of Block
        Everything spectral in the file.
    chosen : Block or None
        The block a study would use; None where several have equal right to it.
    instrument : str
        Instrument, as far as the file says.
    date : str
        Time of measurement: ISO 8601 where the format says which figure is the
        month, otherwise as written in the file.
    reference : str
        What the file says of the white reference or background.
    position : tuple of (float, float), or None
        Latitude and longitude in degrees, north and east positive.
    splices : tuple of float
        Wavelengths (nm) where one detector ends and the next begins.
    n_scans : int or None
        Scans averaged in the instrument.
    metadata : mapping of str to str
        What else the file says, in its own words.
    warnings : tuple of str
        What a reader of the values must know.
    """

    path: Path
    format: str
    blocks: tuple[Block, ...]
    chosen: Block | None = None
    instrument: str = ""
    date: str = ""
    reference: str = ""
    position: tuple[float, float] | None = None
    splices: tuple[float, ...] = ()
    n_scans: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def block(self, name: str) -> Block:
        """
        Block of a name.

        Parameters
        ----------
        name : str
            One of the names in :attr:`blocks`.

        Returns
        -------
        Block
            The block.

        Raises
        ------
        UnreadableFileError
            If there is none; the message lists those that are.
        """
        for block in self.blocks:
            if block.name == name:
                return block
        msg = f"{self.path}: no block {name!r}; expected one of {self._names()}"
        raise UnreadableFileError(msg)

    def to_spectra(
        self, *, overlap: Overlap = "refuse", rows: slice = slice(None)
    ) -> Spectra:
        """
        Reflectance or absorbance of the chosen block, by increasing wavelength.

        Bands that the file declares bad are left out.

        Parameters
        ----------
        overlap : {"refuse", "cut"}, default "refuse"
            What to do where the ranges of two detectors overlap: ``"cut"`` ends
            the first and begins the second in the middle of the overlap.
        rows : slice, optional
            Spectra, or lines of an image; all by default.

        Returns
        -------
        Spectra
            One spectrum a row; the pixels of an image line by line.

        Raises
        ------
        UnreadableFileError
            If no block is chosen, it holds another quantity or an axis that is
            not spectral, detectors overlap, or values are missing.
        """
        if self.chosen is None:
            msg = (
                f"{self.path}: {len(self.blocks)} blocks of equal right "
                f"({self._names()}); expected one; say which (block)"
            )
            raise UnreadableFileError(msg)
        return spectra_of_block(
            self.chosen, source=str(self.path), overlap=overlap, rows=rows
        )

    def _names(self) -> str:
        names = [repr(block.name) for block in self.blocks]
        return ", ".join(names[:20]) + (" ..." if len(names) > 20 else "")
