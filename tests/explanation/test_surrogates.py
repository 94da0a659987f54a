import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.cross_decomposition import PLSRegression
from sklearn.metrics import r2_score

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation import repeated_group_k_fold, repeated_k_fold
from cerussite.explanation import surrogate_test
from cerussite.models import PartialLeastSquares
from cerussite.simulation import simulate_mine_site

COARSE = np.arange(400.0, 2500.0, 20.0)
METALS, CONSTITUENTS = ["Pb", "Cu", "As"], ["Fe", "clay", "CaCO3", "SOC", "pH"]


def site(n=130, share=0.75, seed=0):
    simulated = simulate_mine_site(
        n, wavelengths=COARSE, constituent_share=share, random_state=seed
    ).survey
    table = pd.DataFrame(simulated.y, columns=simulated.response_names)
    metals = np.log(table[METALS])
    constituents = table[CONSTITUENTS].assign(Fe=np.log(table["Fe"]))
    X = simulated.spectra.to_absorbance().values  # noqa: PD011 - a dataclass of ours
    return X, metals, constituents, simulated.groups


def folds_of(n, n_folds=5):
    splits = repeated_k_fold(range(n), n_folds=n_folds, n_repeats=1, random_state=0)
    return [(split.calibration, split.test) for split in splits]


def test_metals_bound_to_constituents_are_found_indirect_through_those():
    X, metals, constituents, _groups = site()
    found = surrogate_test(
        PLSRegression(8), X, metals, constituents, folds=folds_of(130)
    )
    verdicts = dict(zip(found.table["response"], found.table["verdict"], strict=True))
    # By construction: Pb to iron oxides and organic matter, Cu to organic matter, As
    # to iron oxides.
    assert verdicts["Pb"].startswith("indirect, through")
    assert {"Fe", "SOC"} <= set(
        verdicts["Pb"].removeprefix("indirect, through ").split(", ")
    )
    assert verdicts["Cu"] == "indirect, through SOC"
    assert verdicts["As"] == "indirect, through Fe"
    assert found.constituents.set_index("constituent")["r2"]["SOC"] > 0.8


def test_without_any_signal_nothing_is_shown():
    X, metals, constituents, _groups = site(share=0.0)
    table = surrogate_test(
        PLSRegression(4), X, metals, constituents, folds=folds_of(130)
    ).table
    assert (table["verdict"] == "not shown").all()
    assert (table["through"] == "").all()
    assert table["reason"].str.contains("no skill to explain").all()


def test_a_band_of_its_own_is_beyond_the_constituents():
    X, _, constituents, _ = site()
    X = X.copy()
    rng = np.random.default_rng(0)
    own = rng.normal(size=len(X))
    X[:, 40:44] += 0.05 * own[:, np.newaxis]
    y = pd.DataFrame({"Pb": own + 0.2 * rng.normal(size=len(X))})
    row = surrogate_test(
        PLSRegression(8), X, y, constituents, folds=folds_of(130)
    ).table.iloc[0]
    assert row["verdict"] == "beyond the constituents"
    assert row["share_high"] < 0.5


def test_predictions_and_skill_are_those_of_a_literal_cross_fit():
    X, metals, constituents, _groups = site(60)
    folds = folds_of(60)
    found = surrogate_test(PLSRegression(4), X, metals, constituents, folds=folds)
    direct = np.empty((60, 3))
    for calibration, test in folds:
        model = PLSRegression(4).fit(X[calibration], metals.to_numpy()[calibration])
        direct[test] = model.predict(X[test])
    assert_allclose(found.direct, direct)
    for k, name in enumerate(METALS):
        row = found.table.set_index("response").loc[name]
        assert row["direct"] == pytest.approx(r2_score(metals[name], direct[:, k]))
        surrogate = r2_score(metals[name], found.surrogate[:, k])
        assert row["surrogate"] == pytest.approx(surrogate)


def test_held_out_samples_never_reach_the_models_that_predict_them():
    X, metals, constituents, _groups = site(60)
    folds = folds_of(60)
    test = folds[2][1]
    changed, other = metals.copy(), constituents.copy()
    changed.iloc[test], other.iloc[test] = 99.0, 99.0
    before = surrogate_test(PLSRegression(3), X, metals, constituents, folds=folds)
    after = surrogate_test(PLSRegression(3), X, changed, other, folds=folds)
    assert_allclose(after.direct[test], before.direct[test])
    assert_allclose(after.surrogate[test], before.surrogate[test])


def test_gaps_and_groups_are_taken_where_the_estimator_takes_them():
    X, metals, constituents, groups = site(60)
    metals.iloc[::7, 0] = np.nan
    constituents.iloc[::5, 3] = np.nan
    splits = repeated_group_k_fold(
        groups, range(60), n_folds=3, n_repeats=1, random_state=0
    )
    model = PartialLeastSquares(
        preprocessing="none", standardise=False, n_components=6, n_folds=3
    )
    found = surrogate_test(
        model,
        X,
        metals[["Pb"]],
        constituents[["Fe", "SOC"]],
        folds=[(split.calibration, split.test) for split in splits],
        groups=groups,
    )
    row = found.table.iloc[0]
    assert np.isfinite(found.surrogate).all()
    assert row["direct_low"] < row["direct"] < row["direct_high"]


def test_rows_that_do_not_match_and_folds_with_gaps_are_refused():
    X, metals, constituents, _ = site(60)
    with pytest.raises(InvalidStudyError, match="60 spectra, 59 rows"):
        surrogate_test(
            PLSRegression(2), X, metals[:59], constituents, folds=folds_of(60)
        )
    with pytest.raises(InvalidStudyError, match="test every row once"):
        surrogate_test(
            PLSRegression(2), X, metals, constituents, folds=folds_of(60)[:4]
        )
