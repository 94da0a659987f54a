"""
Time and memory of reading LUCAS 2009 at its full size, and of reading it again.

Writes a table in the layout of ``LUCAS.SOIL_corr.csv`` with 20,000 samples and
4,200 bands (about 0.7 GB, deleted afterwards), reads it in a process of its own,
caches it as Parquet and reads the cache in another. The promise: less than 3 GB
each time. Run as ``OMP_NUM_THREADS=1 python benchmarks/lucas.py``.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

N_SAMPLES, N_BANDS = 20_000, 4_200
MOST_BYTES = 3e9
HEADER = "POINT_ID,GPS_LAT,GPS_LONG,clay,silt,sand,pH.in.H2O,OC,CaCO3,N,P,K,CEC"
CODE = """
import resource, sys, time
from cerussite.readers import read_cached, read_lucas_2009
start = time.perf_counter()
survey = read_cached(read_lucas_2009, sys.argv[1], cache=sys.argv[2])
seconds = time.perf_counter() - start
assert survey.spectra.values.shape == (20_000, 4_200)
assert survey.spectra.quantity == "absorbance"
print(seconds, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write_table(path: Path) -> None:
    """Write samples whose spectra are fifty different ones, over and over."""
    generator = np.random.default_rng(0)
    wavelengths = 400 + 0.5 * np.arange(N_BANDS)
    spectra = [
        ",".join(f"{value:.6f}" for value in 0.9 - wavelengths / 5e3 + offset)
        for offset in generator.normal(scale=0.05, size=50)
    ]
    with path.open("w") as file:
        file.write(HEADER + "," + ",".join(f"spc.{number:g}" for number in wavelengths))
        for row in range(N_SAMPLES):
            analyses = f"{row},50.1,10.2,20,30,50,6.5,20.5,3,1.8,<5,120,12.5"
            file.write(f"\n{analyses},{spectra[row % 50]}")


def read(table: Path, cache: Path) -> tuple[float, float]:
    """Seconds and peak of memory in bytes of a process that reads the table."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(table), str(cache)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak


def main() -> None:
    """Print what reading costs; fail above the promised memory."""
    with tempfile.TemporaryDirectory() as folder:
        table, cache = Path(folder, "LUCAS.SOIL_corr.csv"), Path(folder, "cache")
        write_table(table)
        print(f"{N_SAMPLES} x {N_BANDS}, {table.stat().st_size / 1e9:.2f} GB of text")
        first = read(table, cache)
        print(f"  table and cache written: {first[0]:6.1f} s, {first[1] / 1e9:.2f} GB")
        size = sum(path.stat().st_size for path in cache.iterdir())
        again = read(table, cache)
        print(f"  from the cache:          {again[0]:6.1f} s, {again[1] / 1e9:.2f} GB")
        print(
            f"  cache of {size / 1e9:.2f} GB; ratio of times {first[0] / again[0]:.0f}"
        )
    if max(first[1], again[1]) > MOST_BYTES:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
