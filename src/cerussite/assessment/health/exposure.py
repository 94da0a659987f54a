"""Monte-Carlo over exposure factors."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np

from cerussite.assessment.health.receptors import Receptor, factor_names
from cerussite.assessment.names import nearest_names
from cerussite.core.errors import InvalidStudyError, UnknownStandardError
from cerussite.core.types import FloatArray

Kind: TypeAlias = Literal["uniform", "triangular", "lognormal"]

_PARAMETERS = {
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "lognormal": ("median", "geometric standard deviation"),
}


@dataclass(frozen=True)
class Distribution:
    """
    Distribution of an exposure factor, in the unit of the factor.

    Attributes
    ----------
    kind : {"uniform", "triangular", "lognormal"}
        Family.
    parameters : tuple of float
        Low and high; low, mode and high; or median and geometric standard
        deviation (above 1). All above zero.

    Raises
    ------
    InvalidStudyError
        If the family is unknown, or parameters do not fit it.
    """

    kind: Kind
    parameters: tuple[float, ...]

    def __post_init__(self) -> None:
        names = _PARAMETERS.get(self.kind)
        if names is None:
            msg = (
                f"distribution {self.kind!r}; expected one of {', '.join(_PARAMETERS)}"
            )
            raise InvalidStudyError(msg)
        found = self.parameters
        rising = all(a <= b for a, b in pairwise(found))
        is_sane = len(found) == len(names) and all(x > 0 for x in found)
        if self.kind == "lognormal":
            is_sane = is_sane and found[1] > 1
        elif is_sane:
            is_sane = rising and found[0] < found[-1]
        if not is_sane:
            msg = (
                f"{self.kind} distribution with {found}; expected "
                f"{', '.join(names)}, above zero and in this order"
            )
            raise InvalidStudyError(msg)

    def draw(self, n_draws: int, *, random_state: np.random.Generator) -> FloatArray:
        """
        Draw numbers.

        Parameters
        ----------
        n_draws : int
            How many.
        random_state : Generator
            Source of randomness.

        Returns
        -------
        ndarray of shape (n_draws,)
            In the unit of the factor.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> drawn = Distribution("triangular", (50.0, 100.0, 200.0)).draw(
        ...     1000, random_state=rng
        ... )
        >>> bool(drawn.min() > 50.0), bool(drawn.max() < 200.0)
        (True, True)
        """
        if self.kind == "uniform":
            low, high = self.parameters
            return random_state.uniform(low, high, size=n_draws)
        if self.kind == "triangular":
            low, mode, high = self.parameters
            return random_state.triangular(low, mode, high, size=n_draws)
        median, spread = self.parameters
        return random_state.lognormal(np.log(median), np.log(spread), size=n_draws)


def draw_receptor(
    receptor: Receptor,
    distributions: Mapping[str, Distribution],
    *,
    n_draws: int,
    random_state: int | np.random.Generator,
) -> Receptor:
    """
    A receptor some of whose exposure factors are draws.

    Parameters
    ----------
    receptor : Receptor
        Gives the factors that have no distribution.
    distributions : mapping of str to Distribution
        By name of the factor, drawn independently of each other. None is
        shipped: they are claims about people, and belong to the caller.
    n_draws : int
        How many draws.
    random_state : int or Generator
        Source of randomness.

    Returns
    -------
    Receptor
        For :func:`health_risk`, which then gives intervals and probabilities.

    Raises
    ------
    UnknownStandardError
        If there is no such factor; the message offers the nearest names.

    Examples
    --------
    >>> from cerussite.assessment.health.receptors import receptor
    >>> drawn = draw_receptor(
    ...     receptor("resident_child"),
    ...     {"ingestion_rate": Distribution("lognormal", (40.0, 3.0))},
    ...     n_draws=1000,
    ...     random_state=0,
    ... )
    >>> drawn.n_draws, drawn.body_weight
    (1000, 15.0)
    """
    for name in distributions:
        if name not in factor_names():
            msg = f"no exposure factor {name!r}; {nearest_names(name, factor_names())}"
            raise UnknownStandardError(msg)
    rng = np.random.default_rng(random_state)
    drawn: dict[str, Any] = {
        name: distribution.draw(n_draws, random_state=rng)
        for name, distribution in distributions.items()
    }
    return replace(receptor, **drawn)
