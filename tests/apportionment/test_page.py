"""The example of the page on apportionment gives what it says."""

import doctest
from pathlib import Path

from cerussite import apportionment

PAGE = Path(__file__).parents[2] / "docs" / "apportionment.md"
#: Results of functions, and small things that the docstrings explain.
UNNAMED = {
    "Agreement",
    "Bootstrap",
    "Category",
    "Constrained",
    "DisplacedBootstrap",
    "Displacement",
    "Draws",
    "Evidence",
    "Factorisation",
    "FitSettings",
    "LogRatioComponents",
    "Match",
    "NumberOfFactors",
    "ScoreRegression",
    "SiteContributions",
}


def test_examples_of_the_page_hold():
    results = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert results.attempted > 10
    assert results.failed == 0


def test_the_page_names_what_users_call():
    page = PAGE.read_text(encoding="utf-8")
    lesser = {
        "bootstrap_intervals",
        "centred_log_ratios",
        "contributions_table",
        "diagnostics",
        "errors_table",
        "explained_variation_table",
        "matched_factors",
        "profiles_table",
        "q_expected",
        "q_robust",
        "q_true",
        "varimax",
    }
    public = set(apportionment.__all__) - UNNAMED - lesser
    assert [name for name in sorted(public) if name not in page] == []
