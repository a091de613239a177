"""An estate as the tables of the register: contracts, services, chains, assessments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from depgraph.engine.ict_supply_chains import IctChainLink
from depgraph.engine.nth_parties import service_graph, services_by_function
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.register import IctUse
from ingest.dora.contracts_to_estate import NO_BRANCH, OPEN_END
from ingest.dora.register import RegisterRow
from ingest.dora.writing import Codes, Maker

Rows = Iterator[tuple[str, RegisterRow]]


def contract_rows(
    estate: Estate,
    contracts: Sequence[Contract],
    chains: Sequence[IctChainLink],
    codes: Codes,
) -> Rows:
    """Every row of the templates B_02, B_03, B_04, B_05.02 and B_07 with its template.

    Parameters
    ----------
    estate : Estate
        Records.
    contracts : sequence of Contract
        Those that supply our organizations.
    chains : sequence of IctChainLink
        From `ict_supply_chains`.
    codes : Codes
        Codes of organizations.
    """
    work = _Work(estate, codes)
    for contract in contracts:
        yield "B_02.01", work.terms(contract)
        yield from work.signatures(contract)
        for place, user in enumerate(work.uses_of(contract)):
            yield "B_02.02", work.use(contract, place, user)
        yield from work.users(contract)
        for other in contract.linked_contracts:
            make = Maker("B_02.03", f"contracts/{contract.id}")
            make.put("c0010", contract.id, "id")
            make.put("c0020", other, "linked_contracts")
            make.put("c0030", "true", "linked_contracts")
            yield "B_02.03", make.row()
        yield from work.assessments(contract)
    yield from work.chain_rows(contracts, chains)


class _Work:
    """What the tables share."""

    def __init__(self, estate: Estate, codes: Codes) -> None:
        self.estate, self.codes = estate, codes
        self.own = estate.own_organizations
        self.masters = {c.master for c in estate.contracts if c.master}
        self.functions = services_by_function(estate, service_graph(estate))

    def terms(self, contract: Contract) -> RegisterRow:
        make = Maker("B_02.01", f"contracts/{contract.id}")
        make.put("c0010", contract.id, "id")
        follows = "subsequent" if contract.master else "standalone"
        kind = contract.arrangement or ("overarching" if contract.id in self.masters else follows)
        make.word("c0020", kind, "arrangement")
        make.put("c0030", contract.master or "", "master")
        value = contract.annual_value
        make.word("c0040", value.currency if value else contract.currency, "annual_value")
        make.put("c0050", value.amount if value else None, "annual_value")
        return make.row()

    def signatures(self, contract: Contract) -> Rows:
        suppliers = (contract.supplier, *contract.other_suppliers)
        for name in (contract.customer, *contract.other_customers):
            make = self._signature("B_03.01", contract, "customer")
            make.put("c0020", *self._lei(name))
            make.put("c0030", "true", "customer")
            yield "B_03.01", make.row()
        used = {use.provider or contract.supplier for use in self.uses_of(contract)}
        for name in suppliers:
            if name in self.own:
                make = self._signature("B_03.03", contract, "supplier")
                make.put("c0020", *self._lei(name))
                make.put("c0031", "true", "supplier")
                yield "B_03.03", make.row()
            if name not in self.own or name in used:
                make = self._signature("B_03.02", contract, "supplier")
                self._provider(make, ("c0020", "c0030"), name)
                yield "B_03.02", make.row()

    def _signature(self, template: str, contract: Contract, field: str) -> Maker:
        make = Maker(template, f"contracts/{contract.id}")
        make.put("c0010", contract.id, field)
        return make

    def _lei(self, name: str) -> tuple[str, str]:
        value, field = self.codes.lei(name)
        return value, f"organizations/{name}/{field}"

    def _provider(self, make: Maker, columns: tuple[str, str], name: str) -> None:
        code, kind = self.codes.provider(name)
        make.put(columns[0], code, f"organizations/{name}/lei")
        make.word(columns[1], kind, f"organizations/{name}/identifiers")

    def uses_of(self, contract: Contract) -> Sequence[IctUse]:
        """Uses as stated; else one for each covered type of service and function on top of it.

        Services of one type are one use: the row has no other column that tells them apart.
        """
        if contract.ict_uses:
            return contract.ict_uses
        found = (
            (function, service.ict_service_type)
            for service in (self.estate.service[s.service] for s in contract.slas)
            for function in self._resting_on(service.id) or [None]
        )
        return [IctUse(function=f, service_type=kind) for f, kind in dict.fromkeys(found)]

    def _resting_on(self, service: str) -> list[str | None]:
        return [name for name, needs in self.functions.items() if service in needs]

    def use(self, contract: Contract, place: int, use: IctUse) -> RegisterRow:
        make = Maker("B_02.02", f"contracts/{contract.id}")
        here = f"ict_uses/{place}/" if contract.ict_uses else "ict_uses/0/"
        make.put("c0010", contract.id, "id")
        make.put("c0020", *self._lei(use.entity or contract.customer))
        self._provider(make, ("c0030", "c0040"), use.provider or contract.supplier)
        function = self.estate.function[use.function] if use.function else None
        make.put("c0050", (function.code or function.id) if function else "", f"{here}function")
        make.word("c0060", use.service_type, f"{here}service_type")
        # A contract without an end is open-ended, and the register has a date for that.
        end = use.end or contract.end or (OPEN_END if contract.start and not use.start else None)
        make.put("c0070", use.start or contract.start, f"{here}start")
        make.put("c0080", end, f"{here}end")
        make.word("c0090", use.termination_reason, f"{here}termination_reason")
        days = use.entity_notice_days
        make.put("c0100", contract.termination_notice_days if days is None else days,
                 f"{here}entity_notice_days")  # fmt: skip
        make.put("c0110", use.provider_notice_days, f"{here}provider_notice_days")
        make.word("c0120", use.governing_law, f"{here}governing_law")
        make.word("c0130", use.provision_country, f"{here}provision_country")
        make.flag("c0140", f"{here}stores_data", value=use.stores_data)
        make.word("c0150", use.storage_country, f"{here}storage_country")
        make.word("c0160", use.processing_country, f"{here}processing_country")
        make.word("c0170", use.sensitiveness, f"{here}sensitiveness")
        make.word("c0180", use.reliance, f"{here}reliance")
        return make.row()

    def users(self, contract: Contract) -> Rows:
        """Who makes use of the services; where nobody says, who signs."""
        for user in contract.used_by:
            make = self._user(contract, user.entity)
            nature = (
                None if user.is_branch is None else "branch" if user.is_branch else "not_a_branch"
            )
            make.word("c0030", nature, "used_by")
            # Only who is said to be no branch has none: a branch without a code is a gap (805).
            make.put("c0040", user.branch or (NO_BRANCH if user.is_branch is False else ""),
                     "used_by")  # fmt: skip
            yield "B_04.01", make.row()
        if not contract.used_by:
            for name in (contract.customer, *contract.other_customers):
                make = self._user(contract, name)
                make.put("c0030", "", "used_by")
                make.put("c0040", "", "used_by")
                yield "B_04.01", make.row()

    def _user(self, contract: Contract, entity: str) -> Maker:
        make = Maker("B_04.01", f"contracts/{contract.id}")
        make.put("c0010", contract.id, "id")
        make.put("c0020", *self._lei(entity))
        return make

    def assessments(self, contract: Contract) -> Rows:
        for place, each in enumerate(contract.assessments):
            make = Maker("B_07.01", f"contracts/{contract.id}")
            here = f"assessments/{place}/"
            make.put("c0010", contract.id, "id")
            self._provider(make, ("c0020", "c0030"), each.provider or contract.supplier)
            make.word("c0040", each.service_type, f"{here}service_type")
            make.word("c0050", each.substitutability, f"{here}substitutability")
            make.word("c0060", each.obstacle, f"{here}obstacle")
            make.put("c0070", each.last_audit, f"{here}last_audit")
            make.flag("c0080", f"{here}exit_plan", value=each.exit_plan)
            make.word("c0090", each.reintegration, f"{here}reintegration")
            make.word("c0100", each.impact, f"{here}impact")
            make.word("c0110", each.alternatives_identified, f"{here}alternatives_identified")
            make.put("c0120", each.alternatives, f"{here}alternatives")
            yield "B_07.01", make.row()

    def chain_rows(self, contracts: Iterable[Contract], chains: Sequence[IctChainLink]) -> Rows:
        """Chains from the graph; for a type of service that it does not show, the provider."""
        shown = {(k.contract, k.service_type, k.provider) for k in chains if k.rank == 1}
        links = list(chains)
        for contract in contracts:
            for use in self.uses_of(contract):
                name = use.provider or contract.supplier
                if use.service_type and (contract.id, use.service_type, name) not in shown:
                    shown.add((contract.id, use.service_type, name))
                    links.append(
                        IctChainLink(
                            contract=contract.id, service_type=use.service_type, provider=name,
                            rank=1, recipient=name, service="",
                        )
                    )  # fmt: skip
        for each in links:
            record = f"services/{each.service}" if each.service else f"contracts/{each.contract}"
            make = Maker("B_05.02", record)
            make.put("c0010", each.contract, "id")
            make.word("c0020", each.service_type, "ict_service_type")
            self._provider(make, ("c0030", "c0040"), each.provider)
            make.put("c0050", each.rank, "depends_on")
            self._provider(make, ("c0060", "c0070"), each.recipient)
            yield "B_05.02", make.row()
