"""Sentences that say what the numbers allow to say, and no more."""

from cerussite.reporting.differences import Difference
from cerussite.reporting.manifest import StudyVerdict
from cerussite.reporting.numerals import IN_UNITS, LABELS, difference_with_interval
from cerussite.reporting.ranking import Ranking

_SCHEMES: dict[str, tuple[str, str]] = {
    "random": (
        "random folds",
        (
            "samples are dealt to folds at random; samples of one site may lie on both "
            "sides, so the figures hold for more samples of the same sites"
        ),
    ),
    "grouped": (
        "grouped folds",
        (
            "whole groups (sites, profiles) are held out; the figures hold for sites "
            "without any calibration sample"
        ),
    ),
    "spatial": (
        "spatial blocks",
        (
            "whole blocks of ground are held out; the figures hold for places away from "
            "the calibration samples"
        ),
    ),
    "leave_one_group_out": (
        "leave one group out",
        "each group is held out once; the figures hold for one more group",
    ),
    "hold_out": (
        "hold-out",
        (
            "single splits into a calibration and a test set; with few test samples the "
            "figures depend much on the split"
        ),
    ),
}


def scheme_title(scheme: str) -> str:
    """
    Name of a validation scheme for people.

    Parameters
    ----------
    scheme : str
        Name in the CSV files.

    Returns
    -------
    str
        The words for a known scheme, else its name.

    Examples
    --------
    >>> scheme_title("leave_one_group_out"), scheme_title("by_year")
    ('leave one group out', 'by year')
    """
    return _SCHEMES.get(scheme, (scheme.replace("_", " "), ""))[0]


def scheme_meaning(scheme: str) -> str:
    """
    What the figures of a scheme hold for.

    Parameters
    ----------
    scheme : str
        Name in the CSV files.

    Returns
    -------
    str
        Half a sentence; empty for a scheme not known here.
    """
    return _SCHEMES.get(scheme, ("", ""))[1]


def difference_text(difference: Difference, unit: str = "") -> str:
    """
    A difference in words: name of the metric, value and interval.

    Parameters
    ----------
    difference : Difference
        The difference.
    unit : str
        Unit of the response, for metrics that have one.

    Returns
    -------
    str
        For example ``difference in R² −0.01 [−0.05, 0.02]``.

    Examples
    --------
    >>> d = Difference("Pb", "a", "b", "grouped", "r2", 100, 0.06, 0.02, 0.1, 0.01)
    >>> difference_text(d)
    'difference in R² 0.06 [0.02, 0.10]'
    """
    value, interval = difference_with_interval(
        difference.metric, difference.value, difference.low, difference.high
    )
    has_unit = difference.metric in IN_UNITS and unit
    label = LABELS.get(difference.metric, difference.metric)
    parts = (f"difference in {label}", value, interval, unit if has_unit else "")
    return " ".join(part for part in parts if part)


def difference_sentence(
    difference: Difference, method: str, against: str, unit: str = ""
) -> str:
    """
    Whether one method beat another, as far as the interval allows to say it.

    Parameters
    ----------
    difference : Difference
        ``method`` minus ``against``.
    method, against : str
        Names for people.
    unit : str
        Unit of the response, for metrics that have one.

    Returns
    -------
    str
        A sentence without a full stop. An interval that includes zero is never
        called a gain.

    Examples
    --------
    >>> d = Difference("Pb", "a", "b", "grouped", "r2", 100, -0.01, -0.05, 0.02, 0.5)
    >>> difference_sentence(d, "transfer", "PLS")
    'transfer did not beat PLS on these data; difference in R² −0.01 [−0.05, 0.02]'
    """
    verb = {
        "better": "beat",
        "worse": "was worse than",
        "undecided": "did not beat",
        "withheld": "cannot be judged against",
    }[difference.outcome]
    reason = ", for there is no interval" if difference.outcome == "withheld" else ""
    text = difference_text(difference, unit)
    return f"{method} {verb} {against} on these data{reason}; {text}"


def subject(ranking: Ranking, response: str) -> str | None:
    """
    The method that the comparisons of a response are about.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    str or None
        The transfer method with the best mean; where there is none, the best
        network, else the best consensus.
    """
    found = (
        ranking.best_of_role(response, role)
        for role in ("transfer", "network", "consensus")
    )
    return next((name for name in found if name), None)


def in_words(title: str) -> str:
    """
    Title of a method inside a sentence.

    Parameters
    ----------
    title : str
        Name for people.

    Returns
    -------
    str
        With a small first letter; in quotation marks where commas or colons
        would break the sentence.

    Examples
    --------
    >>> in_words("Partial least squares"), in_words("PLS"), in_words("Transfer, all")
    ('partial least squares', 'PLS', '“transfer, all”')
    """
    text = title if title[1:2].isupper() else title[:1].lower() + title[1:]
    return f"“{text}”" if set(",:;") & set(text) else text


def opponents(ranking: Ranking, response: str) -> list[str]:
    """
    Methods that the subject of a response has to be compared with.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    list of str
        Partial least squares, every consensus, network and control.
    """
    names = [ranking.reference(response)]
    for role in ("consensus", "network", "control"):
        names += [item.name for item in ranking.methods if item.role == role]
    own = subject(ranking, response)
    return [name for name in dict.fromkeys(names) if name and name != own]


def comparisons_shown(ranking: Ranking, response: str, scheme: str) -> list[Difference]:
    """
    Differences that answer the question of the study for one response.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response, scheme : str
        Which part of the results.

    Returns
    -------
    list of Difference
        Of R² with the full calibration set: the subject against each opponent,
        then what transfer adds to a consensus, where that was run.
    """
    own, size = subject(ranking, response), ranking.full_size(response, scheme)
    pairs = [(own, against) for against in opponents(ranking, response)] if own else []
    names = [item.name for item in ranking.methods if item.role == "consensus"]
    with_transfer = [name for name in names if "transfer" in name]
    pairs += [(a, b) for a in with_transfer for b in names if b not in with_transfer]
    found = (ranking.difference(response, (a, b), scheme, size) for a, b in pairs)
    return [item for item in dict.fromkeys(found) if item is not None]


def comparison_sentences(ranking: Ranking, response: str) -> list[tuple[str, str]]:
    """
    What can be said about one response, comparison by comparison.

    By R² in the primary scheme with the full calibration set.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    list of (str, str)
        Outcome and sentence; empty where nothing was compared.
    """
    return [
        (
            item.outcome,
            difference_sentence(
                item,
                in_words(ranking.title(item.method)),
                in_words(ranking.title(item.against)),
            ),
        )
        for item in comparisons_shown(ranking, response, ranking.primary_scheme)
    ]


def winners(ranking: Ranking, response: str, scheme: str, size: int) -> list[str]:
    """
    Transfer methods that beat everything they were compared with.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response, scheme : str
        Which part of the results.
    size : int
        Size of the calibration set.

    Returns
    -------
    list of str
        Names of methods; every difference of R² excludes zero on the good side,
        and established methods and controls are among those compared.
    """
    rivals = [i.name for i in ranking.methods if i.role != "transfer"]
    found = []
    for item in ranking.methods:
        if item.role != "transfer":
            continue
        differences = [
            ranking.difference(response, (item.name, against), scheme, size)
            for against in rivals
            if "transfer" not in against
        ]
        known = [each for each in differences if each is not None]
        roles = {ranking.role(each.against) for each in known}
        if {"baseline", "control"} <= roles and {e.outcome for e in known} == {
            "better"
        }:
            found.append(item.name)
    return found


def contradicted(ranking: Ranking, verdict: StudyVerdict) -> bool:
    """
    Tell whether a verdict claims more than the tables bear out.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    verdict : StudyVerdict
        What the study wrote.

    Returns
    -------
    bool
        True for a claim of skill where no interval of R² lies above zero, and
        for a claim of a gain where no transfer method beat everything it was
        compared with.
    """
    if not verdict.supported:
        return False
    response, scheme = verdict.response, verdict.scheme
    size = verdict.n_calibration or ranking.full_size(response, scheme)
    if verdict.topic == "skill":
        lows = [
            ranking.score(response, item.name, scheme, size, "r2")[1]
            for item in ranking.methods
            if item.role != "control"
        ]
        return not any(low > 0 for low in lows)
    return not winners(ranking, response, scheme, size)
