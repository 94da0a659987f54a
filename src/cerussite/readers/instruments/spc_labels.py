"""What the codes and words of an SPC header say about its axes."""

from cerussite.readers.instruments.blocks import BlockQuantity
from cerussite.readers.instruments.content import plain_text
from cerussite.readers.instruments.words import quantity_in_words, unit_in_words

_HAS_LABELS = 0x20
#: Types of the axis (Galactic Industries, SPC.H of the SPC software kit).
X_TYPES = {
    1: "Wavenumber (cm-1)",
    2: "Micrometers (um)",
    3: "Nanometers (nm)",
    4: "Seconds",
    5: "Minutes",
    6: "Hertz",
    7: "Kilohertz",
    8: "Megahertz",
    9: "Mass (M/z)",
    10: "Parts per million",
    11: "Days",
    12: "Years",
    13: "Raman shift (cm-1)",
    14: "Electron volts",
    16: "Diode number",
    17: "Channel",
    18: "Degrees",
    22: "Data points",
    255: "Double interferogram",
}
#: Types of the ordinate (the same source); 0 and those left out state nothing.
Y_TYPES = {
    1: "Interferogram",
    2: "Absorbance",
    3: "Kubelka-Munk",
    4: "Counts",
    5: "Volts",
    6: "Degrees",
    10: "Log(1/R)",
    11: "Percent",
    12: "Intensity",
    13: "Relative intensity",
    14: "Energy",
    24: "Real",
    25: "Imaginary",
    26: "Complex",
    128: "Transmission",
    129: "Reflectance",
    130: "Single beam",
    131: "Emission",
}


def labels_of(
    data: bytes, flags: int, *, is_old: bool
) -> tuple[BlockQuantity, float, str, str]:
    """
    Quantity and axis of the spectra of a file.

    Parameters
    ----------
    data : bytes
        The file.
    flags : int
        Flags of its header: words of its own count before the codes.
    is_old : bool
        Whether the header has the old layout.

    Returns
    -------
    tuple of (str, float, str, str)
        Quantity, what stored values are divided by, unit of the axis, and the
        label of the ordinate.
    """
    x_at, y_at, words_at = (16, 17, 194) if is_old else (28, 29, 218)
    x_label, y_label = X_TYPES.get(data[x_at], ""), Y_TYPES.get(data[y_at], "")
    if flags & _HAS_LABELS:
        written = data[words_at : words_at + 30].split(b"\0")
        words = [plain_text(each) for each in (*written, b"", b"")[:2]]
        x_label, y_label = words[0] or x_label, words[1] or y_label
    if data[y_at] == 130 and not flags & _HAS_LABELS:
        # By the code: a single beam, or anything with peaks that point down.
        return "unknown", 1.0, unit_in_words(x_label), "Single beam or other"
    quantity, divisor = quantity_in_words(y_label)
    return quantity, divisor, unit_in_words(x_label), y_label
