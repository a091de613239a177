"""Money between organizations as a picture: DOT text for supplier → customer (rule P7)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from depgraph.engine.statement import ContractStatement

_NODES = (
    '  node [shape=box style="rounded,filled" fillcolor="#eef2ff" color="#6b7280" '
    'fontname="Helvetica"];'
)
_WIDEST = 9.0
_LONGEST = 40


def money_flow(contracts: Iterable[ContractStatement]) -> str:
    """DOT text: an edge for each contract that owes or loses something, as wide as its sum.

    Parameters
    ----------
    contracts : iterable of ContractStatement
        Contracts of one answer.

    Returns
    -------
    str
        A directed graph; empty text when nothing moves. Names are quoted, so that none of them can
        become part of the drawing's language.
    """
    moved = [c for c in contracts if c.owed or c.forfeited or c.capped_out or c.shortfall]
    if not moved:
        return ""
    most = max((c.owed for c in moved), default=Decimal(1)) or Decimal(1)
    absorbed: dict[str, list[str]] = {}
    for c in moved:
        absorbed.setdefault(c.supplier, [])
        absorbed.setdefault(c.customer, [])
        if c.absorbed:
            absorbed[c.supplier].append(f"absorbs {c.absorbed} {c.currency}")
        if c.windfall:
            absorbed[c.supplier].append(f"windfall {c.windfall} {c.currency}")
    lines = [
        "digraph money {",
        '  rankdir=LR; bgcolor="transparent";',
        _NODES,
        '  edge [fontname="Helvetica" fontsize=11];',
    ]
    lines += [
        f"  {_quoted(name)} [label={_quoted(name, *notes)}];" for name, notes in absorbed.items()
    ]
    for c in moved:
        width = 1 + float(c.owed / most) * (_WIDEST - 1)
        style = "solid" if c.owed else "dashed"
        texts = [f"{c.owed} {c.currency}"]
        for value, word in (
            (c.capped_out, "capped out"),
            (c.forfeited, "forfeited"),
            (c.shortfall, "short"),
        ):
            if value:
                texts.append(f"{word} {value}")
        lines.append(
            f"  {_quoted(c.supplier)} -> {_quoted(c.customer)} "
            f'[label={_quoted(*texts)} penwidth={width:.2f} style={style} color="#4f46e5"];'
        )
    return "\n".join([*lines, "}"])


def _quoted(*parts: str) -> str:
    """A quoted DOT string of several lines."""
    shown = (part if len(part) <= _LONGEST else f"{part[: _LONGEST - 1]}…" for part in parts)
    escaped = (part.replace("\\", "\\\\").replace('"', '\\"') for part in shown)
    return '"' + "\\n".join(escaped) + '"'
