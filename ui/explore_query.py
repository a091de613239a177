"""A view of Explore as the page's address: only what differs from the plain view is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from depgraph.engine.paths import EDGE_CLASSES, Direction, PathOrder
from ui.explore_state import (
    CRITICALITIES,
    DEFAULT_EDGES,
    DEFAULT_KINDS,
    KINDS,
    LAST_RANK,
    MOST_DEPTH,
    STATUSES,
    Collapse,
    ExploreState,
    Pin,
    SizeBy,
)

_NOTHING = "none"
_LISTS = {
    "focus": "focus", "vendor": "vendors", "location": "locations", "function": "functions",
    "only": "only", "expanded": "expanded", "hidden": "hidden", "opened": "opened",
}  # fmt: skip
_CHOICES: dict[str, tuple[str, Sequence[str], tuple[str, ...]]] = {
    "kind": ("kinds", KINDS, DEFAULT_KINDS),
    "criticality": ("criticality", CRITICALITIES, ()),
    "state": ("statuses", STATUSES, ()),
    "edge": ("edges", EDGE_CLASSES, DEFAULT_EDGES),
}
_SINGLE: dict[str, tuple[str, Sequence[str], str]] = {
    "direction": ("direction", get_args(Direction), "both"),
    "by": ("collapse", get_args(Collapse), "automatic"),
    "order": ("path_order", get_args(PathOrder), "shortest"),
    "size": ("size_by", get_args(SizeBy), "criticality"),
}
_TEXTS = {"around": "around", "from": "path_from", "to": "path_to"}
_SWITCHES = {"names": ("hide_names", "hidden"), "paths": ("path_only", "only")}

Query = dict[str, list[str]]


def query_of(state: ExploreState) -> Query:
    """Query parameters of a view.

    >>> query_of(ExploreState(focus=("service:checkout",), hide_names=True))
    {'focus': ['service:checkout'], 'names': ['hidden']}
    """
    query: Query = {name: list(getattr(state, field)) for name, field in _LISTS.items()}
    for name, (field, _, default) in _CHOICES.items():
        chosen = getattr(state, field)
        query[name] = [] if chosen == default else list(chosen) or [_NOTHING]
    for name, (field, _, usual) in _SINGLE.items():
        value = getattr(state, field)
        query[name] = [] if value == usual else [value]
    for name, field in _TEXTS.items():
        query[name] = [getattr(state, field)] if getattr(state, field) else []
    for name, (field, word) in _SWITCHES.items():
        query[name] = [word] if getattr(state, field) else []
    query["rank"] = [str(rank) for rank in state.ranks]
    query["depth"] = [str(state.depth)] if state.depth != 1 else []
    query["pin"] = [f"{pin.x},{pin.y},{pin.key}" for pin in state.pinned]
    return {name: values for name, values in query.items() if values}


def state_of_query(query: Mapping[str, Iterable[str]]) -> ExploreState:
    """View of an address; what makes no sense is left out.

    Parameters
    ----------
    query : mapping
        Values by parameter, in order. An address with ``depth`` and ``focus`` but without
        ``around`` shows the neighbourhood of the focus, as older addresses did.
    """
    given = {name: tuple(values) for name, values in query.items()}
    fields: dict[str, Any] = {
        field: tuple(dict.fromkeys(v for v in given.get(name, ()) if v))
        for name, field in _LISTS.items()
    }
    for name, (field, allowed, _) in _CHOICES.items():
        if name in given:
            chosen = tuple(dict.fromkeys(v for v in given[name] if v in allowed))
            if chosen or (given[name] == (_NOTHING,) and field != "kinds"):
                fields[field] = chosen
    for name, (field, allowed, _) in _SINGLE.items():
        value = next(iter(given.get(name, ())), "")
        if value in allowed:
            fields[field] = value
    for name, field in _TEXTS.items():
        fields[field] = next(iter(given.get(name, ())), "")
    for name, (field, word) in _SWITCHES.items():
        fields[field] = given.get(name) == (word,)
    known_ranks = {str(rank): rank for rank in range(LAST_RANK + 1)}
    ranks = (known_ranks[v] for v in given.get("rank", ()) if v in known_ranks)
    fields["ranks"] = tuple(dict.fromkeys(ranks))
    depth = next(iter(given.get("depth", ())), "")
    if depth in map(str, range(1, MOST_DEPTH + 1)):
        fields["depth"] = int(depth)
        if "around" not in given and fields["focus"]:
            fields["around"] = fields["focus"][0]
    fields["pinned"] = tuple(_pins(given.get("pin", ())))
    return ExploreState(**fields)


def _pins(values: Iterable[str]) -> Iterable[Pin]:
    """Pins as written, the last one of each thing."""
    found: dict[str, Pin] = {}
    for value in values:
        x, _, rest = value.partition(",")
        y, _, key = rest.partition(",")
        try:
            pin = Pin(key, int(x), int(y))
        except ValueError:
            continue
        if key and max(abs(pin.x), abs(pin.y)) < 10**7:
            found.pop(key, None)
            found[key] = pin
    return found.values()
