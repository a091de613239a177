"""A scenario played: its changes made, its outage settled, before and after (rules W1 to W3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from depgraph.engine.before_after import BeforeAfter, before_after
from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import Structure, structure_of
from depgraph.engine.whatif import WhatIf, what_if
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from depgraph.model.scenario import Scenario
from depgraph.record import Record


class Played(Record):
    """What a scenario comes to."""

    answer: WhatIf
    """Who is down and who owes whom, with the changes made."""
    before_after: BeforeAfter | None
    """What the changes do; None when there are none."""
    notes: tuple[str, ...] = ()
    """What a reader must know about the comparison."""


def played(
    estates: tuple[Estate, Estate],
    scenario: Scenario,
    now: datetime,
    structure: Structure | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Played:
    """Play a scenario on an estate before and after its changes.

    Parameters
    ----------
    estates : tuple of Estate
        As it is, and with the scenario's edits made; every published schedule written out. Faulty
        terms of the second must have been accepted: it is settled as it stands.
    scenario : Scenario
        What fails, and what was changed.
    now : datetime
        The present.
    structure : Structure, optional
        The second estate compiled before, to save the work.
    progress : callable, optional
        Told how many services are assessed for the comparison, and of how many.

    Returns
    -------
    Played
        Without incidents the settlement is empty, and only the structure is compared.
    """
    before, after = estates
    structure = structure or structure_of(after)
    answer = _answer(structure, scenario, scenario.incidents, now)
    if not scenario.edits:
        return Played(answer=answer, before_after=None)
    notes: list[str] = []
    settlements = None
    if scenario.incidents:
        known = [i for i in scenario.incidents if _exists(before, i)]
        faults = mended_faults(before, after)
        if faults:
            notes.append(
                f"money before the changes is not shown: {', '.join(sorted(faults))} had faulty "
                "terms that the changes mend (K1)"
            )
        else:
            if len(known) < len(scenario.incidents):
                notes.append("what fails and is only added by the changes did not fail before (W3)")
            old = _answer(structure_of(before), scenario, known, now)
            settlements = old.settlement, answer.settlement
    return Played(
        answer=answer,
        before_after=before_after(before, after, now.date(), settlements, progress),
        notes=tuple(notes),
    )


def _answer(
    structure: Structure, scenario: Scenario, incidents: Iterable[Incident], now: datetime
) -> WhatIf:
    """The outage settled; where nothing fails, nobody is down and nobody owes."""
    fails = tuple(incidents)
    if fails:
        return what_if(structure, fails, now, name=scenario.name, why=scenario.why)
    return WhatIf(
        name=scenario.name,
        why=scenario.why,
        services_down=(),
        functions=(),
        clocks=(),
        settlement=Settlement(
            period="no outage",
            as_of=now,
            slas=(),
            contracts=(),
            ledger=(),
            net_positions={},
            notes=("nothing fails in this scenario, so nobody owes anything for it (W1)",),
        ),
    )


def _exists(estate: Estate, incident: Incident) -> bool:
    return len(estate.node_kinds(incident.affects)) == 1 and all(
        region in estate.location for region in incident.regions
    )


def mended_faults(before: Estate, after: Estate) -> set[str]:
    """Contracts whose terms had faults before that they no longer have (K1).

    Money before the changes is not shown where there are any.
    """
    old = {(f.contract, f.sla, f.code) for f in contract_faults(before) if f.level == "error"}
    new = {(f.contract, f.sla, f.code) for f in contract_faults(after) if f.level == "error"}
    return {contract for contract, _, _ in old - new}
