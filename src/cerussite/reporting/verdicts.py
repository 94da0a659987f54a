"""Verdicts: what the study says, held against its own tables."""

from dataclasses import dataclass

from cerussite.reporting.folder import MEAN
from cerussite.reporting.manifest import StudyVerdict
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.wording import (
    comparison_sentences,
    contradicted,
    scheme_title,
    winners,
)

#: End of the sentence on a transfer method that gained nothing.
_NO_GAIN = " beat nothing that it was compared with"


@dataclass(frozen=True)
class VerdictLine:
    """
    A verdict as the report prints it.

    Attributes
    ----------
    text, details : str
        The sentence, and the numbers that it rests on.
    is_gain : bool
        Whether a gain of transfer is claimed and the tables bear it out.
    objection : str
        Why the sentence must not be believed as it stands; empty where it may.
    """

    text: str
    details: str
    is_gain: bool
    objection: str = ""


@dataclass(frozen=True)
class VerdictGroup:
    """
    Verdicts on one response.

    Attributes
    ----------
    heading : str
        The response.
    context : str
        Validation scheme and calibration size.
    lines : tuple of VerdictLine
        The sentences.
    """

    heading: str
    context: str
    lines: tuple[VerdictLine, ...]


def headline(ranking: Ranking) -> str:
    """
    The answer in one sentence: for which responses transfer helped.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.

    Returns
    -------
    str
        Empty where there is no transfer method or nothing was compared.
    """
    scheme, responses = ranking.primary_scheme, ranking.results.responses
    sizes = {r: ranking.full_size(r, scheme) for r in responses}
    if ranking.best_of_role(responses[0], "transfer") is None or not any(
        comparison_sentences(ranking, response) for response in responses
    ):
        return ""
    helped = [r for r in responses if winners(ranking, r, scheme, sizes[r])]
    where = f"({scheme_title(scheme)}, full calibration set)"
    missed = [response for response in responses if response not in helped]
    sentences = []
    if helped:
        sentences.append(
            f"Transfer helped on these data for {_listed(helped, 'and')}: it beat all "
            f"that it was compared with, its own controls included {where}."
        )
    if missed:
        sentences.append(
            f"Transfer is not shown to help on these data for {_listed(missed, 'or')}: "
            "no transfer method beat partial least squares, the consensus and its own "
            f"controls together {where}."
        )
    return " ".join(sentences)


def verdict_groups(ranking: Ranking) -> list[VerdictGroup]:
    """
    Verdicts in the primary scheme with the full calibration set.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.

    Returns
    -------
    list of VerdictGroup
        A group a response, the mean over responses first; those of the study,
        else those that follow from the comparisons.
    """
    scheme = ranking.primary_scheme
    groups = []
    for response in (MEAN, *ranking.results.responses):
        size = ranking.full_size(response, scheme)
        lines = [
            verdict_line(ranking, item)
            for item in ranking.results.manifest.verdicts
            if (item.response, item.scheme) == (response, scheme)
            and item.n_calibration in {None, size}
        ]
        lines = lines or _own_lines(ranking, response)
        heading = "Mean over the responses" if response == MEAN else response
        context = f"{scheme_title(scheme)}, {size} calibration samples"
        if lines:
            groups.append(VerdictGroup(heading, context, _gathered(lines)))
    return groups


def _gathered(lines: list[VerdictLine]) -> tuple[VerdictLine, ...]:
    # Several methods of which the same is said become one line.
    alike = [line for line in lines if line.text.endswith(_NO_GAIN)]
    if len(alike) < 2:
        return tuple(lines)
    names = [line.text.removesuffix(_NO_GAIN) for line in alike]
    details = "; ".join(
        f"{name}: {line.details}" for name, line in zip(names, alike, strict=True)
    )
    objections = " ".join(dict.fromkeys(line.objection for line in alike)).strip()
    one = VerdictLine(
        f"None of the {len(alike)} ways of transfer beat anything that it was compared "
        "with",
        details,
        is_gain=False,
        objection=objections,
    )
    at = lines.index(alike[0])
    others = [line for line in lines if line not in alike]
    return (*others[:at], one, *others[at:])


def verdict_line(ranking: Ranking, verdict: StudyVerdict) -> VerdictLine:
    """
    A verdict of the study, with an objection where its tables do not bear it out.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    verdict : StudyVerdict
        What the study wrote.

    Returns
    -------
    VerdictLine
        Without the response and the scheme, which stand in the heading.
    """
    start, found, rest = verdict.text.rstrip(". ").partition(": ")
    is_labelled = found and start.startswith((verdict.response, "Mean over"))
    text = rest if is_labelled else verdict.text.rstrip(". ")
    claim, _, details = (
        text.partition("; ") if verdict.topic == "transfer" else (text, "", "")
    )
    is_wrong = contradicted(ranking, verdict)
    return VerdictLine(
        _capital(claim),
        details,
        verdict.supported and verdict.topic == "transfer" and not is_wrong,
        "The tables of this folder do not bear this out: an interval includes zero. "
        "Read it as no gain."
        if is_wrong
        else "",
    )


def _own_lines(ranking: Ranking, response: str) -> list[VerdictLine]:
    sentences = comparison_sentences(ranking, response) if response != MEAN else []
    if not sentences:
        return []
    is_gain = {outcome for outcome, _ in sentences} == {"better"}
    claim, _, details = sentences[0][1].partition("; ")
    n_better = sum(outcome == "better" for outcome, _ in sentences)
    details += f"; better in {n_better} of {len(sentences)} comparisons, see below"
    return [VerdictLine(_capital(claim), details, is_gain)]


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if "_" in first else text[:1].upper() + text[1:]


def _listed(names: list[str], word: str) -> str:
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
