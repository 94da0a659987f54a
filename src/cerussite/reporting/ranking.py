"""Which method is best, which cannot be told from it, which one to take."""

import math
from collections.abc import Iterable

from cerussite.reporting.differences import Difference, read_differences
from cerussite.reporting.folder import Results
from cerussite.reporting.manifest import ROLES, Method
from cerussite.reporting.numerals import DIRECTIONS

#: Schemes that keep what belongs together on one side, the strictest first.
STRICT_SCHEMES: tuple[str, ...] = ("grouped", "spatial", "leave_one_group_out")


class Ranking:
    """
    Scores of the methods of a results folder, and what may be said about them.

    Parameters
    ----------
    results : Results
        The folder.
    """

    def __init__(self, results: Results) -> None:
        self.results = results
        self.methods = results.methods
        self._scores = {
            (r, m, s, int(n), k): (float(mean), float(low), float(high))
            for r, m, s, n, k, mean, low, high in results.summary[
                [
                    *("response", "method", "scheme", "n_calibration", "metric"),
                    *("mean", "low", "high"),
                ]
            ].itertuples(index=False)
        }
        self._differences = read_differences(results.comparisons)

    @property
    def primary_scheme(self) -> str:
        """
        The scheme that verdicts rest on: the strictest of the study.

        Returns
        -------
        str
            The first of :data:`STRICT_SCHEMES` that was run, else the first
            scheme of the study.
        """
        schemes = self.results.schemes
        strict = [name for name in STRICT_SCHEMES if name in schemes]
        return strict[0] if strict else schemes[0]

    def sizes(self, response: str, scheme: str) -> list[int]:
        """
        Calibration sizes that were run.

        Parameters
        ----------
        response, scheme : str
            Which part of the results.

        Returns
        -------
        list of int
            Increasing; the last is the full calibration set.
        """
        return sorted(
            {key[3] for key in self._scores if (key[0], key[2]) == (response, scheme)}
        )

    def full_size(self, response: str, scheme: str) -> int:
        """
        Size of the full calibration set.

        Parameters
        ----------
        response, scheme : str
            Which part of the results.

        Returns
        -------
        int
            The largest size; 0 where nothing was run.
        """
        return max(self.sizes(response, scheme), default=0)

    def score(
        self, response: str, method: str, scheme: str, n_calibration: int, metric: str
    ) -> tuple[float, float, float]:
        """
        Mean and interval of a metric.

        Parameters
        ----------
        response, method, scheme : str
            Which part of the results.
        n_calibration : int
            Size of the calibration set.
        metric : str
            Name of the metric.

        Returns
        -------
        tuple of (float, float, float)
            Mean, low and high; NaN where it was not computed.
        """
        key = (response, method, scheme, n_calibration, metric)
        return self._scores.get(key, (math.nan,) * 3)

    def full_score(
        self, response: str, method: str, scheme: str, metric: str = "r2"
    ) -> tuple[float, float, float]:
        """
        Mean and interval of a metric with the full calibration set.

        Parameters
        ----------
        response, method, scheme : str
            Which part of the results.
        metric : str
            Name of the metric.

        Returns
        -------
        tuple of (float, float, float)
            Mean, low and high; NaN where it was not computed.
        """
        size = self.full_size(response, scheme)
        return self.score(response, method, scheme, size, metric)

    def difference(
        self,
        response: str,
        pair: tuple[str, str],
        scheme: str,
        n_calibration: int,
        metric: str = "r2",
    ) -> Difference | None:
        """
        Paired difference of two methods, in either order in the file.

        Parameters
        ----------
        response : str
            Name of the response.
        pair : tuple of (str, str)
            The method, and the one that it is compared with.
        scheme : str
            Validation scheme.
        n_calibration : int
            Size of the calibration set.
        metric : str
            Name of the metric.

        Returns
        -------
        Difference or None
            The first of the pair minus the second; None where it was not computed.
        """
        method, against = pair
        rest = (scheme, n_calibration, metric)
        found = self._differences.get((response, method, against, *rest))
        if found is None:
            turned = self._differences.get((response, against, method, *rest))
            found = None if turned is None else turned.reversed()
        return found

    def differences(self) -> list[Difference]:
        """
        All differences of `comparisons.csv`.

        Returns
        -------
        list of Difference
            In the order of the file.
        """
        return list(self._differences.values())

    def best(
        self,
        response: str,
        scheme: str,
        n_calibration: int,
        metric: str = "r2",
        among: Iterable[Method] | None = None,
    ) -> str | None:
        """
        Method with the best mean.

        Parameters
        ----------
        response, scheme : str
            Which part of the results.
        n_calibration : int
            Size of the calibration set.
        metric : str
            Name of a metric with a direction.
        among : iterable of Method or None
            Candidates; all methods, controls included, if None.

        Returns
        -------
        str or None
            Name of the method; None where nothing was computed.
        """
        scored = [
            (
                DIRECTIONS[metric]
                * self.score(response, item.name, scheme, n_calibration, metric)[0],
                item.name,
            )
            for item in (self.methods if among is None else among)
        ]
        finite = [pair for pair in scored if math.isfinite(pair[0])]
        return max(finite, key=lambda pair: pair[0])[1] if finite else None

    def mark(
        self,
        response: str,
        method: str,
        scheme: str,
        n_calibration: int,
        metric: str = "r2",
    ) -> str:
        """
        How a method stands to the best one.

        The paired difference decides; where the pair was not compared, the
        mean has to lie inside the interval of the best method.

        Parameters
        ----------
        response, method, scheme : str
            Which part of the results.
        n_calibration : int
            Size of the calibration set.
        metric : str
            Name of the metric.

        Returns
        -------
        str
            ``"best"``, ``"indistinguishable"`` or ``""``.
        """
        best = self.best(response, scheme, n_calibration, metric)
        if best is None or method == best:
            return "best" if method == best else ""
        cell = (response, scheme, n_calibration, metric)
        return "indistinguishable" if self._is_close(method, best, cell) else ""

    def recommended(self, response: str) -> str | None:
        """
        The simplest method that cannot be told from the best one.

        Judged by R² in the primary scheme with the full calibration set;
        controls are never recommended. Simple means early in
        :data:`~cerussite.reporting.manifest.ROLES`.

        Parameters
        ----------
        response : str
            Name of the response.

        Returns
        -------
        str or None
            Name of the method; None where nothing was computed.
        """
        scheme = self.primary_scheme
        size = self.full_size(response, scheme)
        candidates = self.eligible
        best = self.best(response, scheme, size, among=candidates)
        cell = (response, scheme, size, "r2")
        close = [i for i in candidates if best and self._is_close(i.name, best, cell)]
        order = min((ROLES.index(item.role) for item in close), default=0)
        simplest = [item for item in close if ROLES.index(item.role) == order]
        return self.best(response, scheme, size, among=simplest)

    def _is_close(
        self, method: str, best: str, cell: tuple[str, str, int, str]
    ) -> bool:
        response, scheme, size, metric = cell
        if method == best:
            return True
        difference = self.difference(response, (method, best), scheme, size, metric)
        if difference is not None and difference.outcome != "withheld":
            return difference.outcome != "worse"
        mean = self.score(response, method, scheme, size, metric)[0]
        _, low, high = self.score(response, best, scheme, size, metric)
        return low <= mean <= high

    @property
    def eligible(self) -> list[Method]:
        """
        Methods that may be recommended.

        Returns
        -------
        list of Method
            All but the controls.
        """
        return [item for item in self.methods if item.role != "control"]

    def is_useful(self, response: str) -> bool:
        """
        Tell whether the recommended method is shown to predict at all.

        Parameters
        ----------
        response : str
            Name of the response.

        Returns
        -------
        bool
            True where the interval of R² in the primary scheme lies above zero.
        """
        method = self.recommended(response)
        if method is None:
            return False
        return self.full_score(response, method, self.primary_scheme)[1] > 0

    def title(self, method: str) -> str:
        """
        Name of a method for people.

        Parameters
        ----------
        method : str
            Name in the CSV files.

        Returns
        -------
        str
            Its title in the manifest, else its name.
        """
        return next((i.title for i in self.methods if i.name == method), method)

    def role(self, method: str) -> str:
        """
        Role of a method.

        Parameters
        ----------
        method : str
            Name in the CSV files.

        Returns
        -------
        str
            One of :data:`~cerussite.reporting.manifest.ROLES`.
        """
        return next((i.role for i in self.methods if i.name == method), "unlisted")

    def best_of_role(self, response: str, role: str) -> str | None:
        """
        Method of a role with the best R² in the primary scheme.

        Parameters
        ----------
        response : str
            Name of the response.
        role : str
            One of :data:`~cerussite.reporting.manifest.ROLES`.

        Returns
        -------
        str or None
            Name of the method; None where the role has no result.
        """
        scheme = self.primary_scheme
        among = [item for item in self.methods if item.role == role]
        size = self.full_size(response, scheme)
        return self.best(response, scheme, size, among=among)

    def reference(self, response: str) -> str | None:
        """
        Partial least squares, or the best baseline where it was not run.

        Parameters
        ----------
        response : str
            Name of the response.

        Returns
        -------
        str or None
            Name of the method; None where there is no baseline.
        """
        for item in self.methods:
            if item.role == "baseline" and (
                item.name.startswith(("pls", "partial_least_squares"))
            ):
                return item.name
        return self.best_of_role(response, "baseline")

    def in_use(self, response: str) -> str | None:
        """
        The method whose predictions a user of the folder gets.

        Parameters
        ----------
        response : str
            Name of the response.

        Returns
        -------
        str or None
            The recommended method where it was saved or nothing was; else the saved
            method with the best R² in the primary scheme.
        """
        recommended, scheme = self.recommended(response), self.primary_scheme
        saved = [item for item in self.methods if item.name in self.results.models]
        if not saved or recommended in self.results.models:
            return recommended
        return self.best(
            response, scheme, self.full_size(response, scheme), among=saved
        )

    def shown(self, response: str) -> list[str]:
        """
        Methods drawn one by one: recommended, saved, reference, best transfer.

        Parameters
        ----------
        response : str
            Name of the response.

        Returns
        -------
        list of str
            Names without repetition; the best network stands in where there
            is no transfer.
        """
        chosen = (
            self.recommended(response),
            *self.results.models,
            self.reference(response),
            self.best_of_role(response, "transfer")
            or self.best_of_role(response, "network"),
        )
        return list(dict.fromkeys(name for name in chosen if name))
