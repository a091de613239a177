"""Terraform: the graph that `terraform graph` prints, and the state as JSON.

Resources are services that need each other; providers are candidates for vendors. The root and
nodes that only close a provider are dropped.
"""

from __future__ import annotations

import re
from pathlib import Path

from depgraph.errors import Problem, RegisterError
from ingest.formats.indirect import reached
from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, slug
from ingest.source import file_text

_EDGE = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*->\s*"((?:[^"\\]|\\.)*)"')
_NODE = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*(?:\[|$)')
_PROVIDER = re.compile(r'provider\[\\?"([^"\\]+)\\?"\]|(?:^|[\s.])provider\.([\w-]+)(?:\.[\w-]+)?$')
"""A provider as Terraform names it, since 0.13 and before: group 1 or 2."""
_UTILITIES = {"archive", "cloudinit", "external", "http", "local", "null", "random", "template",
              "terraform", "time", "tls"}  # fmt: skip
"""Providers behind which no vendor stands."""
_NO_RESOURCE = (
    "var.",
    "local.",
    "output.",
    "provider[",
    "provider.",
    "provisioner.",
    "meta.",
    "root",
    "module.",
)


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
        elif "values" in top or "planned_values" in top:
            key = "values" if "values" in top else "planned_values"
            _read_module(top.at(key, "root_module"), draft)
        elif "modules" in top:
            for module in top.items("modules"):
                _read_old_module(module, draft)
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
    """Read nodes and edges line by line, then needs through values, outputs and modules."""
    needs: dict[str, dict[str, str]] = {}
    known: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{file}:{number}"
        edge, node = _EDGE.match(line), _NODE.match(line)
        if edge:
            _take_edge(_unquoted(edge[1]), _unquoted(edge[2]), place, (needs, known, draft))
        elif node and _address(_unquoted(node[1])):
            address = draft.put("services", _address(_unquoted(node[1])), place)
            known[_plain(_unquoted(node[1]))] = address
        elif node:
            draft.note("left_out", "a node that is no resource", place)
        elif "->" in line:
            draft.note("left_out", "a line with an edge that cannot be read", place)
    for name, address in known.items():
        for via, other, place in reached(name, needs, known):
            if known[other] != address:
                what = f"{address!r} needs {known[other]!r} through {via!r}"
                draft.note("inferred", what, place)
                draft.put("services", address, place, "inferred", depends_on=[known[other]])


def _take_edge(
    start: str,
    end: str,
    place: str,
    context: tuple[dict[str, dict[str, str]], dict[str, str], Draft],
) -> None:
    """Take an edge between resources, or one that leads on to others."""
    needs, known, draft = context
    consumer, provider = _address(start), _address(end)
    vendor = _PROVIDER.search(end)
    closes = start.endswith("(close)") or end.endswith("(close)")
    for node, address in ((start, consumer), (end, provider)):
        if address:
            known[_plain(node)] = draft.put("services", address, place)
    if not closes and not vendor and _plain(start) != "root":
        needs.setdefault(_plain(start), {}).setdefault(_plain(end), place)
    if consumer and provider and consumer != provider:
        draft.put("services", consumer, place, depends_on=[known[_plain(end)]])
    elif consumer and vendor and not closes:
        _take_vendor(consumer, vendor[1] or vendor[2], place, draft)
    else:
        draft.note("left_out", "an edge that joins no two resources", place)


def _unquoted(text: str) -> str:
    """A string of DOT without its escapes."""
    return re.sub(r'\\(["\\])', r"\1", text)


def _plain(node: str) -> str:
    """Name of a node without the phase that it stands for."""
    name = node.removeprefix("[root] ").strip()
    return re.sub(r"\s*\((expand|destroy|orphan)\)$", "", name)


def _take_vendor(resource: str, address: str, place: str, draft: Draft) -> None:
    """Take a provider plug-in as a candidate for the vendor."""
    name = address.rsplit("/", 1)[-1]
    if name in _UTILITIES:
        draft.note("left_out", f"provider {name!r} works on this machine: no vendor", place)
        return
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
        _take_vendor(address, vendor[1] or vendor[2], resource.place, draft)
    elif resource.text("provider"):
        what = f"provider {resource.text('provider')[:60]!r} of {address!r} cannot be read"
        draft.note("missing", what, resource.place)
    instances = resource.items("instances")
    if len(instances) > 1:
        what = f"{len(instances)} instances of {address!r} read as one service"
        draft.note("inferred", what, resource.place)
    for instance in instances:
        for need in [*instance.items("dependencies"), *instance.items("depends_on")]:
            if need.text() and need.text() != address:
                draft.put("services", address, need.place, depends_on=[need.text()])


def _read_old_module(module: Cursor, draft: Draft) -> None:
    """Take the resources of a module in a state of version 3, of Terraform before 0.12."""
    inner = [part.text() for part in module.items("path")][1:]
    prefix = "".join(f"module.{name}." for name in inner)
    for address, resource in module.entries("resources"):
        draft.put("services", f"{prefix}{address}", resource.place)
        resource.text("type")
        vendor = resource.text("provider").removeprefix("provider.").partition(".")[0]
        if vendor:
            _take_vendor(f"{prefix}{address}", vendor, resource.place, draft)
        for need in resource.items("depends_on"):
            known = need.text()
            if known and known != address and not known.startswith(_NO_RESOURCE):
                needed = [f"{prefix}{known}"]
                draft.put("services", f"{prefix}{address}", need.place, depends_on=needed)


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
