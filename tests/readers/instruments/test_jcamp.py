"""JCAMP-DX: all forms of ordinates, blocks and commas."""

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra
from cerussite.readers.instruments.jcamp_ordinates import decode_ordinates

# One spectrum in the forms of JCAMP-DX 4.24; each written out by hand.
FORMS = {
    "plain": ["4000 100 101 101 -7", "0 -7 5 0 0"],
    "packed": ["4000+100+101+101-7", "0-7+5+0+0"],
    "squeezed": ["4000A00A01A01g", "0gE@@"],
    "differences": ["4000A00J%j08%", "0gJ2n%"],
    "duplicates": ["4000A00A01Tg", "0gE@T"],
    "differences and duplicates": ["4000A00J%j08%", "0gJ2n%S"],
}
VALUES = [100, 101, 101, -7, -7, 5, 0, 0]


def _file(lines, n_points=8, form="(X++(Y..Y))", **labels):
    fields = {
        "TITLE": "soil",
        "JCAMP-DX": "4.24",
        "XUNITS": "1/CM",
        "YUNITS": "ABSORBANCE",
        "FIRSTX": "4000",
        "LASTX": "500",
        "XFACTOR": "1",
        "YFACTOR": "0.5",
        "NPOINTS": str(n_points),
    } | labels
    head = [
        f"##{label}={value}" for label, value in fields.items() if value is not None
    ]
    kind = "XYPOINTS" if form == "(XY..XY)" else "XYDATA"
    return "\n".join([*head, f"##{kind}={form}", *lines, "##END=", ""])


@pytest.mark.parametrize("lines", FORMS.values(), ids=FORMS)
def test_every_form_gives_the_same_ordinates(lines):
    assert decode_ordinates(lines, 8).values == VALUES


@pytest.mark.parametrize("lines", FORMS.values(), ids=FORMS)
def test_abscissas_run_evenly_and_ordinates_are_scaled(write, lines):
    block = read_spectra(write(_file(lines))).chosen
    np.testing.assert_array_equal(block.axis, np.arange(4000.0, 0.0, -500.0))
    np.testing.assert_array_equal(block.values[0], np.array(VALUES) * 0.5)
    assert (block.quantity, block.axis_unit) == ("absorbance", "cm-1")


def test_comments_are_stripped_everywhere(write):
    lines = ["$$ a comment", "4000 1 2 $$ 99", "3000 3 4"]
    block = read_spectra(write(_file(lines, 4))).chosen
    np.testing.assert_array_equal(block.values[0], [0.5, 1.0, 1.5, 2.0])


def test_a_wrong_check_value_is_reported():
    ordinates = decode_ordinates(["1 A2j1", "3C7J"], 4)
    assert ordinates.n_wrong_checks == 1
    assert ordinates.values == [12.0, 1.0, 38.0]


@pytest.mark.parametrize("n_points", [7, 9])
def test_a_wrong_number_of_points_is_refused(write, n_points):
    with pytest.raises(UnreadableFileError, match="ordinates"):
        read_spectra(write(_file(FORMS["packed"], n_points)))


def test_pairs_keep_their_own_abscissas(write):
    lines = ["400, 1; 401.5, 2;", "410 3"]
    block = read_spectra(write(_file(lines, 3, "(XY..XY)"))).chosen
    np.testing.assert_array_equal(block.axis, [400, 401.5, 410])


def test_a_decimal_comma_is_read_where_the_header_has_it(write):
    lines = ["176,50, 32,25", "177,50, 64,50"]
    text = _file(lines, 2, "(XY..XY)", FIRSTX="176,50", LASTX="177,50", YFACTOR="1.0")
    file = read_spectra(write(text))
    np.testing.assert_array_equal(file.chosen.axis, [176.5, 177.5])
    np.testing.assert_array_equal(file.chosen.values[0], [32.25, 64.5])
    assert "decimal comma" in file.warnings[0]


def test_without_that_header_commas_separate(write):
    lines = ["176,50,177,60"]
    block = read_spectra(write(_file(lines, 2, "(XY..XY)"))).chosen
    np.testing.assert_array_equal(block.axis, [176, 177])


def test_blocks_of_a_compound_file_are_told_apart(write):
    inner = _file(["4000 1 2"], 2)
    text = "##TITLE=all\n##DATA TYPE=LINK\n##BLOCKS=2\n" + inner + inner + "##END=\n"
    file = read_spectra(write(text))
    assert [block.name for block in file.blocks] == ["soil", "soil (2)"]
    assert file.chosen is None
    with pytest.raises(UnreadableFileError, match=r"say which \(block\)"):
        file.to_spectra()
    assert read_spectra(write(text), block="soil (2)").chosen.name == "soil (2)"


def test_tuples_give_the_real_and_the_imaginary_part(write):
    text = """##TITLE=complex
##JCAMP-DX=5.0
##NTUPLES=NMR SPECTRUM
##VAR_NAME= FREQUENCY, SPECTRUM/REAL, SPECTRUM/IMAG, PAGE NUMBER
##SYMBOL= X, R, I, N
##VAR_DIM= 2, 2, 2, 2
##UNITS= HZ, ARBITRARY UNITS, ARBITRARY UNITS,
##FIRST= 100, 1, 3, 1
##LAST= 50, 2, 4, 2
##FACTOR= 1, 10, 1, 1
##PAGE= N=1
##DATA TABLE= (X++(R..R)), XYDATA
100 1 2
##PAGE= N=2
##DATA TABLE= (X++(I..I)), XYDATA
100 3 4
##END NTUPLES=NMR SPECTRUM
##END=
"""
    file = read_spectra(write(text))
    assert [block.name for block in file.blocks] == ["SPECTRUM/REAL", "SPECTRUM/IMAG"]
    assert file.chosen is file.blocks[0]
    np.testing.assert_array_equal(file.blocks[0].values[0], [10, 20])
    np.testing.assert_array_equal(file.blocks[1].values[0], [3, 4])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["4000 A1S99999999999"], "repeated 1e.11 times|repeated"),
        (["4000 A1!"], "expected packed numbers"),
        (["4000 1 x"], "expected"),
        (["A1A2"], "expected an abscissa first"),
        (["4000J1"], "a difference with nothing before it"),
        (["4000 " + "9" * 5000], "ordinates"),
    ],
)
def test_ordinates_of_no_form_are_refused(write, lines, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(write(_file(lines)))


@pytest.mark.parametrize("n_points", ["1e300", "nan", "-4", "2.5", "", "99999999"])
def test_impossible_numbers_of_points_are_refused(write, n_points):
    with pytest.raises(UnreadableFileError, match="##NPOINTS"):
        read_spectra(write(_file(FORMS["plain"], n_points)))
