"""Concentrations put next to the values of one standard."""

from dataclasses import dataclass

import numpy as np

from cerussite.assessment.comparing import species_conflicts
from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.soil_type import soil_type_correction, soil_type_elements
from cerussite.assessment.standards import Standard
from cerussite.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class Comparison:
    """
    Concentrations next to the values of one standard.

    Attributes
    ----------
    standard : Standard
        The guideline.
    elements : tuple of str
        Elements that it limits and that were measured as it means them.
    columns : list of int
        Where they are among the concentrations.
    limits : ndarray of shape (n_samples, n_elements)
        Values in mg/kg dry mass, one row a sample.
    factor : ndarray of shape (n_samples, n_elements)
        Soil type correction of the concentrations; 1 where there is none.
    """

    standard: Standard
    elements: tuple[str, ...]
    columns: list[int]
    limits: FloatArray
    factor: FloatArray

    def concentrations(self, c: FloatArray, rows: slice) -> FloatArray:
        """
        Concentrations as the standard wants them.

        Parameters
        ----------
        c : ndarray of shape (..., n_rows, n_columns)
            Concentrations in mg/kg dry mass of some samples.
        rows : slice
            Which samples.

        Returns
        -------
        ndarray of shape (..., n_rows, n_elements)
            In mg/kg dry mass, corrected for soil type where that is demanded.
        """
        return c[..., self.columns] * self.factor[rows]


def needs_correction(concentrations: Concentrations, standard: Standard) -> bool:
    """
    Whether the Dutch soil type correction is due and possible.

    Parameters
    ----------
    concentrations : Concentrations
        With clay and organic matter, or without.
    standard : Standard
        Guideline.

    Returns
    -------
    bool
        False where the standard does not demand it, it has been done, or clay or
        organic matter is not known.
    """
    return (
        standard.normalisation == "soil_type"
        and concentrations.normalisation == "none"
        and concentrations.clay is not None
        and concentrations.organic_matter is not None
    )


def compare(
    concentrations: Concentrations, standard: Standard
) -> tuple[Comparison, list[str]]:
    """
    Put concentrations next to a standard.

    Parameters
    ----------
    concentrations : Concentrations
        Of the survey.
    standard : Standard
        Guideline.

    Returns
    -------
    tuple of (Comparison, list of str)
        The elements that can be compared, and notes on those that cannot.
    """
    correct = needs_correction(concentrations, standard)
    limited = [e for e in concentrations.elements if e in standard.elements]
    usable = soil_type_elements() if correct else tuple(limited)
    elements = tuple(element for element in limited if element in usable)
    conflicts = species_conflicts(concentrations.elements, standard)
    notes = []
    if without := [
        e for e in concentrations.elements if e not in limited and e not in conflicts
    ]:
        notes.append(f"{standard.name} gives no value of {', '.join(without)}")
    if uncorrected := [e for e in limited if e not in elements]:
        notes.append(
            f"no soil type correction of {', '.join(uncorrected)}: not compared with "
            f"{standard.name}"
        )
    if correct:
        notes.append(f"soil type correction before the comparison with {standard.name}")
    columns = concentrations.columns(elements)
    shape = len(concentrations.sample_ids), len(elements)
    limits = (
        standard.values(elements, ph=concentrations.ph) if elements else np.empty(0)
    )
    limits = np.broadcast_to(limits, shape)
    factor = _factor(concentrations, standard, elements)
    return Comparison(standard, elements, columns, limits, factor), notes


def _factor(
    concentrations: Concentrations, standard: Standard, elements: tuple[str, ...]
) -> FloatArray:
    ones = np.ones((len(concentrations.sample_ids), len(elements)))
    clay, organic_matter = concentrations.clay, concentrations.organic_matter
    if clay is None or organic_matter is None:
        return ones
    if not elements or not needs_correction(concentrations, standard):
        return ones
    return soil_type_correction(
        ones, elements=elements, clay=clay, organic_matter=organic_matter
    )
