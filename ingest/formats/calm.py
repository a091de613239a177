"""FINOS CALM 1.0 to 1.2: nodes, and relationships that connect them.

``connects`` is a dependency of the source on the destination. ``deployed-in`` and
``composed-of`` are containment; a network that contains is a location, one that is connected to is
a service. Drafts before 1.0 wrote ``uniqueId``, ``parties`` and ``from``; they are read too.
"""

from __future__ import annotations

from pathlib import Path

from ingest.formats.figures import share_at
from ingest.formats.promises import Terms, add_promise
from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, cleaned_id

_NO_SERVICE = {"actor", "data-asset"}
_FIGURES = ("availability", "uptime")
_IDS = ("unique-id", "uniqueId", "id")
_TYPES = ("node-type", "nodeType", "type")


def read_calm(path: Path, draft: Draft) -> None:
    """Read nodes and relationships of one architecture.

    Raises
    ------
    RegisterError
        If the file has no nodes.
    """
    for top in opened_trees(path, draft):
        if "nodes" not in top:
            raise wrong_format(path, "there are no nodes", "give a CALM architecture, no pattern")
        relationships = top.items("relationships")
        joined = {end for found in map(_ends, relationships) if found for end in found}
        kinds: dict[str, str] = {}
        for node in top.items("nodes"):
            _take_node(node, draft, kinds, joined)
        for relationship in relationships:
            _take_relationship(relationship, draft, kinds)
        top.tree.account()


def _first(cursor: Cursor, names: tuple[str, ...]) -> str:
    """The first of several keys that is filled."""
    return next((text for text in map(cursor.text, names) if text), "")


def _take_node(node: Cursor, draft: Draft, kinds: dict[str, str], joined: set[str]) -> None:
    """Take a node as a service, or a network as a location."""
    name, kind = node.text("name"), _first(node, _TYPES)
    identifier = _first(node, _IDS)
    if not identifier and name:
        draft.note("inferred", f"{name!r} has no unique-id: its name taken", node.place)
    if not (identifier or name):
        draft.note("left_out", "a node without unique-id", node.place)
        return
    identifier = cleaned_id(identifier or name)
    if kind == "network" and identifier in joined:
        draft.note("inferred", f"{identifier!r} is connected to: a service", node.place)
        kind = "service"
    kinds[identifier] = kind
    if kind in _NO_SERVICE:
        draft.note("left_out", f"{identifier!r} is a {kind}, no service", node.place)
    elif kind == "network":
        draft.put("locations", identifier, node.place, name=name, kind="network")
    else:
        draft.put("services", identifier, node.place, name=name)
        _take_promises(node, identifier, draft)


def _take_promises(node: Cursor, identifier: str, draft: Draft) -> None:
    """Take availability from metadata, an object or an array, and from controls."""
    places = []
    for metadata in node.items("metadata"):
        for entry in metadata.items("sla") or [metadata]:
            places += [entry.at(key) for key in _FIGURES if key in entry]
            if not entry.is_container:
                places.append(entry)
    for _, control in node.entries("controls"):
        for requirement in control.items("requirements"):
            config = requirement.at("config")
            places += [config.at(key) for key in _FIGURES if key in config]
    for at, found in enumerate(places):
        target = share_at(found, "detect")
        if target is not None and at == 0:
            label = f"{identifier}-availability"
            add_promise(draft, found.place, identifier, label, Terms(target, "30d", "time"))
        elif target is not None:
            draft.note("left_out", f"a second availability of {identifier!r}", found.place)


def _ends(relationship: Cursor) -> tuple[str, str] | None:
    """Source and destination of a connection; None for another relationship."""
    body = relationship.at("relationship-type")
    if not body.is_container:
        body = relationship
    kind = _first(relationship, ("relationship-type", "relationshipType", "type"))
    if "connects" in body:
        sides = [body.at("connects", side) for side in ("source", "destination")]
    elif "parties" in relationship and kind in {"connects", ""}:
        sides = [relationship.at("parties", side) for side in ("source", "destination")]
    elif "from" in relationship and "to" in relationship:
        sides = [relationship.at(side) for side in ("from", "to")]
    else:
        return None
    source, destination = (cleaned_id(side.text("node") or side.text()) for side in sides)
    return source, destination


def _take_relationship(relationship: Cursor, draft: Draft, kinds: dict[str, str]) -> None:
    """Take a connection; the type is an object, or a text with its object beside it."""
    body = relationship.at("relationship-type")
    if not body.is_container:
        body = relationship
    name = _first(relationship, _IDS)
    ends = _ends(relationship)
    if ends:
        unfit = [n for n in ends if kinds.get(n, "service") in
                 {*_NO_SERVICE, "network"} or n == "unnamed"]  # fmt: skip
        if unfit or ends[0] == ends[1]:
            draft.note("left_out", f"{name!r} does not join two services", relationship.place)
        else:
            if "connects" not in body:
                what = f"{name or ' → '.join(ends)!r} read as a connection"
                draft.note("inferred", what, relationship.place)
            draft.put("services", ends[0], relationship.place, depends_on=[ends[1]])
    elif "deployed-in" in body:
        _take_deployment(relationship, body, draft, kinds)
    else:
        shown = next((k for k in ("composed-of", "interacts", "options") if k in body), "unknown")
        if shown in body:
            body.plain(shown)
        what = f"{name!r} is a relationship of type {shown}, no dependency"
        draft.note("left_out", what, relationship.place)


def _take_deployment(
    relationship: Cursor, body: Cursor, draft: Draft, kinds: dict[str, str]
) -> None:
    """Take what is deployed in a network as located there."""
    container = cleaned_id(body.text("deployed-in", "container"))
    for node in [cleaned_id(item.text()) for item in body.items("deployed-in", "nodes")]:
        if kinds.get(container) == "network" and kinds.get(node) not in {
            *_NO_SERVICE, "network", None,
        }:  # fmt: skip
            draft.put("services", node, relationship.place, located_in=[container])
        else:
            what = f"{node!r} is deployed in {container!r}: containment, no edge"
            draft.note("left_out", what, relationship.place)
