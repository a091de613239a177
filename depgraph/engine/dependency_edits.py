"""Adding, removing and replacing what a service depends on (rules W1, W3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from depgraph.errors import Problem
from depgraph.model.dependency import Dependency, Redundancy, Requirement
from depgraph.wording import did_you_mean

_REQUIREMENT: TypeAdapter[str | Dependency | Redundancy] = TypeAdapter(Requirement)


def added_dependency(needs: Sequence[Any], change: dict[str, Any]) -> list[Any] | Problem:
    """What a service depends on with one more requirement.

    Parameters
    ----------
    needs : sequence
        Requirements as they are: ids, records, or their written form.
    change : dict
        ``on``: an id, a soft dependency or a group; ``soft`` beside an id makes it soft.
    """
    fresh = change["on"]
    if "soft" in change:
        fresh = {"service": fresh, "soft": change["soft"]}
    known = [_read(item) for item in needs]
    if _read(fresh) in known:
        return _problem("duplicate-dependency", change, "is there already", "leave it out")
    return [*needs, fresh]


def without_dependency(needs: Sequence[Any], change: dict[str, Any]) -> list[Any] | Problem:
    """What a service depends on without one thing, alone or as a member of groups.

    Parameters
    ----------
    needs : sequence
        Requirements as they are.
    change : dict
        ``on``: id of a service, or name of a group.

    Returns
    -------
    list or Problem
        A problem if it is not there, or if a group could no longer be met.
    """
    target = change["on"]
    kept: list[Any] = []
    for item in needs:
        read = _read(item)
        if not _concerns(read, target):
            kept.append(item)
        elif isinstance(read, Redundancy) and read.name != target:
            members = tuple(member for member in read.of if member != target)
            if members and len(members) < read.at_least:
                return _problem(
                    "group-too-small",
                    change,
                    f"is one of {len(read.of)} of which {read.at_least} are needed",
                    "replace the group: replace: {dependencies: [{service, on, with}]}",
                )
            if members:
                kept.append(read.replace(of=members))
    return kept if kept != list(needs) else _absent(needs, change)


def replaced_dependency(needs: Sequence[Any], change: dict[str, Any]) -> list[Any] | Problem:
    """What a service depends on with one requirement put in place of another.

    Parameters
    ----------
    needs : sequence
        Requirements as they are.
    change : dict
        ``on``: id of a service or name of a group; ``with``: the new requirement.
    """
    found = [place for place, item in enumerate(needs) if _concerns(_read(item), change["on"])]
    if not found:
        return _absent(needs, change)
    if len(found) > 1:
        return _problem(
            "ambiguous-reference",
            change,
            f"stands in {len(found)} requirements",
            "replace depends_on of the service as a whole",
        )
    return [change["with"] if place == found[0] else item for place, item in enumerate(needs)]


def _read(item: object) -> object:
    """Read a requirement; what cannot be read stays as it is and is refused with its record."""
    try:
        return _REQUIREMENT.validate_python(item)
    except ValidationError:
        return item


def _concerns(item: object, target: object) -> bool:
    """Whether a requirement is, or has among its members, what a change names."""
    if isinstance(item, Dependency):
        return item.service == target
    if isinstance(item, Redundancy):
        return target in item.of or bool(item.name and item.name == target)
    return item == target


def _absent(needs: Sequence[Any], change: dict[str, Any]) -> Problem:
    names: list[str] = []
    for item in map(_read, needs):
        if isinstance(item, Redundancy):
            names += [*item.of, item.name]
        elif isinstance(item, Dependency):
            names.append(item.service)
        elif isinstance(item, str):
            names.append(item)
    otherwise = f"it depends on {', '.join(filter(None, names)) or 'none'}"
    hint = did_you_mean(str(change["on"]), names, otherwise)
    return _problem("unknown-reference", change, "is not there", hint)


def _problem(code: str, change: dict[str, Any], what: str, hint: str) -> Problem:
    on = str(change["on"])
    return Problem(
        code=code,
        what=f"the dependency of {change['service']!r} on {on!r} {what}",
        hint=hint,
        value=on,
    )
