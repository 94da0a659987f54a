"""What every calibration on tables must do."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.models.tabular import (
    LogLinearRidge,
    SpatialKriging,
    TableEncoder,
    TabularBoostedTrees,
    TabularConsensus,
    TabularForest,
    TabularGaussianProcess,
    TabularSupportVectors,
)

# Small: the checks of scikit-learn fit hundreds of times, on negative responses.
PLAIN = {"response_transform": "none", "n_folds": 3}
SMALL = [
    LogLinearRidge(**PLAIN),
    TabularSupportVectors(lengths=(0.7,), costs=(10.0,), **PLAIN),
    TabularForest(n_trees=10, **PLAIN),
    TabularForest(n_trees=10, growth="random_splits", is_shared=True, **PLAIN),
    TabularBoostedTrees(rounds=(25, 100), learning_rate=0.2, **PLAIN),
    TabularGaussianProcess(n_steps=5, likelihood_rows=60, **PLAIN),
    SpatialKriging(likelihood_rows=40, **PLAIN),
    TabularConsensus(
        members=(LogLinearRidge(), TabularSupportVectors(lengths=(0.7,))), **PLAIN
    ),
]


@parametrize_with_checks([*SMALL, TableEncoder()])
def test_estimators_on_tables_keep_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
