"""Entries of an estate over time, and how they hang together: what is to be settled (rule P2).

Each level of each SLA in each period is an entry. It is tied to the entries of the agreements that
stand behind it, wherever their periods meet. Nothing is settled here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from depgraph.engine.downtime import LONG_AGO
from depgraph.engine.entries import Entry, EntryMaker
from depgraph.engine.held import HeldAgreements
from depgraph.engine.measurement import LevelMeter
from depgraph.engine.periods import (
    FIRST_MONTH,
    LAST_MONTH,
    Period,
    PeriodKind,
    Requested,
    Spanning,
    period_from,
    periods_over,
)
from depgraph.engine.regions import regions_meet
from depgraph.engine.structure import Structure
from depgraph.engine.versions import look_ahead, look_backs
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident, Measurement
from depgraph.model.sla import Sla

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Question:
    """What to settle.

    Attributes
    ----------
    structure : Structure
        The estate compiled, every published schedule written out.
    incidents : tuple of Incident
        What happened, really or in a scenario.
    requested : Requested or Spanning
        Periods that were asked for.
    as_of : datetime, optional
        When the question is asked: open incidents end there, and claims that nobody recorded by
        then are lost. Without it evidence counts up to `now` and unrecorded claims are possible.
    now : datetime
        The present.
    alone : bool
        Whether the incidents are taken alone: monitoring figures and claims on record, which are
        about what really happened, are left out.
    since : datetime
        Downtime before it is not looked at; what began before keeps its beginning (rules P3, L1).
    """

    structure: Structure
    incidents: tuple[Incident, ...]
    requested: Requested | Spanning
    as_of: datetime | None
    now: datetime
    alone: bool = False
    since: datetime = LONG_AGO


class LinkedEntries:
    """All entries of an estate, each with what stands behind it.

    Parameters
    ----------
    question : Question
        What to settle.

    Attributes
    ----------
    meter : LevelMeter
        Measures the levels.
    agreements : HeldAgreements
        Which agreements stand behind a promise.
    nodes : dict of (str, str) to list of Entry
        Entries by contract and period.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self._estate: Estate = question.structure.estate
        clip = question.as_of or question.now
        measured = () if question.alone else _known(self._estate.measurements, clip)
        self.meter = LevelMeter(
            question.structure, question.incidents, measured, clip, question.since
        )
        self.agreements = HeldAgreements(self._estate)
        self._maker = EntryMaker(self._estate, self.meter)
        first, last = _span_of(question.incidents, measured, clip)
        self._evidence = max(first, question.since), last
        self.nodes = self._all_nodes()
        self._link()

    def asked(self) -> Iterator[Entry]:
        """Entries of the periods that were asked for, contract by contract, in order of time."""
        for members in self.nodes.values():
            for entry in members:
                if self.question.requested.holds(entry.period):
                    yield entry

    def _all_nodes(self) -> dict[tuple[str, str], list[Entry]]:
        """Entries by contract and period: what was asked for, and all others with evidence.

        With all of them at hand, what a recovery is spread over does not hang on the question.
        """
        nodes: dict[tuple[str, str], list[Entry]] = {}
        last = self.question.requested.last_month
        for contract in self._estate.contracts:
            found: list[tuple[int, int, Entry]] = []
            back, ahead = look_backs(contract), look_ahead(contract)
            for sla in contract.slas:
                objective = sla.availability_objective
                if objective is None:
                    continue
                looks_back = sla.id in back
                for period in self._periods(
                    contract, objective.period, (max(back.values(), default=0), ahead)
                ):
                    if (
                        self.question.requested.holds(period)
                        or (looks_back and period.first_month <= last + ahead)
                        or self._bears_on(contract, sla, period)
                    ):
                        found += [
                            (period.closing_month, period.first_month, entry)
                            for entry in self._maker.entries(contract, sla, period)
                        ]
            for _, _, entry in sorted(found, key=lambda row: (row[0], -row[1])):
                nodes.setdefault((contract.id, entry.period.label), []).append(entry)
        return nodes

    def _bears_on(self, contract: Contract, sla: Sla, period: Period) -> bool:
        """Whether anything is on record for what is promised or for what is held behind it."""
        span = period.start, period.end
        return any(
            self.meter.has_evidence(each, period.start, period.end)
            for each in (
                sla,
                *(
                    held
                    for service in self.agreements.ever_behind(contract, sla, span)
                    for _, held in self.agreements.held(contract.supplier, service)
                ),
            )
        )

    def _periods(
        self, contract: Contract, kind: PeriodKind, around: tuple[int, int]
    ) -> Iterator[Period]:
        """Periods that overlap what was asked for, any evidence, or months before and after."""
        asked = self.question.requested
        zone, anchor = contract.timezone, contract.anchor_day
        start = period_from("month", asked.first_month, zone, anchor).start
        end = period_from("month", asked.last_month, zone, anchor).end
        first, last = self._evidence
        back, ahead = around
        if ahead:
            month = min(asked.last_month + ahead, LAST_MONTH)
            end = period_from("month", month, zone, anchor).end
        if back:
            month = max(asked.first_month - back, FIRST_MONTH)
            first = min(first, period_from("month", month, zone, anchor).start)
        return periods_over(kind, zone, anchor, min(start, first), max(end, last))

    def _link(self) -> None:
        """Tie each entry to the entries of the agreements behind it, by service and time."""
        by_sla: dict[str, list[Entry]] = {}
        for members in self.nodes.values():
            for entry in members:
                by_sla.setdefault(entry.sla.id, []).append(entry)
        for members in self.nodes.values():
            for entry in members:
                span = entry.start, entry.end
                for service in self.agreements.ever_behind(entry.contract, entry.sla, span):
                    for _, held in self.agreements.held(entry.contract.supplier, service):
                        entry.held += [
                            (service, other)
                            for other in by_sla.get(held.id, ())
                            if other.start < entry.end
                            and other.end > entry.start
                            and regions_meet(self._estate, entry.region, other.region)
                            and self._stands_behind(entry, service, other)
                        ]

    def _stands_behind(self, entry: Entry, service: str, other: Entry) -> bool:
        """Whether an entry on a service stands behind another in the time that both are about.

        In the rest of a longer period another service may be the nearest one. On the frontier no
        other comes before it; days between two versions of terms are those of the first one (L1).
        """
        promise = entry.contract, entry.sla
        both = max(entry.start, other.start), min(entry.end, other.end)
        return service in self.agreements.frontier(*promise) or (
            service in self.agreements.behind(*promise, both)
        )

    @cached_property
    def users(self) -> dict[int, list[Entry]]:
        """Entries that each entry stands behind, by its Python identity.

        They are in the order of their keys: no cent hangs on the order of the file.
        """
        users: dict[int, list[Entry]] = {}
        for members in self.nodes.values():
            for entry in members:
                for other in {id(held): held for _, held in entry.held}.values():
                    users.setdefault(id(other), []).append(entry)
        for above in users.values():
            above.sort(key=lambda entry: entry.key)
        return users


def _known(rows: Iterable[Measurement], clip: datetime) -> tuple[Measurement, ...]:
    """Figures of spans that were over by then: nobody can have measured the others (rule M1)."""
    return tuple(row for row in rows if row.end <= clip)


def _span_of(
    incidents: Sequence[Incident], rows: Sequence[Measurement], clip: datetime
) -> tuple[datetime, datetime]:
    """First and last instant of all evidence up to `clip`."""
    starts = [*(each.start for each in incidents), *(row.start for row in rows)]
    ends = [*(each.end or clip for each in incidents), *(row.end for row in rows)]
    return min(starts, default=_NEVER), min(max(ends, default=LONG_AGO), clip)
