"""Components that a node cannot do without: minimal cut sets of order 1 (rule A12).

A set per node, providers first: a service cannot do without what any of its requirements cannot do
without; a group "k of n" cannot do without what more than n - k members cannot. Complete at any
size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from depgraph.engine.gates import FALSE, TRUE, GateGraph

_FEW = 4
"""Up to so many, counting in unary is at least as fast."""


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
    order = _below_all(gates, wanted)
    users = Counter(argument for node in order for argument in gates.arguments[node])
    users.update([*wanted, FALSE, TRUE])
    variables: list[int] = []
    bits: dict[int, int] = {FALSE: -1, TRUE: 0}
    for node in order:
        if node in bits:
            continue
        if gates.is_variable(node):
            bits[node] = 1 << len(variables)
            variables.append(node)
            continue
        arguments = gates.arguments[node]
        bits[node] = essential_bits(gates.need[node], [bits[argument] for argument in arguments])
        # A long chain would keep as many bits as the square of its length.
        for argument in arguments:
            users[argument] -= 1
            if not users[argument]:
                del bits[argument]
    return {
        root: tuple(sorted(variables[p] for p in places(max(bits[root], 0)))) for root in wanted
    }


def _below_all(gates: GateGraph, roots: Iterable[int]) -> list[int]:
    """Nodes that any of the roots rests on, arguments first."""
    order: dict[int, None] = {}
    for root in roots:
        if root not in order:
            order.update(dict.fromkeys(gates.below(root, order.keys())))
    return list(order)


def essential_bits(need: int, members: Sequence[int]) -> int:
    """Bits essential to a gate, from those of its members; -1 stands for "is always down"."""
    if need == len(members):
        found = 0
        for member in members:
            found |= member
        return found
    wanted = len(members) - need + 1
    if wanted > _FEW:
        return _in_at_least(wanted, members)
    counted = [-1] + [0] * wanted
    for member in members:
        for count in range(wanted, 0, -1):
            counted[count] |= counted[count - 1] & member
    return counted[wanted]


def _in_at_least(wanted: int, members: Sequence[int]) -> int:
    """Bits that are set in so many members or more, counted in binary: plane i stands for 2^i."""
    planes = [0] * len(members).bit_length()
    for member in members:
        carried, place = member, 0
        while carried:
            carried, planes[place] = planes[place] & carried, planes[place] ^ carried
            place += 1
    more, same = 0, -1
    for place in range(len(planes) - 1, -1, -1):
        if (wanted >> place) & 1:
            same &= planes[place]
        else:
            more |= same & planes[place]
            same &= ~planes[place]
    return more | same


def places(bits: int) -> list[int]:
    """Positions of the set bits, rising."""
    raw = np.frombuffer(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), np.uint8)
    found: list[int] = np.flatnonzero(np.unpackbits(raw, bitorder="little")).tolist()
    return found
