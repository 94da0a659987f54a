"""Contributions to predictions, what they add up to, and how they are summed up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray
from cerussite.explanation.features import Features


@dataclass(frozen=True, eq=False)
class Attribution:
    r"""
    Contribution of each feature to each prediction.

    Contributions are complete where they add up to the prediction minus the
    baseline, the (mean) prediction of the background.

    Attributes
    ----------
    method : str
        How it was made.
    features : Features
        Bins, covariates or groups: as fine as the model can tell apart.
    responses : tuple of str
        Names of the responses.
    contributions : ndarray of shape (n_members, n_samples, n_features, n_responses)
        Contributions in the unit of the prediction; members are fits that
        differ in seed or fold.
    prediction : ndarray of shape (n_members, n_samples, n_responses)
        What the members predict.
    baseline : ndarray of shape (n_members, n_responses)
        What the contributions start from.
    scale : str
        ``"none"``, or ``"log"`` where predictions are natural logarithms.
    note : str
        What a reader must know to read the features.

    References
    ----------
    .. [1] Sundararajan, M., Taly, A. and Yan, Q. (2017). Axiomatic attribution
       for deep networks. Proceedings of Machine Learning Research 70, 3319-3328.
    """

    method: str
    features: Features
    responses: tuple[str, ...]
    contributions: FloatArray
    prediction: FloatArray
    baseline: FloatArray
    scale: str = "none"
    note: str = ""

    @property
    def residual(self) -> FloatArray:
        r"""
        Completeness residual :math:`\sum_j \phi_j - (f(x) - f_0)`.

        Returns
        -------
        ndarray of shape (n_members, n_samples, n_responses)
            In the unit of the prediction; zero is complete.
        """
        total = self.contributions.sum(axis=2, dtype=np.float64)
        return total - (self.prediction - self.baseline[:, np.newaxis])

    @property
    def relative_residual(self) -> FloatArray:
        """
        Absolute residuals over absolute differences of prediction, both summed.

        A sample predicted close to the baseline has almost no difference to
        divide by, so that both are summed over the samples first.

        Returns
        -------
        ndarray of shape (n_members, n_responses)
            A fraction; 0 where all predictions equal the baseline exactly and
            the residual is zero as well.
        """
        difference = np.abs(self.prediction - self.baseline[:, np.newaxis]).sum(axis=1)
        residual = np.abs(self.residual).sum(axis=1)
        empty = (difference == 0) & (residual == 0)
        with np.errstate(divide="ignore"):
            return np.where(empty, 0.0, residual / np.where(empty, 1.0, difference))

    def mean(self) -> FloatArray:
        """
        Contributions averaged over members.

        Returns
        -------
        ndarray of shape (n_samples, n_features, n_responses)
            In the unit of the prediction.
        """
        return self.contributions.mean(axis=0)

    def profile(self) -> "Profile":
        """
        Mean absolute contribution of each feature.

        Returns
        -------
        Profile
            One row a member.
        """
        values = np.abs(self.contributions).mean(axis=1, dtype=np.float64)
        return self._profile(self.method, values)

    def variance_profile(self) -> "Profile":
        r"""
        Share of each feature in the variance of the predictions.

        :math:`Cov(\phi_j, \sum_k \phi_k) / Var(\sum_k \phi_k)` over the samples:
        the shares of a member sum to one [1]_. A feature that carries what is
        predicted has a positive share. One that only corrects for something else
        (brightness, an interfering constituent) may contribute much to single
        predictions, but its share is about zero or below: such suppressors are
        common in spectra, and :meth:`profile` counts them like carriers [2]_.

        Returns
        -------
        Profile
            One row a member; NaN where predictions do not differ.

        References
        ----------
        .. [1] Pratt, J. W. (1987). Dividing the indivisible: using simple symmetry
           to partition variance explained. Proceedings of the Second International
           Conference in Statistics, Tampere, 245-260.
        .. [2] Haufe, S. et al. (2014). On the interpretation of weight vectors of
           linear models in multivariate neuroimaging. NeuroImage 87, 96-110.
        """
        total = self.contributions.sum(axis=2, dtype=np.float64)
        moved = total - total.mean(axis=1, keepdims=True)
        joint = np.einsum("mnfr,mnr->mfr", self.contributions, moved)
        variance = np.square(moved).sum(axis=1)[:, np.newaxis]
        varies = variance > 0
        shares = np.where(varies, joint / np.where(varies, variance, 1.0), np.nan)
        return self._profile(f"{self.method}_variance", shares, scale="share")

    def _profile(
        self, method: str, values: FloatArray, *, scale: str | None = None
    ) -> "Profile":
        return Profile(
            method,
            self.features,
            self.responses,
            values,
            self.scale if scale is None else scale,
            self.note,
        )


@dataclass(frozen=True, eq=False)
class Profile:
    """
    How much each feature counts over all samples.

    Attributes
    ----------
    method : str
        How it was made.
    features : Features
        Bins, covariates or groups.
    responses : tuple of str
        Names of the responses.
    importances : ndarray of shape (n_members, n_features, n_responses)
        Mean absolute contribution, or increase of the error, in the unit of the
        prediction; or share of the variance of the predictions.
    scale : str
        ``"none"``, ``"log"`` where predictions are natural logarithms, or
        ``"share"`` of the variance.
    note : str
        What a reader must know to read the features.
    """

    method: str
    features: Features
    responses: tuple[str, ...]
    importances: FloatArray
    scale: str = "none"
    note: str = ""

    @property
    def mean(self) -> FloatArray:
        """
        Average over members.

        Returns
        -------
        ndarray of shape (n_features, n_responses)
            In the unit of the prediction.
        """
        return self.importances.mean(axis=0)

    @property
    def spread(self) -> FloatArray:
        """
        Standard deviation over members.

        Returns
        -------
        ndarray of shape (n_features, n_responses)
            In the unit of the prediction; NaN for a single member, which tells
            nothing about seeds or folds.
        """
        if len(self.importances) < 2:
            return np.full(self.importances.shape[1:], np.nan)
        return self.importances.std(axis=0, ddof=1)

    @property
    def shares(self) -> FloatArray:
        """
        Share of each feature in the total, member by member.

        Returns
        -------
        ndarray of shape (n_members, n_features, n_responses)
            Sum to one over features; negative values count as nothing. NaN for a
            member that predicts the same for all samples.
        """
        values = np.maximum(self.importances, 0.0)
        total = values.sum(axis=1, keepdims=True)
        return np.where(total > 0, values / np.where(total > 0, total, 1.0), np.nan)

    def mass_within(self, is_inside: BoolArray) -> FloatArray:
        """
        Share of the total that lies within some columns.

        Parameters
        ----------
        is_inside : ndarray of bool, shape (n_columns,)
            Wavelengths or covariates; a bin that lies half inside counts half.

        Returns
        -------
        ndarray of shape (n_members, n_responses)
            From 0 to 1. Compare with ``is_inside.mean()``, what values without
            any pattern give.
        """
        part = self.features.share_within(is_inside)
        return np.einsum("mfr,f->mr", self.shares, part)

    def rank_agreement(self) -> FloatArray:
        """
        Mean Spearman correlation of the profiles of two members.

        Returns
        -------
        ndarray of shape (n_responses,)
            1 where all members order the features alike; NaN for one member.
        """
        ranks = stats.rankdata(self.importances, axis=1)
        n_members = len(ranks)
        if n_members < 2:
            return np.full(len(self.responses), np.nan)
        above = np.triu_indices(n_members, k=1)
        return np.array(
            [np.corrcoef(ranks[:, :, k])[above].mean() for k in range(ranks.shape[2])]
        )


def joined(attributions: Sequence[Attribution]) -> Attribution:
    """
    Attributions of the same samples by fits of other seeds or folds, as members.

    Parameters
    ----------
    attributions : sequence of Attribution
        Of one method, on the same features and samples.

    Returns
    -------
    Attribution
        All members, in the order given.

    Raises
    ------
    InvalidStudyError
        If methods, features, samples or responses differ.
    """
    if not attributions:
        msg = "no attribution to join; expected at least one"
        raise InvalidStudyError(msg)
    first = attributions[0]
    for other in attributions[1:]:
        same = (
            first.method == other.method
            and first.features.names == other.features.names
            and first.responses == other.responses
            and first.contributions.shape[1:] == other.contributions.shape[1:]
            and first.scale == other.scale
        )
        if not same:
            msg = (
                f"{other.method} of {other.contributions.shape[1]} samples, "
                f"{len(other.features.names)} features and {other.responses} next to "
                f"{first.method} of {first.contributions.shape[1]}, "
                f"{len(first.features.names)} and {first.responses}; expected the same "
                "method, samples, features and responses"
            )
            raise InvalidStudyError(msg)
    return replace(
        first,
        contributions=np.concatenate([one.contributions for one in attributions]),
        prediction=np.concatenate([one.prediction for one in attributions]),
        baseline=np.concatenate([one.baseline for one in attributions]),
    )
