import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation import (
    CalibrationResiduals,
    ConformalRegressor,
    Predictions,
    prediction_intervals,
)


@parametrize_with_checks(
    [
        ConformalRegressor(Ridge(), n_folds=3),
        ConformalRegressor(Ridge(), method="split"),
        ConformalRegressor(Ridge(), method="bootstrap", n_members=10),
    ]
)
def test_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def survey(n_samples=90, n_responses=2):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_samples, 3))
    noise = rng.normal(size=(n_samples, n_responses))
    return X, X @ np.ones((3, n_responses)) + noise


METHODS = pytest.mark.parametrize("method", ["split", "cross", "bootstrap"])


@METHODS
@pytest.mark.parametrize("difficulty", ["none", "neighbours", "spread"])
def test_all_answers_have_the_shape_of_y(method, difficulty):
    X, y = survey()
    y[::7, 1] = np.nan
    model = ConformalRegressor(
        Ridge(), method=method, difficulty=difficulty, n_folds=3, n_members=8
    )
    for responses, shape in ((y, (5, 2)), (y[:, 0], (5,))):
        fitted = clone(model).fit(X, responses)
        lower, upper = fitted.predict_interval(X[:5], level=0.8)
        predicted = fitted.predict(X[:5])
        above = fitted.predict_exceedance(X[:5], threshold=0.0)
        middle = fitted.predict_quantile(X[:5], probability=0.5)
        draws = fitted.predict_draws(X[:5], n_draws=4, random_state=0)
        for found in (lower, upper, predicted, above, middle):
            assert found.shape == shape
        assert draws.shape == (4, *shape)
        assert (lower < upper).all()
        assert ((above > 0) & (above < 1)).all()


class Recorder(RegressorMixin, BaseEstimator):
    """Remembers the rows it was fitted on; the covariate is the row number."""

    def fit(self, X, y, groups=None):
        self.rows_ = set(X[:, 0].astype(int).tolist())
        self.groups_ = None if groups is None else set(np.asarray(groups).tolist())
        self.mean_ = np.mean(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


@METHODS
def test_every_residual_is_of_models_that_had_not_seen_the_row(method):
    X = np.arange(40.0)[:, np.newaxis]
    y = np.random.default_rng(0).normal(size=40)
    model = ConformalRegressor(Recorder(), method=method, n_folds=4, n_members=12)
    model.fit(X, y)
    members = [member.models[0] for member in model.fold_models_.members]
    unseen = model.fold_models_.unseen
    means = np.array([member.mean_ for member in members])
    kept = [i for i in range(40) if any(i not in member.rows_ for member in members)]
    assert len(kept) == len(unseen) == len(model.residuals_.scaled)
    for at, row in enumerate(kept):
        honest = [row not in member.rows_ for member in members]
        assert unseen[at].tolist() == honest
        expected = y[row] - means[honest].mean()
        assert model.residuals_.scaled[at, 0] == pytest.approx(expected)


@METHODS
def test_groups_are_never_split_and_reach_the_estimator(method):
    X = np.arange(60.0)[:, np.newaxis]
    sites = np.repeat(np.arange(20), 3)
    y = np.random.default_rng(0).normal(size=60)
    model = ConformalRegressor(Recorder(), method=method, grouped=True, n_folds=4)
    model.fit(X, y, groups=sites)
    for member in model.fold_models_.members:
        fitted = member.models[0]
        assert len(fitted.rows_) == 3 * len(fitted.groups_)
        assert {int(sites[row]) for row in fitted.rows_} == fitted.groups_


def test_a_response_is_fitted_on_the_rows_where_it_was_measured():
    X, y = survey()
    y[30:, 1] = np.nan
    model = ConformalRegressor(LinearRegression()).fit(X, y)
    expected = LinearRegression().fit(X[:30], y[:30, 1]).predict(X)
    assert_allclose(model.predict(X)[:, 1], expected)
    assert np.isnan(model.residuals_.scaled[30:, 1]).all()
    assert np.isfinite(model.residuals_.scaled[:30]).all()


def test_one_estimator_for_all_responses_is_given_them_all():
    X, y = survey()
    model = ConformalRegressor(LinearRegression(), per_response=False).fit(X, y)
    assert model.fold_models_.members[0].models[0].coef_.shape == (2, 3)
    alone = ConformalRegressor(LinearRegression()).fit(X, y)
    for one, other in zip(
        model.predict_interval(X, level=0.9),
        alone.predict_interval(X, level=0.9),
        strict=True,
    ):
        assert_allclose(one, other)


def test_the_log_scale_equals_a_fit_on_logarithms():
    X, y = survey(n_responses=1)
    on_log = ConformalRegressor(Ridge(), log=True).fit(X, np.exp(y))
    plain = ConformalRegressor(Ridge()).fit(X, y)
    for here, there in zip(
        on_log.predict_interval(X[:9], level=0.9),
        plain.predict_interval(X[:9], level=0.9),
        strict=True,
    ):
        assert_allclose(here, np.exp(there))
    assert_allclose(on_log.predict(X), np.exp(plain.predict(X)))
    assert_allclose(
        on_log.predict_exceedance(X, threshold=2.0),
        plain.predict_exceedance(X, threshold=np.log(2.0)),
    )


def test_stored_residuals_give_the_same_intervals_without_the_regressor():
    X, y = survey()
    model = ConformalRegressor(Ridge(), method="split").fit(X, y)
    stored = CalibrationResiduals.from_json(model.residuals_.to_json())
    found = prediction_intervals(stored, Predictions(model.predict(X)), level=0.9)
    assert_array_equal(found, model.predict_interval(X, level=0.9))


def literal_spread(members, unseen, X):
    spread = []
    for row, honest in zip(X, unseen, strict=True):
        said = [m.predict(row[np.newaxis])[0] for m in members[honest]]
        spread.append(np.std(said))
    return np.array(spread)


def test_the_spread_is_that_of_members_that_had_not_seen_the_row():
    X, y = survey(n_responses=1)
    model = ConformalRegressor(Ridge(), method="bootstrap", difficulty="spread")
    model.fit(X, y[:, 0])
    folds = model.fold_models_
    members = np.array([member.models[0] for member in folds.members])
    spread = literal_spread(members, folds.unseen, X)
    expected = 0.5 * np.median(spread) + spread
    _, difficulty = folds.out_of_fold(X)
    assert_allclose(difficulty[:, 0], expected)
    new = X[:1] + 3.0
    lower, upper = model.predict_interval(new, level=0.9)
    said = np.array([member.predict(new)[0] for member in members])
    ups = [
        said[honest].mean()
        + (0.5 * np.median(spread) + said[honest].std()) * abs(score)
        for honest, score in zip(
            folds.unseen, model.residuals_.scaled[:, 0], strict=True
        )
    ]
    assert upper[0] == pytest.approx(np.sort(ups)[int(np.ceil(0.9 * 91)) - 1])
    assert lower[0] < upper[0]


def test_difficult_samples_get_wider_intervals():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(150, 2)), 4 * rng.normal(size=(50, 2))])
    y = X[:, 0] + rng.normal(size=200) * np.hypot(*X.T)
    new = np.array([[0.0, 0.0], [8.0, 8.0]])
    for difficulty in ("neighbours", "spread"):
        for method in ("split", "cross", "bootstrap"):
            model = ConformalRegressor(Ridge(), method=method, difficulty=difficulty)
            lower, upper = model.fit(X, y).predict_interval(new, level=0.9)
            assert (upper - lower)[1] > 1.5 * (upper - lower)[0]


def test_the_same_random_state_gives_the_same_intervals():
    X, y = survey()
    options = {"method": "bootstrap", "difficulty": "spread", "random_state": 5}
    one, other = (
        ConformalRegressor(Ridge(), **options).fit(X, y).predict_interval(X, level=0.9)
        for _ in range(2)
    )
    assert_array_equal(one, other)


def test_grouped_intervals_without_groups_are_refused():
    X, y = survey()
    with pytest.raises(InvalidStudyError, match="no groups for grouped intervals"):
        ConformalRegressor(Ridge(), grouped=True).fit(X, y)
    sites = np.repeat(np.arange(6), 15)
    model = ConformalRegressor(Ridge(), grouped=True, n_folds=3)
    model.fit(X, y, groups=sites)
    with pytest.raises(InvalidStudyError, match=r"6 groups .* expected at least 9"):
        model.predict_interval(X, level=0.9)


def test_an_unfitted_regressor_is_refused():
    X, _ = survey()
    model = ConformalRegressor(Ridge())
    with pytest.raises(NotFittedError, match="not fitted yet"):
        model.predict_interval(X, level=0.9)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        model.predict_exceedance(X, threshold=1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "full"}, "method 'full'; expected 'split', 'cross' or 'bootst"),
        ({"difficulty": "age"}, "difficulty 'age'; expected one of none, neighbours"),
        ({"n_members": 1}, "1 bootstrap members; expected at least 2"),
        ({"n_folds": 91}, "91 folds of 90 groups"),
        (
            {"method": "split", "calibration_share": 1.0},
            "leaves 90 of 90 labels to calibrate on",
        ),
        ({"log": True}, "observed values of response 0 are <= 0"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    X, y = survey()
    with pytest.raises(InvalidStudyError, match=message):
        ConformalRegressor(Ridge(), **options).fit(X, y)


def test_a_response_measured_in_one_fold_only_is_refused():
    X, y = survey()
    y[1:, 1] = np.nan
    with pytest.raises(InvalidStudyError, match="response 1 was not measured on any"):
        ConformalRegressor(Ridge()).fit(X, y)
