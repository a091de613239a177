"""What taking contracts of a register shares: who signs them, and the services they cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingest.dora.gaps import key_of
from ingest.dora.reading import Cells, identifier_fields
from ingest.dora.register import Register, RegisterRow
from ingest.dora.taxonomy import templates
from ingest.provenance import Draft, cleaned_id


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
        """Rows of contracts that can be held, each with the contract; the others are left out.

        Parameters
        ----------
        template : str
            Template of the register, such as ``B_02.02``.
        reference : str
            Its column of the contract's reference number.

        Yields
        ------
        tuple of (Cells, str)
            The row, and the contract's id. Rows without a reference (rule 805), of a contract with
            less than two parties, or with a key that occurs before (rule 806) are noted.
        """
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
        """Id of the organization in a cell; its type of code, where the row has it, is read.

        One that is described nowhere (rule 807) is put with what the cell says, and noted.

        Parameters
        ----------
        cells : Cells
            The row.
        code : str
            Column of the organization's code.
        kind : str
            Column of the type of that code; without one, the code is an LEI.

        Returns
        -------
        str or None
            None where the cell is empty.
        """
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


def service_id(contract: str, kind: str, provider: str) -> str:
    """Id of the service that one provider delivers in a chain."""
    return cleaned_id(f"{contract} {kind} {provider}")


def put_service(work: Contracts, contract: str, kind: str, provider: str, cells: Cells) -> str:
    """A service of a chain; the register names types of services, not services."""
    name = service_id(contract, kind, provider)
    if name not in work.draft.records["services"]:
        what = "a service for each contract, type of service and provider"
        work.draft.note("inferred", what, cells.place)
    return work.draft.put(
        "services", name, cells.place, how="inferred", provider=provider, ict_service_type=kind
    )


def cover(work: Contracts, contract: str, service: str, place: str) -> None:
    """The contract covers the service; what it promises, the register does not say."""
    sla = {"id": service, "service": service}
    work.draft.put("contracts", contract, place, how="inferred", slas=[sla])
