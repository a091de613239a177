"""Which formats there are: ours, and those of installed packages.

A package adds a format with an entry point in the group ``depgraph.importers`` or
``depgraph.exporters`` that names a function of the type `Importer` or `Exporter`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import cast

from depgraph.errors import DepgraphError
from depgraph.model.estate import Estate
from ingest.provenance import Draft

Importer = Callable[[Path, Draft], None]
"""Reads one file into a draft; raises `RegisterError` with the problems of an unreadable file."""
Exporter = Callable[[Estate], str | bytes]
"""The file's content."""

IMPORTERS = {
    "backstage": "ingest.formats.backstage:read_backstage",
    "calm": "ingest.formats.calm:read_calm",
    "ciso-assistant": "ingest.formats.ciso_assistant:read_ciso_assistant",
    "csv": "ingest.formats.own_tables:read_csv",
    "cyclonedx": "ingest.formats.cyclonedx:read_cyclonedx",
    "dora": "ingest.formats.dora:read_dora",
    "datadog": "ingest.formats.datadog:read_datadog",
    "ical": "ingest.formats.ical:read_ical",
    "json": "ingest.formats.own_files:read_own",
    "openslo": "ingest.formats.openslo:read_openslo",
    "opensrm": "ingest.formats.opensrm:read_opensrm",
    "pagerduty": "ingest.formats.pagerduty:read_pagerduty",
    "servicenow": "ingest.formats.servicenow:read_servicenow",
    "sloth": "ingest.formats.sloth:read_sloth",
    "statuspage": "ingest.formats.statuspage:read_statuspage",
    "structurizr": "ingest.formats.structurizr:read_structurizr",
    "terraform": "ingest.formats.terraform:read_terraform",
    "xlsx": "ingest.formats.own_workbook:read_xlsx",
    "yaml": "ingest.formats.own_files:read_own",
}
"""Formats of this project: name → module:function, imported when used."""
EXPORTERS = {
    "csv": "ingest.formats.own_tables:csv_text",
    "cyclonedx": "ingest.formats.standard_exports:cyclonedx_text",
    "cypher": "ingest.formats.cypher_script:cypher_text",
    "dora": "ingest.formats.dora:dora_bytes",
    "dot": "ingest.formats.graph_exports:dot_text",
    "gexf": "ingest.formats.graph_exports:gexf_text",
    "graphml": "ingest.formats.graph_exports:graphml_text",
    "json": "ingest.formats.text_exports:json_text",
    "json-graph": "ingest.formats.graph_exports:json_graph_text",
    "mermaid": "ingest.formats.graph_exports:mermaid_text",
    "openslo": "ingest.formats.standard_exports:openslo_text",
    "xlsx": "ingest.formats.own_workbook:xlsx_bytes",
    "yaml": "ingest.formats.text_exports:yaml_text",
}
"""Formats of this project: name → module:function, imported when used."""


def importer_names() -> list[str]:
    """Names of all formats that can be read."""
    return sorted(
        {*IMPORTERS, *(e.name for e in metadata.entry_points(group="depgraph.importers"))}
    )


def exporter_names() -> list[str]:
    """Names of all formats that can be written."""
    return sorted(
        {*EXPORTERS, *(e.name for e in metadata.entry_points(group="depgraph.exporters"))}
    )


def importer(name: str) -> Importer:
    """The function that reads a format.

    Raises
    ------
    DepgraphError
        If no format has the name.
    """
    return cast("Importer", _found(name, IMPORTERS, "depgraph.importers"))


def exporter(name: str) -> Exporter:
    """The function that writes a format.

    Raises
    ------
    DepgraphError
        If no format has the name.
    """
    return cast("Exporter", _found(name, EXPORTERS, "depgraph.exporters"))


def _loaded(entry: metadata.EntryPoint) -> object:
    """What an entry point of another package names."""
    try:
        found = entry.load()
    except Exception as error:  # noqa: BLE001 - whatever a package does while it is imported
        found, why = None, f"{type(error).__name__}: {error}"
    else:
        why = "it is no function"
    if callable(found):
        return found
    package = entry.dist.name if entry.dist else "a package"
    raise DepgraphError(
        f"the format {entry.name!r} of {package} cannot be loaded from {entry.value}: {why}"
    )


def _found(name: str, ours: dict[str, str], group: str) -> object:
    if name in ours:
        module, _, function = ours[name].partition(":")
        return getattr(import_module(module), function)
    for entry in metadata.entry_points(group=group, name=name):
        return _loaded(entry)
    known = importer_names() if group == "depgraph.importers" else exporter_names()
    raise DepgraphError(f"no format is called {name!r}; there are {', '.join(known)}")
