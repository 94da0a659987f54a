from pathlib import Path

import pandas as pd
import pytest

from cerussite.reporting.differences import Difference
from cerussite.reporting.folder import Results
from cerussite.reporting.manifest import Manifest, Method, StudyVerdict
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.verdicts import headline, verdict_groups, verdict_line
from cerussite.reporting.wording import (
    comparison_sentences,
    contradicted,
    difference_sentence,
    in_words,
)

METHODS = (
    Method("partial_least_squares", "Partial least squares", "baseline"),
    Method("consensus", "Consensus", "consensus"),
    Method("transfer_all", "Transfer, all layers", "transfer"),
    Method("shuffled", "Control: shuffled labels", "control"),
)
SCORES = {
    "partial_least_squares": (0.50, 0.45, 0.55),
    "consensus": (0.60, 0.54, 0.66),
    "transfer_all": (0.58, 0.50, 0.66),
    "shuffled": (0.30, 0.20, 0.40),
}
UNDECIDED, BETTER = (-0.01, -0.05, 0.02), (0.06, 0.02, 0.10)


def difference(value: float, low: float, high: float, metric: str = "r2") -> Difference:
    return Difference("Pb", "a", "b", "grouped", metric, 100, value, low, high, 0.5)


def ranking(
    differences: dict[tuple[str, str], tuple[float, float, float]],
    scores: dict[str, tuple[float, float, float]] = SCORES,
    verdicts: tuple[StudyVerdict, ...] = (),
) -> Ranking:
    """Scores and differences in grouped folds with 100 calibration samples."""
    cell = ("grouped", 100, "r2")
    summary = pd.DataFrame(
        [("Pb", name, *cell, *score) for name, score in scores.items()],
        columns=[
            *("response", "method", "scheme", "n_calibration", "metric"),
            *("mean", "low", "high"),
        ],
    )
    comparisons = pd.DataFrame(
        [("Pb", a, b, *cell, *value, 0.5) for (a, b), value in differences.items()],
        columns=[
            *("response", "method", "against", "scheme", "n_calibration", "metric"),
            *("difference", "low", "high", "p_value"),
        ],
    )
    manifest = Manifest("s", "S", "", "", methods=METHODS, verdicts=verdicts)
    return Ranking(
        Results(
            Path(),
            pd.DataFrame(),
            summary,
            pd.DataFrame({"response": [], "unit": []}),
            comparisons,
            manifest,
        )
    )


@pytest.mark.parametrize(
    ("numbers", "metric", "outcome"),
    [
        ((-0.01, -0.05, 0.02), "r2", "undecided"),
        ((0.06, 0.02, 0.10), "r2", "better"),
        ((0.06, 0.0, 0.12), "r2", "undecided"),
        ((-0.06, -0.10, -0.02), "r2", "worse"),
        ((-6.0, -10.0, -2.0), "rmse", "better"),
        ((0.06, float("nan"), float("nan")), "r2", "withheld"),
        ((1.0, 0.5, 1.5), "bias", "withheld"),
    ],
)
def test_only_an_interval_without_zero_decides(
    numbers: tuple[float, float, float], metric: str, outcome: str
) -> None:
    assert difference(*numbers, metric=metric).outcome == outcome
    mirrored = {"better": "worse", "worse": "better"}.get(outcome, outcome)
    assert difference(*numbers, metric=metric).reversed().outcome == mirrored


def test_an_undecided_difference_is_not_called_a_gain() -> None:
    # The sentence that the plan of the report gives as its example.
    sentence = difference_sentence(
        difference(-0.01, -0.05, 0.02), "transfer", "partial least squares"
    )
    assert sentence == (
        "transfer did not beat partial least squares on these data; "
        "difference in R² −0.01 [−0.05, 0.02]"
    )
    positive = difference_sentence(difference(0.05, -0.01, 0.11), "a", "b")
    assert positive.startswith("a did not beat b")


def test_without_an_interval_the_verdict_is_withheld() -> None:
    nan = float("nan")
    sentence = difference_sentence(difference(0.3, nan, nan), "a", "b")
    assert sentence == (
        "a cannot be judged against b on these data, for there is no interval; "
        "difference in R² 0.30"
    )


def test_titles_with_commas_are_quoted_inside_sentences() -> None:
    assert in_words("Transfer, all layers") == "“transfer, all layers”"
    assert in_words("PLS") == "PLS"


def test_a_paired_difference_decides_before_overlapping_intervals_do() -> None:
    pair = ("transfer_all", "consensus")
    close = ranking({pair: (-0.02, -0.08, 0.04)})
    apart = ranking({pair: (-0.02, -0.03, -0.01)})
    assert close.mark("Pb", "transfer_all", "grouped", 100) == "indistinguishable"
    assert apart.mark("Pb", "transfer_all", "grouped", 100) == ""
    # Never compared: 0.58 lies inside [0.54, 0.66], 0.50 does not.
    assert ranking({}).mark("Pb", "transfer_all", "grouped", 100) == "indistinguishable"
    assert ranking({}).mark("Pb", "partial_least_squares", "grouped", 100) == ""
    assert ranking({}).mark("Pb", "consensus", "grouped", 100) == "best"


def test_a_pair_is_found_in_either_order() -> None:
    scores = ranking({("consensus", "transfer_all"): (0.02, -0.04, 0.08)})
    found = scores.difference("Pb", ("transfer_all", "consensus"), "grouped", 100)
    assert found is not None
    assert (found.value, found.low, found.high) == (-0.02, -0.08, 0.04)


def test_the_simplest_of_equals_is_recommended() -> None:
    equal = {("partial_least_squares", "consensus"): (-0.10, -0.25, 0.05)}
    worse = {("partial_least_squares", "consensus"): (-0.10, -0.15, -0.05)}
    assert ranking(equal).recommended("Pb") == "partial_least_squares"
    assert ranking(worse).recommended("Pb") == "consensus"


def test_a_control_is_never_recommended_but_may_be_best() -> None:
    scores = SCORES | {"shuffled": (0.9, 0.8, 1.0)}
    found = ranking({}, scores)
    assert found.best("Pb", "grouped", 100) == "shuffled"
    assert found.recommended("Pb") == "consensus"


def test_a_method_whose_interval_holds_zero_is_of_no_use() -> None:
    scores = dict.fromkeys(SCORES, (0.1, -0.1, 0.3))
    assert not ranking({}, scores).is_useful("Pb")
    assert ranking({}).is_useful("Pb")


def test_the_headline_needs_every_comparison() -> None:
    rivals = ("partial_least_squares", "consensus", "shuffled")
    wins = {("transfer_all", rival): BETTER for rival in rivals}
    assert headline(ranking(wins)).startswith("Transfer helped on these data for Pb")
    for rival in rivals:
        text = headline(ranking(wins | {("transfer_all", rival): UNDECIDED}))
        assert text.startswith("Transfer is not shown to help on these data for Pb")
    assert headline(ranking({})) == ""
    without_controls = {("transfer_all", rivals[0]): BETTER}
    assert "not shown to help" in headline(ranking(without_controls))


def test_sentences_follow_the_comparisons() -> None:
    found = ranking(
        {
            ("transfer_all", "partial_least_squares"): UNDECIDED,
            ("transfer_all", "shuffled"): BETTER,
        }
    )
    assert comparison_sentences(found, "Pb") == [
        (
            "undecided",
            (
                "“transfer, all layers” did not beat partial least squares on these data; "
                "difference in R² −0.01 [−0.05, 0.02]"
            ),
        ),
        (
            "better",
            (
                "“transfer, all layers” beat “control: shuffled labels” on these data; "
                "difference in R² 0.06 [0.02, 0.10]"
            ),
        ),
    ]


def test_a_claim_that_the_tables_do_not_bear_out_gets_an_objection() -> None:
    claim = StudyVerdict("Pb", "grouped", 100, "transfer", "Pb (x): it helps; +1", True)
    found = ranking({("transfer_all", "shuffled"): UNDECIDED}, verdicts=(claim,))
    line = verdict_line(found, claim)
    assert (line.text, line.details, line.is_gain) == ("It helps", "+1", False)
    assert "Read it as no gain" in line.objection
    rivals = ("shuffled", "partial_least_squares")
    wins = {("transfer_all", rival): BETTER for rival in rivals}
    borne_out = ranking(wins, verdicts=(claim,))
    assert verdict_line(borne_out, claim).is_gain
    assert verdict_line(borne_out, claim).objection == ""


def test_a_claim_of_skill_needs_an_interval_above_zero() -> None:
    claim = StudyVerdict("Pb", "grouped", 100, "skill", "predicted best by x", True)
    assert not contradicted(ranking({}), claim)
    assert contradicted(ranking({}, {"consensus": (0.1, -0.1, 0.3)}), claim)


def test_verdicts_shown_first_are_those_of_the_strictest_scheme() -> None:
    kept = StudyVerdict("Pb", "grouped", 100, "transfer", "no gain", False)
    smaller = StudyVerdict("Pb", "grouped", 20, "transfer", "not this", False)
    other = StudyVerdict("Pb", "random", 100, "transfer", "nor this", False)
    (group,) = verdict_groups(ranking({}, verdicts=(other, smaller, kept)))
    assert [line.text for line in group.lines] == ["No gain"]
    assert group.context == "grouped folds, 100 calibration samples"


def test_ways_of_transfer_that_all_gain_nothing_share_a_line() -> None:
    claims = [
        ("skill", "predicted best by x"),
        ("transfer", "one way beat nothing that it was compared with; a"),
        ("transfer", "another way beat nothing that it was compared with; b"),
        ("transfer", "a third did not beat x; c"),
    ]
    verdicts = tuple(
        StudyVerdict("Pb", "grouped", 100, topic, text, False) for topic, text in claims
    )
    (group,) = verdict_groups(ranking({}, verdicts=verdicts))
    assert [(line.text, line.details) for line in group.lines] == [
        ("Predicted best by x", ""),
        (
            "None of the 2 ways of transfer beat anything that it was compared with",
            "One way: a; Another way: b",
        ),
        ("A third did not beat x", "c"),
    ]
