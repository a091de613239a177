"""Structurizr workspaces as JSON."""

from __future__ import annotations

from ingest.formats.structurizr_model import Model, note_place, relate
from ingest.formats.tree import Cursor
from ingest.provenance import cleaned_id, slug


def read_json(top: Cursor, model: Model) -> None:
    """Read the model of a JSON workspace."""
    edges: list[tuple[Cursor, str]] = []
    for person in top.items("people"):
        model.names[person.text("id")] = ""
        model.draft.note("left_out", f"{person.text('name')!r} is a person", person.place)
        person.plain()
    for system in [*top.items("softwareSystems"), *top.items("customElements")]:
        _take_json(system, model, edges)
        for container in system.items("containers"):
            _take_json(container, model, edges)
            for component in container.items("components"):
                _take_json(component, model, edges)
    for node in top.items("deploymentNodes"):
        _take_node(node, model, "", edges)
    for relation, holder in edges:
        source = relation.text("sourceId") or holder
        ends = [model.names.get(i) for i in (source, relation.text("destinationId"))]
        if not relation.text("linkedRelationshipId"):
            relate(ends[0], ends[1], relation.place, model)


def _take_json(element: Cursor, model: Model, edges: list[tuple[Cursor, str]]) -> None:
    """Take one element and remember its relations."""
    number = element.text("id")
    known = element.text("properties", "structurizr.dsl.identifier")
    if not number:
        model.draft.note("left_out", "an element without id", element.place)
        return
    model.names[number] = model.draft.put(
        "services", known or number, element.place, name=element.text("name")
    )
    edges += [(relation, number) for relation in element.items("relationships")]


def _take_node(node: Cursor, model: Model, location: str, edges: list[tuple[Cursor, str]]) -> None:
    """Take a deployment node as a location, with what runs on it."""
    environment, name = node.text("environment"), node.text("name")
    number = node.text("id") or slug(name)
    own = cleaned_id(f"{environment}/{number}")
    model.names[number] = ""
    model.draft.put("locations", own, node.place, "inferred", name=name, kind="site",
                    within=location or None)  # fmt: skip
    model.draft.note("inferred", f"deployment node {name!r} read as a location", node.place)
    for part in node.items("infrastructureNodes"):
        _take_json(part, model, edges)
        note_place(model.names.get(part.text("id")), own, environment, model)
    for key, reference in (("containerInstances", "containerId"),
                           ("softwareSystemInstances", "softwareSystemId")):  # fmt: skip
        for part in node.items(key):
            served = model.names.get(part.text(reference), "")
            model.names[part.text("id")] = served
            edges += [(relation, part.text("id")) for relation in part.items("relationships")]
            note_place(served, own, environment, model)
    for inner in node.items("children"):
        _take_node(inner, model, own, edges)
