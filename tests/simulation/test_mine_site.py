import numpy as np
import pytest
from scipy.stats import skew, spearmanr
from sklearn.cross_decomposition import PLSRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict

from cerussite.core.errors import InvalidStudyError
from cerussite.simulation import SimulatedSurvey, simulate_mine_site
from cerussite.simulation.mine_site import MINE

COARSE = np.arange(400.0, 2500.0, 10.0)


def site(constituent_share: float = 0.75, seed: int = 0) -> SimulatedSurvey:
    return simulate_mine_site(
        wavelengths=COARSE, constituent_share=constituent_share, random_state=seed
    )


def pls_r2(simulated: SimulatedSurvey, column: int) -> float:
    X = -np.log10(simulated.survey.spectra.values.astype(float))
    y = np.log(simulated.survey.y[:, column])
    folds = KFold(5, shuffle=True, random_state=0)
    return r2_score(y, cross_val_predict(PLSRegression(6), X, y, cv=folds).ravel())


@pytest.mark.parametrize("seed", [0, 1])
def test_lead_is_distributed_as_at_a_published_mine_site(seed):
    # Wanted: 34.6 to 9720 mg/kg, median 232, mean 974, skewness 3, CV 2.
    lead = site(seed=seed).survey.y[:, 0]
    assert lead.min() == pytest.approx(34.6, rel=0.1)
    assert lead.max() == pytest.approx(9720, rel=0.1)
    assert np.median(lead) == pytest.approx(232, rel=0.1)
    assert lead.mean() == pytest.approx(974, rel=0.1)
    assert skew(lead) == pytest.approx(3.0, abs=0.3)
    assert lead.std(ddof=1) / lead.mean() == pytest.approx(2.0, abs=0.3)


def test_partial_least_squares_reaches_part_of_what_is_reachable():
    found = []
    for seed in range(4):
        simulated = site(seed=seed)
        reachable = simulated.truth.reachable_r2["Pb"]
        assert reachable == pytest.approx(0.75, abs=0.09)
        found.append(pls_r2(simulated, 0))
        assert found[-1] < reachable
    assert 0.45 < np.mean(found) < 0.72


def test_without_a_share_no_spectrum_tells_lead_but_iron_stays_reachable():
    control = site(constituent_share=0.0)
    assert control.truth.reachable_r2["Pb"] == pytest.approx(0.0, abs=1e-9)
    assert not control.truth.carrying["Pb"].any()
    assert control.truth.tied_to["Pb"] == ()
    assert pls_r2(control, 0) < 0.05
    assert pls_r2(control, control.survey.response_names.index("Fe")) > 0.5


def test_what_constituents_do_not_determine_falls_with_distance_from_the_mine():
    survey = site(constituent_share=0.0).survey
    distance = np.hypot(
        survey.samples["easting"] - MINE[0], survey.samples["northing"] - MINE[1]
    )
    assert spearmanr(distance, survey.y[:, 0]).statistic < -0.4


def test_sorbents_determine_the_share_that_was_asked_for():
    for share in (0.3, 0.9):
        simulated = site(constituent_share=share)
        constituents = simulated.truth.constituents
        iron = np.log(constituents["goethite"] + constituents["hematite"])
        design = np.column_stack(
            [np.ones(130), iron, np.log(constituents["organic_matter"])]
        )
        lead = np.log(simulated.truth.responses["Pb"].to_numpy())
        fitted = design @ np.linalg.lstsq(design, lead, rcond=None)[0]
        assert r2_score(lead, fitted) == pytest.approx(share, abs=0.06)


def test_transects_are_groups_and_coordinates_are_projected():
    survey = site().survey
    assert survey.n_samples == 130
    assert set(survey.samples["group"].value_counts()) == {26}
    assert survey.crs == "EPSG:32630"
    distance = np.hypot(
        survey.samples["easting"] - MINE[0], survey.samples["northing"] - MINE[1]
    )
    assert 40 - 1e-6 <= distance.min() <= distance.max() <= 6000 + 1e-6


@pytest.mark.parametrize(
    "options", [{"constituent_share": 1.2}, {"n_samples": 5}, {"constituent_share": -1}]
)
def test_impossible_sites_are_refused(options):
    with pytest.raises(InvalidStudyError, match="expected a share from 0 to 1"):
        simulate_mine_site(**{"wavelengths": COARSE, "random_state": 0, **options})
