import bz2
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.rda import read_rda

MIRROR = os.environ.get("CERUSSITE_DATA", "")


def write_rda(path: Path, variables: dict) -> Path:
    import rdata  # noqa: PLC0415 - the other program: it writes, we read

    rdata.write_rda(path, variables)
    return path


def test_vectors_written_by_another_program_are_read(tmp_path):
    path = write_rda(
        tmp_path / "vectors.rda",
        {
            "numbers": np.array([1.5, np.nan, -2.0]),
            "counts": np.array([1, 2, 3], dtype=np.int32),
            "texts": np.array(["Pb", "Zürich"], dtype=object),
        },
    )
    found = read_rda(path)
    np.testing.assert_array_equal(found["numbers"].content, [1.5, np.nan, -2.0])
    assert found["counts"].content.tolist() == [1, 2, 3]
    assert found["texts"].content == ["Pb", "Zürich"]


@pytest.mark.skipif(not MIRROR, reason="CERUSSITE_DATA names no mirror")
def test_a_published_table_equals_what_another_program_reads():
    import rdata  # noqa: PLC0415 - the other program

    path = Path(MIRROR) / "spectra/nirsoil/NIRsoil.RData"
    frame = read_rda(path)["NIRsoil"].columns()
    classes = {**rdata.conversion.DEFAULT_CLASS_MAP, "data.frame": lambda obj, _: obj}
    other = rdata.conversion.convert(
        rdata.parser.parse_file(path), constructor_dict=classes
    )["NIRsoil"]
    np.testing.assert_array_equal(frame["spc"].matrix(), other["spc"].to_numpy())
    assert frame["spc"].column_names() == other["spc"].dim_1.to_numpy().tolist()
    for name in ("Nt", "Ciso", "CEC"):
        np.testing.assert_array_equal(frame[name].content, other[name])


def test_lists_of_single_numbers_and_missing_texts_are_read(tmp_path):
    # Hand-made from R Internals: a pairlist with a list of two doubles and texts.
    header = b"RDX2\nX\n" + struct.pack(">iii", 2, 0x40103, 0x20300)
    symbol = struct.pack(">iii", 1, 0x40009, 1)
    number = struct.pack(">ii", 14, 1)
    content = header + struct.pack(">i", 0x402) + symbol + b"a"
    content += struct.pack(">ii", 19, 2)
    content += number + struct.pack(">d", 0.25) + number + struct.pack(">d", 8.0)
    content += struct.pack(">i", 0x402) + symbol + b"b"
    content += struct.pack(">ii", 16, 2) + struct.pack(">ii", 9, -1)
    content += struct.pack(">ii", 0x4009, 1) + b"\xb5" + struct.pack(">i", 254)
    path = tmp_path / "hand.rda"
    path.write_bytes(bz2.compress(content))
    found = read_rda(path)
    assert found["a"].content.tolist() == [0.25, 8.0]
    assert found["b"].content == [None, "µ"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 not R", "expected a binary file"),
        (b"BZh9 broken", "expected a binary file"),
        (bz2.compress(b"RDX2")[:20], "expected a binary file"),
        (b"RDX2\nX\n" + struct.pack(">iiii", 2, 0, 0, 0x1FF), "expected a binary"),
        (b"RDX2\nX\n" + struct.pack(">iii", 2, 0, 0), "expected a binary file"),
        (b"RDX2\nX\n" + struct.pack(">iiiii", 2, 0, 0, 14, 0), "one unnamed object"),
        (
            b"RDX2\nX\n" + struct.pack(">iiiii", 2, 0, 0, 3, 0),
            "holds R type 3 at byte 27",
        ),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / "other.rda"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=message):
        read_rda(path)
