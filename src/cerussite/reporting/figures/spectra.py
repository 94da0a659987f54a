"""Spectra of a file as a picture."""

from pathlib import Path

from matplotlib.axes import Axes

from cerussite.core.spectra import Spectra
from cerussite.reporting.figures.drawing import COLOURS, add_axes, panel

WIDTH, HEIGHT = 640, 360
_LEFT, _TOP, _RIGHT, _BOTTOM = 62, 34, 18, 46
_LABELS = {
    "reflectance": "Reflectance",
    "absorbance": "Absorbance, log10(1/R)",
}


def write_spectra_png(path: Path, spectra: Spectra, *, title: str) -> Path:
    """
    Write spectra as a PNG picture, on the axis of their file.

    Parameters
    ----------
    path : Path
        File to write.
    spectra : Spectra
        A few spectra.
    title : str
        What they are.

    Returns
    -------
    Path
        The file.
    """
    with panel(WIDTH, HEIGHT) as figure:
        axes = add_axes(figure, _LEFT, _TOP, _RIGHT, _BOTTOM)
        _draw(axes, spectra)
        axes.set_title(title, fontsize=11, loc="left", parse_math=False)
        figure.savefig(
            path, format="png", dpi=144, transparent=False, facecolor="white"
        )
    return path


def _draw(axes: Axes, spectra: Spectra) -> None:
    x, label = spectra.wavelengths, "Wavelength (nm)"
    if spectra.original_unit == "cm-1":
        x, label = 1e7 / x, "Wavenumber (cm⁻¹)"
    for values in spectra.values:
        axes.plot(x, values, color=COLOURS["consensus"], linewidth=1.0, alpha=0.7)
    axes.margins(x=0.0)
    if spectra.original_unit == "cm-1":
        axes.invert_xaxis()
    axes.set_xlabel(label)
    axes.set_ylabel(_LABELS[spectra.quantity])
