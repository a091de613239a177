"""The criteria behind the picture, as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from depgraph.wording import counted
from ui.explore_state import DEFAULT_EDGES, KINDS, LAST_RANK, ExploreState

_PLURAL = {"service": "services", "location": "locations", "organization": "organizations"}


def criteria(state: ExploreState, name: Callable[[str], str] | None = None) -> str:
    """Say what is drawn and why.

    Parameters
    ----------
    state : ExploreState
        The view.
    name : callable, optional
        What people read for a key; hides names where the view does.

    Examples
    --------
    >>> criteria(ExploreState(vendors=("acme",), criticality=("critical",)))
    'Services and locations; provided by acme; criticality critical.'
    """
    name = name or _plain
    parts = [_what(state, name)]
    if not state.only:
        parts += _filters(state, name)
    if state.expanded:
        parts.append(f"with the neighbours of {_listed(map(name, state.expanded))}")
    if state.path_from and state.path_to:
        word = "shortest" if state.path_order == "shortest" else "most fragile"
        verb = "only the" if state.path_only else "marked: the"
        parts.append(
            f"{verb} {word} paths between {name(state.path_from)} and {name(state.path_to)}"
        )
    if state.edges != DEFAULT_EDGES:
        parts.append(f"edges {_listed(state.edges)}" if state.edges else "no edges")
    if state.collapse == "none":
        parts.append("each thing by itself")
    elif state.collapse != "automatic":
        parts.append(f"drawn together by {state.collapse}")
    if state.hidden:
        parts.append(f"{len(state.hidden)} hidden by hand")
    if state.pinned:
        parts.append(f"{len(state.pinned)} moved by hand")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _plain(key: str) -> str:
    """A key without its kind."""
    return key.partition(":")[2] or key


def _what(state: ExploreState, name: Callable[[str], str]) -> str:
    if state.only:
        return f"only {_listed(map(name, state.only))}"
    kinds = [_PLURAL[kind] for kind in KINDS if kind in state.kinds]
    what = " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
    if state.around:
        steps = counted(state.depth, "step")
        towards = {
            "both": f"within {steps} of {name(state.around)}",
            "needs": f"that {name(state.around)} needs within {steps}",
            "needed_by": f"that need {name(state.around)} within {steps}",
        }[state.direction]
        what = f"{what} {towards}"
    return what


def _filters(state: ExploreState, name: Callable[[str], str]) -> list[str]:
    """One phrase for each filter that is set."""
    parts = []
    if state.vendors:
        parts.append(f"provided by {_listed(name(f'organization:{v}') for v in state.vendors)}")
    if state.locations:
        parts.append(f"in {_listed(name(f'location:{v}') for v in state.locations)}")
    if state.functions:
        parts.append(f"supporting {_listed(state.functions)}")
    if state.criticality:
        parts.append(f"criticality {_listed(state.criticality)}")
    if state.ranks:
        ranks = (f"{rank} or more" if rank == LAST_RANK else str(rank) for rank in state.ranks)
        parts.append(f"rank {_listed(ranks)}")
    if state.statuses:
        parts.append(f"state {_listed(state.statuses)}")
    return parts


def _listed(items: Iterable[str], most: int = 4) -> str:
    """Up to so many items, and how many more there are."""
    found = list(items)
    rest = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + rest
