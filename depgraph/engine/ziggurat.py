"""Tables of the ziggurat method for exponential and normal numbers (Marsaglia and Tsang 2000).

The area under a falling density is cut into 256 layers of equal area. A point of a layer is taken
at once where it lies under the layer above, which it does in 99 of 100 cases; the rest is decided
by the density itself, so that the distribution is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from depgraph.engine.diagram import Array

LAYERS = 256
EXPONENTIAL_TAIL = 7.69711747013104972
"""Where the lowest layer of the exponential density ends."""
_EXPONENTIAL_AREA = 3.949659822581572e-3
NORMAL_TAIL = 3.6541528853610088
"""Where the lowest layer of the normal density ends."""
_NORMAL_AREA = 4.92867323399e-3


def ziggurat(
    tail: float,
    area: float,
    density: Callable[[float], float],
    inverse: Callable[[float], float],
) -> tuple[Array, Array]:
    """Layers of a density that falls from 1 at 0.

    Parameters
    ----------
    tail : float
        Where the lowest layer ends; beyond it is the tail.
    area : float
        Of each layer, the tail included in the lowest.
    density, inverse : callable
        The density, and the place at which it has a value.

    Returns
    -------
    tuple of ndarray of float64
        Widths of the layers, from the lowest (its width as if it were a box) to 0, and the
        density at each.
    """
    widths = [area / density(tail), tail]
    for _ in range(LAYERS - 2):
        widths.append(inverse(area / widths[-1] + density(widths[-1])))
    widths.append(0.0)
    return np.array(widths), np.array([density(width) for width in widths])


EXPONENTIAL = ziggurat(
    EXPONENTIAL_TAIL, _EXPONENTIAL_AREA, lambda x: math.exp(-x), lambda y: -math.log(y)
)
"""Widths and densities of the layers of exp(-x)."""
NORMAL = ziggurat(
    NORMAL_TAIL,
    _NORMAL_AREA,
    lambda x: math.exp(-0.5 * x * x),
    lambda y: math.sqrt(-2.0 * math.log(y)),
)
"""Widths and densities of the layers of exp(-x²/2)."""
