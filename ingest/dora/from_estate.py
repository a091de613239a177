"""An estate as the tables of the register: entities, providers, functions, definitions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from depgraph.engine.ict_supply_chains import IctChainLink, ict_supply_chains
from depgraph.engine.supply_chain import ultimate_owner
from depgraph.model.estate import Estate
from depgraph.model.organization import Organization
from depgraph.model.register import DEFINED_TERMS
from ingest.dora.contracts_from_estate import contract_rows
from ingest.dora.register import Register, RegisterRow
from ingest.dora.taxonomy import templates
from ingest.dora.writing import Codes, Maker


def register_from(estate: Estate) -> Register:
    """All tables of the register that an estate fills.

    Parameters
    ----------
    estate : Estate
        Records; entities are the organizations that are ours, contracts those that supply them.

    Returns
    -------
    Register
        Each row names the fields of the estate that it comes from. What the estate does not hold
        is empty; nothing is made up.
    """
    work = _Work(estate)
    register = Register()
    for template, row in contract_rows(estate, work.contracts, work.chains, work.codes):
        register.rows[template].append(row)
    for name, rows in (
        ("B_01.01", work.maintaining()), ("B_01.02", work.entities()), ("B_01.03", work.branches()),
        ("B_05.01", work.providers()), ("B_06.01", work.functions()),
        ("B_99.01", work.definitions()),
    ):  # fmt: skip
        register.rows[name] = list(rows)
    return register


def maintainer(estate: Estate) -> Organization | None:
    """The entity that maintains the register, if the estate says which; the first one."""
    return next((o for o in estate.organizations if o.register_maintenance is not None), None)


@dataclass
class _Work:
    """What the tables share."""

    estate: Estate

    def __post_init__(self) -> None:
        self.own = self.estate.own_organizations
        self.codes = Codes(self.estate)
        self.contracts = [c for c in self.estate.contracts if c.customer in self.own]
        self.using = {
            name
            for c in self.contracts
            for name in (c.customer, *c.other_customers, *(u.entity for u in c.used_by),
                         c.supplier, *c.other_suppliers)
        } | {f.entity for f in self.estate.functions if f.entity}  # fmt: skip
        self.scope = self._scope()
        self.chains: tuple[IctChainLink, ...] = ict_supply_chains(self.estate, self.own)

    def maintaining(self) -> Iterable[RegisterRow]:
        for organization in self.estate.organizations:
            held = organization.register_maintenance
            if held is None:
                continue
            make = Maker("B_01.01", f"organizations/{organization.id}")
            make.put("c0010", *self.codes.lei(organization.id))
            make.put("c0020", organization.name, "name")
            make.word("c0030", organization.country, "country")
            make.word("c0040", held.entity_type, "register_maintenance/entity_type")
            make.put("c0050", held.authority, "register_maintenance/authority")
            make.put("c0060", held.reporting_date, "register_maintenance/reporting_date")
            yield make.row()

    def entities(self) -> Iterable[RegisterRow]:
        for organization in self.estate.organizations:
            if organization.id in self.scope:
                yield self._entity(organization)

    def _scope(self) -> set[str]:
        """Ours; but who only maintains the register need not be an entity of it.

        Direct parents of ours are in it too: the column that names them refers to a row here.
        """
        found = {o.id for o in self.estate.organizations if o.id in self.own and self._listed(o)}
        waiting = sorted(found)
        while waiting:
            parent = _direct_parent(self.estate.organization[waiting.pop()])
            if parent in self.own - found:
                found.add(parent)
                waiting.append(parent)
        return found

    def _listed(self, organization: Organization) -> bool:
        """Whether the estate itself says that an entity of ours belongs into the register."""
        named = organization.id in self.using or bool(organization.branches)
        described = organization.own and organization.register_maintenance is None
        return named or described or organization.entity is not None

    def _entity(self, organization: Organization) -> RegisterRow:
        held = organization.entity
        make = Maker("B_01.02", f"organizations/{organization.id}")
        make.put("c0010", *self.codes.lei(organization.id))
        make.put("c0020", organization.name, "name")
        make.word("c0030", organization.country, "country")
        parent = _direct_parent(organization)
        make.word("c0040", held.type if held else None, "entity/type")
        make.word("c0050", held.group_role if held else None, "entity/group_role")
        make.put("c0060", self.codes.lei(parent)[0] if parent else "", "entity/direct_parent")
        make.put("c0070", held.updated if held else None, "entity/updated")
        make.put("c0080", held.integrated if held else None, "entity/integrated")
        make.put("c0090", held.deleted if held else None, "entity/deleted")
        make.word("c0100", held.currency if held else None, "entity/currency")
        make.put("c0110", held.total_assets if held else None, "entity/total_assets")
        return make.row()

    def branches(self) -> Iterable[RegisterRow]:
        for organization in self.estate.organizations:
            if organization.id not in self.own:
                continue
            for place, branch in enumerate(organization.branches):
                make = Maker("B_01.03", f"organizations/{organization.id}")
                make.put("c0010", branch.code, f"branches/{place}/code")
                make.put("c0020", *self.codes.lei(organization.id))
                make.put("c0030", branch.name, f"branches/{place}/name")
                make.word("c0040", branch.country, f"branches/{place}/country")
                yield make.row()

    def providers(self) -> Iterable[RegisterRow]:
        """Everyone whom rows name as a provider, and whoever is on top of them."""
        named = dict(self.codes.providers)
        described = [
            o.id
            for o in self.estate.organizations
            if o.person or o.ultimate_parent or o.annual_expense
        ]
        named.update(dict.fromkeys(described))
        tops = [top for name in named if (top := self.top(self.estate.organization[name]))]
        named.update(dict.fromkeys(tops))
        for name in named:
            yield self._provider(self.estate.organization[name])

    def top(self, organization: Organization) -> str | None:
        """The ultimate parent as stated, else the top of its owners; None when not known."""
        if organization.ultimate_parent is not None:
            return organization.ultimate_parent
        return ultimate_owner(self.estate, organization.id) if organization.parent else None

    def _provider(self, organization: Organization) -> RegisterRow:
        make = Maker("B_05.01", f"organizations/{organization.id}")
        [(code, kind), *others] = self.codes.of(organization.id)
        other, other_kind = others[0] if others else ("", "")
        make.put("c0010", code, "lei")
        make.word("c0020", kind, "identifiers")
        make.put("c0030", other, "identifiers")
        make.word("c0040", other_kind, "identifiers")
        make.put("c0050", organization.name, "name")
        make.put("c0060", organization.latin_name, "latin_name")
        make.word("c0070", organization.person, "person")
        make.word("c0080", organization.country, "country")
        expense = organization.annual_expense
        make.word("c0090", expense.currency if expense else None, "annual_expense")
        make.put("c0100", expense.amount if expense else None, "annual_expense")
        top = self.top(organization)
        top_code, top_kind = self.codes.of(top)[0] if top else ("", "")
        make.put("c0110", top_code, "ultimate_parent")
        make.word("c0120", top_kind, "ultimate_parent")
        return make.row()

    def functions(self) -> Iterable[RegisterRow]:
        for function in self.estate.functions:
            make = Maker("B_06.01", f"functions/{function.id}")
            make.put("c0010", function.code or function.id, "code")
            make.word("c0020", function.licensed_activity, "licensed_activity")
            make.put("c0030", function.name, "name")
            entity = self.codes.lei(function.entity)[0] if function.entity else ""
            make.put("c0040", entity, "entity")
            stated = function.criticality or ("yes" if function.critical else None)
            make.word("c0050", stated, "criticality")
            make.put("c0060", function.criticality_reasons, "criticality_reasons")
            make.put("c0070", function.assessed, "assessed")
            make.put("c0080", hours(function.rto_hours), "rto_hours")
            make.put("c0090", hours(function.rpo_hours), "rpo_hours")
            make.word("c0100", function.impact, "impact")
            yield make.row()

    def definitions(self) -> Iterable[RegisterRow]:
        held = maintainer(self.estate)
        if held is None or held.register_maintenance is None:
            return
        texts: Mapping[str, str] = {d.term: d.text for d in held.register_maintenance.definitions}
        make = Maker("B_99.01", f"organizations/{held.id}")
        for code, term in zip(templates()["B_99.01"].columns, DEFINED_TERMS, strict=True):
            make.put(code, texts.get(term, ""), f"register_maintenance/definitions ({term})")
        if texts:
            yield make.row()


def _direct_parent(organization: Organization) -> str | None:
    """Direct parent as the register names it, else the owner."""
    held = organization.entity
    return (held.direct_parent if held else None) or organization.parent


def hours(objective: Decimal | None) -> int:
    """An objective in whole hours: 0 where none is defined, and 1 for less than an hour.

    >>> hours(None), hours(Decimal("0.25")), hours(Decimal("2.5"))
    (0, 1, 3)
    """
    return 0 if objective is None else max(1, math.ceil(objective))
