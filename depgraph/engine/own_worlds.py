"""Downtime in the world in which nobody but a supplier's own fails: its own part of it (rule P3).

A minute is a third party's if the service would have been up without third parties' failures. So
the supplier's own downtime of a service is the downtime of a timeline on which only what it
answers for is ever down; nothing has to be told about causes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from depgraph.engine.attribution import Responsibility
from depgraph.engine.diagram import Array
from depgraph.engine.lone_outages import ServiceDowntime
from depgraph.engine.outage_union import together
from depgraph.engine.renewal import Outages, Renewal
from depgraph.engine.shared_causes import SharedCauses, Spans
from depgraph.engine.simulated_money import (
    SimulatedMoney,
    Struck,
    components_struck,
    incident_id,
)
from depgraph.engine.structure import ComponentKey

_NO_YEARS: Array = np.zeros(1, np.int64)
"""Borders of no year: totals are not wanted."""


@dataclass(frozen=True)
class _Answers:
    """What one supplier answers for.

    Attributes
    ----------
    own : ndarray of bool
        Components, in the order of the outages; a common cause if it strikes only such.
    members : tuple of (int, int)
        Own components that a common cause strikes beside others' ones, with that cause.
    unclear : frozenset of int
        Common causes of which that cannot be told.
    """

    own: Array
    members: tuple[tuple[int, int], ...]
    unclear: frozenset[int]


class OwnWorlds:
    """Own downtime of services, by supplier.

    Parameters
    ----------
    money : SimulatedMoney
        The estate, and how outages are incidents.
    renewal : Renewal
        Components, in the order of the outages.
    services : ServiceDowntime
        Downtime of all services.
    spans_of : sequence of str
        Services whose downtime is known span by span, in their order.
    """

    def __init__(
        self,
        money: SimulatedMoney,
        renewal: Renewal,
        services: ServiceDowntime,
        spans_of: Sequence[str],
    ) -> None:
        self._money = money
        self._renewal = renewal
        self._services = services
        self._spanned = {service: at for at, service in enumerate(spans_of)}
        self._place = {service: at for at, service in enumerate(money.structure.up)}
        self._answers: dict[str, _Answers] = {}

    def spans(
        self, supplier: str, outages: Outages, length: int, causes: SharedCauses
    ) -> dict[str, Spans | None]:
        """Own downtime of each service that a supplier has promised a level of, on one timeline.

        Parameters
        ----------
        supplier : str
            Whose own.
        outages : Outages
            Of all components, planned maintenance included.
        length : int
            Length of the timeline [µs].
        causes : SharedCauses
            What services rest on.

        Returns
        -------
        dict of str to Spans or None
            None for a service that rests on a common cause of which the supplier answers for a
            member that never fails alone.
        """
        if supplier not in self._answers:
            self._answers[supplier] = self._answers_of(supplier)
        answers = self._answers[supplier]
        apart = _rows_of(outages, np.arange(len(answers.own)), answers.own)
        for member, cause in answers.members:
            source = np.full(len(answers.own), cause)
            only = np.arange(len(answers.own)) == member
            apart = together(apart, _rows_of(outages, source, only))
        promised = self._promised[supplier]
        wanted = [self._spanned[service] for service in promised]
        found = self._services.downtime(apart, length, _NO_YEARS, wanted).spans
        unclear = answers.unclear
        return {
            service: None if unclear and unclear & causes.rests_on(self._place[service]) else spans
            for service, spans in zip(promised, found, strict=True)
        }

    @cached_property
    def _promised(self) -> dict[str, list[str]]:
        """Services that each supplier has promised a level of."""
        found: dict[str, dict[str, None]] = {}
        for entry in self._money.around:
            found.setdefault(entry.contract.supplier, {})[entry.sla.service] = None
        return {supplier: list(services) for supplier, services in found.items()}

    def _answers_of(self, supplier: str) -> _Answers:
        """What a supplier answers for; a common cause strikes each of its own members alone."""
        row_of = self._row
        own: Array = np.array([not struck for struck, _ in self._struck], np.bool_)
        members, unclear = [], set()
        for row, its_own in self._own_of.get(self._told.group(supplier), {}).items():
            if len(its_own) == len(self._struck[row][0]):
                own[row] = True
                continue
            members += [(row_of[each], row) for each in its_own if each in row_of]
            if any(each not in row_of for each in its_own):
                unclear.add(row)
        return _Answers(own, tuple(members), frozenset(unclear))

    @cached_property
    def _row(self) -> dict[ComponentKey, int]:
        """Row of each component."""
        return {key: row for row, key in enumerate(self._renewal.keys)}

    @cached_property
    def _own_of(self) -> dict[str, dict[int, list[ComponentKey]]]:
        """What an outage of each component strikes of each group of organizations."""
        found: dict[str, dict[int, list[ComponentKey]]] = {}
        for row, (struck, incidents) in enumerate(self._struck):
            for each, incident in zip(struck, incidents, strict=True):
                for group in self._told.owners(incident):
                    found.setdefault(group, {}).setdefault(row, []).append(each)
        return found

    @cached_property
    def _struck(self) -> list[tuple[tuple[ComponentKey, ...], tuple[str, ...]]]:
        """What an outage of each component strikes, and its incidents by id."""
        found, number = [], 0
        for key in self._renewal.keys:
            struck = components_struck(self._money.structure, key)
            names = tuple(incident_id(number + n) for n in range(len(struck)))
            found.append((struck, names))
            number += len(struck)
        return found

    @cached_property
    def _told(self) -> Responsibility:
        """Who answers for an outage of each component; asked for all suppliers."""
        struck = [each for components, _ in self._struck for each in components]
        return Responsibility(
            self._money.estate,
            [self._money.incident(n, Struck(each, 0, 1)) for n, each in enumerate(struck)],
        )


def _rows_of(outages: Outages, source: Array, kept: Array) -> Outages:
    """Outages with each row those of a row of the source, or none."""
    first = outages.offsets[source]
    counts = np.where(kept, outages.offsets[source + 1] - first, 0)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    places = np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], counts)
    return Outages(offsets, outages.starts[places], outages.ends[places])
