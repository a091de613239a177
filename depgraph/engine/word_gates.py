"""Gates that services rest on, as arrays of their own: what outages are put through (rule W5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.renewal import Renewal
from depgraph.engine.situations import flat_gates
from depgraph.engine.structure import Structure


@dataclass(frozen=True)
class WordGates:
    """Gates that services rest on, as arrays that can be sent to another process.

    Attributes
    ----------
    gates : tuple of ndarray of int64
        As from `flat_gates`.
    variables : ndarray of int64
        Node of each failing component, in the order of its processes.
    services : ndarray of int64
        Node of each service, in the order of the structure.
    spanned : ndarray of int64
        Nodes of services whose downtime is wanted span by span as well.
    """

    gates: tuple[Array, Array, Array]
    variables: Array
    services: Array
    spanned: Array


def word_gates(structure: Structure, renewal: Renewal, spans_of: Sequence[str] = ()) -> WordGates:
    """Compile an estate for simulated outages.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    renewal : Renewal
        Which components fail, in the order of the outages.
    spans_of : sequence of str
        Services whose downtime is wanted span by span as well.
    """
    kept = _needed(structure)
    place = np.full(len(structure.gates.need), -1, np.int64)
    place[kept] = np.arange(len(kept))
    return WordGates(
        gates=flat_gates(structure.gates, kept),
        variables=place[renewal.variables],
        services=place[np.array(list(structure.up.values()), np.int64)],
        spanned=place[np.array([structure.up[s] for s in spans_of], np.int64)],
    )


def _needed(structure: Structure) -> list[int]:
    """Nodes that services rest on; requirements alone are nobody's question here.

    Components come first: what outages take down then lies close together, in less memory.
    """
    seen = {0, 1, *structure.variable.values(), *structure.up.values()}
    waiting = list(structure.up.values())
    while waiting:
        fresh = [a for a in structure.gates.arguments[waiting.pop()] if a not in seen]
        seen.update(fresh)
        waiting += fresh
    return sorted(seen, key=lambda node: (bool(structure.gates.arguments[node]), node))
