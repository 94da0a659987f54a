"""The examples of the page on assessment give what they say."""

import doctest
from pathlib import Path

from cerussite import assessment

PAGE = Path(__file__).parents[2] / "docs" / "assessment.md"
#: Shared with other pages.
OTHERS = ("cerussite.assessment.censored", "cerussite.assessment.background")


def test_examples_of_the_page_hold():
    results = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert results.attempted > 10
    assert results.failed == 0


def test_the_page_names_everything_public():
    page = PAGE.read_text(encoding="utf-8")
    missing = [
        name
        for name in assessment.__all__
        if name not in page
        and not getattr(getattr(assessment, name), "__module__", "").startswith(OTHERS)
    ]
    assert missing == []
