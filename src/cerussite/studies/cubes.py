"""A saved calibration and an image cube in, a map of predictions out."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.core.types import BoolArray, FloatArray
from cerussite.models.card import CalibrationCard
from cerussite.models.saved import load_calibration
from cerussite.readers.instruments import Block, SpectrumFile, read_spectra
from cerussite.readers.instruments.conversion import spectra_of_block
from cerussite.readers.quantities import BRIGHTEST
from cerussite.studies.applicability import (
    HIGHEST,
    LOWEST,
    load_applicability,
    response_reasons,
    spectrum_verdicts,
)
from cerussite.studies.files import write_whole
from cerussite.studies.model_bands import ModelBands
from cerussite.studies.rasters import NO_DATA, raster_header

#: Codes in the bands of verdicts.
VERDICT_CODES = {"inside": 0.0, "borderline": 1.0, "outside": 2.0}
#: Values of the cube held at once; bounds the memory whatever its size.
_AT_ONCE = 1 << 22
#: Bands of the map for each response.
_PARTS = ("predicted", "lower", "upper", "verdict")


@dataclass(frozen=True)
class CubeMap:
    """
    A map of predictions, and how much of the cube it covers.

    Attributes
    ----------
    path : Path
        Values; the header lies beside it.
    bands : tuple of str
        Names of its bands.
    n_pixels : int
        Pixels of the cube.
    n_empty : int
        Pixels that the cube marks as not measured in some band.
    n_implausible : int
        Pixels whose values cannot be what the cube holds: above 1.5 or below -0.1
        in reflectance, or not above 0 where absorbance is needed.
    n_outside : int
        Predicted pixels that are outside the calibration in some response.
    notes : tuple of str
        What was converted, and what the calibration's own study found wanting.
    """

    path: Path
    bands: tuple[str, ...]
    n_pixels: int
    n_empty: int
    n_implausible: int
    n_outside: int
    notes: tuple[str, ...] = ()

    @property
    def n_predicted(self) -> int:
        """
        Pixels with predictions.

        Returns
        -------
        int
            The others hold :data:`NO_DATA`.
        """
        return self.n_pixels - self.n_empty - self.n_implausible

    def text(self) -> str:
        """
        What became of the pixels, for people.

        Returns
        -------
        str
            One line.
        """
        return (
            f"{self.n_predicted} of {self.n_pixels} pixels predicted, "
            f"{self.n_outside} of them outside the calibration; {self.n_empty} empty, "
            f"{self.n_implausible} that cannot be spectra"
        )


def predict_cube(  # noqa: PLR0913 - what an image does not say itself
    model: str | Path,
    cube: str | Path,
    out: str | Path,
    *,
    quantity: Any = None,
    axis_unit: Any = None,
    divisor: float | None = None,
) -> CubeMap:
    """
    Predict every pixel of an ENVI image, block by block, into an ENVI raster.

    The cube is never in memory as a whole. For each response the raster holds the
    prediction, its lower and upper limit, and the verdict as a number.

    Parameters
    ----------
    model : str or Path
        Folder of a saved calibration.
    cube : str or Path
        Image of reflectance or absorbance, or its header.
    out : str or Path
        File to write, for example ``lead.img``; ``lead.hdr`` goes beside it.
    quantity : {"reflectance", "reflectance_percent", "absorbance"}, optional
        What the cube holds, where its header does not say.
    axis_unit : {"nm", "um", "cm-1"}, optional
        Unit of its axis, where the header does not say.
    divisor : float, optional
        What stored values are divided by (10 000 for many images of integers).

    Returns
    -------
    CubeMap
        Where the map is and how much of the cube it covers.

    Notes
    -----
    Refused are a file that is no image, bands that do not reach over those of the
    model, a target that is the cube itself or no file, and a cube of which no
    pixel can be predicted, since its values are not what they are said to be.
    Pixels are dry, bare soil as the calibration knows it, or the verdict must
    tell: predictions of vegetation and water are worth nothing.
    """
    out, cube = Path(out), Path(cube)
    file = read_spectra(cube, quantity=quantity, axis_unit=axis_unit, divisor=divisor)
    block = _image(file)
    _check_out(out, cube)
    predictor = _Predictor(Path(model), cube, block)
    card, counts = predictor.card, _Counts()
    write_whole(out, lambda to: _write(to, block, predictor, counts))
    names = tuple(f"{r.name} {part}" for r in card.responses for part in _PARTS)
    header = raster_header(
        names, block.values.shape[:2], _description(card), file.metadata
    )
    write_whole(
        out.with_suffix(".hdr"), lambda to: to.write_text(header, encoding="utf-8")
    )
    return CubeMap(
        out,
        names,
        int(np.prod(block.values.shape[:2])),
        counts.n_empty,
        counts.n_implausible,
        counts.n_outside,
        predictor.notes(block),
    )


@dataclass
class _Counts:
    """What became of the pixels so far."""

    n_predicted: int = 0
    n_empty: int = 0
    n_implausible: int = 0
    n_outside: int = 0


class _Predictor:
    """A calibration with what it needs to judge pixels."""

    def __init__(self, model: Path, cube: Path, block: Block) -> None:
        self.estimator, self.card = load_calibration(model)
        self.cube, self.known = cube, load_applicability(model, self.card)
        nothing = replace(block, values=np.empty((0, block.axis.size)))
        axis = spectra_of_block(nothing, source=str(cube)).wavelengths
        self.bands = ModelBands(self.card, axis, source=str(cube))

    def predict(self, block: Block) -> tuple[FloatArray, BoolArray]:
        """Bands of the map for pixels, and whether each is outside."""
        spectra = spectra_of_block(block, source=str(self.cube))
        X = self.bands.bring(spectra).values
        predicted = np.asarray(self.estimator.predict(X)).reshape(len(X), -1)
        verdicts = spectrum_verdicts(self.card, self.known, X)
        codes = np.array([VERDICT_CODES[each.verdict] for each in verdicts])
        beyond = np.column_stack(
            [
                _beyond(self.card, response.name, predicted[:, column])
                for column, response in enumerate(self.card.responses)
            ]
        )
        verdict = np.where(beyond, VERDICT_CODES["outside"], codes[:, np.newaxis])
        limits = self._limits(predicted)
        limits = np.where(np.isfinite(limits), limits, NO_DATA)
        # Parts of one response stand beside each other.
        mapped = np.stack([predicted, *limits, verdict], axis=2).reshape(len(X), -1)
        return mapped, (verdict == VERDICT_CODES["outside"]).any(axis=1)

    def _limits(self, predicted: FloatArray) -> FloatArray:
        if self.card.errors is None:
            return np.full((2, *predicted.shape), np.nan)
        return np.stack(self.card.errors.intervals(predicted, level=self.card.level))

    def notes(self, block: Block) -> tuple[str, ...]:
        """What the user must know about all predictions."""
        notes = [
            f"{response.name}: {reason}"
            for response in self.card.responses
            for reason in response_reasons(self.card, response.name)
        ]
        notes += self.bands.notes_on(block.quantity)
        if self.known is None:
            notes.append(
                "similarity to the calibration spectra not checked, ranges only"
            )
        return tuple(notes)


def _beyond(card: CalibrationCard, response: str, predicted: FloatArray) -> BoolArray:
    known = card.metrics.get(response, {})
    low, high = known.get(LOWEST, -np.inf), known.get(HIGHEST, np.inf)
    return (predicted < low) | (predicted > high)


def _description(card: CalibrationCard) -> str:
    units = ", ".join(f"{r.name} in {r.unit}" for r in card.responses)
    return (
        f"predictions of {card.method}: {units}; limits of {card.level:.0%} intervals; "
        "verdicts 0 inside, 1 borderline, 2 outside"
    )


def _image(file: SpectrumFile) -> Block:
    if file.chosen is None or not file.chosen.is_image:
        msg = (
            f"{file.path}: {file.format} without an image; expected an ENVI image; "
            "predict tables with predict_table"
        )
        raise UnreadableFileError(msg)
    return file.chosen


def _check_out(out: Path, cube: Path) -> None:
    # A slip in one word of the call must not cost an image.
    if out.is_dir() or out.suffix.lower() in {"", ".hdr", ".csv"}:
        msg = f"{out}: expected a map to write, such as lead.img; name another"
        raise InvalidStudyError(msg)
    own = {out.resolve(), out.with_suffix(".hdr").resolve()}
    folder = cube.resolve().parent
    theirs = {path.resolve() for path in folder.iterdir() if path.stem == cube.stem}
    theirs |= {cube.resolve(), cube.with_name(f"{cube.name}.hdr").resolve()}
    if own & theirs:
        msg = f"{out}: would replace a file of the cube {cube}; name another"
        raise InvalidStudyError(msg)


def _write(to: Path, block: Block, predictor: _Predictor, counts: _Counts) -> None:
    """Write all lines, each as its bands below each other."""
    n_lines, n_columns, n_points = block.values.shape
    at_once = max(_AT_ONCE // (n_columns * n_points), 1)
    with to.open("wb") as file:
        for start in range(0, n_lines, at_once):
            stored = np.asarray(block.values[start : start + at_once])
            pixels = replace(block, values=stored.reshape(-1, n_points))
            mapped = _mapped(pixels, predictor, counts).reshape(
                len(stored), n_columns, -1
            )
            file.write(mapped.transpose(0, 2, 1).astype("<f4").tobytes())
    if counts.n_implausible >= max(counts.n_predicted, 1) or not counts.n_predicted:
        msg = (
            f"{predictor.cube}: {counts.n_implausible} pixels that cannot be "
            f"{block.quantity}, {counts.n_predicted} that can, {counts.n_empty} empty; "
            "expected most of them to be; check the quantity, and say what stored "
            "values are divided by (divisor)"
        )
        raise UnreadableFileError(msg)


def _mapped(pixels: Block, predictor: _Predictor, counts: _Counts) -> FloatArray:
    """Bands of the map for the pixels of some lines."""
    values = pixels.read()
    if pixels.is_bad is not None:
        values = values[:, ~pixels.is_bad]
    # Background that no header declares has one value in all bands.
    empty = ~np.isfinite(values).all(axis=1) | (np.ptp(values, axis=1) == 0)
    plausible = _plausible(values, pixels.quantity, predictor.card.quantity)
    good = plausible & ~empty
    n_bands = len(_PARTS) * len(predictor.card.responses)
    mapped = np.full((len(values), n_bands), NO_DATA)
    counts.n_empty += int(empty.sum())
    counts.n_implausible += int((~empty & ~plausible).sum())
    counts.n_predicted += int(good.sum())
    if good.any():
        chosen = replace(pixels, values=np.asarray(pixels.values)[good])
        mapped[good], outside = predictor.predict(chosen)
        counts.n_outside += int(outside.sum())
    return mapped


def _plausible(values: FloatArray, quantity: str, needed: str) -> BoolArray:
    low, high = (-1.0, 10.0) if quantity == "absorbance" else (-0.1, BRIGHTEST)
    with np.errstate(invalid="ignore"):
        plausible = (values >= low) & (values <= high)
        if quantity != "absorbance" and needed == "absorbance":
            plausible &= values > 0
    return np.logical_and.reduce(plausible, axis=1)
