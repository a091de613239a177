"""A node's whole graph as one part, for tests of what builds diagrams."""

from __future__ import annotations

import numpy as np

from depgraph.engine.gates import GateGraph
from depgraph.engine.joining import modules_of
from depgraph.engine.parts import Part, part_below
from depgraph.engine.reduction import Reduced


def whole_part(gates: GateGraph, root: int) -> Part:
    """What a node rests on as one part, as it stands.

    Parameters
    ----------
    gates : GateGraph
        Source.
    root : int
        A gate, or a component by itself.
    """
    if gates.is_variable(root):
        none = np.zeros(0, np.int64)
        return Part(np.array([root]), none, np.zeros(1, np.int64), np.zeros(2, np.int64), none)
    flat = gates.flat()
    count = len(flat.need)
    start, length = flat.offsets[:-1], np.diff(flat.offsets)
    order, _ = modules_of(root, flat.need, start, length, flat.arguments, count)
    alone = np.zeros(count, np.bool_)
    graph = Reduced(flat.need, start, length, flat.arguments, order, alone)
    part: Part = part_below(root, graph, np.full(count, -1, np.int64))
    return part
