import re
from pathlib import Path

import yaml

from cerussite.studies import METHODS, Study, shipped_studies

PAGE = (Path(__file__).parents[2] / "docs" / "studies.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_is_a_valid_study():
    block = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
    assert Study.model_validate(yaml.safe_load(block)).name == "my-mine"


def test_the_page_names_every_method_and_every_shipped_study():
    assert [name for name in METHODS if f"`{name}`" not in PAGE] == []
    assert [name for name in shipped_studies() if f"`{name}`" not in PAGE] == []
