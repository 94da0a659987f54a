import doctest
from pathlib import Path

from cerussite.transfer import domains

PAGE = Path(__file__).parents[2] / "docs" / "domains.md"


def test_the_examples_of_the_page_hold():
    outcome = doctest.testfile(str(PAGE), module_relative=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_page_names_everything_public():
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in domains.__all__ if name not in text] == []
