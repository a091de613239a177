"""Money between organizations as a Sankey drawing, from supplier to customer (rule P7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape

import networkx as nx

from depgraph.engine.statement import ContractStatement

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg" '
PASSED_ON, ABSORBED = "#6366f1", "#d97706"
"""Parts of what is owed: recovered from the supplier's own suppliers, or borne by the supplier."""
_LOST = {"capped out": "#d97706", "forfeited": "#9ca3af", "short": "#dc2626"}
_WINDFALL, _BAR = "#16a34a", "#64748b"
_MEANINGS = (
    (PASSED_ON, "recovered from its own suppliers"), (ABSORBED, "absorbed by the supplier"),
)  # fmt: skip
_WIDEST, _SLOT = 46.0, 22.0
_THIN = 16.0
"""Thickness below which words stand above a band, not on it [px]."""
_WORDS = 20.0
"""Height of words above a thin band [px]."""
_WIDE, _NARROWEST, _WIDEST_COLUMN = 900.0, 300.0, 440.0
_LEAD = 150.0
"""Length that a band runs straight, so that it does not cross its words [px]."""
_BAR_WIDTH, _GAP, _TOP = 10.0, 52.0, 64.0
_MARGIN = 170.0
"""Room at the right for names [px]."""
_LONGEST = 40


@dataclass(frozen=True)
class _Band:
    """One sum on its way."""

    supplier: str
    customer: str
    text: str
    parts: tuple[tuple[str, float], ...]
    """Colour and thickness of each part, the upper first [px]."""
    lost: bool

    @property
    def width(self) -> float:
        """Thickness [px]."""
        return sum(width for _, width in self.parts)

    @property
    def thin(self) -> bool:
        """Whether its words stand above it."""
        return self.width < _THIN

    @property
    def slot(self) -> float:
        """Height that it takes at either end, so that its words stay clear of the next [px]."""
        return self.width + _WORDS if self.thin else max(self.width, _SLOT)


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
    parts += [_bar(box) for box in boxes.values()] + [_meanings(bands)]
    # On a narrow screen it is moved sideways rather than shrunk until nobody can read it.
    least, most = f"min-width: {0.75 * width:.0f}px", f"max-width: {width:.0f}px"
    style = f"width: 100%; {least}; {most}; font: 13px sans-serif"
    return (
        f'<svg {NAMESPACE}role="img" '
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
                parts = ((_LOST[word], thick),) if word else _parts(c, thick)
                found.append(_Band(c.supplier, c.customer, text, parts, bool(word)))
    return found


def _parts(contract: ContractStatement, thick: float) -> tuple[tuple[str, float], ...]:
    """What is owed, split into what the supplier recovers and what it absorbs (rule P7)."""
    borne = float(contract.absorbed / contract.owed) * thick
    both = ((PASSED_ON, thick - borne), (ABSORBED, borne))
    return tuple((colour, width) for colour, width in both if width > 0)


def _boxes(moved: Sequence[ContractStatement]) -> dict[str, _Box]:
    """Organizations, with what they bear or gain."""
    boxes: dict[str, _Box] = {}
    for c in moved:
        for name in (c.supplier, c.customer):
            boxes.setdefault(name, _Box(name))
        notes = boxes[c.supplier].notes
        if c.absorbed:
            notes.append((f"absorbs {c.absorbed:,} {c.currency}", ABSORBED))
        if c.windfall:
            notes.append((f"windfall {c.windfall:,} {c.currency}", _WINDFALL))
    return boxes


def _placed(boxes: dict[str, _Box], bands: Sequence[_Band]) -> tuple[float, float]:
    """Give every organization its place, suppliers left; returns width and height [px]."""
    graph: nx.DiGraph[str] = nx.DiGraph((band.supplier, band.customer) for band in bands)
    whole: nx.DiGraph[int] = nx.condensation(graph)
    bottom = 0.0
    generations = list(nx.topological_generations(whole))
    steps = max(len(generations) - 1, 1)
    room = min(max(_WIDE / steps, _NARROWEST), _WIDEST_COLUMN)
    for column, generation in enumerate(generations):
        y = _TOP
        for name in sorted(n for c in generation for n in whole.nodes[c]["members"]):
            box = boxes[name]
            out = sum(band.slot for band in bands if band.supplier == name)
            into = sum(band.slot for band in bands if band.customer == name)
            y += 15 * len(box.notes)
            box.x, box.y, box.height = column * room, y, max(out, into, _SLOT)
            y += box.height + _GAP
        bottom = max(bottom, y)
    return (len(generations) - 1) * room + _BAR_WIDTH + _MARGIN, bottom - _GAP + 8


def _band(band: _Band, boxes: dict[str, _Box]) -> tuple[str, str]:
    """One band and the words on it; what was lost is dashed and paler."""
    start, end = boxes[band.supplier], boxes[band.customer]
    above = _WORDS - 3 if band.thin else (band.slot - band.width) / 2
    top, y2 = start.y + start.out + above, end.y + end.into + (band.slot - band.width) / 2
    start.out += band.slot
    end.into += band.slot
    x1, x2 = start.x + _BAR_WIDTH, end.x
    if x2 < x1:
        # A ring of debts stands in one column: its bands go round at the right.
        x2 += _BAR_WIDTH
    words = top - 4 if band.thin else top + band.width / 2 + 4.5
    lines, y1 = "", top
    for colour, width in band.parts:
        lines += _stroke((x1, y1 + width / 2), (x2, y2 + width / 2), (colour, width), band.lost)
        y1, y2 = y1 + width, y2 + width
    text = f'<text x="{x1 + 8:.1f}" y="{words:.1f}" fill="currentColor">{escape(band.text)}</text>'
    return lines, text


def _stroke(
    start: tuple[float, float],
    end: tuple[float, float],
    look: tuple[str, float],
    lost: bool,  # noqa: FBT001 - one of its looks
) -> str:
    """One part of a band: straight past its words, then over to the other end."""
    (x1, y1), (x2, y2), (colour, width) = start, end, look
    turn = x1 + min(_LEAD, (x2 - x1) / 2)
    middle = (turn + x2) / 2 if x2 > x1 else x1 + _LEAD
    dashes = ' stroke-dasharray="6 4"' if lost else ""
    bends = f"{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f}"
    return (
        f'<path d="M{x1:.1f},{y1:.1f} L{turn:.1f},{y1:.1f} C{bends} {x2:.1f},{y2:.1f}" '
        f'fill="none" stroke="{colour}" stroke-opacity="{0.45 if lost else 0.6}" '
        f'stroke-width="{width:.1f}"{dashes}></path>'
    )


def _bar(box: _Box) -> str:
    """One organization with its name, and what it bears."""
    top = box.y - 6 - 15 * len(box.notes)
    words = (
        f'<text x="{box.x:.1f}" y="{top:.1f}" fill="currentColor" '
        f'font-weight="600">{escape(_short(box.name))}</text>'
    )
    for place, (text, colour) in enumerate(box.notes, 1):
        words += _note((box.x, top + 15 * place), colour, text)
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{_BAR_WIDTH}" height="{box.height:.1f}" '
        f'rx="2" fill="{_BAR}"></rect>{words}'
    )


def _note(place: tuple[float, float], colour: str, text: str) -> str:
    """Words beside a square of their colour: coloured words would be too pale on one ground."""
    x, y = place
    return (
        f'<rect x="{x:.1f}" y="{y - 9:.1f}" width="9" height="9" rx="2" fill="{colour}"></rect>'
        f'<text x="{x + 14:.1f}" y="{y:.1f}" fill="currentColor">{escape(text)}</text>'
    )


def _meanings(bands: Sequence[_Band]) -> str:
    """What the colours of the bands mean, of those that are there."""
    seen = {colour for band in bands if not band.lost for colour, _ in band.parts}
    kept = [(colour, text) for colour, text in _MEANINGS if colour in seen]
    return "".join(
        _note((250.0 * place, 12.0), colour, text) for place, (colour, text) in enumerate(kept)
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
