import LimeSoDa
import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.core.errors import InvalidSpectraError
from cerussite.readers.quantities import contradiction, shape_says
from cerussite.readers.tables import read_table

AXIS = np.arange(400, 2500, 10.0)


def soils(n_samples=8):
    """Reflectance that rises from blue to red and dips at the water band."""
    rise = 0.1 + 0.3 * (1 - np.exp(-(AXIS - 400) / 300))
    water = 0.06 * np.exp(-(((AXIS - 1915) / 40) ** 2))
    return (rise - water) * np.linspace(0.8, 1.2, n_samples)[:, np.newaxis]


def test_soils_look_like_what_they_are():
    assert shape_says(soils(), AXIS) == "reflectance"
    assert shape_says(-np.log10(soils()), AXIS) == "absorbance"


@pytest.mark.parametrize(("name", "n_samples"), [("UL.120", 120), ("SSP.58", 58)])
def test_real_soils_keep_the_rules(name, n_samples):
    table = LimeSoDa.load_dataset(name)["Dataset"]
    bands = [column for column in table if column.startswith("wl_")]
    wavelengths = np.array([float(column.removeprefix("wl_")) for column in bands])
    values = table[bands].to_numpy()
    assert len(values) == n_samples
    assert shape_says(values, wavelengths) == "reflectance"
    assert shape_says(-np.log10(values / 100), wavelengths) == "absorbance"


def test_the_scale_does_not_count_for_the_shape():
    assert shape_says(100 * soils() + 3, AXIS) == "reflectance"


def test_the_water_band_alone_is_enough():
    part = AXIS >= 1100
    assert shape_says(soils()[:, part], AXIS[part]) == "reflectance"
    assert shape_says(-np.log10(soils()[:, part]), AXIS[part]) == "absorbance"


def test_samples_that_disagree_prove_nothing():
    mixed = np.vstack([soils(), -np.log10(soils())])
    assert shape_says(mixed, AXIS) is None


def test_the_mid_infrared_proves_nothing():
    assert shape_says(soils(), np.linspace(2500, 16000, AXIS.size)) is None


@pytest.mark.parametrize(
    ("values", "quantity", "reason"),
    [
        (soils() * 100, "reflectance", "say reflectance_percent"),
        (soils(), "reflectance_percent", "say reflectance, not percent"),
        (soils() * 10_000, "reflectance_percent", "raw counts or scaled integers"),
        (soils() * 100, "absorbance", "say reflectance_percent"),
        (-np.log10(soils() / 10), "reflectance", "look like absorbance"),
        (soils() - 1, "reflectance", "derivative"),
        (soils() * 100 - 30, "reflectance_percent", "derivative"),
        (soils() - 3, "absorbance", "derivative"),
        (soils(), "absorbance", "they rise from blue to red"),
        (-np.log10(soils() + 0.1), "reflectance", "they fall from blue to red"),
    ],
)
def test_values_against_the_quantity_are_explained(values, quantity, reason):
    row, text = contradiction(values, AXIS, quantity)
    assert row == 0
    assert reason in text


@pytest.mark.parametrize(
    ("values", "quantity"),
    [
        (soils(), "reflectance"),
        (soils() * 100, "reflectance_percent"),
        (-np.log10(soils()), "absorbance"),
    ],
)
def test_right_quantities_are_not_contradicted(values, quantity):
    assert contradiction(values, AXIS, quantity) is None


def test_one_sample_in_percent_among_fractions_is_found():
    values = soils()
    values[3] *= 100
    assert contradiction(values, AXIS, "reflectance")[0] == 3
    values = soils() * 100
    values[5] /= 100
    assert contradiction(values, AXIS, "reflectance_percent")[0] == 5


def test_few_samples_or_bands_are_not_judged_by_their_shape():
    assert contradiction(soils()[:4], AXIS, "absorbance") is None
    assert contradiction(soils()[:, ::5], AXIS[::5], "absorbance") is None


def test_names_that_state_the_quantity_overrule_the_shape(tmp_path):
    path = tmp_path / "blue.csv"
    values = -np.log10(soils() + 0.1)
    header = ",".join(f"wl_{number:g}_ref" for number in AXIS)
    np.savetxt(path, values, delimiter=",", header=header, comments="")
    survey = read_table(path)
    assert_allclose(survey.spectra.values, values)
    path.write_text(path.read_text().replace("_ref", ""))
    with pytest.raises(
        InvalidSpectraError, match=r"line 2 .*they fall from blue to red"
    ):
        read_table(path, quantity="reflectance")
