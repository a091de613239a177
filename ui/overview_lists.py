"""What the overview counts: each number with the list behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from depgraph.engine.availability_answer import ServiceAvailability
from depgraph.engine.expiry import expiring_contracts
from depgraph.engine.finding import Finding
from depgraph.engine.function_risk import function_risks
from depgraph.engine.simulation_answer import SimulationAnswer
from ui.figures_text import (
    availability_text,
    minutes_down_text,
    minutes_text,
    percent_text,
    verdict_text,
    worst_first,
)
from ui.plain_text import link
from ui.session import Compiled, Shown
from ui.simulation_text import contract_rows

Row = dict[str, object]


@dataclass(frozen=True)
class Asked:
    """What the lists are made from."""

    data: Compiled
    """The estate, with its figures where they are there."""
    flow_gaps: tuple[Finding, ...]
    """Gaps in the flow-down (rule P2)."""
    as_of: date
    """The day looked at."""
    within_days: int
    """How far ahead ends of contracts are listed [d]."""
    simulated: SimulationAnswer | None = None
    """The last simulation of this estate."""

    @property
    def figures(self) -> tuple[ServiceAvailability, ...]:
        """Figures of all services; none as long as they are being computed."""
        return self.data.assessment.services if isinstance(self.data, Shown) else ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to look at; none as long as figures are being computed."""
        return self.data.findings if isinstance(self.data, Shown) else ()


@dataclass(frozen=True)
class Card:
    """One number of the overview."""

    label: str
    """Its name."""
    help: str
    """What it means."""
    rows: Callable[[Asked], list[Row]]
    """The list behind it; the number is its length."""
    waits: bool = True
    """Whether it needs the figures of all services."""
    tone: str = ""
    """Colour of the way to it where the list is not empty; rows with a level choose their own."""

    def colour(self, rows: list[Row]) -> str:
        """How much a list needs somebody: red, orange, or nothing where it merely informs."""
        levels = {str(row["level"]) for row in rows if "level" in row}
        if levels:
            return "red" if "error" in levels else "orange" if "warning" in levels else ""
        return self.tone if rows else ""


def _services(asked: Asked) -> list[Row]:
    rows = sorted(asked.figures, key=worst_first)
    if not rows:
        return [
            {
                "service": service.id,
                "provider": service.provider or "",
                "criticality": service.criticality,
                "open": link("availability", service=service.id),
            }
            for service in asked.data.estate.services
        ]
    several = any(row.strictest for row in rows)
    return [_service(asked.data, row, several=several) for row in rows]


def _service(data: Compiled, row: ServiceAvailability, *, several: bool) -> Row:
    """One service; with the strictest promise where any has one beside that which counts."""
    promised = row.committed is not None
    record = data.estate.service[row.id]
    return {
        "service": row.id,
        "provider": record.provider or "",
        "criticality": record.criticality,
        "availability": availability_text(row),
        "promised": percent_text(row.promised) if promised else "",
        "min down a month": minutes_down_text(row),
        "carried": verdict_text(row.carried, promised=promised),
        "met": verdict_text(row.met, promised=promised),
        **(_strictest(row) if several else {}),
        "single points": len(row.single_points_of_failure),
        "naive": percent_text(row.naive, row.naive_unavailability),
        "worst case": percent_text(row.worst_case, row.worst_case_unavailability),
        "unknown": ", ".join(row.unknown),
        "open": link("availability", service=row.id),
    }


def _strictest(row: ServiceAvailability) -> Row:
    """The strictest promise, and whether it is kept: carried and met."""
    strict = row.strictest
    if strict is None:
        return {"strictest promise": "", "strictest kept": ""}
    verdicts = {strict.carried, strict.met}
    kept = False if False in verdicts else None if None in verdicts else True
    return {
        "strictest promise": percent_text(strict.target),
        "strictest kept": verdict_text(kept, promised=True),
    }


def _not_carried(asked: Asked) -> list[Row]:
    promises = [
        (promise.carried_shortfall_minutes_per_month or 0.0, row, promise)
        for row in asked.figures
        for promise in row.commitments
        if promise.carried is False
    ]
    return [
        {
            "service": row.id,
            "SLA": promise.sla,
            "promised": percent_text(promise.target),
            "its suppliers carry at best": percent_text(
                row.requirements_high, row.requirements_unavailability
            ),
            "short by, minutes down a month": minutes_text(short),
            "open": link("availability", service=row.id),
        }
        for short, row, promise in sorted(promises, key=lambda found: -found[0])
    ]


def _function_risks(asked: Asked) -> list[Row]:
    found = function_risks(asked.data.estate, asked.figures)
    return [
        {
            "component": risk.component,
            "critical functions": ", ".join(risk.functions),
            "services that fall": ", ".join(risk.services),
            "open": _thing(asked.data, risk.component)
            or link("availability", service=risk.services[0]),
        }
        for risk in found
    ]


def _flow_gaps(asked: Asked) -> list[Row]:
    return [
        {
            "level": gap.level,
            "promise": gap.subject,
            "kind": gap.code.removeprefix("flow-down-"),
            "what was found": gap.message,
            "what to do": gap.hint,
            "open": link("contracts"),
        }
        for gap in asked.flow_gaps
    ]


def _expiring(asked: Asked) -> list[Row]:
    found = expiring_contracts(asked.data.estate, asked.as_of, asked.within_days)
    return [
        {
            "contract": row.contract,
            "supplier": row.supplier,
            "customer": row.customer,
            "ends": row.end.isoformat(),
            "days left": row.days_left,
            "notice by": row.notice_by.isoformat() if row.notice_by else "term not known",
            "services": ", ".join(row.services),
            "open": link("contracts", contract=row.contract),
        }
        for row in found
    ]


def _findings(*codes: str) -> Callable[[Asked], list[Row]]:
    """List of the findings of some kinds."""

    def rows(asked: Asked) -> list[Row]:
        return [finding_row(asked.data, f) for f in asked.findings if not codes or f.code in codes]

    return rows


def finding_row(data: Compiled, finding: Finding) -> Row:
    """One finding, with the way to what it is about."""
    names = [finding.subject, *finding.also]
    places = [place for name in names if (place := _thing(data, name))]
    return {
        "level": finding.level,
        "kind": finding.code,
        "about": finding.subject,
        "what was found": finding.message,
        "what to do": finding.hint,
        "rule": finding.rule,
        "open": places[0] if places else link("contracts"),
    }


def _thing(data: Compiled, name: str) -> str:
    """Address that shows a service, location or organization; empty for anything else."""
    kinds = data.estate.node_kinds(name)
    if not kinds:
        return ""
    kind, identifier = kinds[0]
    if kind == "service":
        return link("availability", service=identifier)
    return link("explore", focus=f"{kind}:{identifier}")


def _absorbed(asked: Asked) -> list[Row]:
    """Contracts in which we owe: only these make up the number."""
    if asked.simulated is None:
        return []
    ours = {organization.id for organization in asked.data.estate.organizations if organization.own}
    return [row for row in contract_rows(asked.simulated) if row["supplier"] in ours]


ABSORBED = "absorbed"
CARDS: Mapping[str, Card] = {
    ABSORBED: Card(
        "Expected absorbed liability a year",
        "What our own organizations owe and do not recover, mean of the years of the last "
        "simulation of this estate (rules P7, W5), by contract in which we are the supplier",
        _absorbed,
        waits=False,
    ),
    "services": Card(
        "Services",
        "The largest miss of a promise first, then the most downtime",
        _services,
        waits=False,
    ),
    "not-carried": Card(
        "Promises not carried",
        "Promises above what the required services deliver, whatever the own component does (A4)",
        _not_carried,
        tone="red",
    ),
    "function-risks": Card(
        "Risks to critical functions",
        "Components that alone take down services of critical business functions (rule A12)",
        _function_risks,
        tone="orange",
    ),
    "single-points": Card(
        "Single points of failure",
        "Components that alone take down a critical service (rule A12)",
        _findings("single-point-of-failure"),
    ),
    "flow-down": Card(
        "Flow-down gaps",
        "Promises behind which nothing, or too little, stands; notes where others promise us (P2)",
        _flow_gaps,
        waits=False,
    ),
    "expiring": Card(
        "Expiring contracts",
        "Contracts that end within the days chosen, or have",
        _expiring,
        waits=False,
        tone="orange",
    ),
    "false-redundancy": Card(
        "False redundancy",
        "Groups whose members fall together (rule A3)",
        _findings("redundancy-not-real"),
    ),
    "rings": Card(
        "Mutual dependencies", "Rings of services: once down together, none starts first (rule A6)",
        _findings("mutual-dependency"),
    ),
    "unknown": Card(
        "Without a figure",
        "Components whose availability nobody gave; results on them are brackets (rule A5)",
        _findings("unknown-availability"),
    ),
    "findings": Card("All findings", "Everything that a reviewer should look at", _findings()),
}  # fmt: skip
"""Numbers of the overview, by their name in the page's address."""
