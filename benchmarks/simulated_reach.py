"""What partial least squares reaches on simulated surveys; tables of docs/simulation.md."""

import numpy as np
from sklearn.cross_decomposition import PLSRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    cross_val_predict,
)

from cerussite.simulation import (
    SimulatedSurvey,
    simulate_library,
    simulate_mine_site,
)

GRID = np.arange(400.0, 2500.0, 5.0)
RANDOM = KFold(5, shuffle=True, random_state=0)


def views(simulated: SimulatedSurvey) -> list[np.ndarray]:
    """Absorbance, its standard normal variate and its first difference."""
    X = -np.log10(simulated.survey.spectra.values.astype(np.float64))
    centred = X - X.mean(axis=1, keepdims=True)
    scaled = centred / X.std(axis=1, ddof=1, keepdims=True)
    return [X, scaled, np.gradient(X, axis=1)]


def reached(X, y, components, folds, groups) -> float:
    """R2 pooled over the folds."""
    labels = None if folds is RANDOM else groups
    predicted = cross_val_predict(
        PLSRegression(components), X, y, cv=folds, groups=labels
    )
    return r2_score(y, predicted.ravel())


def library() -> None:
    """Constituents of two libraries."""
    for seed in (0, 1):
        simulated = simulate_library(2000, wavelengths=GRID, random_state=seed)
        X, survey = views(simulated)[0], simulated.survey
        for column, name in enumerate(survey.response_names):
            y = survey.y[:, column]
            scores = [
                reached(X, y, 12, folds, survey.groups)
                for folds in (RANDOM, GroupKFold(4))
            ]
            print(f"library {seed} {name}: " + " ".join(f"{r2:.2f}" for r2 in scores))


def mine_site() -> None:
    """Logarithms of metals of six sites and their controls."""
    for share in (0.75, 0.0):
        for seed in range(6):
            simulated = simulate_mine_site(
                wavelengths=GRID, constituent_share=share, random_state=seed
            )
            survey, line = simulated.survey, []
            for column, name in enumerate(survey.response_names[:7]):
                y = np.log(survey.y[:, column])
                scores = [
                    max(
                        reached(X, y, components, folds, survey.groups)
                        for X in views(simulated)
                        for components in (4, 7, 10)
                    )
                    for folds in (RANDOM, LeaveOneGroupOut())
                ]
                line.append(f"{name} {scores[0]:.2f} {scores[1]:.2f}")
            print(f"site {seed} share {share}: " + ", ".join(line))


if __name__ == "__main__":
    library()
    mine_site()
