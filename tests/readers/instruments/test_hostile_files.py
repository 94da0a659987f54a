"""Damaged and hostile files: one clear error, soon, and little memory."""

import contextlib
import io
import os
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cerussite.core.errors import CerussiteError, UnreadableFileError
from cerussite.readers.instruments import read_spectra

_FOLDER = Path(os.environ.get("CERUSSITE_DATA", "/nowhere")) / "instruments"
_EXTREMES = [
    0,
    1,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x40000000,
    0x7FFFFFFF,
    0x80000000,
    2**32 - 1,
]
#: Seconds and bytes that one file may cost.
_TIME, _MEMORY = 1.0, 1 << 28


def _seeds(build, folder):
    binary = {
        "asd": build.asd(),
        "asd1": build.asd(b"ASD", 1, 0, "<f4", 0, reference=False),
        "spc": build.spc([np.arange(8) << 20]),
        "spc_many": build.spc(
            [np.arange(8), np.arange(8)], flags=4, sub_exponents=(1, 2)
        ),
        "spc_old": build.old_spc(np.arange(8) << 20),
        "opus": build.opus(
            [(16, 0, [1.0, 2.0, 3.0], 1.0), (16, 64, [1.0, 2.0, 4.0], 1.0)]
        ),
        "spa": build.spa(),
        "pepe": build.pepe(),
        "peir": build.peir(),
        "trm": build.trm(),
        "proc_spec": build.proc_spec(),
    }
    names = ("svc", "sed", "jcamp", "ocean", "avasoft", "ecostress")
    text = {name: getattr(build, name).encode("latin-1") for name in names}
    packed = build.jcamp.replace("4000 1 2\n2000 3 4", "4000A2j1KS\n1000C7")
    columns = "\n".join(f"{at}.5\t0.{at}" for at in range(400, 420))
    text |= {"packed": packed.encode(), "columns": columns.encode()}
    build.envi(folder, np.ones((2, 3, 4)), wavelength="{400, 500, 600, 700}")
    return binary | text | {"hdr": (folder / "cube.hdr").read_bytes()}


def _mutate(data, rng):
    data = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        if not data:
            break
        reach = min(len(data), 1024) if rng.random() < 0.6 else len(data)
        at = int(rng.integers(0, reach))
        kind = rng.integers(0, 7)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data[at] = int(rng.integers(0, 256))
        elif kind == 2:
            data[at : at + 4] = int(rng.choice(_EXTREMES)).to_bytes(4, "little")
        elif kind == 3:
            size = int(rng.integers(1, 64))
            data[at : at + size] = rng.bytes(size)
        elif kind == 4:
            del data[at : at + int(rng.integers(1, 200))]
        elif kind == 5:
            data[at:at] = rng.bytes(int(rng.integers(1, 200)))
        else:
            start = int(rng.integers(0, len(data)))
            data[at:at] = data[start : start + int(rng.integers(1, 2000))]
    return bytes(data)


def _outcome(path):
    """Read and convert; anything but an error of this package escapes."""
    start = time.process_time()
    outcome = "read"
    message = "sound"
    try:
        file = read_spectra(path)
    except CerussiteError as error:
        outcome, message = "refused", str(error)
    else:
        with contextlib.suppress(CerussiteError):
            file.to_spectra()
    assert time.process_time() - start < _TIME
    assert len(message) < 2000
    return outcome


def _run(seeds, n_files, folder, rng):
    outcomes = {"read": 0, "refused": 0}
    names = sorted(seeds)
    for _ in range(n_files):
        name = names[int(rng.integers(0, len(names)))]
        path = folder / ("cube.hdr" if name == "hdr" else "mutant")
        path.write_bytes(_mutate(seeds[name], rng))
        outcomes[_outcome(path)] += 1
    return outcomes


def test_mutated_files_are_read_or_refused(build, tmp_path):
    rng = np.random.default_rng(0)
    outcomes = _run(_seeds(build, tmp_path), 600, tmp_path, rng)
    assert sum(outcomes.values()) == 600
    assert outcomes["refused"] > 100


@pytest.mark.slow
def test_ten_thousand_mutated_files_are_read_or_refused(build, tmp_path):
    seeds = _seeds(build, tmp_path)
    real = _FOLDER.glob("*/*") if _FOLDER.is_dir() else ()
    for path in sorted(real):
        if "truth" not in path.name and path.stat().st_size < 400_000:
            seeds[f"real {path.name}"] = path.read_bytes()
    outcomes = _run(seeds, 10_000, tmp_path, np.random.default_rng(0))
    assert sum(outcomes.values()) == 10_000


def test_every_beginning_of_a_file_is_read_or_refused(build, tmp_path):
    for name, data in _seeds(build, tmp_path).items():
        if name == "hdr":
            continue
        for size in range(1, len(data), max(1, len(data) // 25)):
            (tmp_path / "cut").write_bytes(data[:size])
            _outcome(tmp_path / "cut")


def test_random_bytes_are_refused(tmp_path):
    rng = np.random.default_rng(0)
    for size in (1, 10, 100, 1000, 10_000, 100_000):
        for _ in range(20):
            (tmp_path / "noise").write_bytes(rng.bytes(size))
            with pytest.raises(UnreadableFileError):
                read_spectra(tmp_path / "noise")


def _jcamp(n_points, lines, build):
    text = build.jcamp.replace("NPOINTS=4", f"NPOINTS={n_points}")
    return text.replace("4000 1 2\n2000 3 4", lines).encode()


def _zip(size):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ps_1.xml", bytes(size))
    return buffer.getvalue()


def _patched(data, *numbers):
    data = bytearray(data)
    for at, layout, number in numbers:
        struct.pack_into(layout, data, at, number)
    return bytes(data)


def _several(build):
    return build.spc([np.arange(8)], flags=0x44)


BOMBS = {
    "many spectra": lambda b: _patched(b.spc([np.arange(8)]), (24, "<I", 2**24 - 1)),
    "a directory": lambda b: _patched(_several(b), (4, "<I", 300), (24, "<I", 2**31)),
    "many points": lambda b: _patched(b.spa(), (340, "<I", 2**30)),
    "many sections": lambda b: _patched(b.spa(), (294, "<H", 65535)),
    "duplicates": lambda b: _jcamp(1 << 20, "4000A1s999999999999999", b),
    "as many duplicates": lambda b: _jcamp(1 << 20, "4000A1S999999T999999", b),
    "points in words": lambda b: _jcamp("9" * 300, "4000 1 2", b),
    "an archive": lambda _: _zip(1 << 27),
    "a line without end": lambda b: _jcamp(4, "4000 " + "1" * (1 << 21), b),
    "digits without end": lambda b: _jcamp(4, "1" * (1 << 20) + "x", b),
    "labels without end": lambda _: b"##TITLE=" + b"$$" * (1 << 20),
    "names without end": lambda _: b"ID" + b",400" * (1 << 20),
}


@pytest.mark.parametrize("name", BOMBS)
def test_headers_that_promise_much_cost_little(build, tmp_path, name):
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[name](build))
    start = time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFileError):
            read_spectra(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < _MEMORY
    assert time.process_time() - start < 4 * _TIME  # tracing slows


def test_pipes_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFileError, match="no such file"):
        read_spectra(tmp_path / "pipe")
