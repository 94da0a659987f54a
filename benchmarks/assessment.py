"""
Indices of many samples: tables in seconds, draws within memory.

No Python package computes these indices, so the alternative is what people
write: a loop over samples with dictionaries of constants. The loop is timed on
few samples and extrapolated. The promises: 100,000 samples of 10 elements
through all indices in under 5 s, and 1,000 draws of 10,000 samples of 8 elements
within 2 GB. Run as ``OMP_NUM_THREADS=1 python benchmarks/assessment.py``.
"""

import math
import resource
import time

import numpy as np

from cerussite.assessment import (
    AssessmentPlan,
    Concentrations,
    assess,
    shipped_background,
)

ELEMENTS = ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn", "Mn", "Fe")
N_SAMPLES, N_LOOP = 100_000, 2_000
N_DRAWS, N_DRAWN = 1_000, 10_000
STANDARDS = ("noaa_erm", "fdep_tel", "fdep_pel")
RESPONSE = {"As": 10, "Cd": 30, "Cr": 2, "Cu": 5, "Hg": 40, "Pb": 5, "Zn": 1}
SECONDS, GIGABYTES = 5.0, 2.0


def loop(rows: list[dict[str, float]], background: dict[str, float]) -> float:
    """The indices against a background as people write them; seconds."""
    start = time.perf_counter()
    for row in rows:
        factors = {e: row[e] / background[e] for e in row}
        igeo = {e: math.log2(f / 1.5) for e, f in factors.items()}
        enrichment = {e: f / factors["Fe"] for e, f in factors.items()}
        risk = {e: RESPONSE.get(e, 0) * f for e, f in factors.items()}
        product = math.prod(factors.values()) ** (1 / len(factors))
        sums = (sum(factors.values()), sum(risk.values()), product)
        labels = [
            ["low", "moderate", "considerable", "very high"][
                sum(f >= bound for bound in (1, 3, 6))
            ]
            for f in factors.values()
        ]
        assert len(igeo) == len(enrichment) == len(labels) == 7 + len(sums)
    return time.perf_counter() - start


def table() -> None:
    """Time the tidy tables of values."""
    background = shipped_background("average_shale").values(ELEMENTS)
    rng = np.random.default_rng(0)
    values = background * rng.lognormal(0, 0.6, (N_SAMPLES, len(ELEMENTS)))
    measured = Concentrations(tuple(map(str, range(N_SAMPLES))), ELEMENTS, values)
    plan = AssessmentPlan(reference_element="Fe", extended_toxic_response=True)
    start = time.perf_counter()
    found = assess(measured, background="average_shale", standards=STANDARDS, plan=plan)
    seconds = time.perf_counter() - start
    rows = [dict(zip(ELEMENTS, row, strict=True)) for row in values[:N_LOOP].tolist()]
    known = dict(zip(ELEMENTS, background, strict=True))
    slow = loop(rows, known) * N_SAMPLES / N_LOOP
    print(
        f"{N_SAMPLES} x {len(ELEMENTS)}: {found.indices['index'].nunique()} indices, "
        f"{len(found.indices)} rows and {len(found.exceedances)} exceedances in "
        f"{seconds:.2f} s (promised {SECONDS:g} s); a loop over five of the indices "
        f"without a table {slow:.2f} s, {slow / seconds:.1f} times as long"
    )


def draws() -> None:
    """Time and weigh the tables of draws."""
    elements = ELEMENTS[:8]
    background = shipped_background("average_shale").values(elements)
    drawn = np.random.default_rng(0).standard_normal((N_DRAWS, N_DRAWN, 8))
    np.exp(np.multiply(drawn, 0.6, out=drawn), out=drawn)
    drawn *= background
    start = time.perf_counter()
    measured = Concentrations.from_draws(
        drawn, sample_ids=[str(i) for i in range(N_DRAWN)], elements=elements
    )
    found = assess(measured, background="average_shale", standards=["noaa_erm"])
    seconds = time.perf_counter() - start
    # Linux counts in KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(
        f"{N_DRAWS} x {N_DRAWN} x 8 draws: {len(found.indices)} rows and "
        f"{len(found.probabilities)} probabilities in {seconds:.1f} s, peak "
        f"{peak:.2f} GB of which the draws are {drawn.nbytes / 1e9:.2f} GB "
        f"(promised {GIGABYTES:g} GB)"
    )


if __name__ == "__main__":
    # Draws first: the peak of memory belongs to the whole process.
    draws()
    table()
