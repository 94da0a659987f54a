"""Explanations as tables."""

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.explanation.absorption import constituents_of
from cerussite.explanation.attribution import Attribution, Profile
from cerussite.explanation.contrast import Contrast

#: Columns of :func:`profile_table`.
COLUMNS = (
    "response",
    "method",
    "feature",
    "low",
    "high",
    "value",
    "spread",
    "share",
    "scale",
    "constituent",
)


def profile_table(*profiles: Profile) -> pd.DataFrame:
    """
    Profiles as rows, ready to be written.

    Parameters
    ----------
    *profiles : Profile
        Of any methods and models.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`: response; method; feature, the middle of a bin in
        nm or the name of a covariate; low and high edge of the bin in nm, NaN for
        covariates; value and its standard deviation over members, NaN for one
        member; share of the positive total; scale of the value; constituents that
        absorb in the bin.

    Raises
    ------
    InvalidStudyError
        If there is no profile.
    """
    if not profiles:
        msg = "no profile; expected at least one to write down"
        raise InvalidStudyError(msg)
    parts = [_rows(profile, k) for profile in profiles for k in _columns(profile)]
    return pd.concat(parts, ignore_index=True)


def _columns(profile: Profile) -> range:
    return range(len(profile.responses))


def _rows(profile: Profile, k: int) -> pd.DataFrame:
    features = profile.features
    return pd.DataFrame(
        {
            "response": profile.responses[k],
            "method": profile.method,
            "feature": features.names,
            "low": features.low,
            "high": features.high,
            "value": profile.mean[:, k],
            "spread": profile.spread[:, k],
            "share": profile.shares.mean(axis=0)[:, k],
            "scale": profile.scale,
            "constituent": constituents_of(features),
        },
        columns=list(COLUMNS),
    )


def dependence(
    attribution: Attribution, contrast: Contrast, covariate: str
) -> pd.DataFrame:
    """
    Contribution of a covariate against its value, sample by sample.

    Parameters
    ----------
    attribution : Attribution
        Of the samples of the contrast.
    contrast : Contrast
        With covariates.
    covariate : str
        A column that stands alone, in no group.

    Returns
    -------
    DataFrame
        Columns sample_id, response, value of the covariate, contribution (mean
        over members) and spread (standard deviation over members), sorted by
        response and value.

    Raises
    ------
    InvalidStudyError
        If the covariate is not there, or is explained within a group.
    """
    names = attribution.features.names
    samples = contrast.samples
    if not isinstance(samples, pd.DataFrame) or covariate not in samples.columns:
        msg = f"no covariate {covariate!r} in the samples; expected a column of a table"
        raise InvalidStudyError(msg)
    if covariate not in names:
        msg = (
            f"{covariate!r} is explained within a group; expected one of "
            f"{', '.join(names)}: explain it alone"
        )
        raise InvalidStudyError(msg)
    own = attribution.contributions[:, :, names.index(covariate)]
    spread = own.std(axis=0, ddof=1) if len(own) > 1 else np.full(own.shape[1:], np.nan)
    parts = [
        pd.DataFrame(
            {
                "sample_id": samples.index,
                "response": response,
                "value": samples[covariate].to_numpy(),
                "contribution": own[:, :, k].mean(axis=0),
                "spread": spread[:, k],
            }
        ).sort_values("value", kind="stable")
        for k, response in enumerate(attribution.responses)
    ]
    return pd.concat(parts, ignore_index=True)
