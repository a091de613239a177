"""Flow-down edges as rows for the graph (rule P2)."""

from __future__ import annotations

from decimal import Decimal

from cypher.rows import Row
from depgraph.engine.flow_down import FlowDown


def flow_down_rows(flow: FlowDown) -> list[Row]:
    """Rows of `FLOWS_DOWN`: from, to, obligation, promised, held, status.

    An edge needs two ends: promises under which nothing is held have none, and are found by the
    query ``promises_without_backing``.
    """
    return [
        {
            "from": edge.promise,
            "to": edge.held,
            "obligation": match.obligation,
            "promised": _scalar(match.promised),
            "held": _scalar(match.held),
            "status": match.status,
        }
        for edge in flow.edges
        if edge.held is not None
        for match in edge.obligations
    ]


def _scalar(value: object) -> object:
    """A value that the driver can carry; a number whose digits a float would lose is text."""
    if not isinstance(value, Decimal):
        return value
    return float(value) if Decimal(repr(float(value))) == value else str(value)
