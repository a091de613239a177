"""Decision diagrams of one part under several orders, side by side; the quickest wins."""

from __future__ import annotations

import time

import numpy as np

from depgraph.engine.diagram import Array, Diagram
from depgraph.engine.orders import PORTFOLIO, ordered
from depgraph.engine.parts import Part
from depgraph.errors import LimitError

_FIRST_STEPS = 1 << 10
_LATE_STEPS = 1 << 17


class Construction:
    """Diagram of a part under one order, built as far as it is allowed to.

    Attributes
    ----------
    order : str
        The order.
    leaves : ndarray of int
        Components of the part, first to test first.
    """

    def __init__(self, part: Part, order: str, deadline: float = np.inf) -> None:
        self.order = order
        self.leaves: Array = ordered(part, order)
        self._diagram = Diagram(len(self.leaves), 0, deadline)
        self._part = part
        self._node_of, self._hand = self._diagram.begin(part, self.leaves)
        self._root = 0

    @property
    def steps(self) -> int:
        """Steps done so far."""
        return self._diagram.operations

    @property
    def is_full(self) -> bool:
        """Whether there is no more room for nodes."""
        return self._diagram.is_full

    @property
    def progress(self) -> tuple[int, int, int]:
        """How far it has come: gates built, merges of the next one, fewer steps for these."""
        return *self._diagram.progress, -self.steps

    def go_on(self, steps: int) -> bool:
        """Go on until so many steps are done in all; whether the root is reached."""
        self._diagram.allow(steps - self._diagram.operations)
        try:
            self._root = self._diagram.build(self._part, self._node_of, self._hand)
        except LimitError:
            return False
        return True

    def taken_out(self) -> tuple[Array, list[int]]:
        """The finished diagram by itself, and its root as both ends of what it stands for."""
        return self._diagram.taken_out([self._root, self._root])


def quickest(part: Part, steps: int, stop: float) -> Construction | None:
    """Finished diagram of a part under whichever order gets there first.

    All orders build the same gates in the same sequence, so that who has built more is ahead. The
    leader may do twice as many steps as the second, that one twice as many as the third, and so
    on; the work of all together is about twice the leader's, wherever another had started first.

    Parameters
    ----------
    part : Part
        What to build.
    steps : int
        Most steps of one order.
    stop : float
        Value of the monotonic clock at which to give up; after it one order gets a short try [s].

    Returns
    -------
    Construction or None
        None when no order gets there within the limits.
    """
    if time.monotonic() > stop:
        late = Construction(part, PORTFOLIO[0])
        return late if late.go_on(min(steps, _LATE_STEPS)) else None
    running: list[Construction] = []
    most = min(_FIRST_STEPS, steps)
    for order in PORTFOLIO:
        running.append(Construction(part, order, stop))
        if running[-1].go_on(most):
            return running[-1]
    while most < steps << len(running) and time.monotonic() <= stop:
        most *= 2
        # What is full goes with its memory.
        running = [one for one in running if not one.is_full]
        running.sort(key=lambda one: one.progress, reverse=True)
        for place, one in enumerate(running):
            allowed = min(most >> place, steps)
            if allowed > one.steps and one.go_on(allowed):
                return one
    return None
