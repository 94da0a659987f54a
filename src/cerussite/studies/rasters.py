"""Headers of rasters in ENVI format, which geographic information systems read."""

from collections.abc import Mapping, Sequence

#: Written where there is no value.
NO_DATA = -9999.0
#: Fields of a header that say where an image lies.
_PLACE = ("map info", "coordinate system string", "projection info")


def raster_header(
    bands: Sequence[str],
    size: tuple[int, ...],
    description: str,
    origin: Mapping[str, str],
) -> str:
    """
    Header of a raster of single precision, each line its bands below each other.

    Parameters
    ----------
    bands : sequence of str
        Names of the bands.
    size : tuple of (int, int)
        Lines and columns.
    description : str
        What the raster holds.
    origin : mapping of str to str
        Fields of the header of the image it was made from; those that say where it
        lies are taken over.

    Returns
    -------
    str
        The text of the header.

    Examples
    --------
    >>> print(raster_header(["Pb"], (3, 4), "lead", {"map info": "{UTM, 1, 1}"}))
    ENVI
    description = {lead}
    samples = 4
    lines = 3
    bands = 1
    header offset = 0
    file type = ENVI Standard
    data type = 4
    interleave = bil
    byte order = 0
    data ignore value = -9999
    map info = {UTM, 1, 1}
    band names = {Pb}
    <BLANKLINE>
    """
    place = [
        f"{name} = {{{origin[name].strip('{} ')}}}"
        for name in _PLACE
        if origin.get(name)
    ]
    lines = [
        "ENVI",
        f"description = {{{description}}}",
        f"samples = {size[1]}",
        f"lines = {size[0]}",
        f"bands = {len(bands)}",
        "header offset = 0",
        "file type = ENVI Standard",
        "data type = 4",
        "interleave = bil",
        "byte order = 0",
        f"data ignore value = {NO_DATA:g}",
        *place,
        f"band names = {{{', '.join(bands)}}}",
    ]
    return "\n".join(lines) + "\n"
