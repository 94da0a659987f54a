import textwrap

import pytest

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.reading import find_study, read_study, shipped_studies

COMPLETE = """\
name: trial
title: A trial
target: {dataset: simulated-mine-site, responses: [Pb]}
methods: [mean, {name: ridge, options: {preprocessing: snv}}]
validation: {random: {folds: 5, repeats: 2}}
"""


def written(tmp_path, text):
    path = tmp_path / "study.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def refusal(tmp_path, text):
    with pytest.raises(InvalidStudyError) as caught:
        read_study(written(tmp_path, text))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(tmp_path / "study.yaml"))
    return message


def test_a_complete_study_is_read(tmp_path):
    study = read_study(written(tmp_path, COMPLETE))
    assert [method.name for method in study.methods] == ["mean", "ridge"]
    assert study.methods[1].options == {"preprocessing": "snv"}
    assert study.validation.random.repeats == 2
    assert study.censored == "refuse"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title:", "titel:", "titel: unknown key 'titel'; did you mean 'title'?"),
        ("folds:", "fold:", "unknown key 'fold'; did you mean 'folds'?"),
        ("folds: 5", "folds: five", "validation.random.folds: found 'five'"),
        ("folds: 5", "folds: 1", "expected at least 2"),
        ("responses:", "response:", "target.response: unknown key 'response'"),
        ("[Pb]", "Pb", "target.responses: found 'Pb'; expected a list such as [a, b]"),
        ("validation:", "validatoin:", "did you mean 'validation'?"),
        ("options:", "option:", r"methods[1].option: unknown key"),
        ("name: trial", "name: a trial", "name: found 'a trial'"),
        ("methods: [mean,", "methods: [", "no valid YAML"),
        ("random: {folds: 5, repeats: 2}", "", "no scheme; expected at least one"),
        ("title: A trial", "name: twice", "key 'name' occurs twice"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(tmp_path, old, new, expected):
    text = COMPLETE.replace(old, new, 1)
    if "no valid YAML" in expected:
        text = text.replace("options: {preprocessing: snv}}]", "options: {")
    assert expected in refusal(tmp_path, text)


def test_a_key_that_resembles_nothing_gets_the_list_of_keys(tmp_path):
    message = refusal(tmp_path, COMPLETE + "zzzz: 1\n")
    assert "expected name, title, question, target" in message


def test_a_misspelt_key_inside_a_grid_is_found(tmp_path):
    text = COMPLETE + "spectra: {grid: {low: 400, hihg: 900, step: 10}}\n"
    assert "spectra.grid.hihg: unknown key 'hihg'; did you mean 'high'?" in refusal(
        tmp_path, text
    )


def test_simulation_options_are_refused_for_public_data(tmp_path):
    text = COMPLETE.replace("simulated-mine-site", "yamsys, n_samples: 50")
    assert "target: n_samples is only for simulated data" in refusal(tmp_path, text)


def test_a_file_is_looked_for_beside_the_study(tmp_path):
    text = COMPLETE.replace(
        "{dataset: simulated-mine-site, responses: [Pb]}",
        "{file: site.csv, quantity: reflectance, responses: {Pb: {unit: mg/kg}}}",
    )
    study = read_study(written(tmp_path, text))
    assert study.target.file == str(tmp_path.resolve() / "site.csv")


def test_an_environment_variable_in_a_path_is_replaced(tmp_path, monkeypatch):
    text = COMPLETE.replace(
        "{dataset: simulated-mine-site, responses: [Pb]}",
        "{file: '${SOILS}/a.csv', quantity: reflectance, responses: {Pb: {}}}",
    )
    monkeypatch.setenv("SOILS", str(tmp_path / "soils"))
    study = read_study(written(tmp_path, text))
    assert study.target.file == str((tmp_path / "soils" / "a.csv").resolve())
    monkeypatch.delenv("SOILS")
    assert "the environment variable SOILS is not set" in refusal(tmp_path, text)


def test_a_study_that_is_not_there_is_refused_with_the_shipped_ones(tmp_path):
    with pytest.raises(InvalidStudyError, match=r"no such file; expected .*demo"):
        find_study(tmp_path / "nothing.yaml")


def test_every_shipped_study_is_valid(monkeypatch, tmp_path):
    monkeypatch.setenv("CERUSSITE_DATA", str(tmp_path))
    studies = {name: read_study(path) for name, path in shipped_studies().items()}
    assert {"demo", "gejiu_protocol", "yamsys", "eb1064", "peru"} <= set(studies)
    for name, study in studies.items():
        assert study.name == name
