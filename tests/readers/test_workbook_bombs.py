"""Workbooks that would fill the memory, never end, or are damaged are refused."""

import contextlib
import io
import time
import tracemalloc
import zipfile

import numpy as np
import openpyxl
import pytest

from cerussite.core.errors import CerussiteError, UnreadableFileError
from cerussite.readers import read_table, workbook
from cerussite.readers.sources import open_table

SHEET = "xl/worksheets/sheet1.xml"
EDGE = "A1:XFD1048576"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def plain(tmp_path):
    """A small workbook with one sheet."""
    book = openpyxl.Workbook()
    book.active.append(["id", "Pb", "400nm", "410nm"])
    for row in range(20):
        book.active.append([f"s{row}", 10.0 + row, 0.2 + row / 100, 0.3 + row / 100])
    book.save(tmp_path / "plain.xlsx")
    return tmp_path / "plain.xlsx"


def packed(plain, name, content):
    """The same workbook with one part packed as tightly as deflate can."""
    path = plain.with_name("packed.xlsx")
    with (
        zipfile.ZipFile(plain) as old,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        with new.open(info, "w", force_zip64=True) as file:
            for chunk in content:
                file.write(chunk)
    return path


def sheet(rows, dimension="A1:D3"):
    head = f'<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/><sheetData>'
    return [head.encode(), *rows, b"</sheetData></worksheet>"]


def refusal(path):
    """Message, seconds and peak of memory of a refused workbook."""

    def read():
        for _ in open_table(path).rows():
            pass

    start = time.perf_counter()
    with pytest.raises(UnreadableFileError) as caught:
        read()
    seconds = time.perf_counter() - start
    tracemalloc.start()
    with pytest.raises(UnreadableFileError):
        read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return str(caught.value), seconds, peak


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/styles.xml"])
def test_content_that_unpacks_a_thousandfold_is_refused_at_once(plain, part):
    path = packed(plain, part, (bytes(1 << 20) for _ in range(48)))
    assert path.stat().st_size < 1 << 20
    message, seconds, peak = refusal(path)
    assert "times as many; expected a workbook" in message
    assert seconds < 1
    assert peak < 1 << 25


def test_cells_beyond_what_the_file_can_hold_are_refused(plain, monkeypatch):
    monkeypatch.setattr(workbook, "_MANY_CELLS", 1_000_000)
    row = '<row r="{0}"><c r="XFD{0}"><v>1</v></c></row>'
    rows = [row.format(number + 1).encode() for number in range(400)]
    message, seconds, _ = refusal(packed(plain, SHEET, sheet(rows, EDGE)))
    assert "more than a file of its size can hold" in message
    assert seconds < 5


def test_rows_beyond_the_edge_of_a_sheet_are_refused(plain, monkeypatch):
    monkeypatch.setattr(workbook, "_MOST_ROWS", 10_000)
    rows = [
        b'<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>',
        b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
    ]
    message, seconds, _ = refusal(packed(plain, SHEET, sheet(rows, EDGE)))
    assert "reaches to row 10001" in message
    assert seconds < 5


def test_a_sheet_formatted_to_its_edge_reads_as_its_cells_say(plain):
    with zipfile.ZipFile(plain) as archive:
        content = archive.read(SHEET)
    assert b'"A1:D21"' in content
    edge = content.replace(b'"A1:D21"', b'"%s"' % EDGE.encode())
    path = packed(plain, SHEET, [edge])
    found, expected = (
        read_table(each, sample_id="id", quantity="reflectance")
        for each in (path, plain)
    )
    assert found.samples.equals(expected.samples)
    assert found.spectra.values.tolist() == expected.spectra.values.tolist()


def test_formulas_without_results_are_found_across_chunks(plain, monkeypatch):
    monkeypatch.setattr(workbook, "_CHUNK", 64)
    formula = b'<row r="2"><c r="A2"><f>SUM(B1:B9)</f></c></row>'
    rows = [b'<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>', formula]
    message, _, _ = refusal(packed(plain, SHEET, sheet(rows)))
    assert "formulas without stored results" in message


def test_entities_that_multiply_are_refused(plain):
    lines = [b"<!DOCTYPE x [<!ENTITY a0 'lol'>"]
    lines += [f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>".encode() for n in range(1, 10)]
    lines += [b"]>", b"<worksheet>&a9;</worksheet>"]
    message, seconds, peak = refusal(packed(plain, SHEET, lines))
    assert "no XLSX workbook" in message
    assert seconds < 1
    assert peak < 1 << 27


def test_damaged_workbooks_are_refused_and_never_crash(plain):
    whole = np.frombuffer(plain.read_bytes(), np.uint8)
    rng = np.random.default_rng(0)
    path, n_refused = plain.with_name("damaged.xlsx"), 0
    for _ in range(25):
        data = whole.copy()
        at = rng.integers(0, data.size, 8)
        data[at] = rng.integers(0, 256, 8)
        path.write_bytes(data[: rng.integers(1, data.size + 1)].tobytes())
        try:
            for _ in open_table(path).rows():
                pass
        except CerussiteError:
            n_refused += 1
    assert n_refused > 15


def test_damaged_parts_are_refused_and_never_crash(plain):
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(plain) as archive:
        names = archive.namelist()
        parts = {name: archive.read(name) for name in names}
    for trial in range(44):
        name = names[trial % len(names)]
        data = bytearray(parts[name])
        for at in rng.integers(0, len(data), 3):
            data[at] = rng.integers(32, 127)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as new:
            for other in names:
                new.writestr(other, bytes(data) if other == name else parts[other])
        path = plain.with_name("damaged.xlsx")
        path.write_bytes(buffer.getvalue())
        with contextlib.suppress(CerussiteError):
            for _ in open_table(path).rows():
                pass
