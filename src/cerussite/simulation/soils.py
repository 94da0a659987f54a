"""Composition of simulated soils: minerals, organic matter, texture, pH."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.types import FloatArray, IntArray
from cerussite.simulation.bands import CONSTITUENTS

#: Mass of organic matter a mass of organic carbon (van Bemmelen).
ORGANIC_MATTER_FACTOR = 1.724


@dataclass(frozen=True)
class Setting:
    """
    What the soils of a landscape have in common.

    Attributes
    ----------
    weathering : float
        Centre of the weathering score: about -1.5 for young, 1.5 for deeply
        weathered soils.
    clay : float
        Centre of the logit of the clay content.
    carbon : float
        Centre of the natural logarithm of organic carbon as a fraction.
    lime : float
        What the parent material adds to pH; above 6.8, carbonate stays.
    smectite : float
        What the parent material adds to the logit of smectite.
    """

    weathering: float
    clay: float
    carbon: float
    lime: float
    smectite: float


@dataclass(frozen=True, eq=False)
class Soils:
    """
    True composition of simulated soils.

    Attributes
    ----------
    fractions : ndarray of shape (n_samples, 9)
        Mass of each constituent as a fraction of dry mass, in the order of
        :data:`~cerussite.simulation.bands.CONSTITUENTS`; the first eight sum
        to one, water comes on top.
    clay, silt, sand : ndarray of shape (n_samples,)
        Texture as fractions of the mineral soil without carbonate.
    scattering : ndarray of shape (n_samples,)
        Scattering coefficient relative to a loam.
    slope : ndarray of shape (n_samples,)
        Exponent with which scattering falls with wavelength.
    ph : ndarray of shape (n_samples,)
        True pH in water.
    """

    fractions: FloatArray
    clay: FloatArray
    silt: FloatArray
    sand: FloatArray
    scattering: FloatArray
    slope: FloatArray
    ph: FloatArray

    def fraction(self, constituent: str) -> FloatArray:
        """
        Mass fraction of one constituent.

        Parameters
        ----------
        constituent : str
            One of the names in ``CONSTITUENTS``.

        Returns
        -------
        ndarray of shape (n_samples,)
            Share of dry mass.
        """
        return self.fractions[:, CONSTITUENTS.index(constituent)]

    @property
    def iron_oxides(self) -> FloatArray:
        """
        Goethite and hematite.

        Returns
        -------
        ndarray of shape (n_samples,)
            Share of dry mass.
        """
        return self.fraction("goethite") + self.fraction("hematite")

    @property
    def organic_carbon(self) -> FloatArray:
        """
        Organic carbon.

        Returns
        -------
        ndarray of shape (n_samples,)
            Share of dry mass.
        """
        return self.fraction("organic_matter") / ORGANIC_MATTER_FACTOR


def random_settings(n_settings: int, generator: np.random.Generator) -> list[Setting]:
    """
    Landscapes from young and limy to old and acid.

    Parameters
    ----------
    n_settings : int
        How many.
    generator : Generator
        Source of chance.

    Returns
    -------
    list of Setting
        Their centres.
    """
    settings = []
    for _ in range(n_settings):
        weathering = generator.normal(0.0, 0.9)
        settings.append(
            Setting(
                weathering=weathering,
                clay=generator.normal(-1.1, 0.5),
                carbon=generator.normal(np.log(0.018), 0.35),
                lime=generator.normal(0.0, 0.3),
                smectite=generator.normal(0.0, 0.4),
            )
        )
    return settings


def draw_soils(
    settings: list[Setting], members: IntArray, generator: np.random.Generator
) -> Soils:
    """
    Soils of some landscapes.

    Parameters
    ----------
    settings : list of Setting
        Landscapes.
    members : ndarray of int, shape (n_samples,)
        Landscape of each soil, as a position in ``settings``.
    generator : Generator
        Source of chance.

    Returns
    -------
    Soils
        Minerals depend on weathering and parent material, pH on weathering,
        carbonate and organic carbon; see docs/simulation.md.
    """
    centre = {
        name: np.array([getattr(setting, name) for setting in settings])[members]
        for name in ("weathering", "clay", "carbon", "lime", "smectite")
    }
    n = len(members)
    weathering = centre["weathering"] + 0.6 * generator.normal(size=n)
    clay_score = centre["clay"] + 0.7 * generator.normal(size=n)
    carbon = np.exp(centre["carbon"] + 0.5 * generator.normal(size=n))
    carbon = np.minimum(carbon, 0.15)
    ph, lime = _reaction(weathering, carbon, centre["lime"], generator)
    fractions = _minerals(
        weathering, clay_score, carbon, lime, centre["smectite"], generator
    )
    clay, silt, sand = _texture(fractions, generator)
    return Soils(
        fractions=fractions,
        clay=clay,
        silt=silt,
        sand=sand,
        scattering=np.exp(0.5 * (clay - 0.25) + 0.25 * generator.normal(size=n)),
        slope=0.25 + 0.08 * generator.normal(size=n),
        ph=ph,
    )


def _minerals(  # noqa: PLR0913, PLR0917 - one equation, private
    weathering: FloatArray,
    clay_score: FloatArray,
    carbon: FloatArray,
    lime: FloatArray,
    smectite: FloatArray,
    generator: np.random.Generator,
) -> FloatArray:
    n = len(weathering)
    noise = generator.normal(size=(5, n))
    iron = 0.018 * np.exp(0.4 * weathering + 0.3 * (clay_score + 1.1) + 0.3 * noise[0])
    iron = np.minimum(iron, 0.15)
    hematite = iron * _logistic(-0.9 + 0.9 * weathering + 0.3 * noise[1])
    organic = ORGANIC_MATTER_FACTOR * carbon
    rest = 1.0 - organic - lime - iron
    scores = np.stack(
        [
            1.1 * weathering + 0.2 * noise[2],
            -0.9 * weathering + smectite + 0.2 * noise[3],
            0.3 + 0.3 * noise[4],
        ]
    )
    shares = np.exp(scores) / np.exp(scores).sum(axis=0)
    phyllosilicates = rest * _logistic(clay_score)
    kaolinite, smectites, illite = phyllosilicates * shares
    humidity = np.exp(0.15 * generator.normal(size=n))
    water = 0.004 + 0.11 * smectites + 0.03 * illite + 0.012 * kaolinite
    water = humidity * (water + 0.10 * organic + 0.05 * iron)
    return np.column_stack(
        [
            rest - phyllosilicates,
            iron - hematite,
            hematite,
            kaolinite,
            smectites,
            illite,
            lime,
            organic,
            water,
        ]
    )


def _texture(
    fractions: FloatArray, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    quartz, goethite, hematite, kaolinite, smectite, illite, lime, organic, _ = (
        fractions.T
    )
    fine = kaolinite + smectite + illite + 0.7 * (goethite + hematite)
    clay = fine / (1.0 - lime - organic)
    silt = (1.0 - clay) * _logistic(-0.2 + 0.8 * generator.normal(size=len(quartz)))
    return clay, silt, 1.0 - clay - silt


def _reaction(
    weathering: FloatArray,
    carbon: FloatArray,
    parent: FloatArray,
    generator: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    n = len(weathering)
    bases = 6.3 + parent - 0.8 * weathering - 0.4 * np.log(carbon / 0.018)
    bases += 0.12 * generator.normal(size=n)
    excess = np.maximum(bases - 6.8, 0.0)
    lime = 0.04 * np.expm1(0.9 * excess) * np.exp(0.4 * generator.normal(size=n))
    neutral = np.maximum(bases - 7.0, 0.0)
    ph = np.maximum(bases - neutral + 1.3 * np.tanh(neutral / 1.6), 3.6)
    return ph, np.minimum(lime, 0.5)


def _logistic(score: FloatArray | float) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-np.asarray(score)))
