"""What a reviewer should look at in the flow-down: one finding per promise and status (rule P2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from depgraph.engine.finding import LEVELS, Finding
from depgraph.engine.flow_down import FlowDown, FlowDownEdge
from depgraph.engine.obligation_match import FlowStatus, ObligationMatch
from depgraph.model.estate import Estate

_CODES: Mapping[FlowStatus, tuple[str, str]] = {
    "MISSING": ("flow-down-missing", "agree these terms with the supplier, or stop promising them"),
    "WEAKER": ("flow-down-weaker", "negotiate the held terms up, or the promise down"),
    "UNKNOWN": ("flow-down-unknown", "record the held terms: what is not known is never a match"),
}
_SHOWN = 4


def flow_down_findings(estate: Estate, flow: FlowDown) -> tuple[Finding, ...]:
    """Gaps under promises, most severe first, at most one per promise and status.

    Parameters
    ----------
    estate : Estate
        Says which organizations are our own.
    flow : FlowDown
        The comparison.

    Returns
    -------
    tuple of Finding
        Warnings for what our own organizations promise. What is promised to us is a note, for
        missing agreements and for availability only, as our suppliers' contracts may exist without
        our knowing. Promises between others are left to the answer itself, unless no organization
        is marked own.
    """
    edges: dict[str, list[FlowDownEdge]] = {}
    for edge in flow.edges:
        edges.setdefault(edge.promise, []).append(edge)
    found = [
        finding
        for promise, each in edges.items()
        if _concerns_us(estate, promise)
        for finding in _of_promise(promise, each, ours=_is_ours(estate, promise))
    ]
    return tuple(sorted(found, key=lambda f: (-LEVELS.index(f.level), f.code, f.subject)))


def _concerns_us(estate: Estate, promise: str) -> bool:
    contract, _ = estate.sla[promise]
    own = estate.own_organizations
    return not own or not own.isdisjoint({contract.supplier, contract.customer})


def _is_ours(estate: Estate, promise: str) -> bool:
    contract, _ = estate.sla[promise]
    return contract.supplier in estate.own_organizations


def _of_promise(promise: str, edges: list[FlowDownEdge], *, ours: bool) -> Iterator[Finding]:
    """Findings of one promise."""
    for status, (code, hint) in _CODES.items():
        rows = [
            (edge, match)
            for edge in edges
            for match in edge.obligations
            if match.status == status and (ours or _matters(edge, match))
        ]
        if not rows or (status == "UNKNOWN" and not ours):
            continue
        services = tuple(dict.fromkeys(edge.service for edge, _ in rows))
        names = list(dict.fromkeys(match.obligation for _, match in rows))
        listed = ", ".join(names[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield Finding(
            code=code,
            level="warning" if ours and status != "UNKNOWN" else "note",
            kind="SLA",
            subject=promise,
            message=f"{promise}, flow-down {status}: {listed}{more}. {rows[0][1].message}",
            hint=hint,
            rule="P2",
            also=services,
        )


def _matters(edge: FlowDownEdge, match: ObligationMatch) -> bool:
    """Whether a gap under somebody else's promise is worth a note."""
    return match.obligation == "availability" or edge.held is None
