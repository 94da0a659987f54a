import numpy as np
import pandas as pd
import pytest

from cerussite.studies.files import (
    fingerprint,
    read_json,
    remove,
    seed_of,
    write_csv,
    write_json,
    write_whole,
)


def test_a_failed_write_leaves_the_earlier_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")

    def half(to):
        to.write_text("half of it")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"No space left.*a\.txt"):
        write_whole(path, half)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "before"


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "model"
    path.mkdir()
    (path / "old").write_text("old")

    def write(to):
        to.mkdir()
        (to / "new").write_text("new")

    write_whole(path, write)
    assert [p.name for p in path.iterdir()] == ["new"]


def test_a_failed_write_of_a_folder_leaves_nothing(tmp_path):
    def write(to):
        to.mkdir()
        (to / "weights").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "model", write)
    assert list(tmp_path.iterdir()) == []


def test_json_keeps_every_digit(tmp_path):
    numbers = np.random.default_rng(0).normal(size=100).tolist()
    path = write_json(tmp_path / "deep" / "a.json", numbers)
    assert read_json(path) == numbers


def test_a_json_file_that_is_not_there_is_none(tmp_path):
    assert read_json(tmp_path / "a.json") is None


def test_missing_values_are_empty_cells(tmp_path):
    path = write_csv(tmp_path / "a.csv", pd.DataFrame({"a": [1.5, np.nan], "b": "x"}))
    assert path.read_text() == "a,b\n1.5,x\n,x\n"


def test_remove_takes_what_is_not_there(tmp_path):
    remove(tmp_path / "nothing")


@pytest.mark.parametrize(
    "other",
    [
        [np.array([1.0, 2.0]), {"a": 2}],
        [np.array([1.0, 2.5]), {"a": 1}],
        [np.array([1, 2]), {"a": 1}],
        [np.array([[1.0, 2.0]]), {"a": 1}],
        [{"a": 1}, np.array([1.0, 2.0])],
    ],
)
def test_a_fingerprint_changes_with_everything(other):
    assert fingerprint(np.array([1.0, 2.0]), {"a": 1}) != fingerprint(*other)


def test_a_fingerprint_does_not_depend_on_memory_layout():
    X = np.arange(12.0).reshape(3, 4)
    assert fingerprint(X) == fingerprint(np.asfortranarray(X))


def test_seeds_differ_by_label_and_by_study():
    seeds = {seed_of(study, "task", fold) for study in range(20) for fold in range(20)}
    assert len(seeds) == 400
    assert all(0 <= seed < 2**31 for seed in seeds)
