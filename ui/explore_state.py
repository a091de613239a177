"""What Explore shows, as an immutable value; every click is a function from one value to the next.

Keys name things in the picture: ``service:checkout``, ``location:eu-1``, ``organization:acme``,
groups ``vendor:acme``, ``place:eu-1``, ``function:sales``, and ``rest:vendor`` for the smallest
groups together. Nothing here knows the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from depgraph.engine.paths import EDGE_CLASSES, Direction, EdgeClass, PathOrder

Collapse = Literal["automatic", "none", "vendor", "location", "function"]
SizeBy = Literal["criticality", "dependants", "single points"]
Status = Literal[
    "promise not carried", "promise not met", "unknown figure", "fine", "being computed"
]
STATUSES: tuple[Status, ...] = get_args(Status)
KINDS = ("service", "location", "organization")
CRITICALITIES = ("critical", "important", "standard")
LAST_RANK = 4
"""Ranks from here on are one choice."""
MOST_DEPTH = 5
DEFAULT_KINDS = ("service", "location")
DEFAULT_EDGES: tuple[EdgeClass, ...] = EDGE_CLASSES
MOST_UNDO = 100


@dataclass(frozen=True)
class Pin:
    """A place that somebody gave to a thing."""

    key: str
    x: int
    """To the right [px]."""
    y: int
    """Downwards [px]."""


@dataclass(frozen=True)
class ExploreState:
    """Everything that decides what Explore shows."""

    focus: tuple[str, ...] = ()
    """What is selected; the panel speaks of it."""
    kinds: tuple[str, ...] = DEFAULT_KINDS
    """Kinds of things drawn."""
    vendors: tuple[str, ...] = ()
    """Providers of the services drawn; all when empty, here and in the next five."""
    locations: tuple[str, ...] = ()
    """Locations that services stand in, or in a part of."""
    functions: tuple[str, ...] = ()
    """Business functions that services support."""
    criticality: tuple[str, ...] = ()
    ranks: tuple[int, ...] = ()
    """Changes of hands away from us; the last choice means that many or more."""
    statuses: tuple[str, ...] = ()
    around: str = ""
    """Thing whose neighbourhood alone is drawn."""
    depth: int = 1
    """Steps around it."""
    direction: Direction = "both"
    only: tuple[str, ...] = ()
    """Things that alone are drawn; the filters rest."""
    expanded: tuple[str, ...] = ()
    """Things whose neighbours are drawn as well, whatever the filters say."""
    hidden: tuple[str, ...] = ()
    """Things that are not drawn."""
    pinned: tuple[Pin, ...] = ()
    """Things that somebody moved."""
    collapse: Collapse = "automatic"
    """What things are drawn together by; ``automatic`` does so where they are many."""
    opened: tuple[str, ...] = ()
    """Groups that are drawn as their members all the same."""
    edges: tuple[EdgeClass, ...] = DEFAULT_EDGES
    """Edges that are drawn, and that paths follow."""
    path_from: str = ""
    path_to: str = ""
    path_order: PathOrder = "shortest"
    path_only: bool = False
    """Whether only the paths are drawn."""
    size_by: SizeBy = "criticality"
    hide_names: bool = False


def _with(items: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*items, *more)))


def _without(items: tuple[str, ...], *gone: str) -> tuple[str, ...]:
    return tuple(item for item in items if item not in gone)


def focused(state: ExploreState, *keys: str) -> ExploreState:
    """Select things; what is drawn stays as it is."""
    return replace(state, focus=_with((), *keys))


def hidden(state: ExploreState, *keys: str) -> ExploreState:
    """Take things out of the picture."""
    return replace(state, hidden=_with(state.hidden, *keys), focus=_without(state.focus, *keys))


def all_back(state: ExploreState) -> ExploreState:
    """Bring everything hidden back."""
    return replace(state, hidden=())


def pinned(state: ExploreState, key: str, x: float, y: float) -> ExploreState:
    """Give a thing a place of its own."""
    others = unpinned(state, key).pinned
    return replace(state, pinned=(*others, Pin(key, round(x), round(y))))


def unpinned(state: ExploreState, key: str) -> ExploreState:
    """Give a thing back to the layout."""
    return replace(state, pinned=tuple(pin for pin in state.pinned if pin.key != key))


def expanded(state: ExploreState, key: str) -> ExploreState:
    """Draw what lies next to a thing as well; a group opens instead."""
    if key.partition(":")[0] in {"vendor", "place", "function", "rest"}:
        return replace(state, opened=_with(state.opened, key))
    shown = _without(state.hidden, key)
    return replace(state, expanded=_with(state.expanded, key), hidden=shown)


def only(state: ExploreState, *keys: str) -> ExploreState:
    """Draw these things and nothing else; the smallest groups drawn as one have no name to ask."""
    named = [key for key in keys if not key.startswith("rest:")]
    if not named:
        return state
    return replace(state, only=_with((), *named), around="", expanded=(), path_only=False)


def around(state: ExploreState, key: str, depth: int = 1) -> ExploreState:
    """Draw a thing's neighbourhood and nothing else."""
    depth = min(max(depth, 1), MOST_DEPTH)
    return replace(
        state, around=key, depth=depth, focus=(key,), only=(), expanded=(), path_only=False
    )


def everything(state: ExploreState) -> ExploreState:
    """Take every filter away; pins, sizes and names stay."""
    return ExploreState(
        focus=state.focus, pinned=state.pinned, size_by=state.size_by, hide_names=state.hide_names
    )


def collapsed(state: ExploreState, by: Collapse) -> ExploreState:
    """Draw things together."""
    return replace(state, collapse=by, opened=())


def closed(state: ExploreState, group: str) -> ExploreState:
    """Draw an opened group as one again."""
    return replace(state, opened=_without(state.opened, group))


def folded(state: ExploreState, key: str, group: str) -> ExploreState:
    """Take back what a thing brought in: its neighbours, or the group that was opened around it."""
    if key in state.expanded:
        return replace(state, expanded=_without(state.expanded, key))
    return closed(state, group)


def can_fold(state: ExploreState, key: str, group: str) -> bool:
    """Whether there is anything to take back."""
    return key in state.expanded or group in state.opened


def with_field(state: ExploreState, field: str, value: object) -> ExploreState:
    """Set one field, as a form does."""
    changes: dict[str, Any] = {field: value}
    return replace(state, **changes)


def path(state: ExploreState, *, start: str | None = None, end: str | None = None) -> ExploreState:
    """Set one or both ends of the path."""
    return replace(
        state,
        path_from=state.path_from if start is None else start,
        path_to=state.path_to if end is None else end,
    )


def swapped(state: ExploreState) -> ExploreState:
    """Turn the path around."""
    return replace(state, path_from=state.path_to, path_to=state.path_from)


def toggled(state: ExploreState, group: str, value: str) -> ExploreState:
    """Follow a click on the legend: show or drop a kind, show a state alone or with others."""
    if group == "kind" and value in KINDS:
        chosen = _without(state.kinds, value) if value in state.kinds else _with(state.kinds, value)
        kinds = tuple(kind for kind in KINDS if kind in chosen)
        return replace(state, kinds=kinds or state.kinds)
    if group == "state" and value in STATUSES:
        gone = value in state.statuses
        chosen = _without(state.statuses, value) if gone else _with(state.statuses, value)
        return replace(state, statuses=tuple(s for s in STATUSES if s in chosen))
    return state


PRESETS: dict[str, Callable[[ExploreState], ExploreState]] = {
    "Everything": everything,
    "Critical services": lambda s: replace(everything(s), criticality=("critical",)),
    "Promises at risk": lambda s: replace(
        everything(s), statuses=("promise not carried", "promise not met")
    ),
    "No figure": lambda s: replace(everything(s), statuses=("unknown figure",)),
    "Suppliers' services": lambda s: replace(
        everything(s), kinds=("service",), ranks=tuple(range(1, LAST_RANK + 1))
    ),
    "Beyond direct suppliers": lambda s: replace(
        everything(s), kinds=("service",), ranks=tuple(range(2, LAST_RANK + 1))
    ),
    "Vendors": lambda s: replace(everything(s), kinds=("service",), collapse="vendor"),
    "Where it runs": lambda s: replace(everything(s), collapse="location"),
    "Business functions": lambda s: replace(everything(s), kinds=("service",), collapse="function"),
}
"""Filters that people ask for by name."""


def preset_of(state: ExploreState) -> str | None:
    """Name of the preset that a state is, selections aside."""
    plain = replace(state, focus=())
    return next((name for name, make in PRESETS.items() if make(plain) == plain), None)


@dataclass(frozen=True)
class History:
    """A state with what went before and what was undone."""

    present: ExploreState = ExploreState()
    past: tuple[ExploreState, ...] = ()
    """Oldest first."""
    future: tuple[ExploreState, ...] = ()
    """What was undone, the next one first."""

    def done(self, state: ExploreState) -> History:
        """Go on to a state; a mere selection is no step of its own."""
        if state == self.present:
            return self
        if replace(state, focus=()) == replace(self.present, focus=()):
            return replace(self, present=state)
        return History(state, (*self.past, self.present)[-MOST_UNDO:])

    def undone(self) -> History:
        """Go one step back."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redone(self) -> History:
        """Take the last undoing back."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])
