"""Components that a node cannot do without: minimal cut sets of order 1 (rule A12).

A set per node, providers first: a service cannot do without what any of its requirements cannot do
without; a group "k of n" cannot do without what more than n - k members cannot. Complete at any
size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.gates import FALSE, TRUE, GateGraph


def essential_components(gates: GateGraph, roots: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Variables without which each root is down.

    Parameters
    ----------
    gates : GateGraph
        Structure.
    roots : iterable of int
        Nodes to answer for.

    Returns
    -------
    dict of int to tuple of int
        Variables in rising order, by root. A root that can never be up has none.
    """
    wanted = dict.fromkeys(roots)
    variables: list[int] = []
    bits: dict[int, int] = {FALSE: -1, TRUE: 0}
    for root in wanted:
        for node in gates.below(root, bits.keys() - {root}) if root not in bits else ():
            if node in bits:
                continue
            if gates.is_variable(node):
                bits[node] = 1 << len(variables)
                variables.append(node)
            else:
                members = [bits[argument] for argument in gates.arguments[node]]
                bits[node] = essential_bits(gates.need[node], members)
    return {
        root: tuple(sorted(variables[p] for p in places(max(bits[root], 0)))) for root in wanted
    }


def essential_bits(need: int, members: Sequence[int]) -> int:
    """Bits essential to a gate, from those of its members; -1 stands for "is always down"."""
    if need == len(members):
        found = 0
        for member in members:
            found |= member
        return found
    wanted = len(members) - need + 1
    counted = [-1] + [0] * wanted
    for member in members:
        for count in range(wanted, 0, -1):
            counted[count] |= counted[count - 1] & member
    return counted[wanted]


def places(bits: int) -> list[int]:
    """Positions of the set bits, rising."""
    raw = np.frombuffer(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), np.uint8)
    found: list[int] = np.flatnonzero(np.unpackbits(raw, bitorder="little")).tolist()
    return found


def as_bits(positions: Array) -> int:
    """Bits set at the given positions."""
    if not len(positions):
        return 0
    flags = np.zeros(int(positions.max()) + 1, np.uint8)
    flags[positions] = 1
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
