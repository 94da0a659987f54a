"""What the README shows must run."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_in_python_runs(capsys):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    assert len(blocks) == 1
    exec(compile(blocks[0], str(README), "exec"), {})
    random, new_site = re.findall(r"-?\d+\.\d+", capsys.readouterr().out)
    assert float(random) > 0.7
    assert float(new_site) < 0


def test_every_page_it_points_to_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text())
    local = [link for link in links if "://" not in link]
    assert local
    assert not [link for link in local if not (README.parent / link).exists()]
