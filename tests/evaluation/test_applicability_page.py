"""The examples of the page on applicability give what they say."""

import doctest
from pathlib import Path

from cerussite.evaluation import applicability

PAGE = Path(__file__).parents[2] / "docs" / "applicability.md"


def test_examples_of_the_page_hold():
    results = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert results.attempted > 15
    assert results.failed == 0


def test_the_page_names_every_limit_and_index():
    page = PAGE.read_text(encoding="utf-8")
    named = [
        name
        for name in applicability.__all__
        if name.endswith(("_limit", "curve")) or name.startswith("fit_")
    ]
    assert len(named) == 9
    assert [
        name for name in named if name not in page and name != "fit_latent_space"
    ] == []
