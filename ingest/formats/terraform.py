"""Terraform: the graph that `terraform graph` prints, and the state as JSON.

Resources are services that need each other; providers are candidates for vendors. The root and
nodes that only close a provider are dropped.
"""

from __future__ import annotations

import re
from pathlib import Path

from depgraph.errors import Problem, RegisterError
from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, slug
from ingest.source import file_text

_EDGE = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*->\s*"((?:[^"\\]|\\.)*)"')
_NODE = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*(?:\[|$)')
_PROVIDER = re.compile(r'provider\[\\?"([^"\\]+)\\?"\]')
_NO_RESOURCE = ("var.", "local.", "output.", "provider[", "meta.", "root", "module.")


def read_terraform(path: Path, draft: Draft) -> None:
    """Read a graph or a state.

    Raises
    ------
    RegisterError
        If the file is neither.
    """
    text = file_text(path, str(path))
    if isinstance(text, Problem):
        raise RegisterError(f"{path} cannot be imported", [text])
    if re.match(r"\s*(strict\s+)?digraph\b", text):
        _read_graph(text, str(path), draft)
        return
    for top in opened_trees(path, draft):
        if "resources" in top:
            for resource in top.items("resources"):
                _take_resource(resource, draft)
        elif "values" in top:
            _read_module(top.at("values", "root_module"), draft)
        else:
            raise wrong_format(path, "this is neither a graph nor a state", "terraform graph")
        top.tree.account()


def _address(node: str) -> str:
    """Address of a resource as in the configuration; empty for what is none."""
    name = node.removeprefix("[root] ").strip()
    if name.endswith("(close)") or name == "root":
        return ""
    name = re.sub(r"\s*\((expand|destroy|orphan|close)\)$", "", name)
    inner = re.sub(r"^(module\.[^.\[]+(\[[^\]]*\])?\.)+", "", name)
    return "" if inner.startswith(_NO_RESOURCE) or "." not in inner else name


def _read_graph(text: str, file: str, draft: Draft) -> None:
    """Read nodes and edges line by line."""
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{file}:{number}"
        edge, node = _EDGE.match(line), _NODE.match(line)
        if edge:
            consumer, provider = _address(edge[1]), _address(edge[2])
            vendor = _PROVIDER.search(edge[2])
            if consumer and provider and consumer != provider:
                draft.put("services", provider, place)
                draft.put("services", consumer, place, depends_on=[provider])
            elif consumer and vendor and not edge[2].endswith("(close)"):
                _take_vendor(consumer, vendor[1], place, draft)
            else:
                draft.note("left_out", "an edge that joins no two resources", place)
        elif node and _address(node[1]):
            draft.put("services", _address(node[1]), place)
        elif node:
            draft.note("left_out", "a node that is no resource", place)


def _take_vendor(resource: str, address: str, place: str, draft: Draft) -> None:
    """Take a provider plug-in as a candidate for the vendor."""
    name = address.rsplit("/", 1)[-1]
    draft.put("organizations", slug(name), place, "inferred", name=name)
    draft.put("services", resource, place, "inferred", provider=slug(name))
    draft.note("inferred", f"provider {name!r} read as the vendor", place)


def _take_resource(resource: Cursor, draft: Draft) -> None:
    """Take a resource of a state file; only its type, name and needs are read."""
    kind, name = resource.text("type"), resource.text("name")
    if not kind or not name:
        draft.note("left_out", "a resource without type or name", resource.place)
        return
    module = resource.text("module")
    address = f"data.{kind}.{name}" if resource.text("mode") == "data" else f"{kind}.{name}"
    address = f"{module}.{address}" if module else address
    draft.put("services", address, resource.place)
    vendor = _PROVIDER.search(resource.text("provider"))
    if vendor:
        _take_vendor(address, vendor[1], resource.place, draft)
    for instance in resource.items("instances"):
        for need in [*instance.items("dependencies"), *instance.items("depends_on")]:
            if need.text() and need.text() != address:
                draft.put("services", address, need.place, depends_on=[need.text()])


def _read_module(module: Cursor, draft: Draft) -> None:
    """Take the resources of `terraform show -json`, modules inside modules."""
    for resource in module.items("resources"):
        address = resource.text("address")
        if not address:
            draft.note("left_out", "a resource without address", resource.place)
            continue
        draft.put("services", address, resource.place)
        vendor = resource.text("provider_name")
        if vendor:
            _take_vendor(address, vendor, resource.place, draft)
        for need in resource.items("depends_on"):
            if need.text() and need.text() != address:
                draft.put("services", address, need.place, depends_on=[need.text()])
    for inner in module.items("child_modules"):
        _read_module(inner, draft)
