"""What a block of a study file names, read into a survey; errors begin with its key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cerussite.core.errors import CerussiteError, InvalidStudyError
from cerussite.core.survey import Survey
from cerussite.readers import load_dataset, read_folder, read_table
from cerussite.simulation import SimulatedSurvey, simulate_library, simulate_mine_site
from cerussite.studies.bands import grid_wavelengths, spectra_in
from cerussite.studies.data_blocks import (
    DataBlock,
    InstrumentFolder,
    LaboratoryTable,
    NamedData,
    Table,
)

#: Simulations by name, with the number of samples if none is given.
_SIMULATIONS: dict[str, tuple[Callable[..., SimulatedSurvey], int]] = {
    "simulated-library": (simulate_library, 500),
    "simulated-mine-site": (simulate_mine_site, 130),
}
#: How readers and study files write the same thing.
_AS_KEY = ("(overlap='cut')", "(overlap: cut)")


def load_survey(block: DataBlock, key: str = "") -> Survey:
    """
    Load one data set with all that its block names; refuse one without spectra.

    Parameters
    ----------
    block : Table, InstrumentFolder or NamedData
        Block of the study file.
    key : str
        Where it stands in the study file; messages begin with it.

    Returns
    -------
    Survey
        As read, with its own quantity and bands; of a table or a folder with
        constituents beside the responses.
    """
    with _about(key):
        survey = _loaded(block)
        spectra_in(survey)
    return survey


@contextmanager
def _about(key: str) -> Iterator[None]:
    """Begin messages with the key that they are about."""
    try:
        yield
    except CerussiteError as error:
        text = str(error).replace(*_AS_KEY)
        msg = f"{key}: {text}" if key else text
        raise type(error)(msg) from error


def _loaded(block: DataBlock) -> Survey:
    if isinstance(block, NamedData):
        return _load(block)
    return _read(block) if isinstance(block, Table) else _read_folder(block)


def _read(block: Table) -> Survey:
    facts = block.model_dump(exclude={"file", "responses", "constituents", "spectra"})
    return read_table(
        block.file, spectra=block.spectra or True, responses=_columns(block), **facts
    )


def _columns(block: LaboratoryTable) -> dict[str, dict[str, Any]]:
    return {
        name: column.model_dump(exclude_none=True)
        for name, column in block.columns.items()
    }


def _read_folder(block: InstrumentFolder) -> Survey:
    table = block.analyses
    with _about("analyses"):
        analyses = read_table(
            table.file,
            spectra=False,
            responses=_columns(table),
            **table.model_dump(exclude={"file", "responses", "constituents"}),
        )
    bands = block.wavelengths
    facts = block.model_dump(
        exclude={"folder", "analyses", "wavelengths", "name", "licence", "citation"}
    )
    survey = read_folder(
        block.folder,
        analyses,
        wavelengths=None if bands is None else grid_wavelengths(bands),
        **facts,
    ).survey
    return replace(
        survey,
        name=block.name or survey.name,
        crs=table.crs,
        licence=block.licence,
        citation=block.citation,
    )


def _load(block: NamedData) -> Survey:
    if not block.is_simulated:
        return load_dataset(block.dataset, **block.options)
    if block.dataset not in _SIMULATIONS:
        msg = (
            f"dataset {block.dataset!r}: no such simulation; expected "
            f"{' or '.join(_SIMULATIONS)}"
        )
        raise InvalidStudyError(msg)
    simulate, n_samples = _SIMULATIONS[block.dataset]
    return simulate(
        block.n_samples or n_samples, random_state=block.random_state or 0
    ).survey
