"""Flow-down edges as rows for the graph (rule P2)."""

from __future__ import annotations

from cypher.rows import Row
from depgraph.engine.flow_down import FlowDown
from depgraph.engine.obligation_match import exact_number


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
            "promised": exact_number(match.promised),
            "held": exact_number(match.held),
            "status": match.status,
        }
        for edge in flow.edges
        if edge.held is not None
        for match in edge.obligations
    ]
