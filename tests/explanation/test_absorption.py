import numpy as np

from cerussite.explanation import Features, absorption_features, constituents_of
from cerussite.simulation.bands import BANDS


def test_every_feature_has_a_source_and_a_centre_inside_its_window():
    table = absorption_features()
    assert table["source"].str.len().min() > 10
    assert table["year"].between(1980, 2026).all()
    assert (table["low"] < table["centre"]).all()
    assert (table["centre"] < table["high"]).all()
    assert not table.duplicated(["constituent", "centre"]).any()


def test_wavenumbers_of_the_sources_are_the_wavelengths_of_the_table():
    infrared = absorption_features().query("centre > 2600")
    found = infrared["assignment"].str.extract(r"\((\d+)(?:-(\d+))? cm-1")
    middle = found.astype(float).mean(axis=1)
    # Centres are the middle of a range of wavenumbers, rounded to nm.
    assert (
        np.abs(1e7 / middle - infrared["centre"]) < 0.005 * infrared["centre"]
    ).all()


def test_bands_of_the_minerals_that_the_simulation_knows_are_annotated():
    kinds = {
        "goethite": "iron oxides",
        "hematite": "iron oxides",
        "kaolinite": "clay minerals",
        "calcite": "carbonate",
    }
    known = [band for band in BANDS if band.constituent in kinds]
    for band in known:
        found = constituents_of(Features.bins(np.array([-1.0, 1.0]) + band.centre))
        assert kinds[band.constituent] in found[0]


def test_covariates_have_no_constituents():
    assert constituents_of(Features.covariates(["rain", "slope"])) == ["", ""]


def test_changing_the_table_does_not_change_the_next_one():
    table = absorption_features()
    table["kind"] = "none"
    assert "none" not in set(absorption_features()["kind"])
