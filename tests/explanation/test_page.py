import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "explanation.md"


def test_the_example_of_the_page_runs_and_adds_up():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 1
    names: dict[str, object] = {}
    exec(blocks[0], names)
    assert names["found"].relative_residual.max() < 1e-8
    assert set(names["table"]["response"]) == {"Pb"}
    assert len(names["table"]) == 2 * 2100
