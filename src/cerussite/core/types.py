"""Array types used in signatures."""

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating[Any]]
IntArray: TypeAlias = NDArray[np.integer[Any]]
BoolArray: TypeAlias = NDArray[np.bool_]

Quantity: TypeAlias = Literal["reflectance", "absorbance"]
AxisUnit: TypeAlias = Literal["nm", "cm-1"]
