"""Wide tables of laboratories and libraries; their content was looked up by eye."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.core.errors import (
    InvalidSpectraError,
    InvalidSurveyError,
    UnreadableFileError,
)
from cerussite.readers.tables import read_table

FOLDER = os.environ.get("CERUSSITE_DATA")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="CERUSSITE_DATA is not set")
DATA = Path(FOLDER or ".")
WIDE = DATA / "instruments" / "wide_csv"
FOSS = DATA / "instruments" / "foss_buchi"


def test_the_soils_of_peru_are_percent_from_2100_to_400_nm():
    survey = read_table(
        DATA / "spectra" / "peru" / "Atrib_y_Refl_PERU_original.xlsx",
        quantity="reflectance_percent",
        axis_unit="nm",
        sample_id=1,
        responses={"Fe": {"unit": "mg/kg"}, "C": {"unit": "%"}},
    )
    assert survey.n_samples == 190
    # The file itself has no column for 1090 nm.
    bands = np.delete(np.arange(400, 2101, 10), 69)
    assert_allclose(survey.spectra.wavelengths, bands)
    assert_allclose(survey.spectra.values[0, [0, -1]], [0.2807442856, 0.6102779388])
    assert_allclose(survey.y[0], [9.78115960694358, 14850])
    assert survey.samples.index[0] == "1"
    assert survey.samples["Zn"].iloc[0] == pytest.approx(1.8851407)
    assert any("turned around" in note for note in survey.notes)


def test_percent_is_not_taken_for_fractions():
    with pytest.raises(InvalidSpectraError, match=r"row 2 .*say reflectance_percent"):
        read_table(
            DATA / "spectra" / "peru" / "Atrib_y_Refl_PERU_original.xlsx",
            quantity="reflectance",
            axis_unit="nm",
        )


def test_a_european_table_has_decimal_commas():
    survey = read_table(
        WIDE / "european_Xcal.csv", quantity="absorbance", axis_unit="nm"
    )
    assert survey.spectra.values.shape == (48, 200)
    assert_allclose(survey.spectra.values[0, :3], [0.510107, 0.509622, 0.509603])
    assert_allclose(survey.spectra.values[1, 0], 0.571066)
    assert "numbers read with a decimal comma" in survey.notes


def test_falling_wavenumbers_become_rising_wavelengths():
    survey = read_table(
        WIDE / "ossl_sample_mir.csv", quantity="absorbance", axis_unit="cm-1"
    )
    assert survey.spectra.original_unit == "cm-1"
    assert_allclose(survey.spectra.wavelengths[0], 1e7 / 4001.656)
    assert_allclose(survey.spectra.values[0, :2], [0.4108373, 0.410962625])
    assert survey.samples.index.tolist() == [str(number) for number in range(1, 21)]


def test_neospectra_is_percent_and_falls():
    survey = read_table(
        WIDE / "ossl_sample_neospectra.csv",
        quantity="reflectance_percent",
        axis_unit="nm",
    )
    assert survey.spectra.values.shape == (10, 257)
    assert_allclose(survey.spectra.values[0, -1], 0.22064178705)


def test_visible_reflectance_is_not_taken_for_absorbance():
    path = WIDE / "ossl_sample_visnir.csv"
    survey = read_table(path, quantity="reflectance", axis_unit="nm")
    assert_allclose(survey.spectra.wavelengths, np.arange(350, 2501))
    with pytest.raises(InvalidSpectraError, match="they rise from blue to red"):
        read_table(path, quantity="absorbance", axis_unit="nm")


def test_cereal_absorbance_is_not_taken_for_reflectance():
    path = FOSS / "foss_xds_barleyground.csv"
    options = {
        "axis_unit": "nm",
        "sample_id": "ID",
        "responses": {"moisture": {"column": "Moisture", "unit": "%"}},
    }
    survey = read_table(path, quantity="absorbance", **options)
    assert_allclose(survey.y[:2, 0], [104, 106])  # % to g/kg
    assert_allclose(survey.spectra.values[0, :2], [0.249042, 0.2535343])
    with pytest.raises(InvalidSpectraError, match="they fall from blue to red"):
        read_table(path, quantity="reflectance", **options)


def test_a_latin_1_table_of_xrf_without_spectra():
    survey = read_table(
        WIDE / "probase_XRF_latin1.csv",
        spectra=False,
        sample_id="Sample",
        responses={
            "Fe": {"unit": "%", "procedure": "xrf", "column": "Fe"},
            "SOC": {"column": "SOC (g.kg-1)"},
        },
    )
    assert survey.n_samples == 343
    assert_allclose(survey.y[0], [27158, 12.76102088])
    assert "text is not UTF-8: read as Latin-1" in survey.notes


def test_a_copy_cut_off_in_its_last_line_is_refused(tmp_path):
    path = WIDE / "neospectra_ossl_50.csv"
    options = {
        "quantity": "reflectance",
        "axis_unit": "nm",
        "sample_id": "id.layer_uuid_txt",
        "responses": {"clay": {"column": "clay.tot_usda.a334_w.pct", "unit": "%"}},
    }
    with pytest.raises(UnreadableFileError, match="line 26: found 1 of the 614 cells"):
        read_table(path, **options)
    whole = tmp_path / "whole.csv"
    whole.write_text("".join(path.read_text().splitlines(keepends=True)[:25]))
    with pytest.raises(InvalidSurveyError, match="occurs 5 times"):
        read_table(whole, **options)
    survey = read_table(whole, replicates="average", **options)
    kept = read_table(whole, replicates="keep", **options)
    assert kept.n_samples == 24
    assert_allclose(
        survey.spectra.values[0], kept.spectra.values[:5].mean(axis=0), rtol=1e-12
    )
    assert_allclose(survey.y[0], [324.9918])


def test_tables_without_names_of_bands_are_refused():
    for name in ("csiro_example.csv", "visnir_2-1.xlsx"):
        with pytest.raises(UnreadableFileError, match="no wavelength columns among"):
            read_table(WIDE / name, quantity="reflectance", axis_unit="nm")


def test_parquet_of_yamsys_has_total_metals_and_sites():
    survey = read_table(
        DATA / "spectra" / "yamsys" / "yamsys_mir.parquet",
        quantity="absorbance",
        group="site",
        responses={
            "Fe": {"column": "Fe_tot_gkg", "unit": "g/kg", "procedure": "xrf"},
            "Cu": {"column": "Cu_DTPA_mgkg", "unit": "mg/kg", "procedure": "dtpa"},
        },
    )
    assert survey.n_samples == 94
    assert set(survey.groups) == {"lo", "mo", "sb", "sb_icraf", "tb"}
    assert_allclose(survey.y[0], [9769, 0.1202])
    assert 87 <= np.isfinite(survey.y[:, 1]).sum() <= 92
    assert_allclose(survey.spectra.wavelengths[[0, -1]], [1e7 / 3996, 1e7 / 502])
    assert_allclose(survey.spectra.values[0, -1], 0.635614, atol=1e-6)


def test_parquet_of_eb1064_has_lead_and_groups():
    survey = read_table(
        DATA / "spectra" / "eb1064" / "eb1064_mir_unique.parquet",
        quantity="absorbance",
        sample_id="id_sample",
        responses={"Pb": {"column": "Pb_mgkg", "unit": "mg/kg", "procedure": "xrf"}},
    )
    assert survey.n_samples == 78
    assert_allclose([survey.y.min(), survey.y.max()], [0.6, 203], atol=0.5)
    assert "column 'group' read as group" in survey.notes
