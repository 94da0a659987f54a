from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.models import (
    BoostedTrees,
    Consensus,
    GaussianProcess,
    KernelRidge,
    PartialLeastSquares,
    RandomForest,
    SpectralRidge,
    SupportVectorRegression,
)

# Small grids: the checks of scikit-learn fit hundreds of times.
PLAIN = {"preprocessing": "none", "standardise": False, "n_folds": 3}
ESTIMATORS = [
    PartialLeastSquares(n_components=5, **PLAIN),
    SpectralRidge(**PLAIN),
    KernelRidge(lengths=(1.0, 3.0), **PLAIN),
    GaussianProcess(lengths=(1.0, 3.0), **PLAIN),
    SupportVectorRegression(lengths=(1.0,), **PLAIN),
    RandomForest(n_trees=10, **PLAIN),
    BoostedTrees(rounds=(25, 100), learning_rate=0.2, **PLAIN),
    Consensus(members=(SpectralRidge(), KernelRidge(lengths=(1.0,))), **PLAIN),
    Consensus(
        members=(SpectralRidge(), PartialLeastSquares(n_components=3)),
        combine="stack",
        **PLAIN,
    ),
]


@parametrize_with_checks(ESTIMATORS)
def test_estimators_keep_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
