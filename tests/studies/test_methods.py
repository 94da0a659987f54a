import pytest

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.methods import CONTROLS, METHODS, find_method, with_controls

TRANSFERS = [name for name, entry in METHODS.items() if entry.role == "transfer"]


@pytest.mark.parametrize("transfer", [*TRANSFERS, "consensus_with_transfer"])
def test_no_transfer_method_stands_without_its_controls(transfer):
    methods = with_controls([transfer])
    assert set(CONTROLS) | {"partial_least_squares", "consensus"} <= set(methods)


def test_classical_studies_get_no_networks():
    assert with_controls(["consensus", "mean"]) == ["mean", "consensus"]


def test_a_misspelt_method_gets_the_nearest_name():
    with pytest.raises(InvalidStudyError, match="did you mean 'partial_least_squares'"):
        find_method("partial_least_square")
    with pytest.raises(InvalidStudyError, match="expected mean, partial"):
        find_method("xyz")


def test_every_method_is_an_estimator_or_a_mean_of_methods():
    for entry in METHODS.values():
        assert (entry.build is None) == bool(entry.mean_of)
        assert set(entry.mean_of) <= set(METHODS)


def test_networks_are_told_from_the_rest():
    networks = [name for name, entry in METHODS.items() if entry.is_network]
    assert networks == ["resnet", *TRANSFERS, *CONTROLS[1:]]
