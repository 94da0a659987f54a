"""The command that inspects files prints, draws, and refuses in one line."""

import subprocess
import sys

import numpy as np
import pytest

from cerussite.cli.main import main
from cerussite.cli.terminal_plot import terminal_plot


def write_scan(path, unit="ABSORBANCE"):
    values = 0.5 + 0.3 * np.sin(np.arange(50) / 8)
    lines = [
        "##TITLE=soil",
        "##JCAMP-DX=4.24",
        "##DATA TYPE=NEAR INFRARED SPECTRUM",
        "##XUNITS=NANOMETERS",
        f"##YUNITS={unit}",
        "##FIRSTX=1000",
        "##LASTX=1490",
        "##XFACTOR=1",
        "##YFACTOR=1",
        "##NPOINTS=50",
        f"##FIRSTY={values[0]:.5f}",
        "##XYDATA=(X++(Y..Y))",
        *(f"{1000 + 10 * at} {value:.5f}" for at, value in enumerate(values)),
        "##END=",
    ]
    path.write_text("\n".join(lines))
    return path


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(["inspect", *map(str, arguments)])
    printed = capsys.readouterr()
    return caught.value.code, printed.out, printed.err


def test_a_scan_is_described_and_drawn(tmp_path, capsys):
    status, out, err = run(capsys, write_scan(tmp_path / "a.dx"))
    assert (status, err) == (0, "")
    assert "JCAMP-DX" in out
    assert "50 points from 1000 to 1490 nm" in out
    assert "absorbance by nm" in out
    assert out.rstrip().endswith("1490")


def test_a_scan_is_drawn_into_a_picture(tmp_path, capsys):
    png = tmp_path / "a.png"
    status, out, _ = run(capsys, write_scan(tmp_path / "a.dx"), "--png", png)
    assert status == 0
    assert out.rstrip().endswith(str(png))
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_options_are_named_as_the_command_has_them(tmp_path, capsys):
    path = write_scan(tmp_path / "a.dx", unit="ARBITRARY UNITS")
    status, out, _ = run(capsys, path)
    assert status == 0
    assert "absorbance by nm" not in out
    status, _, err = run(capsys, path, "--png", tmp_path / "a.png")
    assert status == 2
    assert "nothing to draw" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["a.jpg", "a.dx"])
def test_pictures_never_replace_a_measurement(tmp_path, capsys, name):
    status, out, err = run(
        capsys, write_scan(tmp_path / "a.dx"), "--png", tmp_path / name
    )
    assert (status, out) == (2, "")
    assert "ends in .png" in err
    assert (tmp_path / "a.dx").read_text().startswith("##TITLE")


def test_a_missing_file_is_one_line(tmp_path, capsys):
    status, out, err = run(capsys, tmp_path / "gone.asd")
    assert (status, out) == (2, "")
    assert err.startswith(f"cerussite: {tmp_path / 'gone.asd'}: no such file; expected")
    assert err.count("\n") == 1


def test_a_terminal_without_braille_gets_asterisks(tmp_path):
    path = write_scan(tmp_path / "sol_é.dx")
    code = f"from cerussite.cli.main import main; main(['inspect', {str(path)!r}])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert b"sol_?.dx" in done.stdout
    assert b"**" in done.stdout


def test_braille_dots_are_where_the_values_are():
    x = np.arange(4.0)
    # Eight rows by four columns of dots: the line rises from row 7 over 5 and 2 to 0.
    top, bottom = terminal_plot(x, x[np.newaxis], width=2, height=2).splitlines()[:2]
    codes = [[ord(sign) - 0x2800 for sign in line[-2:]] for line in (top, bottom)]
    assert codes == [[0x00, 0x04 | 0x40 | 0x08 | 0x10], [0x40 | 0x10 | 0x20, 0x01]]


def test_a_flat_curve_can_be_drawn():
    plot = terminal_plot(np.arange(3.0), np.full((1, 3), 0.5), height=2, is_plain=True)
    assert plot.splitlines()[1].startswith("0.5 |**")


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom cerussite.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print({'numpy', 'pandas', 'matplotlib', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().endswith("set()")
