"""A register of information into a draft of an estate: contracts, their services and chains."""

from __future__ import annotations

from collections.abc import Mapping

from depgraph.model.register import ContractUser, IctAssessment, IctUse
from ingest.dora.chains_to_estate import take_chains
from ingest.dora.contract_work import Contracts, cover, put_service, service_id
from ingest.dora.reading import Cells, given, plain
from ingest.dora.register import Register
from ingest.provenance import Draft, How, cleaned_id

NO_BRANCH = "Not Applicable"
"""What B_04.01 holds for the branch when the user is none."""
OPEN_END = "9999-12-31"


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
    take_chains(work)


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
            put_service(work, contract, use.service_type, provider, cells)
            name = service_id(contract, use.service_type, provider)
            if function is not None:
                work.draft.put("services", name, cells.place, supports=[function])
                if work.draft.records["functions"][function].get("critical"):
                    work.draft.put(
                        "services", name, cells.place, how="inferred", criticality="critical"
                    )
            cover(work, contract, name, cells.place)
        cells.done()
    for contract, found in spans.items():
        _take_span(work, contract, found)


def _take_span(
    work: Contracts, contract: str, spans: list[tuple[str | None, str | None, str]]
) -> None:
    """First and last day of a contract: those of its services, where every one states its own.

    A service without a day takes the contract's, so a day of another service would become its own.
    """
    starts = [start for start, _, _ in spans]
    ends = [end for _, end, _ in spans]
    last = max((end for end in ends if end), default=None)
    end = None if None in ends or last == OPEN_END else last
    start = None if None in starts else min(filter(None, starts))
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


def _take_users(work: Contracts) -> None:
    for cells, contract in work.rows("B_04.01"):
        entity = work.entity(cells, "c0020")
        nature, branch = cells.word("c0030"), cells.text("c0040")
        if entity is None:
            cells.leave_out("the entity is empty (rule 805)")
            continue
        if branch.lower() == NO_BRANCH.lower():
            branch = ""
            if nature == "branch":
                cells.drop("c0040", "a branch makes use of the services, and its code is not given")
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
