import doctest
from pathlib import Path

import pytest

from cerussite.assessment import background, censored

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["censored.md", "background.md"])
def test_the_examples_of_the_page_hold(page):
    outcome = doctest.testfile(str(DOCS / page), module_relative=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("page", "public"),
    [
        (
            "background.md",
            set(background.__all__) - {"BackgroundMethod", "LocalBackground"},
        ),
        (
            "censored.md",
            # Results of functions that the page names, and steps on the way.
            {name for name in censored.__all__ if name[0].islower()}
            - {"plotting_positions", "substitute_limits"},
        ),
    ],
)
def test_the_page_names_everything_public(page, public):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [name for name in sorted(public) if name not in text] == []
