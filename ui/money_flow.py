"""Money between organizations as a Sankey drawing, from supplier to customer (rule P7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape

import networkx as nx

from depgraph.engine.statement import ContractStatement

OWED = "#6366f1"
_LOST = {"capped out": "#d97706", "forfeited": "#9ca3af", "short": "#dc2626"}
_ABSORBED, _WINDFALL, _BAR = "#d97706", "#16a34a", "#64748b"
_WIDEST, _SLOT = 46.0, 22.0
_THIN = 14.0
"""Thickness below which words stand above a band, not on it [px]."""
_COLUMN, _BAR_WIDTH, _GAP, _TOP = 300.0, 10.0, 52.0, 34.0
_MARGIN = 170.0
"""Room at the right for names [px]."""
_LONGEST = 40


@dataclass(frozen=True)
class _Band:
    """One sum on its way."""

    supplier: str
    customer: str
    text: str
    colour: str
    width: float
    """Thickness [px]."""
    lost: bool

    @property
    def slot(self) -> float:
        """Height that it takes at either end, so that its words stay clear of the next [px]."""
        return max(self.width, _SLOT)


@dataclass
class _Box:
    """One organization: its bar, and how much of either side is taken."""

    name: str
    notes: list[tuple[str, str]] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    height: float = _SLOT
    out: float = 0.0
    into: float = 0.0


def money_flow(contracts: Iterable[ContractStatement]) -> str:
    """SVG of who owes whom: bands as wide as their sums, and what is lost on the way.

    Parameters
    ----------
    contracts : iterable of ContractStatement
        Contracts of one answer. Sums of one currency share a scale.

    Returns
    -------
    str
        A drawing in the colour of the text around it; empty when nothing moves. Names are escaped.
    """
    moved = [c for c in contracts if c.owed or c.forfeited or c.capped_out or c.shortfall]
    if not moved:
        return ""
    bands = _bands(moved)
    boxes = _boxes(moved)
    width, height = _placed(boxes, bands)
    drawn = [_band(band, boxes) for band in bands]
    # Words after all bands, so that no band crosses them out.
    parts = [line for line, _ in drawn] + [words for _, words in drawn]
    parts += [_bar(box) for box in boxes.values()]
    style = f"width: 100%; max-width: {width:.0f}px; font: 13px sans-serif"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" '
        'aria-label="Who owes whom; the table below has the same sums" '
        f'style="{style}">{"".join(parts)}</svg>'
    )


def _bands(moved: Sequence[ContractStatement]) -> list[_Band]:
    """What is owed, and what was lost on the way, contract by contract."""
    most: dict[str, Decimal] = {}
    for c in moved:
        largest = max(c.owed, c.capped_out, c.forfeited, c.shortfall)
        most[c.currency] = max(most.get(c.currency, Decimal(0)), largest)
    found = []
    for c in moved:
        sums = {"": c.owed, "capped out": c.capped_out, "forfeited": c.forfeited,
                "short": c.shortfall}  # fmt: skip
        for word, value in sums.items():
            if value:
                thick = max(1.5, float(value / most[c.currency]) * _WIDEST)
                text = f"{word} {value:,} {c.currency}".strip()
                colour = _LOST.get(word, OWED)
                found.append(_Band(c.supplier, c.customer, text, colour, thick, bool(word)))
    return found


def _boxes(moved: Sequence[ContractStatement]) -> dict[str, _Box]:
    """Organizations, with what they bear or gain."""
    boxes: dict[str, _Box] = {}
    for c in moved:
        for name in (c.supplier, c.customer):
            boxes.setdefault(name, _Box(name))
        notes = boxes[c.supplier].notes
        if c.absorbed:
            notes.append((f"absorbs {c.absorbed:,} {c.currency}", _ABSORBED))
        if c.windfall:
            notes.append((f"windfall {c.windfall:,} {c.currency}", _WINDFALL))
    return boxes


def _placed(boxes: dict[str, _Box], bands: Sequence[_Band]) -> tuple[float, float]:
    """Give every organization its place, suppliers left; returns width and height [px]."""
    graph: nx.DiGraph[str] = nx.DiGraph((band.supplier, band.customer) for band in bands)
    whole: nx.DiGraph[int] = nx.condensation(graph)
    bottom = 0.0
    column = 0
    for column, generation in enumerate(nx.topological_generations(whole)):
        y = _TOP
        for name in sorted(n for c in generation for n in whole.nodes[c]["members"]):
            box = boxes[name]
            out = sum(band.slot for band in bands if band.supplier == name)
            into = sum(band.slot for band in bands if band.customer == name)
            y += 15 * len(box.notes)
            box.x, box.y, box.height = column * _COLUMN, y, max(out, into, _SLOT)
            y += box.height + _GAP
        bottom = max(bottom, y)
    return column * _COLUMN + _BAR_WIDTH + _MARGIN, bottom - _GAP + 8


def _band(band: _Band, boxes: dict[str, _Box]) -> tuple[str, str]:
    """One band and the words on it; what was lost is dashed and paler."""
    start, end = boxes[band.supplier], boxes[band.customer]
    y1, y2 = start.y + start.out + band.slot / 2, end.y + end.into + band.slot / 2
    start.out += band.slot
    end.into += band.slot
    x1, x2 = start.x + _BAR_WIDTH, end.x
    middle = (x1 + x2) / 2
    dashes = ' stroke-dasharray="6 4"' if band.lost else ""
    words = y1 + 4.5 if band.width >= _THIN else y1 - band.width / 2 - 3
    bends = f"{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f}"
    return (
        (
            f'<path d="M{x1:.1f},{y1:.1f} C{bends} {x2:.1f},{y2:.1f}" '
            f'fill="none" stroke="{band.colour}" stroke-opacity="{0.45 if band.lost else 0.6}" '
            f'stroke-width="{band.width:.1f}"{dashes}></path>'
        ),
        f'<text x="{x1 + 8:.1f}" y="{words:.1f}" fill="currentColor">{escape(band.text)}</text>',
    )


def _bar(box: _Box) -> str:
    """One organization with its name, and what it bears."""
    lines = [(_short(box.name), "currentColor", "600"), *((t, c, "400") for t, c in box.notes)]
    top = box.y - 6 - 15 * (len(lines) - 1)
    words = "".join(
        f'<text x="{box.x:.1f}" y="{top + 15 * place:.1f}" fill="{colour}" '
        f'font-weight="{weight}">{escape(text)}</text>'
        for place, (text, colour, weight) in enumerate(lines)
    )
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{_BAR_WIDTH}" height="{box.height:.1f}" '
        f'rx="2" fill="{_BAR}"></rect>{words}'
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
