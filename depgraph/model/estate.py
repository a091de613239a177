"""The estate: every record of one world, with every reference resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Self

from pydantic import model_validator

from depgraph.errors import RegisterError
from depgraph.model.contract import Contract
from depgraph.model.estate_records import EstateRecords
from depgraph.model.incident import Incident
from depgraph.model.location import Location
from depgraph.model.organization import Organization
from depgraph.model.references import estate_problems
from depgraph.model.service import Function, Service
from depgraph.model.sla import Sla
from depgraph.record import Record
from depgraph.wording import counted

NodeKind = Literal["service", "location", "organization"]
NAMED_RECORDS: Mapping[str, type[Record]] = {
    "organizations": Organization,
    "locations": Location,
    "services": Service,
    "functions": Function,
    "contracts": Contract,
    "slas": Sla,
    "incidents": Incident,
}
"""Kinds whose records have an id, in the order of the files; SLAs lie within contracts."""


class Estate(EstateRecords):
    """Organizations, places, services, functions, contracts and what happened to them.

    Constructing one resolves every reference or raises `RegisterError` with all problems.
    """

    @model_validator(mode="after")
    def _resolve(self) -> Self:
        problems = estate_problems(self)
        if problems:
            raise RegisterError(f"the estate has {counted(len(problems), 'problem')}", problems)
        return self

    def __eq__(self, other: object) -> bool:
        """Compare the records; where the JSON Schema lies is not part of the estate."""
        if not isinstance(other, Estate):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in type(self).model_fields
            if name != "schema_uri"
        )

    __hash__ = Record.__hash__

    @cached_property
    def organization(self) -> Mapping[str, Organization]:
        """Organizations by id."""
        return MappingProxyType({record.id: record for record in self.organizations})

    @cached_property
    def location(self) -> Mapping[str, Location]:
        """Locations by id."""
        return MappingProxyType({record.id: record for record in self.locations})

    @cached_property
    def service(self) -> Mapping[str, Service]:
        """Services by id."""
        return MappingProxyType({record.id: record for record in self.services})

    @cached_property
    def function(self) -> Mapping[str, Function]:
        """Functions by id."""
        return MappingProxyType({record.id: record for record in self.functions})

    @cached_property
    def contract(self) -> Mapping[str, Contract]:
        """Contracts by id."""
        return MappingProxyType({record.id: record for record in self.contracts})

    @cached_property
    def sla(self) -> Mapping[str, tuple[Contract, Sla]]:
        """SLAs by id, each with its contract."""
        return MappingProxyType(
            {sla.id: (contract, sla) for contract in self.contracts for sla in contract.slas}
        )

    @cached_property
    def slas_by_service(self) -> Mapping[str, tuple[tuple[Contract, Sla], ...]]:
        """SLAs that cover each service, in file order."""
        found: dict[str, list[tuple[Contract, Sla]]] = {}
        for contract, sla in self.sla.values():
            found.setdefault(sla.service, []).append((contract, sla))
        return MappingProxyType({service: tuple(pairs) for service, pairs in found.items()})

    @cached_property
    def own_organizations(self) -> frozenset[str]:
        """Our own organizations: those marked own, and everything they own."""
        own = {record.id for record in self.organizations if record.own}
        grown = True
        while grown:
            more = {r.id for r in self.organizations if r.parent in own} - own
            own |= more
            grown = bool(more)
        return frozenset(own)

    def node_kinds(self, reference: str) -> tuple[tuple[NodeKind, str], ...]:
        """Kinds and ids that a reference such as ``cloudco`` or ``location:cloudco`` may mean.

        Empty when nothing has that id; more than one when the id is ambiguous.
        """
        return node_kinds(
            reference,
            service=self.service,
            location=self.location,
            organization=self.organization,
        )


def node_kinds(
    reference: str,
    *,
    service: Iterable[str],
    location: Iterable[str],
    organization: Iterable[str],
) -> tuple[tuple[NodeKind, str], ...]:
    """Kinds and ids that a reference may mean among the given ids.

    An id comes first: ``location:a`` is read as a kind and an id only where nothing is called so.

    Parameters
    ----------
    reference : str
        An id, or a kind and an id such as ``location:cloudco``.
    service, location, organization : iterable of str
        Ids of each kind.

    Returns
    -------
    tuple of (str, str)
        Kind and id; empty where nothing has the id, several where it is ambiguous.
    """
    pools: dict[NodeKind, Iterable[str]] = {
        "service": service,
        "location": location,
        "organization": organization,
    }
    plain = tuple((kind, reference) for kind, ids in pools.items() if reference in ids)
    if plain:
        return plain
    prefix, _, rest = reference.partition(":")
    return tuple((kind, rest) for kind, ids in pools.items() if prefix == kind and rest in ids)
