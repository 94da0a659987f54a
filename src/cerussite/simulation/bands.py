"""Absorption of soil constituents between 350 and 2500 nm."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.simulation.kubelka_munk import remission

#: Constituents in the order of every matrix of this room.
CONSTITUENTS: tuple[str, ...] = (
    "quartz",
    "goethite",
    "hematite",
    "kaolinite",
    "smectite",
    "illite",
    "calcite",
    "organic_matter",
    "water",
)


@dataclass(frozen=True)
class Band:
    """
    A Gaussian absorption band of a constituent.

    Attributes
    ----------
    constituent : str
        What absorbs.
    centre : float
        Band centre in nm.
    width : float
        Standard deviation of the Gaussian in nm.
    strength : float
        K/S at the centre in the pure constituent.
    assignment : str
        What vibrates or is excited.
    """

    constituent: str
    centre: float
    width: float
    strength: float
    assignment: str


@dataclass(frozen=True)
class Continuum:
    r"""
    Absorption of a constituent outside its bands.

    :math:`a + b \exp(-(\lambda - 400)/\ell) + c \exp((\lambda - 2500)/120)`:
    flat, an edge that falls off from the visible, and the wing of the
    fundamental vibrations beyond 2500 nm.

    Attributes
    ----------
    flat : float
        K/S at all wavelengths.
    edge : float
        K/S that is added at 400 nm.
    decay : float
        Length :math:`\ell` of the decay in nm.
    wing : float
        K/S that is added at 2500 nm.
    """

    flat: float
    edge: float
    decay: float
    wing: float


#: Pigments finer than the light's wavelength colour a mixture more than their mass
#: share of K/S tells; this factor gives soils with 2 % of iron oxides their colour.
PIGMENT = 6.0
#: The same for combination bands of clay minerals and calcite, found in the fine
#: fraction that coats the larger grains.
PLATES = 2.0


def _strength(depth: float, continuum: float) -> float:
    # K/S that leads from the continuum of the pure mineral to the band's minimum.
    return remission(continuum * (1.0 - depth)) - remission(continuum)


#: Centres and depths of pure minerals; widths chosen to fill the windows in which
#: Tetracorder looks for these bands. See docs/simulation.md for the sources.
BANDS: tuple[Band, ...] = (
    Band("goethite", 483, 38, PIGMENT * _strength(0.640, 0.35), "Fe3+ crystal field"),
    Band("goethite", 673, 42, PIGMENT * _strength(0.126, 0.45), "Fe3+ crystal field"),
    Band("goethite", 974, 110, PIGMENT * _strength(0.451, 0.50), "Fe3+ crystal field"),
    Band("hematite", 527, 35, PIGMENT * _strength(0.870, 0.30), "Fe3+ pair transition"),
    Band("hematite", 898, 75, PIGMENT * _strength(0.514, 0.35), "Fe3+ crystal field"),
    Band(
        "kaolinite",
        1395,
        7,
        _strength(0.421, 0.80),
        "OH stretch, first overtone",
    ),
    Band(
        "kaolinite",
        1413,
        9,
        _strength(0.435, 0.80),
        "OH stretch, first overtone",
    ),
    Band("kaolinite", 2162, 13, PLATES * _strength(0.353, 0.80), "Al-OH combination"),
    Band("kaolinite", 2205, 13, PLATES * _strength(0.417, 0.80), "Al-OH combination"),
    Band("kaolinite", 2318, 16, PLATES * _strength(0.126, 0.80), "Al-OH combination"),
    Band("kaolinite", 2379, 14, PLATES * _strength(0.113, 0.80), "Al-OH combination"),
    Band(
        "smectite",
        1412,
        16,
        _strength(0.220, 0.75),
        "OH stretch, first overtone",
    ),
    Band("smectite", 1906, 30, PLATES * _strength(0.390, 0.75), "interlayer water"),
    Band("smectite", 2206, 20, PLATES * _strength(0.220, 0.75), "Al-OH combination"),
    Band(
        "illite",
        1410,
        18,
        _strength(0.302, 0.60),
        "OH stretch, first overtone",
    ),
    Band("illite", 1911, 32, PLATES * _strength(0.160, 0.60), "interlayer water"),
    Band("illite", 2199, 20, PLATES * _strength(0.350, 0.60), "Al-OH combination"),
    Band("illite", 2346, 20, PLATES * _strength(0.161, 0.60), "Al-OH combination"),
    Band("illite", 2438, 22, PLATES * _strength(0.137, 0.60), "Al-OH combination"),
    Band("calcite", 1875, 18, PLATES * _strength(0.092, 0.85), "CO3 overtone"),
    Band("calcite", 1995, 22, PLATES * _strength(0.088, 0.85), "CO3 overtone"),
    Band("calcite", 2159, 18, PLATES * _strength(0.052, 0.85), "CO3 combination"),
    Band("calcite", 2339, 24, PLATES * _strength(0.334, 0.85), "CO3 combination"),
    Band("organic_matter", 1700, 30, 0.9, "C-H stretch, first overtone"),
    Band("organic_matter", 1800, 30, 0.4, "C-H stretch, first overtone"),
    Band("organic_matter", 2320, 28, 1.3, "C-H combination"),
    Band("organic_matter", 2370, 28, 1.0, "C-H combination"),
    Band("water", 970, 25, 0.10, "O-H stretch, second overtone"),
    Band("water", 1450, 36, 1.6, "O-H stretch, first overtone"),
    Band("water", 1935, 42, 4.5, "O-H stretch and bend"),
)

#: Continua, scaled so that mixtures have the brightness of dry soils.
CONTINUA: dict[str, Continuum] = {
    "quartz": Continuum(0.12, 0.75, 170, 0.02),
    "goethite": Continuum(3.0, 90.0, 75, 0.0),
    "hematite": Continuum(6.0, 120.0, 100, 0.0),
    "kaolinite": Continuum(0.25, 1.0, 170, 0.35),
    "smectite": Continuum(0.40, 1.5, 170, 0.45),
    "illite": Continuum(0.50, 1.8, 170, 0.45),
    "calcite": Continuum(0.06, 0.30, 170, 0.15),
    "organic_matter": Continuum(4.0, 42.0, 330, 1.5),
    "water": Continuum(0.5, 0.0, 100, 6.0),
}


def absorption(
    wavelengths: FloatArray, *, resolution: float = 0.0, shift: float = 0.0
) -> FloatArray:
    r"""
    K/S of each pure constituent.

    Parameters
    ----------
    wavelengths : ndarray of shape (n_wavelengths,)
        In nm.
    resolution : float
        Full width at half maximum of the instrument in nm; it broadens bands
        and lowers them in proportion, so that their areas stay.
    shift : float
        Error of the wavelength scale in nm: a band at 2205 nm is recorded
        at 2205 + ``shift``.

    Returns
    -------
    ndarray of shape (9, n_wavelengths)
        Dimensionless; rows follow :data:`CONSTITUENTS`.

    Notes
    -----
    The convolution of two Gaussians is a Gaussian whose variances add. An
    instrument averages reflectance rather than K/S; for bands as weak as those
    of mixtures, the two agree to first order.
    """
    true = wavelengths - shift
    spread = resolution / np.sqrt(8 * np.log(2))
    rows = {name: _continuum(CONTINUA[name], true) for name in CONSTITUENTS}
    for band in BANDS:
        rows[band.constituent] += band_profile(band, true, spread)
    return np.stack([rows[name] for name in CONSTITUENTS])


def band_profile(
    band: Band, wavelengths: FloatArray, spread: float = 0.0
) -> FloatArray:
    r"""
    K/S of one band, :math:`s \exp(-(\lambda - c)^2 / 2 w^2)`.

    Parameters
    ----------
    band : Band
        Centre :math:`c`, width :math:`w` and strength :math:`s`.
    wavelengths : ndarray of shape (n_wavelengths,)
        In nm.
    spread : float
        Standard deviation of the instrument's line shape in nm.

    Returns
    -------
    ndarray of shape (n_wavelengths,)
        Dimensionless.

    Examples
    --------
    >>> band = Band("calcite", 2340.0, 20.0, 0.5, "CO3 combination")
    >>> band_profile(band, np.array([2340.0]), spread=15.0)
    array([0.4])
    """
    width = np.hypot(band.width, spread)
    height = band.strength * band.width / width
    return height * np.exp(-0.5 * ((wavelengths - band.centre) / width) ** 2)


def features(wavelengths: FloatArray, *, resolution: float = 0.0) -> FloatArray:
    """
    K/S of each pure constituent without its featureless part.

    Bands and the edge in the visible tell constituents apart; the flat part
    and the wing at 2500 nm only make a soil darker or brighter.

    Parameters
    ----------
    wavelengths : ndarray of shape (n_wavelengths,)
        In nm.
    resolution : float
        Full width at half maximum of the instrument in nm.

    Returns
    -------
    ndarray of shape (9, n_wavelengths)
        Dimensionless; rows follow :data:`CONSTITUENTS`.
    """
    plain = [
        CONTINUA[name].flat + _wing(CONTINUA[name], wavelengths)
        for name in CONSTITUENTS
    ]
    return absorption(wavelengths, resolution=resolution) - np.stack(plain)


def _continuum(continuum: Continuum, wavelengths: FloatArray) -> FloatArray:
    edge = continuum.edge * np.exp(-(wavelengths - 400.0) / continuum.decay)
    return continuum.flat + edge + _wing(continuum, wavelengths)


def _wing(continuum: Continuum, wavelengths: FloatArray) -> FloatArray:
    return continuum.wing * np.exp((wavelengths - 2500.0) / 120.0)
