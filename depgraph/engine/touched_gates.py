"""Outages that meet at redundant gates, by who touches a gate while another one runs (rule W5).

Each gate keeps until when it is touched. Only where an outage touches one that is touched already
the others that run are looked at; no table of who meets whom is needed, which grows with the square
of the components.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.joint_outages import ACTIVE, PLAIN, WORK, is_joint
from depgraph.engine.reach import MASK_BITS, UNMASKED, found_at

ROW, END, SIZE, IS_UNNOTED = range(4)
"""Of an outage that runs: its row, its end, how many nodes it takes down, and whether nodes and
gates lack it that keep until when they are down or touched."""
RUNNING_FIELDS = 4
JOINT = 2
"""That two outages meet at a gate, as in `Reach.meets`."""


@njit(**PLAIN)
def touch(row, start, end, partial, touched, met):  # type: ignore[no-untyped-def]  # numba infers types
    """Note which gates an outage touches; list those that others touch at its start. How many."""
    found = np.uint64(0)
    # Counted without sign: numba does not ask then whether it counts from the end.
    for at in range(np.uint64(partial[row]), np.uint64(partial[row + 1])):
        gate = np.uint64(partial[at] >> MASK_BITS)
        met[found] = at
        found += np.uint64(touched[gate] > start)
        touched[gate] = max(end, touched[gate])
    return np.int64(found)


@njit(**PLAIN)
def meeting_there(gates, active, partial, met, over, number):  # type: ignore[no-untyped-def]
    """Note which of the outages that run meet one at the gates listed for it. How many do."""
    found = np.int64(0)
    for place in range(number[ACTIVE]):
        other, at, meets = active[ROW, place], 0, False
        while at < gates and not meets:
            own = partial[met[at]]
            theirs = found_at(partial, other, own & ~UNMASKED)
            if theirs < partial[other + 1] and partial[theirs] >> MASK_BITS == own >> MASK_BITS:
                meets = is_joint(own & UNMASKED, partial[theirs] & UNMASKED)
            at += 1
        number[WORK] += at
        over[0, found], over[1, found] = place, JOINT
        found += np.int64(meets)
    return found
