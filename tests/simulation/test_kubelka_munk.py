import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from cerussite.simulation.kubelka_munk import reflectance, remission


@pytest.mark.parametrize("ratio", [0.02, 0.3, 4.0])
def test_reflectance_is_the_limit_of_the_two_flux_equations(ratio):
    # Kubelka and Munk (1931): dr/d(Sx) = r^2 - 2 (1 + K/S) r + 1 from a black ground.
    def flux(_depth: float, r: np.ndarray) -> np.ndarray:
        return r**2 - 2 * (1 + ratio) * r + 1

    layer = solve_ivp(flux, (0.0, 80.0), [0.0], rtol=1e-9, atol=1e-12)
    assert reflectance(np.array([ratio]))[0] == pytest.approx(layer.y[0, -1], abs=1e-6)


@given(st.floats(0.01, 0.99))
def test_remission_undoes_reflectance(reflected):
    ratio = np.array([remission(reflected)])
    assert reflectance(ratio)[0] == pytest.approx(reflected, abs=1e-9)


def test_more_absorption_gives_less_light():
    ratios = np.linspace(0.0, 20.0, 200)
    assert (np.diff(reflectance(ratios)) < 0).all()
