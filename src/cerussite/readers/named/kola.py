"""Data set kola: four layers of soil in Norway, Finland and Russia."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.survey import Survey
from cerussite.readers.named.kola_values import (
    SUFFIXES,
    censored,
    element_columns,
    half_limits,
)
from cerussite.readers.named.record import (
    DatasetRecord,
    PublicFile,
    category,
    check_option,
    responses_of,
    survey_of,
    table_of,
)

KOLA_CRS = "EPSG:32635"
KOLA_ADDRESS = (
    "https://github.com/cran/StatDA/tree/828bc95cda80edd448192fea1239e5d5e61982fd/data"
)
KOLA_LICENCE = "GPL-3 or later (R package StatDA)"
KOLA_CITATION = (
    "Reimann, C. et al. (1998). Environmental Geochemical Atlas of the Central Barents "
    "Region. NGU-GTK-CKE Special Publication, Geological Survey of Norway, Trondheim; "
    "doi:10.1594/PANGAEA.56279; R package StatDA 1.7.11"
)
KOLA_NOTES = (
    (
        "Read from derived tables, to be had from a mirror only: data of the R package "
        "StatDA 1.7.11, written as .csv without change."
    ),
    (
        "Half the detection limit stands for values below it, without a mark. The lowest "
        "value of an element is read as such, censored below its double, where it "
        "occurs at least twice and nothing lies between it and its double: our "
        "inference. It finds the same limits by neutron activation in the C horizon and "
        "in the topsoil (As 0.5, Sb 0.1, Zn 50 mg/kg)."
    ),
    (
        "Procedures by the suffix of the columns and by Raisanen, M. L. et al. (1997), "
        "Journal of Geochemical Exploration 59, 175-195: concentrated nitric acid (O), "
        "aqua regia (B, C), ammonium acetate, XRF, INAA. Strong acids dissolve a part "
        "only: compare horizons by one procedure."
    ),
    (
        "Au, Pd and Pt by acid digestion are read as ug/kg (inferred: gold by neutron "
        "activation, in mg/kg, is a thousandth of it). Anions of aqueous extracts, "
        "oxides and radioactivities are not read."
    ),
    (
        "easting and northing: UTM zone 35 (EPSG:32635), inferred from the extent of the "
        "survey, not stated."
    ),
)


@dataclass(frozen=True)
class _Layer:
    file: PublicFile
    procedures: dict[str, str]
    numbers: dict[str, str]
    categories: dict[str, str]


def kola_file(name: str, sha256: str) -> PublicFile:
    """
    A file of the Kola project in the mirror.

    Parameters
    ----------
    name, sha256 : str
        File and checksum.

    Returns
    -------
    PublicFile
        Without an address.
    """
    return PublicFile(name=name, folder="kola", sha256=sha256, shelf="geochem")


def _by(*procedures: str) -> dict[str, str]:
    return {name: SUFFIXES[name] for name in procedures}


_MINERAL_NUMBERS = {
    "pH": "pH",
    "LOI": "loss_on_ignition_percent",
    "EC": "electrical_conductivity",
}
LAYERS = {
    "O": _Layer(
        kola_file(
            "kola_ohorizon.csv",
            "6cbf3070a2ea54f53450f2364637318695d5905941d4abc846ef342ef8981935",
        ),
        _by("nitric_acid", "ammonium_acetate"),
        {
            "pH": "pH",
            "LOI": "loss_on_ignition_percent",
            "Cond": "electrical_conductivity",
            "C": "carbon_percent",
            "H": "hydrogen_percent",
            "N": "nitrogen_percent",
            "HUMTHI": "humus_thickness",
        },
        {
            "X.ASP": "aspect",
            "GROUNDVEG": "ground_vegetation",
            "TREELAY": "tree_layer",
            "VEG_ZONE": "vegetation_zone",
        },
    ),
    "B": _Layer(
        kola_file(
            "kola_bhorizon.csv",
            "535c11e2a5deea71e4bf88af5dab30b941d44018a23901c3ec39618ada01c2dc",
        ),
        _by("aqua_regia", "xrf"),
        {**_MINERAL_NUMBERS, "LOWDB": "lower_depth_of_b"},
        {"ASP": "aspect", "GENLAN": "landform"},
    ),
    "C": _Layer(
        kola_file(
            "kola_chorizon.csv",
            "4b8be9a301577263d3e40004563aba2bef4cac0068351684e88b350206415ae6",
        ),
        _by("aqua_regia", "xrf", "inaa"),
        {**_MINERAL_NUMBERS, "TOPC": "upper_depth_of_c"},
        {"ASP": "aspect"},
    ),
    "topsoil": _Layer(
        kola_file(
            "kola_topsoil.csv",
            "6a0dd5c48ec6d76726e7e9408f93e3438d33debde078d5475af344621bba2dfc",
        ),
        {"inaa": ""},
        {**_MINERAL_NUMBERS, "TOPC": "upper_depth_of_c"},
        {"ASP": "aspect"},
    ),
}
_C_BY_AQUA_REGIA = (
    "Ag",
    "Al",
    "As",
    "Au",
    "B",
    "Ba",
    "Be",
    "Bi",
    "Ca",
    "Cd",
    "Co",
    "Cr",
    "Cu",
    "Fe",
    "Hg",
    "K",
    "La",
    "Li",
    "Mg",
    "Mn",
    "Mo",
    "Na",
    "Ni",
    "P",
    "Pb",
    "Pd",
    "Pt",
    "S",
    "Sb",
    "Sc",
    "Se",
    "Si",
    "Sr",
    "Te",
    "Th",
    "Ti",
    "V",
    "Y",
    "Zn",
)

KOLA = DatasetRecord(
    name="kola",
    title="Soils of the central Barents region, O, B, C horizon and topsoil",
    role="table",
    n_samples=605,
    axis="position, elevation, lithology, vegetation, pH, loss on ignition",
    responses=_C_BY_AQUA_REGIA,
    address=KOLA_ADDRESS,
    licence=KOLA_LICENCE,
    citation=KOLA_CITATION,
    file=None,
    notes=(
        *KOLA_NOTES,
        (
            "Options: horizon O (617 sites), B (609), C (605, the default) or topsoil "
            "(0-5 cm, 607), and procedure. The column site names one place in every "
            "horizon. Nickel and copper of the O horizon and of the topsoil fall off "
            "from the smelters of Nikel, Zapolyarny and Monchegorsk."
        ),
        (
            "-9999 is missing. Units of conductivity and depths are not stated, and "
            "conductivity differs in unit between horizons. At 56 sites the topsoil has "
            "no description of the site."
        ),
    ),
    files=tuple(layer.file for layer in LAYERS.values()),
)


def load_kola(
    path: Path, *, horizon: str = "C", procedure: str | None = None
) -> Survey:
    """
    Read one layer of soil of the Kola project.

    Parameters
    ----------
    path : Path
        Folder of the derived tables.
    horizon : {"O", "B", "C", "topsoil"}
        Which layer.
    procedure : str, optional
        ``"nitric_acid"`` or ``"ammonium_acetate"`` (O), ``"aqua_regia"``,
        ``"xrf"`` (B, C) or ``"inaa"`` (C, topsoil); the first of these that the
        layer has where not given. One survey holds one of them, for all are named
        by the element.

    Returns
    -------
    Survey
        617 sites (O), 609 (B), 605 (C) or 607 (topsoil).
    """
    check_option(KOLA.name, "horizon", horizon, LAYERS)
    layer = LAYERS[horizon]
    chosen = procedure or next(iter(layer.procedures))
    check_option(f"{KOLA.name} {horizon}", "procedure", chosen, layer.procedures)
    table = pd.read_csv(path / layer.file.name)
    table.index = pd.Index([f"{horizon}-{site}" for site in table["ID"]])
    columns = element_columns(table, procedure=chosen, suffix=layer.procedures[chosen])
    responses, values = responses_of(table, columns)
    y, is_censored = censored(values, half_limits(values))
    samples = pd.DataFrame(
        {
            "site": table["ID"].astype(str),
            "horizon": horizon,
            "easting": table["XCOO"].astype(float),
            "northing": table["YCOO"].astype(float),
        }
    )
    survey = survey_of(
        KOLA,
        samples=samples,
        measured=(responses, y),
        notes=[f"Read: {horizon}, {chosen}."],
    )
    survey = table_of(survey, covariates=_covariates(table, layer), crs=KOLA_CRS)
    return replace(survey, is_censored=is_censored)


def _covariates(table: pd.DataFrame, layer: _Layer) -> pd.DataFrame:
    numbers = {"ELEV": "elevation_m", **layer.numbers}
    categories = {"COUN": "country", "LITO": "lithology", **layer.categories}
    frame = table[list(numbers)].rename(columns=numbers).astype("float64")
    frame = frame.mask(frame == -9999, np.nan)
    labels = {
        name: category(table[column], missing=("", "-9999"))
        for column, name in categories.items()
    }
    return frame.assign(**labels)
