import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerussite.reporting.numerals import (
    difference_with_interval,
    fixed,
    percent,
    probability,
    significant,
    with_interval,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9723.4, "9720"),
        (123456.0, "123\u202f000"),
        (86.04, "86.0"),
        (0.012345, "0.0123"),
        (99.96, "100"),
        (-4.2, "−4.20"),
        (0.0, "0"),
        (math.nan, "–"),
    ],
)
def test_concentrations_have_three_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


@given(st.floats(1e-6, 1e6))
def test_rounding_moves_a_value_by_half_a_unit_of_the_third_digit(value: float) -> None:
    shown = float(significant(value).replace("\u202f", ""))
    assert abs(shown - value) <= 0.5001 * 10 ** (math.floor(math.log10(value)) - 2)


def test_a_negative_zero_is_written_as_zero() -> None:
    assert fixed(-0.001, 2) == "0.00"


def test_an_interval_has_the_decimals_of_its_value() -> None:
    assert with_interval("rmse", 86.04, 71.27, 104.41) == ("86.0", "[71.3, 104.4]")
    assert with_interval("r2", 0.5, 0.4, math.nan) == ("0.50", "")


def test_a_bound_above_zero_is_never_written_as_zero() -> None:
    assert difference_with_interval("r2", 0.02, 0.004, 0.036)[1] == "[0.004, 0.036]"
    assert difference_with_interval("r2", 0.02, 0.0, 0.04)[1] == "[0.00, 0.04]"


def test_shares_and_p_values_are_short() -> None:
    assert percent(0.873) == "87\u202f%"
    assert probability(1e-9) == "< 0.001"
    assert probability(math.nan) == "–"
