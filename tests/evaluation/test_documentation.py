"""The examples of the page on evaluation give what they say."""

import doctest
from pathlib import Path

from cerussite import evaluation

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"


def test_examples_of_the_page_hold():
    results = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert results.attempted > 10
    assert results.failed == 0


def test_the_page_names_everything_public():
    page = PAGE.read_text(encoding="utf-8")
    # Results of functions that the page names.
    public = set(evaluation.__all__) - {"Difference", "Metric"}
    assert [name for name in sorted(public) if f"`{name}" not in page] == []
