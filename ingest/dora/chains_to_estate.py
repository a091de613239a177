"""Supply chains of a register (B_05.02) into services that need each other."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.dora.contract_work import Contracts, cover, put_service, service_id
from ingest.dora.reading import Cells
from ingest.provenance import cleaned_id


def take_chains(work: Contracts) -> None:
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
        name = put_service(work, contract, kind, provider, cells)
        cover(work, contract, name, cells.place)
        cells.done()
        return
    if rank - 1 not in places.get((contract, code, recipient_code), set()):
        cells.leave_out(f"its recipient {recipient_code!r} has no row with rank {rank - 1}")
        return
    if min(places[contract, code, recipient_code]) != rank - 1:
        cells.leave_out("its recipient stands nearer to us too, and the rank follows from that")
        return
    provider = work.organization(cells, "c0030", "c0040") or ""
    name = put_service(work, contract, kind, provider, cells)
    recipient = service_id(contract, kind, cleaned_id(recipient_code))
    if recipient == name:
        cells.leave_out("the provider would supply itself")
        return
    work.draft.put("services", recipient, cells.place, depends_on=[name])
    cells.done()
