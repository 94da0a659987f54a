"""What every family keeps: gaps, shapes, groups, units, folders."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from cerussite.core.errors import CerussiteError, InvalidStudyError, UnreadableFileError
from cerussite.evaluation import r2
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

VIEWS = {"preprocessing": ("none", "snv")}
FAMILIES = [
    PartialLeastSquares(**VIEWS),
    SpectralRidge(**VIEWS),
    KernelRidge(**VIEWS),
    GaussianProcess(lengths=(1.0, 3.0), **VIEWS),
    SupportVectorRegression(lengths=(1.0, 3.0), **VIEWS),
    RandomForest(n_trees=20, preprocessing="none"),
    BoostedTrees(rounds=(20, 60), learning_rate=0.2, preprocessing="none"),
    Consensus(
        members=(SpectralRidge(), KernelRidge(lengths=(1.0, 3.0))),
        combine="stack",
        **VIEWS,
    ),
]
every_family = pytest.mark.parametrize(
    "family", FAMILIES, ids=lambda family: type(family).__name__
)


def spectra_and_responses(n_samples=60, n_bands=40):
    """Two bands of different area on a changing baseline, and what they stand for."""
    rng = np.random.default_rng(0)
    bands = np.linspace(0.0, 1.0, n_bands)
    amounts = rng.uniform(0.5, 2.0, (n_samples, 2))
    peaks = np.exp(-(((bands - np.array([[0.3], [0.7]])) / 0.08) ** 2))
    baseline = 0.5 + rng.uniform(0.0, 0.3, (n_samples, 1)) * bands
    noise = rng.normal(0.0, 0.005, (n_samples, n_bands))
    return amounts @ peaks + baseline + noise, amounts * np.array([100.0, 5.0])


@every_family
def test_every_family_predicts_what_two_bands_say(family):
    X, y = spectra_and_responses()
    fitted = clone(family).fit(X[:45], y[:45])
    assert np.all(r2(y[45:], fitted.predict(X[45:])) > 0.6)
    assert np.all(r2(y[:45], fitted.out_of_fold_) > 0.6)


@every_family
def test_permuted_responses_leave_no_skill(family):
    X, y = spectra_and_responses()
    shuffled = y[np.random.default_rng(1).permutation(45)]
    fitted = clone(family).fit(X[:45], shuffled)
    assert np.all(r2(y[45:], fitted.predict(X[45:])) < 0.3)


@every_family
def test_a_response_is_learnt_from_the_rows_where_it_was_measured(family):
    X, y = spectra_and_responses()
    gaps = y.copy()
    gaps[:20, 1] = np.nan
    both = clone(family).fit(X, gaps)
    alone = clone(family).fit(X[20:], y[20:, 1])
    first = clone(family).fit(X, y[:, 0])
    assert_allclose(both.predict(X)[:, 0], first.predict(X), rtol=1e-6)
    # Positions of folds depend on the rows in use alone, so these agree as well.
    assert_allclose(both.predict(X)[:, 1], alone.predict(X), rtol=1e-6)
    assert np.isnan(both.out_of_fold_[:20, 1]).all()
    assert np.isfinite(both.out_of_fold_[20:, 1]).all()


@every_family
def test_predictions_follow_the_unit_of_the_responses(family):
    X, y = spectra_and_responses()
    milli = clone(family).fit(X, y[:, 0]).predict(X)
    # A power of two leaves every rounding, and so every split of a tree, alone.
    micro = clone(family).fit(X, 1024.0 * y[:, 0]).predict(X)
    assert_allclose(micro, 1024.0 * milli, rtol=1e-6)


@every_family
def test_shapes_follow_the_responses(family):
    X, y = spectra_and_responses()
    assert clone(family).fit(X, y[:, 0]).predict(X[:3]).shape == (3,)
    assert clone(family).fit(X, y[:, :1]).predict(X[:3]).shape == (3, 1)
    assert clone(family).fit(X, y).predict(X[:3]).shape == (3, 2)


@every_family
def test_a_family_comes_back_from_its_folder(family, tmp_path):
    X, y = spectra_and_responses()
    y[:5, 1] = np.nan
    fitted = clone(family).fit(X, y)
    fitted.save(tmp_path / "calibration")
    back = type(family).load(tmp_path / "calibration")
    assert_array_equal(back.predict(X), fitted.predict(X))
    assert {f.suffix for f in (tmp_path / "calibration").iterdir()} == {".skops"}


@every_family
def test_the_logarithm_returns_to_the_unit_of_the_response(family):
    X, y = spectra_and_responses()
    grades = np.exp(y[:, 0] / 50.0)
    fitted = clone(family).set_params(response_transform="log").fit(X, grades)
    assert r2(grades[:, np.newaxis], fitted.out_of_fold_)[0] > 0.6
    assert fitted.predict(X).min() > 0


def test_groups_are_never_split_by_inner_folds():
    # Twins of one spectrum with wild responses: whoever splits them predicts each
    # from the other, whoever does not learns that nothing can be learnt.
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(25, 30)), 2, axis=0)
    X += 1e-6 * rng.normal(size=X.shape)
    y = np.repeat(rng.normal(size=25), 2)
    twins = np.repeat(np.arange(25), 2)
    kernel = KernelRidge(preprocessing="none")
    split = kernel.fit(X, y).out_of_fold_
    together = kernel.fit(X, y, groups=twins).out_of_fold_
    observed = y[:, np.newaxis]
    assert r2(observed, split)[0] > 0.5
    assert r2(observed, together)[0] < 0.2


def test_infinite_sharpness_keeps_the_best_view_alone():
    X, y = spectra_and_responses()
    ridge = SpectralRidge(sharpness=float("inf")).fit(X, y)
    assert [len(terms) for terms in ridge.terms_] == [1, 1]
    assert [terms[0].weight for terms in ridge.terms_] == [1.0, 1.0]


def scales(estimator):
    return [
        {type(term.transform).__name__ for term in terms} for terms in estimator.terms_
    ]


def test_automatic_scale_takes_the_logarithm_of_an_exponential_response():
    X, y = spectra_and_responses()
    skewed = np.column_stack([np.exp(y[:, 0] / 25.0), y[:, 1]])
    ridge = SpectralRidge(response_transform="auto", sharpness=float("inf"), **VIEWS)
    assert scales(ridge.fit(X, skewed)) == [{"LogResponse"}, {"ResponseTransform"}]


def test_automatic_scale_averages_both_where_they_do_as_well():
    X, y = spectra_and_responses()
    ridge = SpectralRidge(response_transform="auto", sharpness=0.0, **VIEWS)
    assert scales(ridge.fit(X, y[:, 0])) == [{"LogResponse", "ResponseTransform"}]


def test_automatic_scale_leaves_responses_with_zeros_alone():
    X, y = spectra_and_responses()
    skewed = np.exp(y[:, 0] / 25.0)
    skewed[0] = 0.0
    ridge = SpectralRidge(response_transform="auto", **VIEWS)
    assert scales(ridge.fit(X, skewed)) == [{"ResponseTransform"}]


def one_spectrum_unlike_the_others():
    # Without much of a penalty its prediction is e to the power of thousands.
    X, y = spectra_and_responses()
    X[0] += 1e4 * np.random.default_rng(0).normal(size=X.shape[1])
    return X, np.exp(y[:, 0] / 2.0)


def test_settings_that_leave_the_range_of_numbers_lose():
    X, y = one_spectrum_unlike_the_others()
    ridge = SpectralRidge(
        penalties=(1e-12, 1e9), response_transform="log", preprocessing="none"
    ).fit(X, y)
    assert np.isfinite(ridge.out_of_fold_).all()
    assert {term.setting for term in ridge.terms_[0]} == {"penalty 1e+09"}


def test_no_setting_within_the_range_of_numbers_is_refused():
    X, y = one_spectrum_unlike_the_others()
    ridge = SpectralRidge(
        penalties=(1e-12,), response_transform="log", preprocessing="none"
    )
    with pytest.raises(InvalidStudyError, match="beyond the range of numbers"):
        ridge.fit(X, y)


@pytest.mark.parametrize("seed", [None, np.random.default_rng(0)])
def test_generators_are_taken_for_seeds(seed):
    X, y = spectra_and_responses()
    forest = RandomForest(n_trees=5, preprocessing="none", random_state=seed)
    assert forest.fit(X, y).predict(X).shape == y.shape


def test_a_response_measured_too_rarely_is_refused():
    X, y = spectra_and_responses()
    y[3:, 1] = np.nan
    with pytest.raises(InvalidStudyError, match="response 1 was measured on 3 of 60"):
        SpectralRidge().fit(X, y)


def test_a_single_group_is_refused():
    X, y = spectra_and_responses()
    with pytest.raises(InvalidStudyError, match="lie in one group"):
        SpectralRidge().fit(X, y, groups=np.zeros(60))


def test_groups_of_another_length_are_refused():
    X, y = spectra_and_responses()
    with pytest.raises(InvalidStudyError, match="7 rows of groups for 60 spectra"):
        SpectralRidge().fit(X, y, groups=np.zeros(7))


@pytest.mark.parametrize(
    ("estimator", "found"),
    [
        (PartialLeastSquares(rule="maximum"), "rule 'maximum'"),
        (Consensus(combine="median"), "combine 'median'"),
        (SpectralRidge(preprocessing="snow"), "no preprocessing 'snow'"),
        (SpectralRidge(preprocessing=()), "preprocessing: nothing named"),
        (SpectralRidge(standardise=()), "standardise: nothing named"),
        (SpectralRidge(response_transform="logs"), "no transform of responses 'logs'"),
    ],
)
def test_unknown_options_are_refused(estimator, found):
    X, y = spectra_and_responses()
    with pytest.raises(CerussiteError, match=found):
        estimator.fit(X, y)


def test_an_empty_folder_is_refused_by_name(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"estimator\.skops: no such file"):
        SpectralRidge.load(tmp_path)


def test_a_damaged_file_is_refused(tmp_path):
    X, y = spectra_and_responses()
    SpectralRidge().fit(X, y).save(tmp_path)
    path = tmp_path / "estimator.skops"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableFileError, match="damaged"):
        SpectralRidge.load(tmp_path)


def test_another_class_is_refused(tmp_path):
    X, y = spectra_and_responses()
    SpectralRidge().fit(X, y).save(tmp_path)
    with pytest.raises(UnreadableFileError, match="holds SpectralRidge; expected Pa"):
        PartialLeastSquares.load(tmp_path)


def test_types_that_are_not_trusted_are_refused(tmp_path):
    X, y = spectra_and_responses()
    ridge = SpectralRidge().fit(X, y)
    ridge.stowaway = print
    ridge.save(tmp_path)
    with pytest.raises(UnreadableFileError, match="do not use this file"):
        SpectralRidge.load(tmp_path)
