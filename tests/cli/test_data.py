import pytest

from cerussite.cli.main import main
from cerussite.readers import DATASETS


def test_data_list_gives_each_table_its_role_and_size(capsys):
    with pytest.raises(SystemExit) as left:
        main(["data", "list"])
    assert left.value.code == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    found = {row[0]: (row[1], int(row[2])) for row in rows}
    expected = {
        name: (record.role, record.n_samples) for name, record in DATASETS.items()
    }
    assert found == expected
    assert found["usgs-ds801-top5"] == ("table", 4857)


def test_a_table_that_is_nowhere_says_where_to_put_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CERUSSITE_DATA", str(tmp_path))
    with pytest.raises(SystemExit) as left:
        main(["data", "fetch", "meuse"])
    assert left.value.code == 2
    assert "$CERUSSITE_DATA/geochem/meuse/meuse.csv" in capsys.readouterr().err
