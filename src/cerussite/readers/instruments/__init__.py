"""Files of instruments: every block as stored, the right one chosen, or a refusal."""

from cerussite.readers.instruments.blocks import Block, BlockQuantity, SpectralUnit
from cerussite.readers.instruments.conversion import Overlap
from cerussite.readers.instruments.reading import read_spectra
from cerussite.readers.instruments.spectrum_file import SpectrumFile

__all__ = [
    "Block",
    "BlockQuantity",
    "Overlap",
    "SpectralUnit",
    "SpectrumFile",
    "read_spectra",
]
