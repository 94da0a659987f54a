"""
Partial least squares against scikit-learn: all components, all folds, one run.

Both cross-validate 8 responses from 1050 bands of 5000 spectra with 1 to 30
components in 10 folds, centred and scaled inside the folds. scikit-learn, with
its own defaults, is timed in two folds and extrapolated to ten, in two ways:

- one fit a fold with all 30 components, from whose rotations the others could be
  derived by hand: the least that scikit-learn needs;
- one fit for each number of components, as a grid search does it: timed for the
  numbers below, a straight line through them summed over 1 to 30.

The promise (at least 20 times faster) is held against the first way. Run as
``OMP_NUM_THREADS=1 python benchmarks/pls.py``.
"""

import time

import numpy as np
from sklearn.cross_decomposition import PLSRegression

from cerussite.evaluation import inner_folds
from cerussite.models.partial_least_squares import cross_validated_components

N_SAMPLES, N_BANDS, N_RESPONSES = 5000, 1050, 8
N_COMPONENTS, N_FOLDS = 30, 10
#: Numbers of components that scikit-learn is timed with.
TIMED = (2, 10, 20, 30)
N_TIMED_FOLDS = 2
LEAST_RATIO = 20.0


def library() -> tuple[np.ndarray, np.ndarray]:
    """Smooth spectra of 40 mixed components, and noisy responses."""
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(40, N_BANDS)).cumsum(axis=1)
    amounts = rng.lognormal(size=(N_SAMPLES, 40))
    X = amounts @ steps + rng.normal(size=(N_SAMPLES, N_BANDS))
    y = amounts @ rng.normal(size=(40, N_RESPONSES))
    return X, y + rng.normal(size=y.shape)


def seconds_of_scikit_learn(
    X: np.ndarray, y: np.ndarray, folds: list, paths: np.ndarray
) -> dict[int, float]:
    """Mean seconds of a fold by number of components; predictions are compared."""
    seconds = {}
    for n_components in TIMED:
        times, apart = [], []
        for fitted, held_out in folds[:N_TIMED_FOLDS]:
            start = time.perf_counter()
            spread = X[fitted].std(axis=0)
            other = PLSRegression(n_components, scale=False)
            other.fit(X[fitted] / spread, y[fitted])
            predictions = other.predict(X[held_out] / spread)
            times.append(time.perf_counter() - start)
            differences = predictions - paths[n_components - 1, held_out]
            apart.append(np.sqrt(np.mean(differences**2)) / y.std())
        seconds[n_components] = float(np.mean(times))
        print(
            f"  scikit-learn, {n_components:2d} components, one fold: "
            f"{seconds[n_components]:6.2f} s; differs by {max(apart):.1e} SD"
        )
    return seconds


def main() -> None:
    """Print the times and their ratios; fail below the promised one."""
    X, y = library()
    folds = inner_folds(np.arange(N_SAMPLES), n_folds=N_FOLDS, random_state=0)
    start = time.perf_counter()
    paths = cross_validated_components(
        X, y, folds=folds, n_components=N_COMPONENTS, standardise=True
    )
    ours = time.perf_counter() - start
    print(f"{N_SAMPLES} x {N_BANDS}, {N_RESPONSES} responses, {N_FOLDS} folds")
    print(f"  cerussite, 1 to {N_COMPONENTS} components, all folds: {ours:6.2f} s")
    seconds = seconds_of_scikit_learn(X, y, folds, paths)
    least = N_FOLDS * seconds[N_COMPONENTS]
    slope, intercept = np.polyfit(TIMED, list(seconds.values()), 1)
    numbers = np.arange(1, N_COMPONENTS + 1)
    grid = N_FOLDS * float((slope * numbers + intercept).sum())
    print(f"ratio {least / ours:.0f} (one fit a fold: {least:.0f} s)")
    print(f"ratio {grid / ours:.0f} (one fit a number of components: {grid:.0f} s)")
    if least < LEAST_RATIO * ours:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
