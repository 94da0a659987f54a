import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.core.errors import InvalidStudyError
from cerussite.models.tabular import TableEncoder


def table():
    return pd.DataFrame(
        {
            "depth": [1.0, 2.0, np.nan, 4.0, 9.0, 3.0, 3.0],
            "use": ["a", "a", "a", "b", "b", "c", None],
            "empty": [np.nan] * 7,
        }
    )


def plain(**options):
    return TableEncoder(is_scaled=False, min_level_rows=2, **options)


def test_gaps_become_the_median_of_the_calibration_rows():
    encoded = plain().fit(table()).transform(table())
    assert encoded[2, 0] == 3.0  # of 1, 2, 3, 3, 4, 9


def test_nothing_is_learnt_from_new_rows():
    encoder = TableEncoder(min_level_rows=2).fit(table())
    alone = encoder.transform(table()[:1])
    among = encoder.transform(pd.concat([table()[:1], table()[4:].assign(depth=1e6)]))
    assert_array_equal(alone[0], among[0])
    assert_array_equal(encoder.transform(table())[0], alone[0])


def test_every_level_has_a_column_and_rare_ones_share_one():
    encoder = plain().fit(table())
    assert encoder.names_ == ["depth", "use=a", "use=b", "use=other", "empty"]
    assert encoder.sources_.tolist() == [0, 1, 1, 1, 2]
    expected = [[1, 0, 0]] * 3 + [[0, 1, 0]] * 2 + [[0, 0, 1], [0, 0, 0]]
    assert_array_equal(encoder.transform(table())[:, 1:4], expected)


def test_what_was_decided_is_noted():
    assert plain().fit(table()).notes_ == [
        "depth: 1 gaps became the median",
        "use: 1 levels of fewer than 2 rows became 'other'",
        "empty: no value in the calibration rows; not used",
    ]


def test_new_levels_are_named_and_go_where_rare_ones_went():
    encoder = plain().fit(table())
    new = table().assign(use=["a", "x", "y", "b", None, "c", "x"])
    assert encoder.unseen_levels(new) == {"use": ["x", "y"]}
    with pytest.warns(UserWarning, match=r"2 levels .* \('x', 'y'\)"):
        encoded = encoder.transform(new)
    assert encoded[:, 3].tolist() == [0, 1, 1, 0, 0, 1, 1]


def test_a_new_level_is_no_level_where_none_was_rare():
    known = pd.DataFrame({"use": ["a"] * 5 + ["b"] * 5})
    encoder = TableEncoder(is_scaled=False).fit(known)
    with pytest.warns(UserWarning, match="1 levels"):
        assert encoder.transform(pd.DataFrame({"use": ["x"]})).tolist() == [[0.0, 0.0]]


def test_indicators_say_where_gaps_were():
    encoder = plain(has_indicators=True).fit(table())
    assert encoder.names_[-2:] == ["depth missing", "empty missing"]
    encoded = encoder.transform(table())
    assert encoded[:, -2].tolist() == [0, 0, 1, 0, 0, 0, 0]


def test_trees_get_gaps_and_level_numbers_as_they_are():
    encoder = plain(is_filled=False, one_hot=False).fit(table())
    encoded = encoder.transform(table())
    assert encoder.names_ == ["depth", "use", "empty"]
    assert_array_equal(encoded[:, 1], [0, 0, 0, 1, 1, 2, np.nan])
    assert np.isnan(encoded[2, 0])


def test_skewed_numbers_become_logarithms_with_a_straight_foot():
    x = np.exp(np.linspace(0.0, 10.0, 201))
    encoder = TableEncoder(is_scaled=False).fit(x[:, np.newaxis])
    bend = np.exp(0.5)  # 5 % of the way
    encoded = encoder.transform(np.array([[0.0], [1e6]]))
    assert encoded[0, 0] == 0.0
    assert encoded[1, 0] == pytest.approx(np.log(2e6 / bend), abs=1e-9)
    assert encoder.notes_ == ["0: logarithms above 1.65"]


def test_even_numbers_and_truth_values_stay_as_they_are():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.uniform(1.0, 2.0, 50), rng.uniform(size=50) < 0.05])
    assert_array_equal(TableEncoder(is_scaled=False).fit_transform(X), X)


def test_scaled_columns_have_mean_zero_and_variance_one():
    encoded = TableEncoder(min_level_rows=2).fit_transform(table())
    assert_allclose(encoded.mean(axis=0), 0.0, atol=1e-12)
    assert_allclose(encoded.std(axis=0), [1.0, 1.0, 1.0, 1.0, 0.0])


@given(st.floats(0.01, 100.0), st.floats(-50.0, 50.0))
def test_scaled_columns_forget_their_unit(factor, offset):
    x = np.random.default_rng(0).normal(size=(20, 1))
    encoder = TableEncoder(logs="none")
    other = encoder.fit_transform(factor * x + offset)
    assert_allclose(other, encoder.fit_transform(x), atol=1e-8)


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ([1.0, np.inf] * 3, "'x': 1 infinite values|'x': 3 infinite values"),
        (pd.date_range("2001-01-01", periods=6), "'x' holds .*2001.*convert dates"),
        (["a", 1, "b"] * 2, "'x' holds 1; argument must be a string"),
    ],
)
def test_columns_that_are_neither_numbers_nor_text_are_refused(column, found):
    with pytest.raises(InvalidStudyError, match=found):
        TableEncoder().fit(pd.DataFrame({"x": column}))


def test_text_where_numbers_were_and_numbers_where_text_was_are_refused():
    encoder = plain().fit(table())
    with pytest.raises(InvalidStudyError, match="'depth' holds text; expected numbers"):
        encoder.transform(table().assign(depth="deep"))
    with pytest.raises(InvalidStudyError, match="'use' holds numbers; expected text"):
        encoder.transform(table().assign(use=1.0))


def test_categories_and_nullable_numbers_are_read():
    given = table().astype({"use": "category", "depth": "Float64"})
    assert_array_equal(plain().fit_transform(given), plain().fit_transform(table()))


def test_an_unknown_way_of_logarithms_is_refused():
    with pytest.raises(InvalidStudyError, match="logs 'always'; expected one of auto"):
        TableEncoder(logs="always").fit(np.ones((5, 1)))
