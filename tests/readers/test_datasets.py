import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.core.survey import Survey
from cerussite.readers.datasets import DATASETS, fetch_dataset, load_dataset

MIRROR = os.environ.get("CERUSSITE_DATA", "")
needs_mirror = pytest.mark.skipif(
    not MIRROR, reason="CERUSSITE_DATA names no mirror of the public data"
)


def column(survey: Survey, name: str) -> np.ndarray:
    return survey.y[:, survey.response_names.index(name)]


@needs_mirror
@pytest.mark.parametrize("name", DATASETS)
def test_each_data_set_is_what_its_record_says(name):
    record = DATASETS[name]
    survey = load_dataset(name)
    assert survey.n_samples == record.n_samples
    assert tuple(survey.response_names) == record.responses
    assert survey.licence == record.licence
    assert set(record.notes) <= set(survey.notes)
    assert np.isfinite(survey.y).any(axis=0).all()


@needs_mirror
def test_yamsys_means_equal_those_computed_elsewhere():
    # Table derived by another program: means interpolated to 502..3996 cm-1.
    other = pd.read_parquet(Path(MIRROR) / "spectra/yamsys/yamsys_mir.parquet")
    survey = load_dataset("yamsys")
    assert survey.samples.index.tolist() == other["sample_id"].tolist()
    bands = [name for name in other.columns if name.startswith("wn_")]
    wavenumbers = np.array([float(name[3:]) for name in bands])
    spectra = survey.spectra
    axis = 1e7 / spectra.wavelengths[::-1]
    on_grid = np.apply_along_axis(
        lambda row: np.interp(wavenumbers, axis, row[::-1]), 1, spectra.values
    )
    np.testing.assert_allclose(on_grid, other[bands].to_numpy(), atol=1e-6)
    np.testing.assert_allclose(column(survey, "Fe"), other["Fe_tot_gkg"] * 1e3)
    np.testing.assert_allclose(column(survey, "Mn"), other["Mn_tot_mgkg"])
    np.testing.assert_allclose(column(survey, "clay"), other["clay_pct"] * 10)


@needs_mirror
def test_yamsys_replicates_share_their_specimen_and_its_analyses():
    survey = load_dataset("yamsys", scans="replicates", procedure="dtpa")
    assert survey.n_samples == 284
    assert len(set(survey.specimens)) == 94
    assert {r.procedure for r in survey.responses if r.name == "Zn"} == {"dtpa"}
    values = pd.Series(column(survey, "Zn")).groupby(survey.specimens)
    assert values.nunique().max() == 1


@needs_mirror
def test_zeros_of_eb1064_are_censored_below_the_smallest_reported_value():
    survey = load_dataset("eb1064")
    raw = pd.read_parquet(Path(MIRROR) / "spectra/eb1064/eb1064_mir_unique.parquet")
    censored = survey.is_censored[:, survey.response_names.index("Ti")]
    assert censored.tolist() == (raw["Ti_mgkg"] == 0).tolist()
    assert censored.sum() == 14
    smallest = raw.loc[raw["Ti_mgkg"] > 0, "Ti_mgkg"].min()
    assert set(column(survey, "Ti")[censored]) == {smallest}
    assert (survey.y > 0).all()


@needs_mirror
def test_constituents_come_in_the_units_used_inside():
    kssl = load_dataset("kssl-mir-500")
    assert column(kssl, "clay").max() == pytest.approx(858.7623)  # 85.87623 %
    nirsoil = load_dataset("nirsoil")
    assert column(nirsoil, "SOC")[0] == pytest.approx(2.2)  # 0.22 %
    assert column(nirsoil, "N")[0] == pytest.approx(300.0)  # 0.30 g/kg
    assert np.isfinite(nirsoil.y).sum(axis=0).tolist() == [645, 732, 447]
    wheat = load_dataset("datsoilspc")
    texture = sum(column(wheat, name) for name in ("clay", "silt", "sand"))
    assert np.median(texture) == pytest.approx(1000.0, abs=20.0)


def test_limesoda_gives_ph_of_one_procedure_only():
    survey = load_dataset("limesoda-mir")
    in_water = survey.samples["group"] == "H.138"
    assert np.isnan(column(survey, "pH")[in_water]).all()
    assert np.isfinite(column(survey, "pH")[~in_water]).all()
    other = load_dataset("limesoda-mir", ph="water")
    assert np.isfinite(column(other, "pH")[in_water]).all()
    assert np.isnan(column(other, "pH")[~in_water]).all()


def test_limesoda_never_mixes_volume_and_mass_fractions():
    grid = np.arange(1100.0, 1690.0, 5.0)
    survey = load_dataset("limesoda-visnir", wavelengths=grid)
    assert survey.n_samples == 1403
    by_volume = survey.samples["group"].isin(["SSP.58", "MG.44"])
    assert np.isnan(column(survey, "clay")[by_volume]).all()
    assert np.isnan(column(survey, "SOC")[by_volume]).all()
    assert np.nanmax(column(survey, "clay")) == 710.0  # 71 % in SSP.460
    matter = survey.samples["group"].isin(["SL.125", "UL.120", "SP.231"])
    assert np.isfinite(column(survey, "SOM")[matter]).all()
    assert np.isnan(column(survey, "SOC")[matter]).all()


def test_limesoda_reads_the_mislabelled_carbon_of_nrw_42_as_g_per_kg():
    survey = load_dataset("limesoda-mir", sites=["NRW.42", "NRW.62"])
    medians = pd.Series(column(survey, "SOC")).groupby(survey.groups).median()
    assert medians["NRW.42"] == pytest.approx(14.35)
    assert medians["NRW.62"] == pytest.approx(14.3, abs=0.05)


def test_limesoda_uses_no_site_across_the_gap_of_its_spectrometers():
    below = load_dataset(
        "limesoda-visnir", wavelengths=np.arange(450.0, 900.0, 5.0), sites=["SSP.58"]
    )
    assert below.n_samples == 58
    with pytest.raises(InvalidStudyError, match=r"SSP\.58 do not cover 450 to 1500"):
        load_dataset(
            "limesoda-visnir",
            wavelengths=np.arange(450.0, 1501.0, 5.0),
            sites=["SSP.58"],
        )


def test_limesoda_keeps_published_values_at_published_bands():
    grid = np.array([420.0, 421.0, 500.0])
    survey = load_dataset("limesoda-visnir", wavelengths=grid, sites=["SL.125"])
    with np.load(
        fetch_dataset("limesoda-visnir") / "SL.125.npz", allow_pickle=True
    ) as f:
        columns = f["dataset_columns"].tolist()
        published = f["dataset_data"][:, [columns.index(f"wl_{int(w)}") for w in grid]]
    np.testing.assert_allclose(survey.spectra.values, published / 100)


def test_limesoda_gives_no_response_that_no_site_measured():
    survey = load_dataset("limesoda-visnir", sites=["SL.125", "UL.120"])
    assert survey.response_names == ["pH", "clay", "SOM"]
    assert {r.name: r.procedure for r in survey.responses}["clay"] == "pipette"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("nirsoils", {}, "no data set 'nirsoils'; expected one of limesoda-visnir"),
        ("limesoda-mir", {"pH": "water"}, "unknown option 'pH'; expected one of"),
        ("limesoda-mir", {"ph": "kcl"}, "ph 'kcl'; expected one of cacl2, water"),
        ("limesoda-mir", {"sites": ["SL.125"]}, "site 'SL.125'; expected one of"),
    ],
)
def test_what_does_not_exist_is_refused(name, options, message):
    with pytest.raises(InvalidStudyError, match=message):
        load_dataset(name, **options)


def test_a_damaged_file_in_the_mirror_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "spectra" / "nirsoil"
    folder.mkdir(parents=True)
    (folder / "NIRsoil.RData").write_bytes(b"RDX2\nX\n")
    monkeypatch.setenv("CERUSSITE_DATA", str(tmp_path))
    with pytest.raises(UnreadableFileError, match=r"checksum .* expected fbd4ecf28d1e"):
        fetch_dataset("nirsoil")


def test_without_network_the_message_names_address_and_mirror(tmp_path, monkeypatch):
    import pooch  # noqa: PLC0415 - as late as the reader imports it

    def offline(*_args: object, **_options: object) -> None:
        msg = "no route to host"
        raise OSError(msg)

    monkeypatch.setattr(pooch, "retrieve", offline)
    monkeypatch.setenv("CERUSSITE_DATA", str(tmp_path))
    with pytest.raises(
        UnreadableFileError,
        match=r"https://raw\.github.*no route.*CERUSSITE_DATA.*spectra/datsoilspc",
    ):
        fetch_dataset("datsoilspc")
    with pytest.raises(UnreadableFileError, match="nowhere to be downloaded"):
        fetch_dataset("eb1064")


def test_the_cache_is_used_where_there_is_no_mirror(tmp_path, monkeypatch):
    import pooch  # noqa: PLC0415 - as late as the reader imports it

    asked = {}

    def cached(address: str, **options: object) -> str:
        asked.update(options, address=address)
        (tmp_path / "file").write_bytes(b"another version")
        return str(tmp_path / "file")

    monkeypatch.setattr(pooch, "retrieve", cached)
    monkeypatch.delenv("CERUSSITE_DATA", raising=False)
    with pytest.raises(UnreadableFileError, match="checksum"):
        fetch_dataset("datsoilspc")
    assert asked["known_hash"].endswith(DATASETS["datsoilspc"].file.sha256)
    assert "/cfd1758b3f0b8c9c33a860bac130c47faaa0fb53/" in asked["address"]


def test_naming_data_sets_imports_no_slow_library():
    code = (
        "import sys, cerussite.readers.datasets;"
        "print(sorted({'pooch', 'rdata', 'LimeSoDa', 'sklearn'} & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"
