"""What records refer to: kind and id, and the record that does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Lists = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""List of the estate → id → fields."""


def mentioned(lists: Lists) -> Iterator[tuple[str, Any, str]]:
    """Kind and id of everything that is referred to, and by which record."""
    yield from _by_services(lists)
    yield from _by_others(lists)


def _by_services(lists: Lists) -> Iterator[tuple[str, Any, str]]:
    """Kind and id of what services refer to, and the service."""
    for identifier, service in lists["services"].items():
        here = f"service {identifier}"
        if service.get("provider"):
            yield "organizations", service["provider"], here
        yield from (("functions", name, here) for name in service.get("supports", []))
        for item in service.get("located_in", []):
            members = item.get("of", []) if isinstance(item, dict) else [item]
            yield from (("locations", name, here) for name in members)
        for item in service.get("depends_on", []):
            members = item.get("of", [item.get("service")]) if isinstance(item, dict) else [item]
            yield from (("services", name, here) for name in members if name)


def _by_others(lists: Lists) -> Iterator[tuple[str, Any, str]]:
    """Kind and id of what all other records refer to, and the record."""
    fields = (
        ("organizations", "parent", "organizations"),
        ("locations", "within", "locations"),
        ("locations", "operator", "organizations"),
        ("contracts", "supplier", "organizations"),
        ("contracts", "customer", "organizations"),
        ("measurements", "service", "services"),
    )
    for kind, field_name, wanted in fields:
        for identifier, record in lists[kind].items():
            if record.get(field_name):
                yield wanted, record[field_name], f"{kind} {identifier}"
    for identifier, contract in lists["contracts"].items():
        for sla in contract.get("slas", []):
            yield "services", sla["service"], f"contracts {identifier}"
