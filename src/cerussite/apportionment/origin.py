"""Geogenic or anthropogenic: evidence on each metal, and a verdict or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from cerussite.apportionment.settings import SINGLE, Draws
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray

Origin: TypeAlias = Literal["geogenic", "anthropogenic"]

#: Enrichment beyond which natural variation is no longer the simplest explanation.
ENRICHED = 2.0
#: A class of sources is told by markers if it leads the next by this share.
LEAD = 0.1


@dataclass(frozen=True)
class Evidence:
    """
    One finding on one metal.

    Attributes
    ----------
    metal : str
        Species that it concerns.
    kind : str
        ``"receptor model"``, ``"enrichment"``, ``"drivers"`` or another.
    value, lower, upper : float
        What was found, with its interval.
    threshold : float
        An interval above it speaks for human sources, below it against.
    words : str
        What the value is, with its unit.
    """

    metal: str
    kind: str
    value: float
    lower: float
    upper: float
    threshold: float
    words: str

    @property
    def vote(self) -> Origin | None:
        """
        What the interval says.

        Returns
        -------
        {"geogenic", "anthropogenic"} or None
            None where the interval holds the threshold, or is not finite.
        """
        if self.lower > self.threshold:
            return "anthropogenic"
        return "geogenic" if self.upper < self.threshold else None


def classes_by_markers(
    shares: pd.DataFrame, markers: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """
    Class of each factor by the elements that mark a class of sources.

    The score of a class is the mean share that a factor has of its markers, less
    its mean share of all species: a factor that holds much of everything is
    marked by nothing.

    Parameters
    ----------
    shares : DataFrame
        Row a species, column a factor: fraction of the species, 0 to 1.
    markers : mapping of str to sequence of str
        Species by class, such as ``{"smelter": ["Ni", "Cu"], "rock": ["Al"]}``;
        the user's knowledge of the region, for no list holds everywhere.

    Returns
    -------
    DataFrame
        Row a factor: ``factor``, ``class`` (empty where undecided), ``score``,
        ``lead`` over the next class, ``words``.

    Raises
    ------
    InvalidStudyError
        If there are fewer than two classes, or a marker is no species.

    Examples
    --------
    >>> shares = pd.DataFrame(
    ...     {"factor 1": [0.75, 0.25], "factor 2": [0.25, 0.75]}, index=["Ni", "Al"]
    ... )
    >>> found = classes_by_markers(shares, {"smelter": ["Ni"], "rock": ["Al"]})
    >>> found["class"].tolist(), found["score"].tolist()
    (['smelter', 'rock'], [0.25, 0.25])
    """
    unknown = [
        each for some in markers.values() for each in some if each not in shares.index
    ]
    if len(markers) < 2 or unknown or not all(markers.values()):
        msg = (
            f"classes {list(markers)} with unknown markers {unknown}; expected two or "
            f"more classes, each with markers among {', '.join(map(str, shares.index))}"
        )
        raise InvalidStudyError(msg)
    rows = []
    for factor in shares.columns:
        scores = {
            name: float(shares.loc[list(some), factor].mean() - shares[factor].mean())
            for name, some in markers.items()
        }
        ranked = sorted(scores, key=lambda name: -scores[name])
        lead = scores[ranked[0]] - scores[ranked[1]]
        is_clear = lead >= LEAD and scores[ranked[0]] > 0
        listed = ", ".join(f"{name} {scores[name]:+.2f}" for name in ranked)
        rows.append(
            {
                "factor": factor,
                "class": ranked[0] if is_clear else "",
                "score": scores[ranked[0]],
                "lead": lead,
                "words": f"share of markers less share of all species: {listed}",
            }
        )
    return pd.DataFrame(rows)


def receptor_evidence(
    shares: FloatArray,
    draws: FloatArray,
    *,
    metals: Sequence[str],
    is_anthropogenic: Sequence[bool | None],
    level: float = 0.9,
) -> list[Evidence]:
    """
    Share of each metal in factors of human origin.

    Parameters
    ----------
    shares : ndarray of shape (n_factors, n_metals)
        Mean concentration that a factor gives to a metal, any unit.
    draws : ndarray of shape (n_draws, n_factors, n_metals)
        The same in resamples; NaN where a factor was not mapped.
    metals : sequence of str
        Names of the metals.
    is_anthropogenic : sequence of bool or None
        Class of each factor; None where undecided, which counts neither as one
        nor as the other and widens the interval by its share.
    level : float
        Of the interval.

    Returns
    -------
    list of Evidence
        One a metal; the threshold is one half.
    """
    human = np.array([each is True for each in is_anthropogenic])
    unknown = np.array([each is None for each in is_anthropogenic])
    here = draws[~np.isnan(draws).any(axis=(1, 2))]
    found = []
    for column, metal in enumerate(metals):
        parts, drawn = shares[:, column], here[:, :, column]
        total, totals = parts.sum(), drawn.sum(axis=1)
        value = parts[human].sum() / total if total > 0 else np.nan
        low = drawn[:, human].sum(axis=1) / totals
        high = drawn[:, human | unknown].sum(axis=1) / totals
        tail = (1 - level) / 2
        found.append(
            Evidence(
                metal,
                "receptor model",
                float(value),
                float(np.quantile(low, tail)) if len(here) else np.nan,
                float(np.quantile(high, 1 - tail)) if len(here) else np.nan,
                0.5,
                "share in factors of human origin",
            )
        )
    return found


def enrichment_evidence(
    concentrations: FloatArray,
    background: FloatArray,
    *,
    metals: Sequence[str],
    reference: tuple[FloatArray, FloatArray],
    draws: Draws = SINGLE,
) -> list[Evidence]:
    r"""
    Median enrichment of each metal against a local background.

    .. math:: EF = \frac{(C / C_{ref})_{sample}}{(C / C_{ref})_{background}}

    Parameters
    ----------
    concentrations : ndarray of shape (n_samples, n_metals)
        In the samples, mg/kg; NaN where missing.
    background : ndarray of shape (n_samples, n_metals)
        Of the same sites, such as a deeper horizon, in the same unit and by the
        same procedure; repeat one row for a background of the whole region.
    metals : sequence of str
        Names of the metals.
    reference : tuple of two ndarray of shape (n_samples,)
        Conservative element (Al, Sc, Ti ...) in samples and background.
    draws : Draws
        Resamples for the interval of the median (5th to 95th percentile).

    Returns
    -------
    list of Evidence
        One a metal; the threshold is 2. Enrichment of an organic horizon may be
        biological: it is evidence, no proof.

    References
    ----------
    .. [1] Reimann, C. and de Caritat, P. (2005). Distinguishing between natural
       and anthropogenic sources for elements in the environment: regional
       geochemical surveys versus enrichment factors. Science of the Total
       Environment 337, 91-107.
    """
    own = concentrations / reference[0][:, None]
    factors = own / (background / reference[1][:, None])
    rows, _ = draws.rows(len(factors))
    found = []
    for column, metal in enumerate(metals):
        values = factors[:, column]
        medians = [float(np.nanmedian(values[drawn])) for drawn in rows]
        lower, upper = np.quantile(medians, [0.05, 0.95])
        found.append(
            Evidence(
                metal,
                "enrichment",
                float(np.nanmedian(values)),
                float(lower),
                float(upper),
                ENRICHED,
                "median enrichment over the background",
            )
        )
    return found


def driver_evidence(
    shares: FloatArray, lower: FloatArray, upper: FloatArray, *, metals: Sequence[str]
) -> list[Evidence]:
    """
    Share of predicted variation that covariates of human activity explain.

    Parameters
    ----------
    shares, lower, upper : ndarray of shape (n_metals,)
        Fraction of the variation that a calibration predicts and that falls to
        anthropogenic rather than natural covariates, with its interval.
    metals : sequence of str
        Names of the metals.

    Returns
    -------
    list of Evidence
        One a metal; the threshold is one half.
    """
    return [
        Evidence(
            metal,
            "drivers",
            float(shares[at]),
            float(lower[at]),
            float(upper[at]),
            0.5,
            "share of predicted variation by covariates of human activity",
        )
        for at, metal in enumerate(metals)
    ]


def verdicts(
    evidence: Sequence[Evidence], *, disagreeing: Sequence[str] = ()
) -> pd.DataFrame:
    """
    A verdict per metal, withheld where evidence conflicts or is too thin.

    At least two kinds of evidence must say the same, and none the opposite.

    Parameters
    ----------
    evidence : sequence of Evidence
        On all metals.
    disagreeing : sequence of str
        Metals on which receptor models disagree; nothing is said about them.

    Returns
    -------
    DataFrame
        Row a metal: ``metal``, ``verdict`` (``"anthropogenic"``, ``"geogenic"``
        or ``"withheld"``), ``supporting``, ``opposing`` and ``undecided`` (the
        evidence in words), ``reason``.

    Examples
    --------
    >>> high = Evidence("Ni", "enrichment", 9.0, 7.0, 12.0, 2.0, "enrichment")
    >>> share = Evidence("Ni", "receptor model", 0.75, 0.625, 0.875, 0.5, "share")
    >>> verdicts([high, share])["verdict"].item()
    'anthropogenic'
    """
    metals = list(dict.fromkeys(each.metal for each in evidence))
    rows = [
        _verdict(
            metal,
            [each for each in evidence if each.metal == metal],
            metal in disagreeing,
        )
        for metal in metals
    ]
    return pd.DataFrame(rows)


def _verdict(metal: str, evidence: list[Evidence], is_disputed: bool) -> dict[str, str]:
    by_vote = {
        vote: [_worded(each) for each in evidence if each.vote == vote]
        for vote in ("anthropogenic", "geogenic", None)
    }
    human, natural = by_vote["anthropogenic"], by_vote["geogenic"]
    leading = "anthropogenic" if len(human) >= len(natural) else "geogenic"
    opposite = "geogenic" if leading == "anthropogenic" else "anthropogenic"
    if is_disputed:
        reason = "receptor models disagree on where it comes from"
    elif human and natural:
        reason = "the evidence points both ways"
    elif len(by_vote[leading]) < 2:
        reason = f"{len(by_vote[leading])} kind of evidence decides; two are needed"
    else:
        reason = ""
    return {
        "metal": metal,
        "verdict": "withheld" if reason else leading,
        "supporting": "; ".join(by_vote[leading]),
        "opposing": "; ".join(by_vote[opposite]),
        "undecided": "; ".join(by_vote[None]),
        "reason": reason or f"{len(by_vote[leading])} kinds of evidence, none against",
    }


def _worded(evidence: Evidence) -> str:
    return (
        f"{evidence.kind}: {evidence.words} {evidence.value:.2f} "
        f"({evidence.lower:.2f} to {evidence.upper:.2f}, threshold "
        f"{evidence.threshold:g})"
    )
