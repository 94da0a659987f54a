"""LimeSoDa: field surveys with pH, clay and carbon, vis-NIR or MIR."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.core.types import AxisUnit, FloatArray
from cerussite.readers.named.limesoda_sites import (
    MIR_SITES,
    VISNIR_SITES,
    LimeSite,
    SiteData,
    read_site,
)
from cerussite.readers.named.record import (
    DatasetRecord,
    check_option,
    survey_of,
)

#: Widest distance of two bands, as a share of their wavelength, between which
#: spectra are interpolated; the Veris spectrometers leave a gap of 6 % at 1000 nm.
MAX_GAP = 0.02
_CITATION = (
    "Schmidinger, J. et al. (2025). LimeSoDa: a dataset collection for benchmarking "
    "of machine learning regressors in digital soil mapping. arXiv:2502.20139"
)
_NOTES = (
    (
        "Reflectance converted from per cent to fractions and interpolated linearly to one "
        "grid; a site whose bands do not cover the grid, or lie more than 2 % apart "
        "inside it, is not used."
    ),
    (
        "SOC of SSP.58 and MG.44 (documented as mmolc/dm3) and their clay (g/dm3) are "
        "no mass fractions and missing here; soil organic matter by loss on ignition "
        "(SL.125, UL.120, SP.231) is kept as SOM and never taken for SOC."
    ),
    (
        "SOC of NRW.42 is read as g/kg although documented as per cent: 7.4 to 19.8 per "
        "cent of organic carbon do not fit an arable field whose clay and pH are ordinary."
    ),
    (
        "group = site. Procedures for SOC and clay differ between sites: see the columns "
        "SOC_procedure and clay_procedure."
    ),
)

LIMESODA_VISNIR = DatasetRecord(
    name="limesoda-visnir",
    title="LimeSoDa field surveys, vis-NIR",
    role="source",
    n_samples=896,
    axis="420-2490 nm at 2 nm, reflectance; other grids by option",
    responses=("pH", "clay", "SOC", "SOM"),
    address="https://pypi.org/project/LimeSoDa/0.1.5/",
    licence="CC BY-SA 4.0",
    citation=_CITATION,
    file=None,
    notes=(
        *_NOTES,
        (
            "CV.98, SP.231, SA.112 and RP.62 were scanned in the field, moist (column "
            "condition); the spectra of SA.112 and RP.62 were moreover kriged to the "
            "sampling points, which shares information between neighbours."
        ),
    ),
)
LIMESODA_MIR = DatasetRecord(
    name="limesoda-mir",
    title="LimeSoDa field surveys, MIR",
    role="source",
    n_samples=389,
    axis="756-3798 cm-1 at 2 cm-1, reflectance; other grids by option",
    responses=("pH", "clay", "SOC"),
    address="https://pypi.org/project/LimeSoDa/0.1.5/",
    licence="CC BY-SA 4.0",
    citation=_CITATION,
    file=None,
    notes=(
        *_NOTES,
        "Reflectance of H.138 exceeds 1 (up to 1.4) in 77 spectra, as published.",
    ),
)


def find_limesoda() -> Path:
    """
    Folder of the installed LimeSoDa package.

    Returns
    -------
    Path
        Where its data lie.
    """
    import LimeSoDa  # noqa: PLC0415 - slow, and needed by these data only

    return Path(LimeSoDa.__file__).parent / "data"


def load_limesoda_visnir(
    path: Path,
    *,
    wavelengths: FloatArray | None = None,
    sites: Sequence[str] | None = None,
    ph: str = "water",
) -> Survey:
    """
    Read the sites with vis-NIR spectra on one grid.

    Parameters
    ----------
    path : Path
        Folder of the installed package.
    wavelengths : ndarray of shape (n_wavelengths,), optional
        Grid in nm; 420 to 2490 nm at 2 nm where not given.
    sites : sequence of str, optional
        Sites to read; all that cover the grid where not given.
    ph : {"water", "cacl2"}
        Which pH to give. It is missing at sites that measured the other one:
        the two differ by half a unit and more.

    Returns
    -------
    Survey
        Samples of the sites, one after the other.
    """
    grid = np.arange(420.0, 2491.0, 2.0) if wavelengths is None else wavelengths
    return _load(path, LIMESODA_VISNIR, VISNIR_SITES, grid, sites, ph)


def load_limesoda_mir(
    path: Path,
    *,
    wavelengths: FloatArray | None = None,
    sites: Sequence[str] | None = None,
    ph: str = "cacl2",
) -> Survey:
    """
    Read the sites with mid-infrared spectra on one grid.

    Parameters
    ----------
    path : Path
        Folder of the installed package.
    wavelengths : ndarray of shape (n_wavelengths,), optional
        Grid in nm; 756 to 3798 cm-1 at 2 cm-1 where not given.
    sites : sequence of str, optional
        Sites to read; all that cover the grid where not given.
    ph : {"cacl2", "water"}
        Which pH to give; four sites measured it in CaCl2, H.138 in water.

    Returns
    -------
    Survey
        Samples of the sites, one after the other.
    """
    default = 1e7 / np.arange(3798.0, 755.0, -2.0)
    grid = default if wavelengths is None else wavelengths
    return _load(path, LIMESODA_MIR, MIR_SITES, grid, sites, ph)


def _load(  # noqa: PLR0913, PLR0917 - private, one caller a domain
    path: Path,
    record: DatasetRecord,
    known: dict[str, LimeSite],
    grid: FloatArray,
    sites: Sequence[str] | None,
    ph: str,
) -> Survey:
    check_option(record.name, "ph", ph, ("water", "cacl2"))
    for site in sites or ():
        check_option(record.name, "site", site, known)
    grid = np.asarray(grid, dtype=np.float64)
    found = {name: read_site(path, name) for name in sites or known}
    left_out = [name for name, data in found.items() if not _covers(data, grid)]
    if len(left_out) == len(found) or (sites and left_out):
        msg = (
            f"{record.name}: {', '.join(left_out)} do not cover {grid[0]:g} to "
            f"{grid[-1]:g} nm ({_ranges(found, left_out)}); ask for fewer wavelengths "
            "or other sites"
        )
        raise InvalidStudyError(msg)
    used = {name: data for name, data in found.items() if name not in left_out}
    samples = pd.concat([_samples(name, known[name], used[name]) for name in used])
    values = np.vstack([_on_grid(used[name], grid) for name in used])
    unit: AxisUnit = "cm-1" if known is MIR_SITES else "nm"
    return survey_of(
        record,
        samples=samples,
        measured=_responses(used, known, record, ph),
        spectra=Spectra(values, grid, "reflectance", unit),
        notes=_notes(used, left_out, known, ph),
    )


def _covers(data: SiteData, grid: FloatArray) -> bool:
    inside = (grid >= data.wavelengths[0]) & (grid <= data.wavelengths[-1])
    if not inside.all():
        return False
    after = np.clip(np.searchsorted(data.wavelengths, grid), 1, None)
    is_band = np.isin(grid, data.wavelengths)
    gaps = np.diff(data.wavelengths)[after - 1]
    return bool((is_band | (gaps <= MAX_GAP * grid)).all())


def _ranges(found: dict[str, SiteData], names: list[str]) -> str:
    return ", ".join(
        f"{name} {found[name].wavelengths[0]:g}-{found[name].wavelengths[-1]:g} nm"
        for name in names
    )


def _on_grid(data: SiteData, grid: FloatArray) -> FloatArray:
    return np.stack(
        [np.interp(grid, data.wavelengths, row) for row in data.reflectance]
    )


def _samples(name: str, site: LimeSite, data: SiteData) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "group": name,
            "condition": site.condition,
            "SOC_procedure": site.carbon_procedure,
            "clay_procedure": site.clay_procedure,
            "pH_procedure": site.ph_procedure,
        },
        index=[f"{name}-{label}" for label in data.targets.index],
    )
    if data.coordinates is not None and site.crs:
        table["site_easting"], table["site_northing"] = data.coordinates.T
        table["site_crs"] = site.crs
    return table


def _responses(
    used: dict[str, SiteData],
    known: dict[str, LimeSite],
    record: DatasetRecord,
    ph: str,
) -> tuple[tuple[Response, ...], FloatArray]:
    parts = [_measured(known[name], used[name].targets, ph) for name in used]
    table = pd.concat(parts, ignore_index=True)
    names = [name for name in record.responses if table[name].notna().any()]
    procedures = {
        "pH": ph,
        "SOM": "loss_on_ignition",
        "SOC": _shared(
            known[n].carbon_procedure for n in used if known[n].carbon == "SOC"
        ),
        "clay": _shared(known[n].clay_procedure for n in used),
    }
    responses = tuple(
        Response(name, "1" if name == "pH" else "g/kg", procedures[name])
        for name in names
    )
    return responses, table[names].to_numpy(np.float64)


def _measured(site: LimeSite, targets: pd.DataFrame, ph: str) -> pd.DataFrame:
    carbon = targets.iloc[:, 0] * site.carbon_factor
    return pd.DataFrame(
        {
            "pH": targets["pH_target"] if site.ph_procedure == ph else np.nan,
            "clay": targets["Clay_target"] * 10.0 if site.clay_is_fraction else np.nan,
            "SOC": carbon if site.carbon == "SOC" else np.nan,
            "SOM": carbon if site.carbon == "SOM" else np.nan,
        },
        index=targets.index,
        dtype=np.float64,
    )


def _shared(procedures: Iterable[str]) -> str:
    different = set(procedures)
    return different.pop() if len(different) == 1 else "mixed"


def _notes(
    used: dict[str, SiteData],
    left_out: list[str],
    known: dict[str, LimeSite],
    ph: str,
) -> list[str]:
    notes = [f"LimeSoDa {version('LimeSoDa')}, sites {', '.join(used)}."]
    if left_out:
        notes.append(f"Sites that do not cover the grid: {', '.join(left_out)}.")
    other = [name for name in used if known[name].ph_procedure != ph]
    if other:
        notes.append(
            f"pH is the one in {ph}; it counts as not measured at {', '.join(other)}, "
            "where the other suspension was used."
        )
    return notes
