"""A register of information into a draft of an estate: contracts, their services and chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from depgraph.model.register import ContractUser, IctAssessment, IctUse
from ingest.dora.gaps import key_of
from ingest.dora.reading import Cells, given, identifier_fields, plain
from ingest.dora.register import Register, RegisterRow
from ingest.dora.taxonomy import templates
from ingest.provenance import Draft, How, cleaned_id

NO_BRANCH = "Not Applicable"
"""What B_04.01 holds for the branch when the user is none."""
OPEN_END = "9999-12-31"


@dataclass
class Parties:
    """Who signs one contract, in the order of the register."""

    suppliers: list[str] = field(default_factory=list)
    customers: list[str] = field(default_factory=list)
    inferred: bool = False

    def add(self, suppliers: list[str], customers: list[str]) -> None:
        """Add who is not there yet."""
        self.suppliers += [name for name in suppliers if name and name not in self.suppliers]
        self.customers += [name for name in customers if name and name not in self.customers]


class Contracts:
    """What taking contracts shares."""

    def __init__(
        self, register: Register, draft: Draft, functions: Mapping[tuple[str, str], str]
    ) -> None:
        self.register, self.draft = register, draft
        self.functions = dict(functions)
        self.parties = _parties(register)
        self.known = {
            name for name, found in self.parties.items() if found.suppliers and found.customers
        }
        """Contracts that have two parties, so that the estate can hold them."""

    def rows(self, template: str, reference: str = "c0010") -> Iterator[tuple[Cells, str]]:
        """Rows of contracts that can be held, each with the contract; the others are left out."""
        key = templates()[template].key
        seen: set[tuple[str, ...]] = set()
        for row in self.register.rows[template]:
            cells = Cells(templates()[template], row, self.draft)
            name = cells.text(reference)
            contract = cleaned_id(name) if name else ""
            if not name:
                cells.leave_out("the reference of the contract is empty (rule 805)")
            elif contract not in self.known:
                cells.leave_out(f"no row says who supplies or who receives contract {name!r}")
            elif (values := key_of(row, key)) in seen:
                cells.leave_out(f"the key {', '.join(values)} occurs before (rule 806)")
            else:
                seen.add(values)
                yield cells, contract

    def entity(self, cells: Cells, code: str) -> str | None:
        """Id of an entity that receives services: it is ours."""
        name = self.organization(cells, code)
        if name is not None:
            self.draft.put("organizations", name, cells.place, how="inferred", own=True)
        return name

    def organization(self, cells: Cells, code: str, kind: str = "") -> str | None:
        """Id of the organization in a cell; its type of code, where the row has it, is read."""
        text = cells.text(code)
        number = cells.word(kind) if kind else "lei"
        if not text:
            return None
        name = cleaned_id(text)
        if name not in self.draft.records["organizations"]:
            fields = identifier_fields(text, number, cells, code)
            self.draft.put("organizations", text, cells.place, how="inferred", **fields)
            what = f"{text!r} in {cells.template.code}.{code} is described nowhere (rule 807)"
            self.draft.note("missing", what, cells.place)
        return name


def take_contracts(
    register: Register, draft: Draft, functions: Mapping[tuple[str, str], str]
) -> None:
    """Take contracts and all that belongs to them.

    Parameters
    ----------
    register : Register
        Its tables.
    draft : Draft
        What records go to.
    functions : mapping
        Ids of functions by code and entity.
    """
    work = Contracts(register, draft, functions)
    _take_terms(work)
    _take_signatures(work)
    _take_uses(work)
    _take_users(work)
    _take_links(work)
    _take_assessments(work)
    _take_chains(work)


def _parties(register: Register) -> dict[str, Parties]:
    """Parties of every contract: who signs; where nobody does, who uses and provides."""
    found: dict[str, Parties] = {}

    def add(row: RegisterRow, suppliers: tuple[str, ...], customers: tuple[str, ...]) -> None:
        name = row.values.get("c0010", "")
        if name:
            shown = [
                [cleaned_id(v) for c in side if (v := row.values.get(c))]
                for side in (suppliers, customers)
            ]
            found.setdefault(cleaned_id(name), Parties()).add(*shown)

    for template, suppliers, customers in (
        ("B_03.01", (), ("c0020",)), ("B_03.03", ("c0020",), ()), ("B_03.02", ("c0020",), ()),
    ):  # fmt: skip
        for row in register.rows[template]:
            add(row, suppliers, customers)
    signed = {name: (bool(p.suppliers), bool(p.customers)) for name, p in found.items()}
    for template, suppliers, customers in (
        ("B_02.02", ("c0030",), ("c0020",)), ("B_04.01", (), ("c0020",)),
        ("B_07.01", ("c0020",), ()),
    ):  # fmt: skip
        for row in register.rows[template]:
            has = signed.get(cleaned_id(row.values.get("c0010", "")), (False, False))
            add(row, () if has[0] else suppliers, () if has[1] else customers)
    for name, parties in found.items():
        parties.inferred = signed.get(name) != (True, True)
        # One side each: a company that signs on both is the supplier.
        parties.customers = [c for c in parties.customers if c not in parties.suppliers]
    return found


def _take_terms(work: Contracts) -> None:
    """B_02.01, and a contract of its own for what other templates alone name."""
    described = set()
    known = {cleaned_id(r.values["c0010"]) for r in work.register.rows["B_02.01"]
             if "c0010" in r.values} & work.known  # fmt: skip
    for cells, contract in work.rows("B_02.01"):
        described.add(contract)
        parties = work.parties[contract]
        arrangement = cells.word("c0020")
        above = cells.text("c0030")
        master = cleaned_id(above) if above else None
        if master is not None and (master not in known or master == contract):
            cells.drop("c0030", f"the overarching contract {above!r} is not held")
            master = None
        work.draft.put(
            "contracts", contract, cells.place, arrangement=arrangement, master=master,
            form="exhibit" if master else None, annual_value=cells.money("c0050", "c0040"),
        )  # fmt: skip
        how: How = "inferred" if parties.inferred else "given"
        work.draft.put(
            "contracts", contract, cells.place, how=how,
            supplier=parties.suppliers[0], customer=parties.customers[0],
            other_suppliers=parties.suppliers[1:], other_customers=parties.customers[1:],
        )  # fmt: skip
        if parties.inferred:
            what = f"the parties of contract {contract!r}: nobody signs it in B_03"
            work.draft.note("inferred", what, cells.place)
        cells.done()
    for contract in sorted(work.known - described):
        parties = work.parties[contract]
        work.draft.put(
            "contracts", contract, work.draft.source, how="inferred",
            supplier=parties.suppliers[0], customer=parties.customers[0],
            other_suppliers=parties.suppliers[1:], other_customers=parties.customers[1:],
        )  # fmt: skip
        work.draft.note("missing", f"the row of contract {contract!r} in B_02.01 (rule 807)")


def _take_signatures(work: Contracts) -> None:
    """B_03: the parties are taken with the contract; their codes may be new."""
    for template in ("B_03.01", "B_03.02", "B_03.03"):
        for cells, contract in work.rows(template):
            name = work.organization(cells, "c0020", "c0030" if template == "B_03.02" else "")
            link = {"B_03.01": "c0030", "B_03.03": "c0031"}.get(template)
            if link and cells.text(link) not in {"true", ""}:
                cells.drop(link, "a link is only ever true (rule 333)")
            side = work.parties[contract]
            if name in side.suppliers and template == "B_03.01":
                cells.drop("c0020", f"{name} signs as a supplier of the same contract")
            if template != "B_03.02" and name is not None:
                work.draft.put("organizations", name, cells.place, how="inferred", own=True)
            cells.done()


def _take_uses(work: Contracts) -> None:
    """B_02.02: what is used for what, and a service for each contract, type and provider."""
    spans: dict[str, list[tuple[str | None, str | None, str]]] = {}
    for cells, contract in work.rows("B_02.02"):
        entity = work.entity(cells, "c0020")
        provider = work.organization(cells, "c0030", "c0040")
        function = _function(work, cells)
        start, end = cells.day("c0070"), cells.day("c0080")
        use = IctUse.model_validate(
            given(
                {
                    "entity": entity, "provider": provider, "function": function,
                    "service_type": cells.word("c0060"), "start": start, "end": end,
                    "termination_reason": cells.word("c0090"),
                    "entity_notice_days": cells.integer("c0100"),
                    "provider_notice_days": cells.integer("c0110"),
                    "governing_law": cells.word("c0120"),
                    "provision_country": cells.word("c0130"), "stores_data": cells.yes("c0140"),
                    "storage_country": cells.word("c0150"),
                    "processing_country": cells.word("c0160"),
                    "sensitiveness": cells.word("c0170"), "reliance": cells.word("c0180"),
                }
            )
        )  # fmt: skip
        work.draft.put("contracts", contract, cells.place, ict_uses=[plain(use)])
        spans.setdefault(contract, []).append((start, end, cells.place))
        if use.service_type and provider:
            _service(work, contract, use.service_type, provider, cells)
            name = service_id(contract, use.service_type, provider)
            if function is not None:
                work.draft.put("services", name, cells.place, supports=[function])
                if work.draft.records["functions"][function].get("critical"):
                    work.draft.put(
                        "services", name, cells.place, how="inferred", criticality="critical"
                    )
            _cover(work, contract, name, cells.place)
        cells.done()
    for contract, found in spans.items():
        _take_span(work, contract, found)


def _take_span(
    work: Contracts, contract: str, spans: list[tuple[str | None, str | None, str]]
) -> None:
    """First and last day of a contract: those of its services."""
    starts = [start for start, _, _ in spans if start]
    ends = [end for _, end, _ in spans]
    last = max((end for end in ends if end), default=None)
    end = None if None in ends or last == OPEN_END else last
    start = min(starts, default=None)
    if start and end and end < start:
        what = f"contract {contract!r} ends {end}, before it starts {start}: its days are kept"
        work.draft.note("conflict", f"{what} with its services alone", spans[0][2])
        return
    work.draft.put("contracts", contract, spans[0][2], how="inferred", start=start, end=end)


def _function(work: Contracts, cells: Cells) -> str | None:
    """Id of the function in a row of B_02.02."""
    code, entity = cells.text("c0050"), cells.text("c0020")
    if not code:
        return None
    found = work.functions.get((code, entity))
    if found is None:
        found = cleaned_id(f"{code} of {entity}" if entity else code)
        work.functions[code, entity] = found
        what = f"the function {code!r} of {entity!r} in B_06.01 (rule 807)"
        work.draft.note("missing", what, cells.place)
        work.draft.put(
            "functions", found, cells.place, how="inferred", code=code,
            entity=cleaned_id(entity) if entity else None,
        )  # fmt: skip
    return found


def service_id(contract: str, kind: str, provider: str) -> str:
    """Id of the service that one provider delivers in a chain."""
    return cleaned_id(f"{contract} {kind} {provider}")


def _service(work: Contracts, contract: str, kind: str, provider: str, cells: Cells) -> str:
    """A service of a chain; the register names types of services, not services."""
    name = service_id(contract, kind, provider)
    if name not in work.draft.records["services"]:
        what = "a service for each contract, type of service and provider"
        work.draft.note("inferred", what, cells.place)
    return work.draft.put(
        "services", name, cells.place, how="inferred", provider=provider, ict_service_type=kind
    )


def _cover(work: Contracts, contract: str, service: str, place: str) -> None:
    """The contract covers the service; what it promises, the register does not say."""
    sla = {"id": service, "service": service}
    work.draft.put("contracts", contract, place, how="inferred", slas=[sla])


def _take_users(work: Contracts) -> None:
    for cells, contract in work.rows("B_04.01"):
        entity = work.entity(cells, "c0020")
        nature, branch = cells.word("c0030"), cells.text("c0040")
        if entity is None:
            cells.leave_out("the entity is empty (rule 805)")
            continue
        if branch.lower() == NO_BRANCH.lower():
            branch = ""
        user = ContractUser.model_validate(
            given({"entity": entity, "branch": branch})
            | ({} if nature is None else {"is_branch": nature == "branch"})
        )
        work.draft.put("contracts", contract, cells.place, used_by=[plain(user)])
        cells.done()


def _take_links(work: Contracts) -> None:
    for cells, contract in work.rows("B_02.03"):
        other = cells.text("c0020")
        if cells.text("c0030") not in {"true", ""}:
            cells.drop("c0030", "a link is only ever true (rule 333)")
        if cleaned_id(other) not in work.known:
            cells.leave_out(f"the linked contract {other!r} is not held")
            continue
        linked = [cleaned_id(other)]
        work.draft.put("contracts", contract, cells.place, linked_contracts=linked)
        cells.done()


def _take_assessments(work: Contracts) -> None:
    for cells, contract in work.rows("B_07.01"):
        record = IctAssessment.model_validate(
            given(
                {
                    "provider": work.organization(cells, "c0020", "c0030"),
                    "service_type": cells.word("c0040"), "substitutability": cells.word("c0050"),
                    "obstacle": cells.word("c0060"), "last_audit": cells.day("c0070"),
                    "exit_plan": cells.yes("c0080"), "reintegration": cells.word("c0090"),
                    "impact": cells.word("c0100"), "alternatives_identified": cells.word("c0110"),
                    "alternatives": cells.text("c0120"),
                }
            )
        )  # fmt: skip
        work.draft.put("contracts", contract, cells.place, assessments=[plain(record)])
        cells.done()


def _take_chains(work: Contracts) -> None:
    """B_05.02 as services that need each other, provider by provider."""
    rows = list(work.rows("B_05.02"))
    places: dict[tuple[str, str, str], set[int]] = {}
    for cells, contract in rows:
        rank = cells.row.values.get("c0050", "")
        if rank.isascii() and rank.isdigit():
            key = (contract, cells.row.values.get("c0020", ""), cells.row.values.get("c0030", ""))
            places.setdefault(key, set()).add(int(rank[:9]))
    for cells, contract in rows:
        _take_link(work, cells, contract, places)


def _take_link(
    work: Contracts,
    cells: Cells,
    contract: str,
    places: Mapping[tuple[str, str, str], set[int]],
) -> None:
    """One provider of a chain."""
    code, provider_code = cells.text("c0020"), cells.text("c0030")
    kind, rank = cells.word("c0020"), cells.integer("c0050")
    recipient_code = cells.text("c0060")
    cells.word("c0070")
    if kind is None or not provider_code or not rank:
        cells.leave_out("its type of service, provider or rank is missing or no value (rule 805)")
        return
    if rank == 1:
        if recipient_code not in {"", provider_code}:
            cells.drop("c0060", "the direct provider has no recipient but itself")
        if cleaned_id(provider_code) not in work.parties[contract].suppliers:
            cells.leave_out(f"{provider_code!r} has rank 1 and does not sign the contract")
            return
        provider = work.organization(cells, "c0030", "c0040") or ""
        name = _service(work, contract, kind, provider, cells)
        _cover(work, contract, name, cells.place)
        cells.done()
        return
    if rank - 1 not in places.get((contract, code, recipient_code), set()):
        cells.leave_out(f"its recipient {recipient_code!r} has no row with rank {rank - 1}")
        return
    if min(places[contract, code, recipient_code]) != rank - 1:
        cells.leave_out("its recipient stands nearer to us too, and the rank follows from that")
        return
    provider = work.organization(cells, "c0030", "c0040") or ""
    name = _service(work, contract, kind, provider, cells)
    recipient = service_id(contract, kind, cleaned_id(recipient_code))
    if recipient == name:
        cells.leave_out("the provider would supply itself")
        return
    work.draft.put("services", recipient, cells.place, depends_on=[name])
    cells.done()
