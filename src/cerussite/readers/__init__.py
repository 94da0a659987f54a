"""A file or a library layout in, a checked survey out."""

from cerussite.readers.datasets import DATASETS, fetch_dataset, load_dataset
from cerussite.readers.named.record import DatasetRecord
from cerussite.readers.tables import read_table

__all__ = ["DATASETS", "DatasetRecord", "fetch_dataset", "load_dataset", "read_table"]
