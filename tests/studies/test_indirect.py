import numpy as np
import pytest

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.data import load_data
from cerussite.studies.indirect import indirect_tables
from cerussite.studies.run import _plan
from cerussite.studies.study import Study


def study_of(**changes):
    target = {
        "dataset": "simulated-mine-site",
        "responses": ["Cu"],
        "constituents": ["SOC", "clay"],
        "n_samples": 80,
        "random_state": 1,
    }
    plain = {
        "name": "indirect",
        "title": "Indirect",
        "target": target,
        "spectra": {"grid": {"low": 420, "high": 2480, "step": 20}},
        "censored": "half_limit",
        "methods": ["mean"],
        "validation": {"random": {"folds": 3, "repeats": 1}},
    }
    return Study.model_validate(plain | changes)


def test_a_metal_tied_to_a_constituent_is_predicted_through_it():
    plan = _plan(study_of())
    splits = [task.split for task in plan.tasks]
    tables = indirect_tables(plan.data, plan.bench, splits)
    (row,) = tables["surrogates"].to_dict("records")
    # Copper is tied to organic carbon in this simulation.
    assert row["response"] == "Cu"
    assert row["scheme"] == "random"
    assert row["direct"] > 0.2
    assert row["through"].startswith("SOC")
    assert tables["constituents"]["constituent"].tolist() == ["SOC", "clay"]


def test_constituents_are_no_responses_and_stay_in_the_order_of_samples():
    data = load_data(study_of())
    assert data.target.response_names == ["Cu"]
    assert list(data.constituents) == ["SOC", "clay"]
    assert len(data.constituents) == data.target.n_samples == 80
    assert not np.allclose(data.constituents["SOC"], data.target.y[:, 0])


def test_without_constituents_nothing_is_asked():
    target = study_of().target.model_copy(update={"constituents": []})
    plan = _plan(study_of(target=target))
    found = indirect_tables(plan.data, plan.bench, [task.split for task in plan.tasks])
    assert all(table.empty for table in found.values())


def test_constituents_of_a_source_are_refused():
    source = {
        "dataset": "simulated-library",
        "responses": ["pH"],
        "constituents": ["clay"],
    }
    study = study_of(source=[source], methods=["resnet"])
    with pytest.raises(InvalidStudyError, match=r"source\[0\].constituents: only the"):
        load_data(study)
