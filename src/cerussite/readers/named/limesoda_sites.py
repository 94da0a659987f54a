"""The LimeSoDa sites with spectra: what was measured how, and their raw tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from cerussite.core.types import FloatArray


@dataclass(frozen=True)
class LimeSite:
    """
    What the LimeSoDa documentation says about a site.

    Attributes
    ----------
    ph_procedure : {"water", "cacl2"}
        Suspension in which pH was measured.
    clay_procedure : str
        How clay was measured.
    carbon_procedure : str
        How organic carbon or organic matter was measured.
    condition : {"dry_laboratory", "moist_field"}
        How the spectra were taken.
    carbon : {"SOC", "SOM", "none"}
        What the carbon column holds; none where it is no mass fraction.
    carbon_factor : float
        Leads from the column to g/kg.
    clay_is_fraction : bool
        False where clay was measured in g/dm3.
    crs : str
        Coordinate reference system of true coordinates; empty where there are
        none or dummies.

    References
    ----------
    .. [1] Schmidinger, J. et al. (2025). LimeSoDa, arXiv:2502.20139, and the
       pages of the data sets at https://limesoda.readthedocs.io.
    """

    ph_procedure: Literal["water", "cacl2"]
    clay_procedure: str
    carbon_procedure: str
    condition: Literal["dry_laboratory", "moist_field"] = "dry_laboratory"
    carbon: Literal["SOC", "SOM", "none"] = "SOC"
    carbon_factor: float = 10.0
    clay_is_fraction: bool = True
    crs: str = ""


@dataclass(frozen=True, eq=False)
class SiteData:
    """
    Table of one site.

    Attributes
    ----------
    wavelengths : ndarray of shape (n_wavelengths,)
        In nm, increasing.
    reflectance : ndarray of shape (n_samples, n_wavelengths)
        As a fraction of the white reference.
    targets : DataFrame of n_samples rows
        Carbon, pH and clay as published.
    coordinates : ndarray of shape (n_samples, 2), or None
        As published; some are dummies.
    """

    wavelengths: FloatArray
    reflectance: FloatArray
    targets: pd.DataFrame
    coordinates: FloatArray | None


_VERIS = LimeSite(
    "cacl2", "hydrometer", "walkley_black", carbon="none", clay_is_fraction=False
)
_SWEDEN = LimeSite("water", "pipette", "loss_on_ignition", carbon="SOM")
_RHINE = LimeSite("cacl2", "pipette", "dry_combustion")

#: Sites with vis-NIR or NIR spectra.
VISNIR_SITES: dict[str, LimeSite] = {
    "SSP.460": LimeSite("water", "hydrometer", "walkley_black"),
    "SP.231": LimeSite(
        "water",
        "pipette",
        "loss_on_ignition",
        condition="moist_field",
        carbon="SOM",
        crs="EPSG:32654",
    ),
    "SL.125": _SWEDEN,
    "UL.120": _SWEDEN,
    "SA.112": LimeSite("water", "pipette", "dry_combustion", condition="moist_field"),
    "CV.98": LimeSite("water", "pipette", "walkley_black", condition="moist_field"),
    "SC.93": LimeSite(
        "water", "pipette", "wet_oxidation_colorimetric", crs="EPSG:32722"
    ),
    "RP.62": LimeSite("water", "pipette", "walkley_black", condition="moist_field"),
    "SSP.58": _VERIS,
    "MG.44": LimeSite(
        "cacl2",
        "hydrometer",
        "walkley_black",
        carbon="none",
        clay_is_fraction=False,
        crs="EPSG:32721",
    ),
}

#: Sites with mid-infrared spectra.
MIR_SITES: dict[str, LimeSite] = {
    "H.138": LimeSite(
        "water", "x_ray_sedimentation", "dry_combustion", crs="EPSG:32649"
    ),
    "NRW.115": _RHINE,
    "NRW.62": _RHINE,
    "NRW.42": LimeSite("cacl2", "pipette", "dry_combustion", carbon_factor=1.0),
    "O.32": _RHINE,
}


def read_site(folder: Path, name: str) -> SiteData:
    """
    Read the table of one site as the package ships it.

    Parameters
    ----------
    folder : Path
        Data folder of the installed package.
    name : str
        Name of the site.

    Returns
    -------
    SiteData
        Spectra along increasing wavelengths; targets untouched.
    """
    # The package stores labels as pickled objects; it is code we run anyway.
    with np.load(folder / f"{name}.npz", allow_pickle=True) as stored:
        columns = [str(column) for column in stored["dataset_columns"]]
        table = pd.DataFrame(
            stored["dataset_data"],
            index=stored["dataset_index"].astype(str),
            columns=columns,
        )
        coordinates = None
        if "coordinates_data" in stored.files:
            coordinates = stored["coordinates_data"].astype(np.float64)
    bands = [name for name in columns if name.startswith(("wl_", "wn_"))]
    axis = np.array([float(name[3:]) for name in bands])
    wavelengths = 1e7 / axis if bands[0].startswith("wn_") else axis
    order = np.argsort(wavelengths)
    return SiteData(
        wavelengths=wavelengths[order],
        reflectance=table[bands].to_numpy(np.float64)[:, order] / 100.0,
        targets=table[[c for c in columns if c.endswith("_target")]],
        coordinates=coordinates,
    )
