"""Which bands a source used, which transfer kept, and which it newly uses."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.explanation.absorption import constituents_of
from cerussite.explanation.attribution import Profile


@dataclass(frozen=True, eq=False)
class BandComparison:
    """
    Bands of a source and of what was transferred from it.

    Attributes
    ----------
    table : DataFrame
        A row a bin: feature, low, high (nm); source, source_low, source_high,
        transferred, transferred_low, transferred_high (share of all attribution
        with its interval); difference, difference_low, difference_high, p_value;
        verdict (``"kept"``, ``"new"``, ``"dropped"``, ``"unused"``,
        ``"undecided"``); constituent.
    overlap, overlap_low, overlap_high : float
        Attribution that both share, the sum over bins of the smaller share: 1
        for equal profiles. Mean and interval over pairs of members.
    level : float
        Nominal coverage of each interval.
    """

    table: pd.DataFrame
    overlap: float
    overlap_low: float
    overlap_high: float
    level: float


def compare_bands(
    source: Profile,
    transferred: Profile,
    *,
    source_response: str,
    response: str,
    level: float = 0.95,
) -> BandComparison:
    r"""
    Bands that the source used, that transfer kept, and that it newly uses.

    The analysis of He et al. (2025) [1]_, who read kept and new wavelengths off the
    curves of one model each, with the spread over members (seeds or folds) taken
    into account. A bin is *used* where its share lies above the even share
    :math:`1/n` with the whole interval. Kept: used before and after. New: used
    after but not before, and the shares differ. Dropped: the other way round.
    Unused: below the even share before and after. Undecided: all others. Shares
    differ where Welch's test over members, adjusted for the number of bins [2]_,
    says so.

    Parameters
    ----------
    source, transferred : Profile
        On the same bins, with at least two members each. Explain both on the same
        spectra, or the difference of the soils is taken for one of the models.
    source_response, response : str
        Response of the source (pH) and of the target (Pb).
    level : float
        Coverage of intervals; one minus it is the share of false discoveries.

    Returns
    -------
    BandComparison
        Values only; :func:`cerussite.reporting.figures.attribution.draw_bands`
        draws them.

    Raises
    ------
    InvalidStudyError
        If bins differ, a response is not there, or there is only one member.

    Notes
    -----
    A network whose convolutions were frozen shares bands with its source whatever
    its labels taught it. Read ``overlap`` beside that of a network transferred from
    an untrained or shuffled source.

    References
    ----------
    .. [1] He, P. et al. (2025). Sensors 25(13), 4209.
    .. [2] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery
       rate. Journal of the Royal Statistical Society B 57(1), 289-300.
    """
    if source.features.names != transferred.features.names:
        msg = (
            f"source with {len(source.features.names)} bins, transferred model with "
            f"{len(transferred.features.names)} other ones; expected the same bins"
        )
        raise InvalidStudyError(msg)
    before = _shares(source, source_response)
    after = _shares(transferred, response)
    difference = after.mean(axis=0) - before.mean(axis=0)
    p_values, half = _welch(before, after, level)
    columns = {
        **_interval("source", before, level),
        **_interval("transferred", after, level),
        "difference": difference,
        "difference_low": difference - half,
        "difference_high": difference + half,
        "p_value": p_values,
    }
    features = source.features
    table = pd.DataFrame(
        {
            "feature": features.names,
            "low": features.low,
            "high": features.high,
            **columns,
        }
    )
    table["verdict"] = _verdicts(table, _adjusted(p_values) <= 1 - level)
    table["constituent"] = constituents_of(features)
    overlaps = np.minimum(before[:, np.newaxis], after[np.newaxis]).sum(axis=2)
    return BandComparison(table, *_overlap_interval(overlaps, level), level)


def _shares(profile: Profile, response: str) -> FloatArray:
    if response not in profile.responses:
        msg = (
            f"no response {response!r}; expected one of {', '.join(profile.responses)}"
        )
        raise InvalidStudyError(msg)
    shares = profile.shares[:, :, profile.responses.index(response)]
    if len(shares) < 2 or np.isnan(shares).any():
        msg = (
            f"{response}: {len(shares)} members; expected at least two whose "
            "predictions differ between samples: train with other seeds or on other "
            "folds, so that intervals can be given"
        )
        raise InvalidStudyError(msg)
    return shares


def _interval(name: str, shares: FloatArray, level: float) -> dict[str, FloatArray]:
    n = len(shares)
    mean, error = shares.mean(axis=0), shares.std(axis=0, ddof=1) / np.sqrt(n)
    half = stats.t.ppf((1 + level) / 2, n - 1) * error
    return {name: mean, f"{name}_low": mean - half, f"{name}_high": mean + half}


def _welch(
    before: FloatArray, after: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Two-sided p-values and half widths of the intervals of the differences."""
    errors = [x.var(axis=0, ddof=1) / len(x) for x in (before, after)]
    total = errors[0] + errors[1]
    difference = np.abs(after.mean(axis=0) - before.mean(axis=0))
    varies = total > 0
    safe = np.where(varies, total, 1.0)
    parts = [e**2 / (len(x) - 1) for e, x in zip(errors, (before, after), strict=True)]
    degrees = np.where(varies, safe**2 / np.where(varies, sum(parts), 1.0), 1.0)
    p_values = 2 * stats.t.sf(difference / np.sqrt(safe), degrees)
    certain = np.where(difference > 0, 0.0, 1.0)
    half = stats.t.ppf((1 + level) / 2, degrees) * np.sqrt(total)
    return np.where(varies, p_values, certain), half


def _adjusted(p_values: FloatArray) -> FloatArray:
    return np.asarray(stats.false_discovery_control(p_values))


def _verdicts(table: pd.DataFrame, differs: np.ndarray) -> np.ndarray:
    even = 1 / len(table)
    used_before, used_after = (
        table["source_low"] > even,
        table["transferred_low"] > even,
    )
    not_before, not_after = table["source"] <= even, table["transferred"] <= even
    rises = differs & (table["difference"] > 0)
    falls = differs & (table["difference"] < 0)
    return np.select(
        [
            used_before & used_after,
            used_after & not_before & rises,
            used_before & not_after & falls,
            (table["source_high"] < even) & (table["transferred_high"] < even),
        ],
        ["kept", "new", "dropped", "unused"],
        default="undecided",
    )


def _overlap_interval(overlaps: FloatArray, level: float) -> tuple[float, float, float]:
    """Jackknife over members: pairs that share a member are not independent."""
    mean = float(overlaps.mean())
    variance = 0.0
    for axis in (0, 1):
        own = overlaps.mean(axis=1 - axis)
        variance += float(own.var(ddof=1) / own.size)
    degrees = min(overlaps.shape) - 1
    half = float(stats.t.ppf((1 + level) / 2, degrees)) * variance**0.5
    return mean, max(mean - half, 0.0), min(mean + half, 1.0)
