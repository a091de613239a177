"""A stand-in for the EBA taxonomy, so that Arelle can read a register without the network.

Tables, columns, keys and dimensions are those of the real table JSON, where it lies beside this
checkout; the schemas behind them are made here from the names that the tables use.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BASE = "http://www.eba.europa.eu/eu/fr/xbrl"
_FIND = "http://www.eurofiling.info/xbrl/ext/filing-indicators"
_TYPES = {
    "s": "xbrli:stringItemType", "e": "xbrli:QNameItemType", "d": "xbrli:dateItemType",
    "m": "xbrli:monetaryItemType", "i": "xbrli:integerItemType", "t": "xbrli:booleanItemType",
}  # fmt: skip
_HEAD = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldt="http://xbrl.org/2005/xbrldt" '
    'elementFormDefault="qualified" targetNamespace="{0}" xmlns:t="{0}">'
    '<xs:import namespace="http://www.xbrl.org/2003/instance" '
    'schemaLocation="http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd"/>'
    '<xs:import namespace="http://xbrl.org/2005/xbrldt" '
    'schemaLocation="http://www.xbrl.org/2005/xbrldt-2005.xsd"/>'
)
_ITEM = (
    '<xs:element name="{0}" id="{1}_{0}" type="{2}" substitutionGroup="xbrli:item" '
    'abstract="{3}" nillable="true" xbrli:periodType="instant"/>'
)


class _Schemas:
    """Elements to declare, by namespace."""

    def __init__(self) -> None:
        self.uris: dict[str, str] = {"find": _FIND}
        self.elements: dict[str, dict[str, str]] = {"find": {}}

    def add(self, name: str, element: str) -> None:
        prefix, _, local = name.partition(":")
        self.elements.setdefault(prefix, {}).setdefault(local, element)

    def concept(self, name: str, kind: str) -> None:
        prefix, _, local = name.partition(":")
        self.add(name, _ITEM.format(local, prefix, _TYPES[kind], "false"))

    def member(self, name: str) -> None:
        prefix, _, local = name.partition(":")
        self.add(name, _ITEM.format(local, prefix, "xbrli:stringItemType", "true"))

    def dimension(self, name: str, *, typed: bool) -> None:
        prefix, _, local = name.partition(":")
        reference = f' xbrldt:typedDomainRef="#{prefix}_{local}.typed"' if typed else ""
        element = (
            f'<xs:element name="{local}" id="{prefix}_{local}" type="xbrli:stringItemType" '
            f'substitutionGroup="xbrldt:dimensionItem" abstract="true" '
            f'xbrli:periodType="instant"{reference}/>'
        )
        if typed:
            element += (
                f'<xs:element name="{local}.typed" id="{prefix}_{local}.typed" type="xs:string"/>'
            )
        self.add(name, element)

    def files(self) -> Iterator[tuple[str, str]]:
        imports = ""
        for prefix, elements in self.elements.items():
            uri = self.uris[prefix]
            body = "".join(elements.values())
            yield f"schema/{prefix}.xsd", f"{_HEAD.format(uri)}{body}</xs:schema>"
            imports += f'<xs:import namespace="{uri}" schemaLocation="{BASE}/schema/{prefix}.xsd"/>'
        top = f"{_HEAD.format('http://www.eba.europa.eu/stand-in')}{imports}</xs:schema>"
        yield "crr/fws/dora/4.0/mod/dora.xsd", top


def write_taxonomy(tables: Path, target: Path) -> None:
    """Write the stand-in as a taxonomy package.

    Parameters
    ----------
    tables : Path
        Folder with ``dora.json`` and ``b_01.01.json`` … as the EBA publishes them.
    target : Path
        Zip file to write.
    """
    schemas = _Schemas()
    files: dict[str, str] = {}
    for file in sorted(tables.glob("*.json")):
        text = file.read_text(encoding="utf-8")
        content: dict[str, Any] = json.loads(text)
        schemas.uris |= {
            p: u for p, u in content["documentInfo"]["namespaces"].items() if p.startswith("eba_")
        }
        if file.stem == "dora":
            files["crr/fws/dora/4.0/mod/dora.json"] = text
        else:
            files[f"crr/fws/dora/4.0/tab/{file.stem}/{file.name}"] = text
            for table in content["tableTemplates"].values():
                _take(table, schemas)
    schemas.concept("find:filed", "t")
    schemas.dimension("find:template", typed=True)
    files |= {"ext/2020/FilingIndicators.json": _indicators(), "ext/2020/FootNotes.json": _notes()}
    files |= dict(schemas.files())
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"standin/www/{name}", text)
        archive.writestr("standin/META-INF/catalog.xml", _CATALOG)
        archive.writestr("standin/META-INF/taxonomyPackage.xml", _PACKAGE)


def _take(table: dict[str, Any], schemas: _Schemas) -> None:
    """Names that one table uses."""
    columns = table["columns"]
    for column in columns.values():
        about = column["eba:documentation"]
        for value in about.get("AllowedValue") or ():
            schemas.member(value)
        for dimension, value in (column.get("dimensions") or {}).items():
            if dimension == "concept":
                schemas.concept(value, about["type"])
            elif ":" in dimension:
                schemas.dimension(dimension, typed=False)
                schemas.member(value)
    for dimension, value in (table.get("dimensions") or {}).items():
        if ":" in dimension:
            key = columns[value.removeprefix("$")]["eba:documentation"]
            schemas.dimension(dimension, typed=key["type"] != "e")


def _indicators() -> str:
    info = {"documentType": "https://xbrl.org/2021/xbrl-csv", "namespaces": {"find": _FIND}}
    columns = {"templateID": {}, "reported": {"dimensions": {"concept": "find:filed"}}}
    table = {"columns": columns, "dimensions": {"find:template": "$templateID"}}
    return json.dumps({"documentInfo": info, "tableTemplates": {"FilingIndicators": table}})


def _notes() -> str:
    info = {"documentType": "https://xbrl.org/2021/xbrl-csv"}
    return json.dumps(
        {"documentInfo": info, "tableTemplates": {"FootNotes": {"columns": {"note": {}}}}}
    )


_CATALOG = (
    '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
    f'<rewriteURI uriStartString="{BASE}/" rewritePrefix="../www/"/></catalog>'
)
_PACKAGE = (
    '<tp:taxonomyPackage xml:lang="en" xmlns:tp="http://xbrl.org/2016/taxonomy-package">'
    "<tp:identifier>http://www.eba.europa.eu/stand-in</tp:identifier>"
    "<tp:name>Stand-in</tp:name></tp:taxonomyPackage>"
)
