"""
Receptor models against planted sources, reference values and a plain PMF.

Parts, any number of them as arguments (default: all):

- ``planted``: 50 sets (150-400 samples, 3-6 factors, at least twice as many species
  plus two up to 20): share of 20 starts at one optimum, correlation of the
  profiles with the truth, coverage of DISP at dQ 4 and of bootstrap intervals,
  planted numbers found by held-out cells. ``planted=N`` for the first N.
  Contributions are lognormal; ``zeros=N`` sets 15 % of them to exactly zero, where
  every estimator with bounds is biased.
- ``reference``: Q of Baltimore, Baton Rouge and St Louis against values of
  another program, in the folder of the environment variable CERUSSITE_DATA.
- ``real``: factors of Milwaukee (needs xlrd) and of the Kola organic horizon.
- ``speed``: seconds to the Q of a plain multiplicative-update PMF in numpy; 20
  starts and full DISP of a set of 657 x 26 with 7 factors.

Run as ``OMP_NUM_THREADS=1 python benchmarks/apportionment.py PART ...``.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.apportionment import (
    Draws,
    Factorisation,
    FitSettings,
    ReceptorData,
    bootstrap,
    bootstrap_intervals,
    combined_intervals,
    displacement,
    limit_uncertainties,
    matched_factors,
    positive_matrix_factorisation,
    shares_of_species,
    suggest_number_of_factors,
)

N_JOBS = 2


def planted(seed: int, *, has_zeros: bool) -> tuple[ReceptorData, np.ndarray]:
    """Data, and the mean concentration that each source gives to each species."""
    rng = np.random.default_rng(seed)
    n_factors = int(rng.integers(3, 7))
    n_species = int(rng.integers(max(8, 2 * n_factors + 2), 21))
    n_samples = int(rng.integers(150, 401))
    shape = (n_factors, n_species)
    profiles = rng.lognormal(0, 1, shape) * (rng.random(shape) < 0.6)
    for factor in range(n_factors):
        profiles[factor, factor] = max(profiles[factor, factor], 2.0)
    for species in np.flatnonzero(profiles.sum(axis=0) == 0):
        profiles[rng.integers(n_factors), species] = 1.0
    amounts = rng.lognormal(0, 0.8, (n_samples, n_factors))
    if has_zeros:
        amounts *= rng.random(amounts.shape) < 0.85
    profiles *= rng.lognormal(0, 2, n_species)
    clean = amounts @ profiles
    uncertainties = 0.1 * clean + 0.05 * clean.mean(axis=0)
    values = clean + uncertainties * rng.normal(size=clean.shape)
    names = tuple(f"E{number}" for number in range(n_species))
    data = ReceptorData(values, uncertainties, names, tuple(map(str, range(n_samples))))
    return data, profiles * amounts.mean(axis=0)[:, None]


def coverage(table: pd.DataFrame, truth: np.ndarray, fitted: Factorisation) -> float:
    """Share of planted values inside the intervals of a table."""
    factors = [fitted.factors.index(name) for name in table["factor"]]
    species = [fitted.data.species.index(name) for name in table["species"]]
    values = truth[factors, species]
    low, high = table["lower"] * (1 - 1e-9), table["upper"] * (1 + 1e-9)
    return float(((values >= low) & (values <= high)).mean())


def judge_planted(n_sets: int, *, has_zeros: bool) -> None:
    """Print what is found in planted sets."""
    rows = []
    for seed in range(n_sets):
        data, truth = planted(seed, has_zeros=has_zeros)
        n_factors = len(truth)
        fitted = positive_matrix_factorisation(
            data, n_factors, settings=FitSettings(n_jobs=N_JOBS)
        )
        match = matched_factors(
            (truth / truth.sum(axis=0)).T, shares_of_species(fitted).to_numpy()
        )
        ordered = np.empty_like(truth)
        ordered[match.order] = truth
        disp = displacement(fitted, levels=[4.0], settings=FitSettings(n_jobs=N_JOBS))
        drawn = bootstrap(
            fitted, draws=Draws(60), settings=FitSettings(n_starts=1, n_jobs=N_JOBS)
        )
        number = suggest_number_of_factors(
            data,
            range(2, 8),
            n_folds=5,
            settings=FitSettings(n_starts=2, max_iterations=60, n_jobs=N_JOBS),
        )
        rows.append(
            {
                "starts": int(fitted.runs["reaches_best"].sum()),
                "correlation": float(np.median(match.similarity)),
                "disp": coverage(disp.intervals, ordered, fitted),
                "reached": disp.intervals["is_reached"].mean(),
                "bootstrap_90": coverage(
                    bootstrap_intervals(fitted, drawn, level=0.9), ordered, fitted
                ),
                "bootstrap_95": coverage(
                    bootstrap_intervals(fitted, drawn, level=0.95), ordered, fitted
                ),
                "combined": coverage(
                    combined_intervals(fitted, disp, drawn), ordered, fitted
                ),
                "number": number.n_factors == n_factors,
            }
        )
        print(
            f"  set {seed:2d} {data.concentrations.shape} {n_factors} factors: "
            + ", ".join(f"{name} {value:.3g}" for name, value in rows[-1].items()),
            flush=True,
        )
    table = pd.DataFrame(rows).astype(float)
    print(
        f"sets with 18 of 20 starts at one optimum: {(table['starts'] >= 18).mean():.0%}"
    )
    print(f"median correlation of profiles: {table['correlation'].median():.4f}")
    for name in ("disp", "bootstrap_90", "bootstrap_95", "combined"):
        print(
            f"coverage, {name}: {table[name].mean():.1%} (worst set {table[name].min():.0%})"
        )
    print(f"planted number found: {table['number'].mean():.0%}")


def read_reference(name: str) -> ReceptorData:
    """One of the sample data sets, complete rows only."""
    folder = Path(os.environ["CERUSSITE_DATA"]) / "geochem" / "pmf_esat"
    found = {
        "Baltimore": ("Dataset-Baltimore_con.txt", "Dataset-Baltimore_unc.txt", "\t"),
        "BatonRouge": ("Dataset-BatonRouge-con.csv", "Dataset-BatonRouge-unc.csv", ","),
        "StLouis": ("Dataset-StLouis-con.csv", "Dataset-StLouis-unc.csv", ","),
    }[name]
    tables = [
        pd.read_csv(folder / file, sep=found[2]).iloc[:, 1:] for file in found[:2]
    ]
    complete = tables[0].notna().all(axis=1).to_numpy()
    values, errors = (table.to_numpy(dtype=float)[complete] for table in tables)
    ids = tuple(map(str, np.flatnonzero(complete)))
    return ReceptorData(values, errors, tuple(tables[0].columns), ids)


def judge_reference() -> None:
    """Print best Q, plain and robust, beside those of the other program."""
    folder = Path(os.environ["CERUSSITE_DATA"]) / "geochem" / "pmf_esat"
    reference = json.loads((folder / "esat_reference_Q.json").read_text("utf-8"))
    for key, theirs in reference.items():
        name, number = key.split("_k")
        data = read_reference(name)
        line = f"{key} {data.concentrations.shape}:"
        for is_robust in (False, True):
            settings = FitSettings(is_robust=is_robust, n_jobs=N_JOBS)
            start = time.perf_counter()
            found = positive_matrix_factorisation(data, int(number), settings=settings)
            line += (
                f" {'robust' if is_robust else 'plain'} Q true {found.q_true:.1f}, "
                f"Q robust {found.q_robust:.1f}, "
                f"{int(found.runs['reaches_best'].sum())} of 20 at the best, "
                f"{time.perf_counter() - start:.1f} s;"
            )
        least = min(theirs["all_Qtrue"])
        print(
            f"{line} theirs Q true {theirs['best_Qtrue']} (least of all runs {least}), "
            f"Q robust {theirs['best_Qrobust']}",
            flush=True,
        )


def judge_real() -> None:
    """Print leading species of the factors of two surveys."""
    folder = Path(os.environ["CERUSSITE_DATA"]) / "geochem"
    for name, read in (("Milwaukee", milwaukee), ("Kola organic horizon", kola)):
        try:
            data, n_factors, places = read(folder)
        except ImportError as error:
            print(f"{name}: left out, {error}")
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = positive_matrix_factorisation(
                data, n_factors, settings=FitSettings(is_robust=True, n_jobs=N_JOBS)
            )
        print(
            f"{name} {data.concentrations.shape}: Q robust {fitted.q_robust:.0f}, expected "
            f"{fitted.q_expected}, {int(fitted.runs['reaches_best'].sum())} of 20 starts at "
            f"the best, converged {fitted.is_converged}"
        )
        shares = shares_of_species(fitted)
        for at, factor in enumerate(fitted.factors):
            top = shares[factor].sort_values(ascending=False).head(6)
            text = ", ".join(f"{each} {share:.0%}" for each, share in top.items())
            if places is not None:
                high = np.argsort(-fitted.contributions[:, at])[:15]
                east, north = np.median(places[high], axis=0) / 1000
                text += f"; 15 highest about {east:.0f} km E, {north:.0f} km N"
            print(f"  {factor}: {text}")


def milwaukee(folder: Path) -> tuple[ReceptorData, int, None]:
    """Combined sewer overflow, mg/L."""
    path = folder / "pmf_milwaukee_water" / "Mil_water_samples.xls"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = pd.read_excel(path, sheet_name=["Conc", "Unc"], engine="xlrd")
    values, errors = (tables[name].iloc[:, 2:] for name in ("Conc", "Unc"))
    ids = tuple(map(str, range(len(values))))
    return (
        ReceptorData(values.to_numpy(), errors.to_numpy(), tuple(values), ids),
        4,
        None,
    )


def kola(folder: Path) -> tuple[ReceptorData, int, np.ndarray]:
    """Organic horizon of the Kola survey, mg/kg, 15 % error, limits of its minima."""
    table = pd.read_csv(folder / "kola" / "kola_ohorizon.csv")
    names = [
        "Al",
        "As",
        "Ba",
        "Ca",
        "Cd",
        "Co",
        "Cr",
        "Cu",
        "Fe",
        "K",
        "La",
        "Mg",
        "Mn",
        "Na",
        "Ni",
        "P",
        "Pb",
        "Rb",
        "S",
        "Sr",
        "Th",
        "V",
        "Zn",
    ]
    values = table[names].to_numpy(dtype=float)
    errors = limit_uncertainties(
        values,
        detection_limits=2 * np.nanmin(values, axis=0),
        error_fractions=np.full(len(names), 0.15),
    )
    ids = tuple(map(str, range(len(values))))
    places = table[["XCOO", "YCOO"]].to_numpy(dtype=float)
    return ReceptorData(values, errors, tuple(names), ids), 6, places


def multiplicative(
    data: ReceptorData, n_factors: int, *, goal: float, most_seconds: float
) -> tuple[float, float]:
    """Seconds and Q of plain multiplicative updates (Lee and Seung, weighted)."""
    rng = np.random.default_rng(0)
    values = np.maximum(data.concentrations, 0.0)
    weights = data.uncertainties**-2.0
    g = rng.random((len(values), n_factors))
    f = rng.random((n_factors, values.shape[1])) * values.mean(axis=0)
    start, loss = time.perf_counter(), np.inf
    while loss > goal and time.perf_counter() - start < most_seconds:
        for _ in range(50):
            g *= (weights * values) @ f.T / ((weights * (g @ f)) @ f.T + 1e-300)
            f *= g.T @ (weights * values) / (g.T @ (weights * (g @ f)) + 1e-300)
        loss = float((weights * (data.concentrations - g @ f) ** 2).sum())
    return time.perf_counter() - start, loss


def judge_speed() -> None:
    """Print seconds of a set of the size of the Baltimore one."""
    rng = np.random.default_rng(0)
    profiles = rng.lognormal(0, 1, (7, 26)) * (rng.random((7, 26)) < 0.6)
    profiles[np.arange(7), np.arange(7)] += 2.0
    clean = rng.lognormal(0, 0.8, (657, 7)) @ profiles
    errors = 0.1 * clean + 0.05 * clean.mean(axis=0)
    values = clean + errors * rng.normal(size=clean.shape)
    names = tuple(f"E{number}" for number in range(26)), tuple(map(str, range(657)))
    data = ReceptorData(values, errors, *names)
    start = time.perf_counter()
    one = positive_matrix_factorisation(data, 7, settings=FitSettings(n_starts=1))
    ours = time.perf_counter() - start
    theirs, loss = multiplicative(
        data, 7, goal=one.q_true * 1.0001, most_seconds=60 * ours + 5
    )
    print(
        f"one start: Q {one.q_true:.2f} in {ours:.2f} s; multiplicative updates: Q "
        f"{loss:.2f} in {theirs:.2f} s; ratio {theirs / ours:.1f}"
    )
    start = time.perf_counter()
    fitted = positive_matrix_factorisation(data, 7, settings=FitSettings(n_jobs=N_JOBS))
    print(
        f"20 starts of 657 x 26, 7 factors: {time.perf_counter() - start:.1f} s, "
        f"{int(fitted.runs['reaches_best'].sum())} at the best (to beat: 20 s)"
    )
    start = time.perf_counter()
    found = displacement(fitted, settings=FitSettings(n_jobs=N_JOBS))
    print(
        f"full DISP, four levels: {time.perf_counter() - start:.1f} s, "
        f"{found.intervals['is_reached'].mean():.1%} reached (to beat: 120 s)"
    )


def main() -> None:
    """Run the parts that were asked for."""
    for part in sys.argv[1:] or ["planted", "zeros", "reference", "real", "speed"]:
        name, _, number = part.partition("=")
        print(f"== {part}")
        if name in {"planted", "zeros"}:
            judge_planted(int(number or 50), has_zeros=name == "zeros")
        elif name == "reference":
            judge_reference()
        elif name == "real":
            judge_real()
        elif name == "speed":
            judge_speed()
        else:
            msg = f"no part {name!r}"
            raise SystemExit(msg)


if __name__ == "__main__":
    main()
