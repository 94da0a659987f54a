import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.apportionment import (
    FitSettings,
    KnownProfile,
    KnownRatio,
    Zero,
    constrain,
    f_peak,
    positive_matrix_factorisation,
)
from cerussite.apportionment.penalties import (
    CompositionWish,
    DirectionWish,
    RatioWish,
    penalty_of,
)
from cerussite.core.errors import InvalidStudyError


@pytest.fixture(scope="module")
def fitted(small_set):
    return positive_matrix_factorisation(
        small_set[0], 3, settings=FitSettings(n_starts=3)
    )


WISHES = [
    CompositionWish(0, np.array([0, 2, 3]), np.array([1.0, 2.0, 0.5]), 0.2),
    RatioWish(1, 0, 3, 2.0, 0.1),
    DirectionWish(np.eye(2, 4) + 0.3, np.array([1.0, 2.0, 1.0, 0.5]), 50.0),
]


@pytest.mark.parametrize("wish", WISHES)
def test_wishes_have_their_derivatives_and_do_not_see_the_length(wish):
    profiles = np.random.default_rng(0).lognormal(size=(2, 4))
    misses, derivatives = wish.misses(profiles)
    for index in np.ndindex(profiles.shape):
        step = np.zeros(profiles.shape)
        step[index] = 1e-6
        found = (
            wish.misses(profiles + step)[0] - wish.misses(profiles - step)[0]
        ) / 2e-6
        assert_allclose(derivatives[:, *index], found, atol=1e-5)
    longer = wish.misses(profiles * np.array([[3.0], [0.2]]))[0]
    assert_allclose(longer, misses, atol=1e-12)
    term = penalty_of([wish])(profiles)
    assert_allclose(term.value, misses @ misses)


def test_zeros_are_exact_and_have_a_price(fitted):
    row = fitted.profiles[0]
    most = fitted.data.species[int((row / fitted.profiles.sum(0)).argmax())]
    found = constrain(fitted, [Zero("factor 1", (most,))])
    assert found.factorisation.profiles[0, fitted.data.species.index(most)] == 0
    assert found.factorisation.is_converged
    assert found.d_q > 10
    assert_allclose(found.d_q, found.factorisation.q_true - fitted.q_true, rtol=1e-6)


def test_a_known_profile_is_approached_as_its_error_says(fitted):
    names = fitted.data.species[:4]
    positive = [
        name for name, f in zip(names, fitted.profiles[0], strict=False) if f > 0
    ]
    known = {
        name: 1.3 ** (-1) ** at * fitted.profiles[0, fitted.data.species.index(name)]
        for at, name in enumerate(positive)
    }
    free, loose, tight = (
        constrain(fitted, [KnownProfile("factor 1", known, error)])
        for error in (1e3, 0.1, 0.001)
    )
    assert_allclose(free.d_q, 0, atol=1e-3)
    assert 0 < loose.d_q < tight.d_q
    got = tight.factorisation.profiles[0, [fitted.data.species.index(n) for n in known]]
    ratios = got / np.array(list(known.values()))
    assert_allclose(ratios / ratios.mean(), 1.0, atol=0.01)


def test_a_known_ratio_is_met_in_the_units_of_the_data(fitted):
    a, b = np.argsort(-fitted.profiles[1] / fitted.profiles.sum(0))[:2]
    names = fitted.data.species[a], fitted.data.species[b]
    wanted = 1.5 * fitted.profiles[1, a] / fitted.profiles[1, b]
    found = constrain(fitted, [KnownRatio("factor 2", *names, wanted, 1e-3)])
    profile = found.factorisation.profiles[1]
    assert_allclose(profile[a] / profile[b], wanted, rtol=5e-3)
    assert found.d_q > 0
    assert found.misses["miss"].item() < 10


def test_rotations_cost_and_strength_zero_costs_nothing(fitted):
    found = f_peak(fitted, [-0.2, 0.0, 0.2])
    assert_allclose(found[0.0].d_q, 0, atol=1e-3)
    assert found[-0.2].d_q > 0
    assert found[0.2].d_q > 0
    shares = {
        strength: (
            each.factorisation.profiles / each.factorisation.profiles.sum(0)
        ).max(0)
        for strength, each in found.items()
    }
    # Sharper profiles: species belong more to one factor.
    assert shares[0.2].mean() > shares[0.0].mean() > shares[-0.2].mean()


def test_impossible_constraints_are_refused(fitted):
    with pytest.raises(InvalidStudyError, match="no 'factor 9'"):
        constrain(fitted, [Zero("factor 9", ("E0",))])
    with pytest.raises(InvalidStudyError, match="two or more different species"):
        constrain(fitted, [KnownRatio("factor 1", "E0", "E0", 1.0, 0.1)])
    with pytest.raises(InvalidStudyError, match="at least one"):
        constrain(fitted, [])
