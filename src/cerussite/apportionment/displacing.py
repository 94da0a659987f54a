"""How far each element of a profile can go until Q has risen by a given amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from cerussite.apportionment.descent import alternated
from cerussite.apportionment.factorisation import Factorisation, scaled_problem
from cerussite.apportionment.matching import matched_factors
from cerussite.apportionment.nonnegative import bounded_minimiser, masked_normal
from cerussite.apportionment.parallel import run_all
from cerussite.apportionment.problem import Point, Problem, point_at, rescaled
from cerussite.apportionment.reduced import LocalModel, local_model
from cerussite.apportionment.settings import DEFAULT, FitSettings
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray

#: Increases of Q that elements are displaced to.
LEVELS = (4.0, 8.0, 16.0, 32.0)
#: A displaced solution may miss its Q by this share of the increase.
MISS = 0.1
#: Nor is a step made that moves the element by less than this share of its way.
STILL = 0.02
#: Steps allowed for one element, direction and level.
N_STEPS = 12


@dataclass(frozen=True, eq=False)
class Displacement:
    """
    Intervals by displacement.

    Attributes
    ----------
    intervals : DataFrame
        One row a factor, species and level: ``factor``, ``species``, ``d_q``,
        ``value``, ``lower``, ``upper`` (unit of the species) and
        ``is_reached`` (whether both searches met the level).
    swaps : DataFrame
        One row a factor and level: ``factor``, ``d_q``, ``n_swaps``, the number
        of displacements of its elements after which factors had changed places.
    largest_decrease : float
        By how much a displaced solution fell below the Q of the factorisation;
        above about 1 the factorisation was not the best there is.
    """

    intervals: pd.DataFrame
    swaps: pd.DataFrame
    largest_decrease: float


class Task(NamedTuple):
    """
    One element of a profile, moved one way through all levels.

    Attributes
    ----------
    factor, species : int
        Position of the element.
    sign : int
        -1 for down, 1 for up.
    """

    factor: int
    species: int
    sign: int


class Reached(NamedTuple):
    """
    Where an element got to at one level.

    Attributes
    ----------
    value : float
        Of the element, scaled.
    is_reached : bool
        Whether the level was met, or the element came down to zero.
    is_swapped : bool
        Whether factors had changed places.
    loss : float
        Q there.
    """

    value: float
    is_reached: bool
    is_swapped: bool
    loss: float


def displacement(
    factorisation: Factorisation,
    *,
    levels: Sequence[float] = LEVELS,
    species: Sequence[str] | None = None,
    settings: FitSettings = DEFAULT,
) -> Displacement:
    r"""
    Intervals by displacement of profile elements, everything else refitted.

    Each element :math:`f_{kj}` of a profile (with mean contribution one) is
    pushed down and up as far as :math:`Q \le Q_{min} + dQ` allows when all other
    elements of all profiles and all contributions adapt [1]_. Intervals
    therefore show how far factors can be rotated into each other, besides noise.

    Parameters
    ----------
    factorisation : Factorisation
        A converged one.
    levels : sequence of float
        Increases dQ, above zero.
    species : sequence of str, optional
        Species to displace; None means all strong ones.
    settings : FitSettings
        Processes and progress.

    Returns
    -------
    Displacement
        Levels in increasing order.

    Raises
    ------
    InvalidStudyError
        If the factorisation did not converge, or a level is not above zero.

    Notes
    -----
    The largest value under a limit of Q is where the element, pinned there and
    everything refitted, has that very Q: both definitions agree. It is found by
    sequential quadratic steps. In robust mode the weights of outliers stay as
    they are in the factorisation.

    References
    ----------
    .. [1] Paatero, P., Eberly, S., Brown, S. G. and Norris, G. A. (2014). Methods
       for estimating uncertainty in factor analytic solutions. Atmospheric
       Measurement Techniques 7, 781-797.
    """
    ordered = tuple(sorted(levels))
    columns = species_columns(factorisation, species)
    if not factorisation.is_converged or not ordered or not ordered[0] > 0:
        msg = (
            f"levels {ordered}, converged: {factorisation.is_converged}; expected "
            "increases of Q above zero about a converged factorisation"
        )
        raise InvalidStudyError(msg)
    problem, base, scale = displaced_problem(factorisation)
    tasks = [
        Task(factor, column, sign)
        for factor in range(factorisation.n_factors)
        for column in columns
        for sign in (-1, 1)
    ]
    paths = run_all(
        displaced_path,
        [(problem, base, task, ordered) for task in tasks],
        settings=settings,
    )
    return _tables(factorisation, dict(zip(tasks, paths, strict=True)), ordered, scale)


def displaced_problem(
    factorisation: Factorisation,
) -> tuple[Problem, Point, FloatArray]:
    """
    Least squares with the weights of a factorisation, its point and the units.

    Parameters
    ----------
    factorisation : Factorisation
        What is displaced.

    Returns
    -------
    problem : Problem
        Not robust; weights of outliers are those at the solution.
    point : Point
        The solution, with loss Q true or Q robust.
    scale : ndarray of shape (n_species,)
        Units of the scaled profiles.
    """
    problem, scale = scaled_problem(
        factorisation.data, is_robust=factorisation.is_robust
    )
    profiles = factorisation.profiles / scale
    residuals = problem.concentrations - factorisation.contributions @ profiles
    frozen = Problem(problem.concentrations, problem.reweighted(residuals))
    return frozen, alternated(frozen, profiles, n_rounds=0), scale


def displaced_path(
    problem: Problem, base: Point, task: Task, levels: tuple[float, ...]
) -> list[Reached]:
    """
    Values of one element at rising levels, in scaled units.

    Parameters
    ----------
    problem : Problem
        Least squares.
    base : Point
        Its minimum.
    task : Task
        The element and the direction.
    levels : tuple of float
        Increases of Q, rising.

    Returns
    -------
    list of Reached
        One a level.
    """
    place, found = _Place(base, 0.0), []
    for level in levels:
        if task.sign < 0 and _element(place.point, task) <= 0:
            # Zero is as far down as a concentration goes, at any level.
            value, is_reached = 0.0, True
        else:
            place, value, is_reached = _pushed(problem, base, place, task, level)
        swapped = _is_swapped(base, place.point)
        found.append(Reached(value, is_reached, swapped, place.point.loss))
    return found


class _Place(NamedTuple):
    """A displaced point, and the force on its element that holds it there."""

    point: Point
    force: float


def _pushed(
    problem: Problem, base: Point, place: _Place, task: Task, level: float
) -> tuple[_Place, float, bool]:
    """Furthest place at one level, the element there, and whether it was met."""
    origin = _element(base, task)
    for _ in range(N_STEPS):
        value = _element(place.point, task)
        room = base.loss + level - place.point.loss
        if task.sign < 0 and value <= 0 and room >= 0:
            return place, 0.0, True
        push = _push(problem, place, task, (base.loss, level))
        if push is None:
            break
        # Along the path Q rises by twice the force for each unit of the element.
        correction = room / (2 * push.force) if push.force > 0 else np.inf
        still = STILL * abs(value - origin)
        if abs(room) <= MISS * level and abs(push.gain - correction) <= still:
            return place, max(value + task.sign * correction, 0.0), True
        place = _taken(problem, place, push, task, base.loss + 2 * level)
    return place, _element(place.point, task), False


class _Pull(NamedTuple):
    """What a force on the element does, to first order, in scaled profiles."""

    direct: FloatArray  # derivative of the element, contributions held
    slope: FloatArray  # derivative of the element, contributions adapting
    compliance: float  # what contributions alone yield to a unit of force


class _Push(NamedTuple):
    """A step towards the level: new position and force, expected gain."""

    model: LocalModel
    position: FloatArray
    force: float
    gain: float


def _push(
    problem: Problem, place: _Place, task: Task, goal: tuple[float, float]
) -> _Push | None:
    """Step that moves the element furthest while the modelled Q uses its room."""
    base_loss, level = goal
    used = place.point.loss - base_loss
    for is_exact in (True, False):
        model = local_model(problem, place.point, is_exact=is_exact)
        pull = _pull(place.point, task, model)
        if place.force > 0 and used > 0:
            force = place.force * float(np.sqrt(level / used))
        else:
            at = task.factor * place.point.profiles.shape[1] + task.species
            force = max(-model.descent[at] * task.sign, 0.0) / abs(pull.slope[at])
            force += float(np.sqrt(level / (pull.slope @ pull.slope)))
        for damping in (1e-7, 1e-4, 1e-2):
            found = _furthest(
                model, pull, (place.force, force), room=level - used, damping=damping
            )
            if found is not None:
                return found
    return None


def _furthest(
    model: LocalModel,
    pull: _Pull,
    forces: tuple[float, float],
    *,
    room: float,
    damping: float,
) -> _Push | None:
    """Position of a damped model that has risen by the room: a search for its force."""
    before, force = forces
    curvature = model.curvature.copy()
    np.einsum("ii->i", curvature)[...] += damping
    descent = model.descent + before * (pull.direct - pull.slope)
    fixed = descent + curvature @ model.position
    passive = (model.position > 0) | (descent + before * pull.slope > 0)
    low, high = 0.0, np.inf
    for _ in range(30):
        found = bounded_minimiser(curvature, fixed + force * pull.slope, passive)
        if found is None:
            return None
        position, passive, step = found, found > 0, found - model.position
        rise = float(step @ (curvature @ step - 2 * descent))
        rise += pull.compliance * (force**2 - before**2)
        if abs(rise - room) <= 0.02 * max(abs(room), 0.1):
            break
        low, high = (force, high) if rise < room else (low, force)
        ratio = np.sqrt(room / rise) if room > 0 and rise > 0 else 0.0
        force = _within(force * ratio, low, high)
    gain = float(pull.slope @ step) + pull.compliance * (force - before)
    return _Push(model, position, force, gain)


def _within(trial: float, low: float, high: float) -> float:
    """The trial if it lies well inside its bracket, otherwise a safer one."""
    if not np.isfinite(high):
        return min(max(trial, 1.5 * low), 4 * low)
    margin = 0.05 * (high - low)
    if low + margin <= trial <= high - margin:
        return trial
    return 0.5 * (low + high)


def _taken(
    problem: Problem, place: _Place, push: _Push, task: Task, most: float
) -> _Place:
    """Place after a step, shortened while Q rises above what is tolerable."""
    start, share = push.model.position, 1.0
    for _ in range(6):
        profiles = push.model.profiles(start + share * (push.position - start))
        force = place.force + share * (push.force - place.force)
        worth = np.zeros(len(profiles))
        worth[task.factor] = (
            task.sign * force * profiles[task.factor, task.species]
        ) / len(problem.concentrations)
        moved = rescaled(point_at(problem, profiles, place.point, push=worth))
        if moved.loss <= max(most, place.point.loss):
            break
        share /= 2
    return _Place(moved, force)


def _element(point: Point, task: Task) -> float:
    """Mean concentration that the factor gives to the species."""
    mean = point.contributions[:, task.factor].mean()
    return float(point.profiles[task.factor, task.species] * mean)


def _pull(point: Point, task: Task, model: LocalModel) -> _Pull:
    """Effects of a force on the mean concentration of one element."""
    g, here = point.contributions, (task.factor, task.species)
    unit = np.zeros((len(g), g.shape[1], 1))
    unit[:, task.factor, 0] = g[:, task.factor] > 0
    response = np.linalg.solve(masked_normal(point.normal, g > 0), unit)[:, :, 0]
    weighted = response.T @ (point.weights * point.residuals)
    mixed = g.T @ (point.weights * (response @ point.profiles))
    share = point.profiles[here] / len(g)
    direct = np.zeros(point.profiles.shape)
    direct[here] = g[:, task.factor].mean()
    slope = direct + share * (weighted - mixed)
    scaled = task.sign / model.scale
    return _Pull(
        direct[model.chosen] * scaled,
        slope[model.chosen] * scaled,
        float(share**2 * response[:, task.factor].sum()),
    )


def _is_swapped(base: Point, point: Point) -> bool:
    order = matched_factors(base.contributions, point.contributions).order
    return bool((order != np.arange(order.size)).any())


def species_columns(
    factorisation: Factorisation, species: Sequence[str] | None
) -> list[int]:
    """
    Positions of species.

    Parameters
    ----------
    factorisation : Factorisation
        Whose species.
    species : sequence of str or None
        Names; None means all strong ones.

    Returns
    -------
    list of int
        In the order asked for.

    Raises
    ------
    InvalidStudyError
        If a name is unknown.
    """
    data = factorisation.data
    if species is None:
        return [int(column) for column in np.flatnonzero(data.is_strong)]
    unknown = [name for name in species if name not in data.species]
    if unknown:
        msg = f"no species {unknown[0]!r}; expected some of {', '.join(data.species)}"
        raise InvalidStudyError(msg)
    return [data.species.index(name) for name in species]


def _tables(
    factorisation: Factorisation,
    paths: dict[Task, list[Reached]],
    levels: tuple[float, ...],
    scale: FloatArray,
) -> Displacement:
    names, species = factorisation.factors, factorisation.data.species
    rows, swaps, lowest = [], [], np.inf
    for task, down in paths.items():
        if task.sign > 0:
            continue
        up = paths[Task(task.factor, task.species, 1)]
        unit = scale[task.species]
        value = factorisation.profiles[task.factor, task.species]
        for level, low, high in zip(levels, down, up, strict=True):
            rows.append(
                {
                    "factor": names[task.factor],
                    "species": species[task.species],
                    "d_q": level,
                    "value": value,
                    "lower": min(low.value * unit, value),
                    "upper": max(high.value * unit, value),
                    "is_reached": low.is_reached and high.is_reached,
                }
            )
            n_swaps = int(low.is_swapped) + int(high.is_swapped)
            swaps.append((names[task.factor], level, n_swaps))
            lowest = min(lowest, low.loss, high.loss)
    counts = pd.DataFrame(swaps, columns=["factor", "d_q", "n_swaps"])
    counts = counts.groupby(["factor", "d_q"], sort=False, as_index=False).sum()
    base = factorisation.q_robust if factorisation.is_robust else factorisation.q_true
    return Displacement(pd.DataFrame(rows), counts, max(0.0, base - lowest))
