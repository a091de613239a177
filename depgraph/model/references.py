"""What an estate as a whole can get wrong: ids used twice, references to nothing, impossible rings.

All problems are gathered; each names the value, its path in the estate, and a fix.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import networkx as nx

from depgraph.errors import Problem
from depgraph.likeness import seen_as
from depgraph.model.dependency import Dependency, Redundancy
from depgraph.wording import did_you_mean

if TYPE_CHECKING:
    from depgraph.model.contract import Contract
    from depgraph.model.estate_records import EstateRecords
    from depgraph.model.organization import Organization
    from depgraph.model.sla import Sla

Path = tuple[str | int, ...]
MAX_SUGGESTIONS = 200
"""Problems that get a "did you mean"; beyond, comparing every id would take too long."""


def estate_problems(estate: EstateRecords) -> list[Problem]:
    """Gather every duplicate id, dangling reference and impossible ring.

    Parameters
    ----------
    estate : EstateRecords
        Records that are valid one by one.

    Returns
    -------
    list of Problem
        In the order of the files; empty when the estate holds together.
    """
    ids = _Ids(estate)
    problems = [*ids.duplicates(), *ids.look_alikes()]
    problems += ids.unresolved(_references(estate))
    problems += _ownership_rings(estate)
    problems += _version_problems(estate)
    problems += _rate_problems(estate)
    return problems


class _Ids:
    """The ids of each kind, and what they are asked for."""

    def __init__(self, estate: EstateRecords) -> None:
        self._places: dict[str, dict[str, list[Path]]] = {}
        for kind, path, name in _definitions(estate):
            self._places.setdefault(kind, {}).setdefault(name, []).append(path)
        self._suggested = 0

    def duplicates(self) -> Iterator[Problem]:
        for kind, places in self._places.items():
            for name, paths in places.items():
                for path in paths[1:]:
                    yield Problem(
                        code="duplicate-id",
                        what=f"the {kind} id {name!r} is used {len(paths)} times",
                        hint="rename one of them, or delete the copy",
                        value=name,
                        path=path,
                        also=(_shown(paths[0]),),
                    )

    def look_alikes(self) -> Iterator[Problem]:
        """Ids that are spelled differently and look the same: references go astray unseen."""
        for kind, places in self._places.items():
            first: dict[str, str] = {}
            for name, paths in places.items():
                earlier = first.setdefault(seen_as(name), name)
                if earlier != name:
                    yield Problem(
                        code="duplicate-id",
                        what=f"the {kind} ids {earlier!a} and {name!a} look the same",
                        hint="they differ in Unicode form or invisible characters: rename one",
                        value=name,
                        path=paths[0],
                        also=(_shown(places[earlier][0]),),
                    )

    def unresolved(self, references: Iterable[tuple[Path, str, str]]) -> Iterator[Problem]:
        for path, kind, name in references:
            if kind == "node":
                yield from self._unresolved_node(path, name)
            elif name not in self._places.get(kind, {}):
                yield self._dangling(path, kind, name, self._places.get(kind, {}))

    def _unresolved_node(self, path: Path, name: str) -> Iterator[Problem]:
        kinds = ("service", "location", "organization")
        pools: Mapping[str, Collection[str]] = {k: self._places.get(k, {}) for k in kinds}
        meant = [kind for kind in kinds if name in pools[kind]]
        prefix, _, rest = name.partition(":")
        if not meant and not (prefix in pools and rest in pools[prefix]):
            every = [known for pool in pools.values() for known in pool]
            yield self._dangling(path, "service, location or organization", name, every)
        elif len(meant) > 1:
            yield Problem(
                code="ambiguous-reference",
                what=f"{name!r} is the id of several things: {', '.join(meant)}",
                hint=f"write {' or '.join(f'{kind}:{name}' for kind in meant)}",
                value=name,
                path=path,
            )

    def _dangling(self, path: Path, kind: str, name: str, known: Collection[str]) -> Problem:
        hint = f"add the {kind}, or correct the id"
        if self._suggested < MAX_SUGGESTIONS:
            self._suggested += 1
            hint = did_you_mean(name, known, hint)
        what = f"no {kind} has the id {name!r}"
        return Problem(code="unknown-reference", what=what, hint=hint, value=name, path=path)


def _definitions(estate: EstateRecords) -> Iterator[tuple[str, Path, str]]:
    """Yield every kind, path and id that is defined."""
    lists: Sequence[tuple[str, str, Sequence[Any]]] = (
        ("organization", "organizations", estate.organizations),
        ("location", "locations", estate.locations),
        ("service", "services", estate.services),
        ("function", "functions", estate.functions),
        ("contract", "contracts", estate.contracts),
        ("incident", "incidents", estate.incidents),
    )
    for kind, key, records in lists:
        for position, record in enumerate(records):
            yield kind, (key, position, "id"), record.id
    for position, contract in enumerate(estate.contracts):
        for inner, sla in enumerate(contract.slas):
            yield "SLA", ("contracts", position, "slas", inner, "id"), sla.id


def _references(estate: EstateRecords) -> Iterator[tuple[Path, str, str]]:
    """Yield every path, kind and id that is referred to."""
    for position, organization in enumerate(estate.organizations):
        if organization.parent is not None:
            yield ("organizations", position, "parent"), "organization", organization.parent
        yield from _register_references(position, organization)
    for position, location in enumerate(estate.locations):
        if location.within is not None:
            yield ("locations", position, "within"), "location", location.within
        if location.operator is not None:
            yield ("locations", position, "operator"), "organization", location.operator
    yield from _service_references(estate)
    for position, function in enumerate(estate.functions):
        if function.entity is not None:
            yield ("functions", position, "entity"), "organization", function.entity
    yield from _contract_references(estate)
    yield from _event_references(estate)


def _register_references(
    position: int, organization: Organization
) -> Iterator[tuple[Path, str, str]]:
    here: Path = ("organizations", position)
    if organization.ultimate_parent is not None:
        yield (*here, "ultimate_parent"), "organization", organization.ultimate_parent
    if organization.entity is not None and organization.entity.direct_parent is not None:
        yield (*here, "entity", "direct_parent"), "organization", organization.entity.direct_parent


def _service_references(estate: EstateRecords) -> Iterator[tuple[Path, str, str]]:
    for position, service in enumerate(estate.services):
        here: Path = ("services", position)
        if service.provider is not None:
            yield (*here, "provider"), "organization", service.provider
        for inner, function in enumerate(service.supports):
            yield (*here, "supports", inner), "function", function
        for inner, placement in enumerate(service.located_in):
            yield from _members((*here, "located_in", inner), placement, "location")
        for inner, requirement in enumerate(service.depends_on):
            yield from _members((*here, "depends_on", inner), requirement, "service")


def _members(
    path: Path, item: str | Dependency | Redundancy, kind: str
) -> Iterator[tuple[Path, str, str]]:
    if isinstance(item, str):
        yield path, kind, item
    elif isinstance(item, Dependency):
        yield (*path, "service"), kind, item.service
    else:
        for inner, member in enumerate(item.of):
            yield (*path, "of", inner), kind, member


def _contract_references(estate: EstateRecords) -> Iterator[tuple[Path, str, str]]:
    for position, contract in enumerate(estate.contracts):
        here: Path = ("contracts", position)
        yield (*here, "supplier"), "organization", contract.supplier
        yield (*here, "customer"), "organization", contract.customer
        if contract.master is not None:
            yield (*here, "master"), "contract", contract.master
        yield from _arrangement_references(here, contract)
        for inner, finding in enumerate(contract.findings):
            yield (*here, "findings", inner, "incident"), "incident", finding.incident
        for inner, sla in enumerate(contract.slas):
            yield (*here, "slas", inner, "service"), "service", sla.service
            if sla.supersedes is not None:
                yield (*here, "slas", inner, "supersedes"), "SLA", sla.supersedes
            for deep, region in enumerate(sla.regions):
                yield (*here, "slas", inner, "regions", deep), "location", region
            for deep, exclusion in enumerate(sla.exclusions):
                there: Path = (*here, "slas", inner, "exclusions", deep)
                if exclusion.service is not None:
                    yield (*there, "service"), "service", exclusion.service
                for last, party in enumerate(exclusion.approved_by):
                    yield (*there, "approved_by", last), "organization", party


def _arrangement_references(here: Path, contract: Contract) -> Iterator[tuple[Path, str, str]]:
    """What the register of information says of a contract."""
    for field, kind in (
        ("other_suppliers", "organization"),
        ("other_customers", "organization"),
        ("linked_contracts", "contract"),
    ):
        for inner, name in enumerate(getattr(contract, field)):
            yield (*here, field, inner), kind, name
    for inner, user in enumerate(contract.used_by):
        yield (*here, "used_by", inner, "entity"), "organization", user.entity
    for inner, use in enumerate(contract.ict_uses):
        for field, kind in (
            ("entity", "organization"), ("provider", "organization"), ("function", "function"),
        ):  # fmt: skip
            if (name := getattr(use, field)) is not None:
                yield (*here, "ict_uses", inner, field), kind, name
    for inner, assessment in enumerate(contract.assessments):
        if assessment.provider is not None:
            yield (*here, "assessments", inner, "provider"), "organization", assessment.provider


def _event_references(estate: EstateRecords) -> Iterator[tuple[Path, str, str]]:
    for position, incident in enumerate(estate.incidents):
        yield ("incidents", position, "affects"), "node", incident.affects
        for inner, region in enumerate(incident.regions):
            yield ("incidents", position, "regions", inner), "location", region
    for position, measurement in enumerate(estate.measurements):
        yield ("measurements", position, "service"), "service", measurement.service
    for position, claim in enumerate(estate.claims):
        yield ("claims", position, "sla"), "SLA", claim.sla


def _ownership_rings(estate: EstateRecords) -> Iterator[Problem]:
    """Find organizations that own themselves, places within themselves, masters of themselves."""
    yield from _rings("organizations", "parent", "owns itself", estate.organizations)
    yield from _rings("locations", "within", "lies within itself", estate.locations)
    yield from _rings("contracts", "master", "is its own master agreement", estate.contracts)


def _rings(key: str, field: str, fault: str, records: Sequence[Any]) -> Iterator[Problem]:
    successor: Callable[[Any], str | None] = lambda record: getattr(record, field)  # noqa: E731 - named for the two uses below
    position = {record.id: place for place, record in enumerate(records)}
    graph = nx.DiGraph(
        (record.id, successor(record)) for record in records if successor(record) in position
    )
    for ring in nx.simple_cycles(graph):
        first = min(ring, key=position.__getitem__)
        turn = ring.index(first)
        names = [*ring[turn:], *ring[:turn], first]
        yield Problem(
            code="ring",
            what=f"{first!r} {fault}: {' → '.join(names)}",
            hint=f"remove {field} from one of them",
            value=first,
            path=(key, position[first], field),
        )


def _version_problems(estate: EstateRecords) -> Iterator[Problem]:
    """Find terms that hold at the same time as the terms they replace (rule L1)."""
    by_id: dict[str, tuple[Sla, Path]] = {
        sla.id: (sla, ("contracts", position, "slas", inner))
        for position, contract in enumerate(estate.contracts)
        for inner, sla in enumerate(contract.slas)
    }
    for position, contract in enumerate(estate.contracts):
        for inner, sla in enumerate(contract.slas):
            if (sla.supersedes or "") not in by_id:
                continue
            old, there = by_id[sla.supersedes or ""]
            here: Path = ("contracts", position, "slas", inner)
            if old is sla:
                yield Problem(
                    code="ring",
                    what=f"SLA {sla.id!r} supersedes itself",
                    value=sla.id,
                    path=(*here, "supersedes"),
                )
            elif sla.valid_from is None or old.valid_to is None or old.valid_to >= sla.valid_from:
                yield Problem(
                    code="overlapping-versions",
                    what=f"SLA {sla.id!r} and {old.id!r}, which it replaces, hold at the same time",
                    hint=f"end {old.id} (valid_to) before {sla.id} starts (valid_from)",
                    value=sla.id,
                    path=(*here, "valid_from"),
                    also=(_shown(there),),
                )


def _rate_problems(estate: EstateRecords) -> Iterator[Problem]:
    """Two rates for one pair of currencies and one day (rule P9)."""
    first: dict[tuple[object, ...], int] = {}
    for place, each in enumerate(estate.conversions):
        key = (each.from_currency, each.to, each.date)
        earlier = first.setdefault(key, place)
        if estate.conversions[earlier].rate != each.rate:
            yield Problem(
                code="conflicting-values",
                what=f"{each.from_currency} to {each.to} on {each.date} has two rates, "
                f"{estate.conversions[earlier].rate} and {each.rate}",
                hint="keep the one that the contracts name",
                value=str(each.rate),
                path=("conversions", place),
                also=(_shown(("conversions", earlier)),),
            )


def _shown(path: Path) -> str:
    """Path for people: ``services[3].id``."""
    return Problem(code="", what="", path=path).place
