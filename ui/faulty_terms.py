"""Sums that rest on faulty terms, told wherever the sums are shown or taken away (rule K1)."""

from __future__ import annotations

from collections.abc import Sequence

from depgraph.engine.contract_findings import ContractFault, contract_faults
from depgraph.engine.play import Played
from depgraph.engine.statement import Settlement
from depgraph.model.estate import Estate


def touched_faults(
    estate: Estate, settled: Settlement, contract: str = ""
) -> tuple[ContractFault, ...]:
    """Faulty terms that sums rest on.

    Parameters
    ----------
    estate : Estate
        The estate, every published schedule written out.
    settled : Settlement
        What was settled.
    contract : str
        The contract that is shown; all when empty.
    """
    rows = [
        row
        for row in settled.slas
        if (row.down_minutes or row.owed) and contract in {"", row.contract}
    ]
    touched = {row.id for row in rows}
    contracts = {row.contract for row in rows}
    return tuple(
        fault
        for fault in contract_faults(estate)
        if fault.level == "error"
        and (fault.sla in touched or (not fault.sla and fault.contract in contracts))
    )


def fault_notes(faults: Sequence[ContractFault]) -> tuple[str, ...]:
    """The same for who reads the sums elsewhere."""
    return tuple(f"sums not to be relied on, as terms are faulty: {f.message} (K1)" for f in faults)


def with_fault_notes(played: Played, after: Estate) -> Played:
    """Add to a scenario's notes which of its sums rest on faulty terms.

    Parameters
    ----------
    played : Played
        The scenario played.
    after : Estate
        The estate with the scenario's edits made, every published schedule written out.
    """
    notes = fault_notes(touched_faults(after, played.answer.settlement))
    return played.replace(notes=(*played.notes, *notes))
