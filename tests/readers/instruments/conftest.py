"""Small files of each layout, written byte by byte from its description."""

import io
import struct
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

SAMPLE = np.array([10.0, 20.0, 30.0, 40.0])
REFERENCE = np.array([100.0, 80.0, 60.0, 50.0])


def asd(magic=b"as8", data_type=0, flag=1, kind="<f8", number_format=2, reference=True):
    head = bytearray(484)
    head[:3] = magic
    head[3:10] = b"plot 7\0"
    struct.pack_into("<6h", head, 160, 5, 4, 3, 2, 0, 124)  # 2024-01-02 03:04:05
    head[186] = data_type
    struct.pack_into("<ff", head, 191, 350.0, 1.0)
    head[199] = number_format
    struct.pack_into("<H", head, 204, SAMPLE.size)
    struct.pack_into("<H", head, 400, 1234)
    struct.pack_into("<H", head, 429, 25)
    head[431] = 4
    struct.pack_into("<ff", head, 444, 1000.0, 1800.0)
    data = bytes(head) + SAMPLE.astype(kind).tobytes()
    if reference:
        text = b"Spectralon"
        data += struct.pack("<H16xh", flag, len(text)) + text
        data += REFERENCE.astype(kind).tobytes()
    return data


def spc(
    stored,
    *,
    kind="<i4",
    order="<",
    flags=0,
    exponent=1,
    sub_exponents=(0,),
    x=None,
    types=(1, 2),
    labels=b"",
    n_points=None,
):
    version = 0x4B if order == "<" else 0x4C
    n_points = len(stored[0]) if n_points is None else n_points
    head = bytearray(512)
    struct.pack_into(
        f"{order}BBBbIddIBB",
        head,
        0,
        flags,
        version,
        0,
        exponent,
        n_points,
        4000.0,
        1000.0,
        len(stored),
        *types,
    )
    struct.pack_into(f"{order}I", head, 32, 2024 << 20 | 1 << 16 | 2 << 11 | 3 << 6 | 4)
    head[88:94] = b"soil 7"
    head[218 : 218 + len(labels)] = labels
    data = bytes(head)
    if x is not None:
        data += np.asarray(x, f"{order}f4").tobytes()
    for values, own in zip(stored, sub_exponents, strict=True):
        data += struct.pack(f"{order}BbHfffIIf4x", 0, own, 0, 0, 0, 0, 0, 16, 0)
        data += np.asarray(values, kind.replace("<", order)).tobytes()
    return data


def old_spc(stored, exponent=1):
    head = bytearray(224)
    struct.pack_into(
        "<BBhfffBBHBBBB",
        head,
        0,
        0,
        0x4D,
        exponent,
        len(stored),
        4000.0,
        1000.0,
        1,
        2,
        1992,
        5,
        14,
        20,
        19,
    )
    head[64:70] = b"soil 7"
    low = np.asarray(stored, "<i4").view("<u2").reshape(-1, 2)
    return bytes(head) + bytes(32) + low[:, ::-1].astype("<u2").tobytes()


def opus(spectra, *, extra=()):
    """Spectra as (channel, additional byte, values, scale)."""
    entries, bodies = [], []
    for channel, additional, values, scale in spectra:
        code = channel << 8 | additional << 24
        fields = b"".join(
            name.encode() + b"\0" + packed
            for name, packed in (
                ("DPF", struct.pack("<hhi", 0, 2, 1)),
                ("NPT", struct.pack("<hhi", 0, 2, len(values))),
                ("FXV", struct.pack("<hhd", 1, 4, 4000.0)),
                ("LXV", struct.pack("<hhd", 1, 4, 1000.0)),
                ("CSF", struct.pack("<hhd", 1, 4, scale)),
                ("MXY", struct.pack("<hhd", 1, 4, scale * max(values))),
                ("MNY", struct.pack("<hhd", 1, 4, scale * min(values))),
                ("DAT", struct.pack("<hh", 2, 6) + b"02/01/2024\0\0"),
                ("TIM", struct.pack("<hh", 2, 4) + b"03:04:05"),
                ("DXU", struct.pack("<hh", 3, 2) + b"WN\0\0"),
            )
        )
        entries.append((code | 31, fields + b"END\0" + bytes(4)))
        # One value more than NPT, as real files have.
        entries.append((code | 15, np.asarray([*values, 9.0], "<f4").tobytes()))
    instrument = b"INS\0" + struct.pack("<hh", 2, 4) + b"Alpha\0\0\0" + b"END\0"
    entries.append((32, instrument + bytes(4)))
    entries += list(extra)
    start = 24 + 12 * (len(entries) + 1)
    table = b""
    for code, body in entries:
        at = start + sum(map(len, bodies))
        table += struct.pack("<Iii", code & 0xFFFFFFFF, len(body) // 4, at)
        bodies.append(body)
    head = b"\n\n\xfe\xfe" + struct.pack(
        "<diii", 9.2, 24, len(entries) + 1, len(entries)
    )
    return head + table + bytes(12) + b"".join(bodies)


def spa(y_code=17, x_code=1):
    head = bytearray(304)
    head[:20] = b"Spectral Data File\r\n"
    head[30:36] = b"soil 7"
    struct.pack_into("<HI", head, 294, 2, 3_913_844_645)
    table = struct.pack("<BxII6x", 2, 336, 140) + struct.pack("<BxII6x", 3, 476, 16)
    body = bytearray(140)
    struct.pack_into("<4xIB3xB3xff", body, 0, 4, x_code, y_code, 4000.0, 1000.0)
    struct.pack_into("<I12xI", body, 36, 32, 64)
    return bytes(head) + table + bytes(body) + (SAMPLE / 16).astype("<f4").tobytes()


def pepe(label=b"A"):
    def member(code, body):
        return struct.pack("<Hi", code, len(body)) + body

    def text(words):
        return struct.pack("<HH", 0x7523, len(words)) + words

    body = (
        member(35698, struct.pack("<Hdd", 0x751D, 4000.0, 1000.0))
        + member(35701, struct.pack("<Hi", 0x752B, 4))
        + member(35703, text(b"cm-1"))
        + member(35704, text(label))
        + member(35713, text(b"soil 7.sp"))
        + member(35708, struct.pack("<Hi", 0x7516, 32) + (SAMPLE / 16).tobytes())
    )
    head = b"PEPE2D constant interval DataSet file\0".ljust(44, b"\0")
    return head + member(120, body)


def peir(label=b"A"):
    head = b"PE IR".ljust(72) + b"\r\n  -1\r\nSOIL7.SP\r\n#HDR\r\n-1\r\n-1\r\n#GR\r\n"
    lines = [b"CM-1", label, b"0.0625", b"0.5", b"4000.0", b"-1000.0", b"4", b"8"]
    lines += [b"3.0", b"1.125", b"#DATA", b""]
    return head + b"\r\n".join(lines) + SAMPLE.astype("<i4").tobytes()


def trm():
    pixels = 4
    serial = [float(sign) for sign in b"0411041S1"]
    head = [60.0, 200.0, 0.5, 0.0, 0.0, 0.0, *serial, 10.0, 13.0, 2.0, 0.0]
    triples = np.column_stack([SAMPLE, REFERENCE, np.full(pixels, 5.0)]).ravel()
    return np.array([*head, *triples, 130.0, 10.0, 3.0], "<f4").tobytes()


def proc_spec(values="1.5 2.5 3.5", units="Reflection"):
    def doubles(numbers):
        return "".join(f"<double>{each}</double>\n" for each in numbers.split())

    text = (
        f"<channelWavelengths>{doubles('400 401 402')}</channelWavelengths>"
        '<yUnits class="com.oceanoptics.unitdescriptors.CountsIntensityDescriptor">'
        f"<processedPixels>{doubles(values)}</processedPixels>"
        f'<yUnits class="com.oceanoptics.unitdescriptors.{units}IntensityDescriptor">'
        "<spectrometerSerialNumber>USB4C1</spectrometerSerialNumber>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ps_1.xml", text)
    return buffer.getvalue()


SVC = """/*** Spectra Vista SIG Data ***/
name= soil.sig
instrument= HI: 1 (HR-1024i)
units= Radiance, Radiance
time= 8/6/2015 9:32:30 AM, 8/6/2015 9:37:15 AM
longitude= 09230.0000W     , 09230.0000W
latitude= 4645.0000N      , 4645.0000N
factors= 1.080, 1.133, 1.000 [Overlap: Preserve, Matching Type: None]
data=
990.0  100.00  10.00  10.00
1000.0  100.00  20.00  20.00
992.0  100.00  30.00  30.00
1010.0  100.00  40.00  40.00
"""

SED = """Comment: \nVersion: 2.2
Instrument: PSR+3500_SN1 [3]
Date: 09/20/2024,09/20/2024
Time: 13:49:57.52,13:58:58.25
Averages: 10,12
Latitude: 46.75
Longitude: -92.5
Calibrated Reference Correction File: none
Channels: 3
Columns [4]:
Data:
Wvl\tRad. (Ref.)\tRad. (Target)\tReflect. %
 350.0\t 2.0E-001\t 1.0E-001\t    50.0
 351.0\t 4.0E-001\t 1.0E-001\t    25.0
 352.0\t 8.0E-001\t 1.0E-001\t    12.5
"""

JCAMP = """##TITLE=soil
##JCAMP-DX=4.24 $$ a comment
##DATA TYPE=INFRARED SPECTRUM
##XUNITS=1/CM
##YUNITS=ABSORBANCE
##FIRSTX=4000
##LASTX=1000
##XFACTOR=1
##YFACTOR=0.5
##NPOINTS=4
##XYDATA=(X++(Y..Y))
4000 1 2
2000 3 4
##END=
"""

OCEAN = """SpectraSuite Data File
++++++++++++++++++++++++++++++++++++
Date: Mon Jan 14 17:36:35 GMT 2008
Reference Spectrum Present: Yes
Spectrometers: USB4A00428
Spectra Averaged: 50 (USB4A00428)
Number of Pixels in Processed Spectrum: 3
>>>>>Begin Processed Spectral Data<<<<<
400.00\t10.000
401.00\t20.000
402.00\t30.000
>>>>>End Processed Spectral Data<<<<<
"""

AVASOFT = """\xa0
Integration time: 130 ms
Average: 10 scans
Data measured with spectrometer serial number: 0411041S1
Wave   ;Dark     ;Ref      ;Sample   ;Reflectance
[nm]   ;[counts] ;[counts] ;[counts] ;[% reflectance]
299.87;5.0;105.0;55.0;50.0
300.16;5.0;105.0;30.0;25.0
"""

ECOSTRESS = """Name: Construction Concrete
Collection Date: N/A
X Units: Wavelength (micrometers)
Y Units:Reflectance (percent)
Number of X Values: 3
Additional Information: none

 0.3000\t 8.8000
 0.4000\t 9.0000
 0.5000\t 9.2000
"""

ENVI = """ENVI
description = {
  soils (°)}
samples = {columns}
lines = {lines}
bands = {bands}
header offset = 0
file type = {kind}
data type = {code}
interleave = {interleave}
byte order = {order}
"""


def envi(folder, values, *, code=4, kind="ENVI Standard", interleave="bip", **fields):
    """Write lines, columns, bands (or spectra, channels of a library)."""
    order = fields.pop("byte_order", 0)
    types = {2: "i2", 4: "f4", 5: "f8", 12: "u2"}
    stored = np.asarray(values).astype((">" if order else "<") + types[code])
    if kind == "ENVI Spectral Library":
        (lines, columns), bands = stored.shape, 1
    else:
        lines, columns, bands = stored.shape
        axes = {"bip": (0, 1, 2), "bil": (0, 2, 1), "bsq": (2, 0, 1)}[interleave]
        stored = stored.transpose(axes)
    header = ENVI
    for name, value in {
        "columns": columns,
        "lines": lines,
        "bands": bands,
        "kind": kind,
        "code": code,
        "interleave": interleave,
        "order": order,
    }.items():
        header = header.replace(f"{{{name}}}", str(value))
    header += "".join(
        f"{key.replace('_', ' ')} = {text}\n" for key, text in fields.items()
    )
    (folder / "cube.hdr").write_bytes(header.encode("latin-1"))
    (folder / "cube.img").write_bytes(np.ascontiguousarray(stored).tobytes())
    return folder / "cube.img"


@pytest.fixture(scope="session")
def build():
    return SimpleNamespace(
        asd=asd,
        spc=spc,
        old_spc=old_spc,
        opus=opus,
        spa=spa,
        pepe=pepe,
        peir=peir,
        trm=trm,
        proc_spec=proc_spec,
        envi=envi,
        sample=SAMPLE,
        reference=REFERENCE,
        svc=SVC,
        sed=SED,
        jcamp=JCAMP,
        ocean=OCEAN,
        avasoft=AVASOFT,
        ecostress=ECOSTRESS,
    )


@pytest.fixture
def write(tmp_path):
    """Write a file and give its path."""

    def _write(data, name="file.bin"):
        path = tmp_path / name
        path.write_bytes(data.encode("latin-1") if isinstance(data, str) else data)
        return path

    return _write
