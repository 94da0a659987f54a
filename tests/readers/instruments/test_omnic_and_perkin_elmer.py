"""OMNIC and PerkinElmer: codes, scales and axes by their layouts."""

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra


def test_omnic_spectrum_falls_from_its_first_wavenumber(write, build):
    file = read_spectra(write(build.spa()))
    np.testing.assert_array_equal(file.chosen.axis, [4000, 3000, 2000, 1000])
    np.testing.assert_array_equal(file.chosen.values[0], build.sample / 16)
    assert (file.chosen.quantity, file.chosen.axis_unit) == ("absorbance", "cm-1")
    assert (file.n_scans, file.reference) == (32, "background of 64 scans")
    assert file.metadata["title"] == "soil 7"
    # 3,913,844,645 s after the last day of 1899 began.
    assert file.date == "2024-01-09T03:04:05Z"


@pytest.mark.parametrize(
    ("code", "quantity", "divisor"),
    [
        (11, "reflectance", 100),
        (12, "unknown", 1),
        (16, "transmittance", 100),
        (20, "other", 1),
    ],
)
def test_omnic_codes_of_the_ordinate(write, build, code, quantity, divisor):
    block = read_spectra(write(build.spa(y_code=code))).chosen
    assert (block.quantity, block.divisor) == (quantity, divisor)


def test_omnic_interferogram_is_no_spectrum(write, build):
    file = read_spectra(write(build.spa(y_code=22, x_code=2)))
    assert file.chosen.quantity == "interferogram"
    with pytest.raises(UnreadableFileError, match="holds interferogram"):
        file.to_spectra()


@pytest.mark.parametrize(
    ("label", "quantity", "divisor"),
    [
        (b"A", "absorbance", 1),
        (b"%T", "transmittance", 100),
        (b"%R", "reflectance", 100),
    ],
)
@pytest.mark.parametrize("kind", ["pepe", "peir"])
def test_perkin_elmer_labels_say_the_quantity(
    write, build, kind, label, quantity, divisor
):
    block = read_spectra(write(getattr(build, kind)(label))).chosen
    assert (block.quantity, block.divisor, block.axis_unit) == (
        quantity,
        divisor,
        "cm-1",
    )
    np.testing.assert_array_equal(block.axis, [4000, 3000, 2000, 1000])


def test_perkin_elmer_values_have_their_scale(write, build):
    new, old = read_spectra(write(build.pepe())), read_spectra(write(build.peir()))
    np.testing.assert_array_equal(new.chosen.values[0], build.sample / 16)
    np.testing.assert_array_equal(old.chosen.values[0], build.sample / 16 + 0.5)
    assert new.metadata["name"] == "" or new.metadata["name"] == "soil 7.sp"


@pytest.mark.parametrize("kind", ["spa", "pepe", "peir"])
def test_files_cut_in_their_values_are_refused(write, build, kind):
    data = getattr(build, kind)()
    with pytest.raises(UnreadableFileError, match="the file is cut or damaged"):
        read_spectra(write(data[:-3]))
