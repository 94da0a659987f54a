import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerussite.readers.cells import NotANumberError, parse_measured, parse_number


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [("12.5", ".", 12.5), (" 12,5 ", ",", 12.5), ("1e3", ".", 1000), ("-3", ".", -3), (".5", ".", 0.5), ("0.5", ",", None),
     ("1,234", ".", None), ("1.234,5", ",", None), ("inf", ".", None), ("1_000", ".", None), ("12 mg", ".", None), ("-", ".", None)],
)  # fmt: skip
def test_numbers_are_numbers_and_nothing_else(text, decimal, value):
    if value is None:
        with pytest.raises(NotANumberError, match="expected a number with decimal"):
            parse_number(text, decimal)
    else:
        assert parse_number(text, decimal) == value


@pytest.mark.parametrize("text", ["", "  ", "NA", "n.d.", "N.D.", "nan", "n/a"])
def test_not_measured_is_nan_and_not_censored(text):
    measured = parse_measured(text, decimal=".", limit=1.0)
    assert math.isnan(measured.value)
    assert not measured.is_censored


@pytest.mark.parametrize(
    ("text", "limit", "value"),
    [("<0.5", None, 0.5), ("< 0.5", 9.0, 0.5), ("<LOD", 2.0, 2.0), ("< lod", 2.0, 2.0)],
)
def test_below_the_limit_is_censored_at_the_limit(text, limit, value):
    assert parse_measured(text, decimal=".", limit=limit) == (value, True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<LOD", "give the detection limit"),
        ("<", "expected a limit after"),
        ("< NA", "limit after"),
        (">1000", "correct the cell"),
        ("<1;5", "correct the cell"),
    ],
)
def test_other_text_is_refused(text, reason):
    with pytest.raises(NotANumberError, match=reason):
        parse_measured(text, decimal=".", limit=None)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_writes_is_read_back(number):
    assert parse_number(repr(number)) == number
    assert parse_number(repr(number).replace(".", ","), ",") == number
