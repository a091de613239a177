"""Needs that lead through things which are no services, such as a library or a local value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping


def reached(
    start: str, needs: Mapping[str, Mapping[str, str]], known: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Services that one needs through other things alone, each once.

    Parameters
    ----------
    start : str
        The service.
    needs : mapping
        Name → what it needs → place.
    known : collection of str
        Names that are services.

    Yields
    ------
    tuple of str
        Last thing on the way, the service, and the place of the last step.
    """
    seen = {start, *(name for name in needs.get(start, ()) if name in known)}
    stack = [name for name in needs.get(start, ()) if name not in known]
    while stack:
        via = stack.pop()
        if via in seen:
            continue
        seen.add(via)
        for name, place in needs.get(via, {}).items():
            if name not in known:
                stack.append(name)
            elif name not in seen:
                seen.add(name)
                yield via, name, place
