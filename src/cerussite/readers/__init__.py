"""A file or a library layout in, a checked survey out."""

from cerussite.readers.cache import read_cached
from cerussite.readers.datasets import DATASETS, fetch_dataset, load_dataset
from cerussite.readers.folder_report import FolderReading, FolderSpectra
from cerussite.readers.folders import read_folder, read_folder_spectra
from cerussite.readers.instruments import SpectrumFile, read_spectra
from cerussite.readers.joining import join_surveys
from cerussite.readers.kinds import Kind, kind_of
from cerussite.readers.lucas import read_lucas_2009, read_lucas_2015
from cerussite.readers.lucas_metals import read_lucas_metals
from cerussite.readers.named.record import DatasetRecord
from cerussite.readers.ossl import read_ossl
from cerussite.readers.positions import position_clusters
from cerussite.readers.projection import (
    CALIFORNIA_ALBERS,
    CONUS_ALBERS,
    AlbersGrid,
    albers_equal_area,
)
from cerussite.readers.tables import read_table

__all__ = [
    "CALIFORNIA_ALBERS",
    "CONUS_ALBERS",
    "DATASETS",
    "AlbersGrid",
    "DatasetRecord",
    "FolderReading",
    "FolderSpectra",
    "Kind",
    "SpectrumFile",
    "albers_equal_area",
    "fetch_dataset",
    "join_surveys",
    "kind_of",
    "load_dataset",
    "position_clusters",
    "read_cached",
    "read_folder",
    "read_folder_spectra",
    "read_lucas_2009",
    "read_lucas_2015",
    "read_lucas_metals",
    "read_ossl",
    "read_spectra",
    "read_table",
]
