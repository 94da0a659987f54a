"""The examples of the page on preprocessing give what they say."""

import doctest
from pathlib import Path

from cerussite import preprocessing

PAGE = Path(__file__).parents[2] / "docs" / "preprocessing.md"


def test_examples_of_the_page_hold():
    results = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert results.attempted > 10
    assert results.failed == 0


def test_the_page_names_everything_public():
    page = PAGE.read_text(encoding="utf-8")
    behind_names = {"ResponseTransform", "LogResponse", "YeoJohnsonResponse"}
    public = set(preprocessing.__all__) - behind_names - {"RESPONSE_TRANSFORMS"}
    assert [name for name in sorted(public) if name not in page] == []
    for name in preprocessing.RESPONSE_TRANSFORMS:
        assert f'`"{name}"`' in page
