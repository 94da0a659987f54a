import subprocess
import sys

import numpy as np
import pytest

N_SAMPLES, N_BANDS = 20_000, 4_200
CODE = """
import resource, sys
from cerussite.readers.tables import read_table
survey = read_table(sys.argv[1], quantity="absorbance", sample_id="id",
                    responses={"Pb": {"unit": "mg/kg"}})
assert survey.spectra.values.shape == (20_000, 4_200)
assert survey.y[-1, 0] == 19_999
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_twenty_thousand_spectra_are_read_in_three_gigabytes(tmp_path):
    path = tmp_path / "large.csv"
    generator = np.random.default_rng(0)
    wavelengths = 400 + 0.5 * np.arange(N_BANDS)
    spectra = [
        ",".join(f"{value:.6f}" for value in 0.9 - wavelengths / 5e3 + offset)
        for offset in generator.normal(scale=0.05, size=50)
    ]
    with path.open("w") as file:
        file.write("id,Pb," + ",".join(f"wl_{number:g}" for number in wavelengths))
        for row in range(N_SAMPLES):
            file.write(f"\nS{row},{row},{spectra[row % 50]}")
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout) * 1024 < 3e9
