"""The examples of the pages on evaluation give what they say."""

import doctest
from pathlib import Path

import pytest

from cerussite import evaluation

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["evaluation.md", "intervals.md"])
def test_examples_of_the_pages_hold(page):
    results = doctest.testfile(
        str(DOCS / page),
        module_relative=False,
        optionflags=doctest.NORMALIZE_WHITESPACE,
    )
    assert results.attempted > 10
    assert results.failed == 0


def test_the_pages_name_everything_public():
    page = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    # Results of functions that the page names.
    public = set(evaluation.__all__) - {"Difference", "Metric"}
    assert [name for name in sorted(public) if f"`{name}" not in page] == []
