"""One verdict a sample, with its reason."""

from dataclasses import replace

import numpy as np
import pytest

from cerussite.core.errors import (
    InvalidSpectraError,
    InvalidStudyError,
    UnreadableFileError,
)
from cerussite.evaluation.applicability import (
    LEAST_SAMPLES,
    Limits,
    fit_applicability,
    from_arrays,
    to_arrays,
)

WAVELENGTHS = np.linspace(400, 2400, 101)


def bump(centre, width):
    return np.exp(-(((WAVELENGTHS - centre) / width) ** 2))


def soils(n, seed=0):
    """Absorbance of soils with two absorbers, a level and noise."""
    rng = np.random.default_rng(seed)
    clay, iron, level = rng.normal(1, 0.2, size=(3, n, 1))
    X = 0.4 * level + 0.2 * clay * bump(2200, 60) + 0.3 * iron * bump(900, 150)
    return X + 0.002 * rng.normal(size=X.shape)


@pytest.fixture(scope="module")
def known():
    return fit_applicability(soils(120), WAVELENGTHS, n_components=3)


def test_new_samples_of_the_same_soils_are_mostly_inside(known):
    table = known.judge(soils(1000, seed=1), WAVELENGTHS)
    shares = table["verdict"].value_counts(normalize=True)
    assert shares["inside"] > 0.82
    assert shares["outside"] < 0.06
    assert (table.loc[table["verdict"] == "inside", "reason"] == "").all()
    assert (table.loc[table["verdict"] != "inside", "reason"] != "").all()


def test_a_shape_never_seen_is_outside_by_its_residual(known):
    new = soils(5, seed=2) + 0.03 * bump(1650, 40)
    table = known.judge(new, WAVELENGTHS)
    assert (table["verdict"] == "outside").all()
    assert table["reason"].str.contains("a shape that the calibration spectra").all()
    assert table["reason"].str.contains(r"residual \d+\.\d times its limit").all()


def test_too_much_of_a_known_shape_is_outside_by_t2(known):
    new = soils(5, seed=2) + 0.4 * bump(900, 150)
    table = known.judge(new, WAVELENGTHS)
    assert (table["verdict"] == "outside").all()
    assert table["reason"].str.contains("far from the mean").all()
    assert table["reason"].str.contains("no similar calibration spectrum").all()
    assert (table["density"] == 0).all()


def test_one_strange_band_is_named(known):
    new = soils(3, seed=2)
    new[:, 50] += 1.0
    table = known.judge(new, WAVELENGTHS)
    assert (table["verdict"] == "outside").all()
    assert table["reason"].str.contains("in 1 of 101 bands, most at 1400 nm").all()
    assert (table["n_bands_outside"] == 1).all()


def test_the_gap_between_two_kinds_of_soil_is_found_by_dissimilarity_alone():
    both = np.vstack([soils(200), soils(200, seed=1) + 4.0])
    known = fit_applicability(both, WAVELENGTHS, n_components=3)
    table = known.judge(soils(20, seed=2) + 2.0, WAVELENGTHS)
    assert (table["dissimilarity"] > known.neighbours.threshold).all()
    assert (table["verdict"] != "inside").all()
    assert table["reason"].str.startswith("no similar calibration spectrum").all()
    assert not table["reason"].str.contains("far from the mean").any()
    assert not table["reason"].str.contains("range").any()


def test_between_the_limits_lies_borderline(known):
    limits = dict(known.limits)
    limits["excess"] = Limits(0.0, 10.0)
    wide = replace(known, limits=limits)
    new = known.space.centre[np.newaxis] + 0.0
    new[0, 7] = known.ranges.highest[7] + 0.001
    limits["squared_residual"] = limits["hotelling"] = Limits(1e9, 1e9)
    table = wide.judge(new, WAVELENGTHS)
    assert table["verdict"].tolist() == ["borderline"]


def test_limits_are_in_order(known):
    assert all(pair.inner <= pair.outer for pair in known.limits.values())


def test_groups_widen_what_counts_as_usual():
    rng = np.random.default_rng(0)
    sites = np.repeat(np.arange(12), 6)
    X = soils(72) + 0.4 * rng.normal(size=(12, 1))[sites] * bump(1500, 300)
    alone = fit_applicability(X, WAVELENGTHS, n_components=4)
    apart = fit_applicability(X, WAVELENGTHS, n_components=4, groups=sites)
    for name in ("hotelling", "squared_residual", "dissimilarity"):
        assert apart.limits[name].outer > alone.limits[name].outer


def test_another_grid_is_refused(known):
    X = soils(2)
    for bands, match in (
        (WAVELENGTHS + 1, r"101 bands, 401 to 2401 nm\).*resample the spectra first"),
        (WAVELENGTHS[::2], r"51 bands, 400 to 2400 nm\); .*101 bands, 400 to 2400"),
        (WAVELENGTHS[:0], r"another grid \(0 bands\)"),
    ):
        with pytest.raises(InvalidSpectraError, match=match):
            known.judge(X[:, : bands.size], bands)


def test_missing_values_are_refused(known):
    X = soils(2)
    X[1, 4] = np.nan
    with pytest.raises(InvalidSpectraError, match="first: row 1"):
        known.judge(X, WAVELENGTHS)
    with pytest.raises(InvalidSpectraError, match="missing or infinite"):
        fit_applicability(np.vstack([soils(40), X]), WAVELENGTHS, n_components=2)


def test_too_few_samples_are_refused_with_the_number_needed():
    assert LEAST_SAMPLES == 20
    with pytest.raises(
        InvalidStudyError, match="19 calibration samples; expected at l"
    ):
        fit_applicability(soils(19), WAVELENGTHS, n_components=2)


def test_spectra_and_wavelengths_must_fit():
    with pytest.raises(InvalidSpectraError, match="for 100 wavelengths"):
        fit_applicability(soils(30), WAVELENGTHS[1:], n_components=2)


def test_twenty_samples_are_enough():
    known = fit_applicability(soils(20), WAVELENGTHS, n_components=2)
    assert set(known.judge(soils(50, seed=3), WAVELENGTHS)["verdict"]) <= {
        *("inside", "borderline", "outside")
    }


def test_arrays_bring_the_same_verdicts_back(known):
    new = np.vstack([soils(20, seed=4), soils(5, seed=5) + 0.05 * bump(1650, 40)])
    again = from_arrays(to_arrays(known))
    assert again.judge(new, WAVELENGTHS).equals(known.judge(new, WAVELENGTHS))


def test_arrays_that_do_not_fit_are_refused(known):
    arrays = to_arrays(known)
    with pytest.raises(UnreadableFileError, match="no array 'loadings'"):
        from_arrays({k: v for k, v in arrays.items() if k != "loadings"})
    with pytest.raises(UnreadableFileError, match=r"'limits' of shape \(3, 2\)"):
        from_arrays({**arrays, "limits": arrays["limits"][1:]})
    with pytest.raises(UnreadableFileError, match=r"'reference' of shape \(120, 2\)"):
        from_arrays({**arrays, "reference": arrays["reference"][:, :2]})
