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
    """DOT text: edges for what each contract owes, and for what is lost, as wide as their sums.

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
        ends = f"  {_quoted(c.supplier)} -> {_quoted(c.customer)} "
        for value, word, colour in _parts(c):
            width = 1 + float(value / most) * (_WIDEST - 1)
            style = "dashed" if word else "solid"
            text = f"{word} {value}" if word else f"{value} {c.currency}"
            lines.append(
                f"{ends}[label={_quoted(text)} penwidth={min(width, _WIDEST):.2f} style={style} "
                f'color="{colour}" fontcolor="{colour}"];'
            )
    return "\n".join([*lines, "}"])


def _parts(contract: ContractStatement) -> list[tuple[Decimal, str, str]]:
    """What is owed, and what was lost on the way, each with its word and colour."""
    lost = [
        (contract.capped_out, "capped out", "#b45309"),
        (contract.forfeited, "forfeited", "#6b7280"),
        (contract.shortfall, "short", "#b91c1c"),
    ]
    owed = [(contract.owed, "", "#4f46e5")] if contract.owed else []
    return [*owed, *(part for part in lost if part[0])]


def _quoted(*parts: str) -> str:
    """A quoted DOT string of several lines."""
    shown = (part if len(part) <= _LONGEST else f"{part[: _LONGEST - 1]}…" for part in parts)
    escaped = (part.replace("\\", "\\\\").replace('"', '\\"') for part in shown)
    return '"' + "\\n".join(escaped) + '"'
