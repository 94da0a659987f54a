"""The Dutch soil type correction: concentrations as in a standard soil."""

from collections.abc import Sequence

import numpy as np

from cerussite.assessment.checks import check_concentrations
from cerussite.assessment.packaged import constants
from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import FloatArray

#: Clay (lutum) and organic matter of the standard soil, in %.
STANDARD_CLAY, STANDARD_ORGANIC_MATTER = 25.0, 10.0
#: Lower clay and organic matter contents are reckoned as this, in %.
LEAST_CONTENT = 2.0


def soil_type_correction(
    concentrations: FloatArray,
    *,
    elements: Sequence[str],
    clay: FloatArray,
    organic_matter: FloatArray,
) -> FloatArray:
    r"""
    Concentrations as they would be in the Dutch standard soil.

    .. math:: C_{std} = C \, \frac{a + 25 b + 10 c}{a + b \cdot clay + c \cdot om}

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    elements : sequence of str
        Names of the columns.
    clay, organic_matter : ndarray of shape (n_samples,)
        Fraction below 2 µm (lutum) and organic matter in % of dry mass. As the
        rule says, contents below 2 % are reckoned as 2 %.

    Returns
    -------
    ndarray of the shape of ``concentrations``
        In mg/kg dry mass of a soil with 25 % clay and 10 % organic matter; Sb,
        Mo and Tl are not changed.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if an element has no coefficients,
    or clay or organic matter is missing or outside 0 to 100 %.

    The coefficients were read in the text of the regulation; its equation is an
    image there, and is written here as commonly given.

    References
    ----------
    .. [1] Regeling bodemkwaliteit, annex G part III table 3 (BWBR0023085).

    Examples
    --------
    Lead has a = 50, b = 1 and c = 1: 85 / (50 + 5 + 2) times the concentration.

    >>> import numpy as np
    >>> soil_type_correction(
    ...     np.array([[57.0]]),
    ...     elements=["Pb"],
    ...     clay=np.array([5.0]),
    ...     organic_matter=np.array([2.0]),
    ... )
    array([[85.]])
    """
    check_concentrations(concentrations, elements=elements)
    a, b, c = _coefficients(elements)
    measured = []
    for name, content in (("clay", clay), ("organic matter", organic_matter)):
        _check_content(name, content, concentrations.shape[-2])
        measured.append(np.maximum(content, LEAST_CONTENT)[:, np.newaxis])
    standard = a + b * STANDARD_CLAY + c * STANDARD_ORGANIC_MATTER
    return concentrations * (standard / (a + b * measured[0] + c * measured[1]))


def soil_type_elements() -> tuple[str, ...]:
    """
    Elements that the soil type correction has coefficients of.

    Returns
    -------
    tuple of str
        Symbols.
    """
    return tuple(constants("soil_type")["element"].unique())


def _coefficients(elements: Sequence[str]) -> tuple[FloatArray, ...]:
    """Coefficients a, b and c of each element."""
    table = constants("soil_type").pivot_table(
        index="element", columns="coefficient", values="value"
    )
    missing = [element for element in elements if element not in table.index]
    if missing:
        msg = (
            f"no soil type correction of {', '.join(missing)}; expected elements among "
            f"{', '.join(table.index)}: leave the others out"
        )
        raise InvalidConcentrationError(msg)
    rows = table.loc[list(elements)]
    return tuple(rows[name].to_numpy() for name in ("a", "b", "c"))


def _check_content(name: str, content: FloatArray, n_samples: int) -> None:
    if content.shape != (n_samples,):
        msg = f"{name} of shape {content.shape}; expected ({n_samples},), one a sample"
        raise InvalidConcentrationError(msg)
    bad = np.flatnonzero(~((content >= 0) & (content <= 100)))
    if bad.size:
        msg = (
            f"{name} of {bad.size} samples is missing or outside 0 to 100 % (first: row "
            f"{bad[0]}, {content[bad[0]]:g}); the correction needs it for every sample"
        )
        raise InvalidConcentrationError(msg)
