"""Two kinds of outages of the same components as one: when each is down, for any reason (W5)."""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.renewal import Outages


def together(drawn: Outages, more: Outages) -> Outages:
    """Outages of two kinds of the same components, as ordered, disjoint ones.

    Parameters
    ----------
    drawn : Outages
        Disjoint.
    more : Outages
        Ordered by their starts; those of one component may overlap.
    """
    room = len(drawn.starts) + len(more.starts)
    starts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    offsets = np.zeros(len(drawn.offsets), np.int64)
    number = _unite(
        (drawn.offsets, drawn.starts, drawn.ends),
        (more.offsets, more.starts, more.ends),
        (offsets, starts, ends),
    )
    return Outages(offsets, starts[:number], ends[:number])


@njit(cache=True, nogil=True)
def _unite(one, other, into):  # type: ignore[no-untyped-def]  # numba infers types
    """Write the union of two kinds of intervals row by row; how many they are."""
    offsets, starts, ends = into
    number = 0
    for row in range(offsets.shape[0] - 1):
        a, a_last, b, b_last = one[0][row], one[0][row + 1], other[0][row], other[0][row + 1]
        while a < a_last or b < b_last:
            if b == b_last or (a < a_last and one[1][a] <= other[1][b]):
                start, end = one[1][a], one[2][a]
                a += 1
            else:
                start, end = other[1][b], other[2][b]
                b += 1
            if number > offsets[row] and start <= ends[number - 1]:
                ends[number - 1] = max(ends[number - 1], end)
            else:
                starts[number], ends[number] = start, end
                number += 1
        offsets[row + 1] = number
    return number
