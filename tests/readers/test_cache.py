"""What the cache gives back is what was read, and never what has changed since."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from cerussite.core.errors import UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.readers import read_cached, read_table
from cerussite.readers.stored import load_survey, save_survey


def example(n_samples=1100, kind=np.float64):
    rng = np.random.default_rng(0)
    y = rng.uniform(0, 90, (n_samples, 2))
    y[3, 1] = np.nan
    values = rng.uniform(0.1, 0.9, (n_samples, 5)).astype(kind)
    places = np.array([f"place {row % 7}" for row in range(n_samples)], dtype=object)
    places[4] = None
    return Survey(
        samples=pd.DataFrame(
            {"group": "a", "place": places, "depth": rng.uniform(size=n_samples)},
            index=pd.Index(
                [f"s{row}" for row in range(n_samples)],
                name="sample_id",
                dtype=object,
            ),
        ),
        responses=(Response("Pb", "mg/kg", "xrf"), Response("clay", "g/kg")),
        y=y,
        is_censored=y < 5,
        spectra=Spectra(values, 1e7 / np.linspace(9000, 5000, 5), "absorbance", "cm-1"),
        crs="EPSG:25832",
        name="example",
        licence="CC0",
        citation="nobody (2020)",
        notes=("first", "second"),
    )


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_survey_comes_back_as_it_was(tmp_path, kind):
    survey = example(kind=kind)
    found = load_survey(save_survey(survey, tmp_path / "a.parquet"))
    pd.testing.assert_frame_equal(
        found.samples,
        survey.samples,
    )
    assert pd.isna(found.samples["place"].iloc[4])
    assert found.responses == survey.responses
    assert_array_equal(found.y, survey.y)
    assert_array_equal(found.is_censored, survey.is_censored)
    assert_array_equal(found.spectra.values, survey.spectra.values)
    assert found.spectra.values.dtype == kind  # noqa: PD011 - no pandas here
    assert_array_equal(found.spectra.wavelengths, survey.spectra.wavelengths)
    for name in ("crs", "name", "licence", "citation", "notes"):
        assert getattr(found, name) == getattr(survey, name)
    assert (found.spectra.quantity, found.spectra.original_unit) == (
        "absorbance",
        "cm-1",
    )


def test_a_survey_without_spectra_or_responses_comes_back(tmp_path):
    survey = Survey(
        pd.DataFrame(index=pd.Index(["a", "b"], name="sample_id")), (), np.empty((2, 0))
    )
    found = load_survey(save_survey(survey, tmp_path / "a.parquet"))
    assert found.samples.index.tolist() == ["a", "b"]
    assert found.spectra is None
    assert found.is_censored is None
    assert found.y.shape == (2, 0)


def counted(calls):
    def read(path, **options):
        calls.append(options)
        return read_table(path, quantity="reflectance", sample_id="id", **options)

    return read


def test_a_table_is_read_again_only_when_something_changed(tmp_path):
    table, calls = tmp_path / "site.csv", []
    table.write_text("id,site,400nm,410nm\na,x,0.2,0.3\nb,y,0.3,0.4\n")
    read, cache = counted(calls), tmp_path / "cache"
    first = read_cached(read, table, cache=cache)
    again = read_cached(read, table, cache=cache)
    assert len(calls) == 1
    assert_array_equal(again.spectra.values, first.spectra.values)
    assert again.notes == first.notes
    read_cached(read, table, cache=cache, group="site")
    assert len(calls) == 2
    table.write_text("id,site,400nm,410nm\na,x,0.2,0.3\nb,y,0.3,0.5\n")
    changed = read_cached(read, table, cache=cache, group="site")
    assert len(calls) == 3
    assert_array_equal(changed.spectra.values, [[0.2, 0.3], [0.3, 0.5]])
    assert len(list(cache.iterdir())) == 1


def test_a_damaged_cache_is_made_again(tmp_path):
    table, calls = tmp_path / "site.csv", []
    table.write_text("id,400nm,410nm\na,0.2,0.3\nb,0.3,0.4\n")
    read, cache = counted(calls), tmp_path / "cache"
    read_cached(read, table, cache=cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:50])
    read_cached(read, table, cache=cache)
    assert len(calls) == 2
    assert load_survey(kept).n_samples == 2


def test_files_that_hold_no_survey_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and nothing")
    with pytest.raises(UnreadableFileError, match="no stored survey"):
        load_survey(path)
    pd.DataFrame({"a": [1]}).to_parquet(path)
    with pytest.raises(UnreadableFileError, match="layout None; expected 1"):
        load_survey(path)
