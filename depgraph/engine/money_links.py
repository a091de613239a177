"""What stands behind the levels of a year, and what reaches into it from other years.

Worked out once for all simulated years: who recovers from whom (rule P6), in which order levels are
settled (rule P5), which of them compete (rule K4), and which caps look back (rule K4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import cached_property

import numpy as np

from depgraph.engine.caps import look_back_limit
from depgraph.engine.counted_runs import cells_from, counted_within, worked_down
from depgraph.engine.diagram import Array
from depgraph.engine.entries import Entry
from depgraph.engine.granularity import EXACT, granularity_of
from depgraph.engine.intervals import microseconds
from depgraph.engine.level_tables import (
    LevelTable,
    excludes_others,
    is_by_downtime,
    length_of,
    table_of,
)
from depgraph.engine.planned import maintained, services_resting_on
from depgraph.engine.recurrence import service_time
from depgraph.engine.shared_causes import Spans
from depgraph.engine.simulated_money import SimulatedMoney
from depgraph.units import minor_unit


@dataclass(frozen=True)
class Border:
    """A source and a user of which one is of another year.

    Attributes
    ----------
    services : tuple of str
        Of the source and of the user.
    within : tuple of int
        Where their periods meet, from the beginning of the year [µs].
    number : int, optional
        The source among the entries of the year.
    table : LevelTable, optional
        What it owes, where it is of another year.
    """

    services: tuple[str, str]
    within: tuple[int, int]
    number: int | None
    table: LevelTable | None


class EntryLinks:
    """Levels of a year, and how they hang together.

    Parameters
    ----------
    money : SimulatedMoney
        The reference form.
    beyond : bool
        Whether levels of other years count among them that could bear on what is recovered in this
        one: what stands behind its levels, and who else that stands behind.

    Attributes
    ----------
    entries : tuple of Entry
        The levels.
    own : int
        How many of them are of the year; these come first.
    onlookers : frozenset of int
        Those that only share in a recovery: what they recover otherwise is not followed.
    spans : list of (int, int)
        Beginning and end of each, from the beginning of the year, as far as it is known there [µs].
    runs : list of Granularity
        How each counts outages.
    plain : list of bool
        Whether what each owes is a function of its downtime.
    tables : list of LevelTable
        What each owes, by downtime.
    users : dict of int to list of int
        Levels that each stands behind.
    other_currency : set of int
        Levels that stand behind one of another currency.
    shared : set of int
        Levels whose recovery is shared out, or is in another currency.
    borders : list of Border
        Sources and users of which one is of another year.
    earlier : dict of str to list of LevelTable
        Levels before, which use up a cap that looks back, by contract.
    order : list of int
        Levels, those behind each before it.
    in_ring : frozenset of int
        Levels of rings, and what rests on them.
    limits : list of (ndarray of int64, int)
        Levels of each contract with the least cap that looks back, in minor units.
    """

    def __init__(self, money: SimulatedMoney, *, beyond: bool = False) -> None:
        self.money = money
        sources, onlookers = _beyond(money) if beyond else ([], [])
        self.entries = (*money.entries, *sources, *onlookers)
        self.own = len(money.entries)
        self.onlookers = frozenset(range(self.own + len(sources), len(self.entries)))
        self.spans = [money.span(entry) for entry in self.entries]
        structure = money.structure
        self._maintained = services_resting_on(
            structure, [structure.variable[key] for key in maintained(structure)]
        )
        self.runs = [granularity_of(entry.promise.objective) for entry in self.entries]
        self.plain = [self._is_plain(entry) for entry in self.entries]
        self._steps: dict[tuple[object, ...], LevelTable] = {}
        self.tables = [self._table(entry) for entry in self.entries]
        self.users: dict[int, list[int]] = {}
        self.other_currency: set[int] = set()
        place = {id(entry): number for number, entry in enumerate(self.entries)}
        for entry in self.entries:
            self._link(entry, place)
        for users in self.users.values():
            users.sort(key=lambda number: self.entries[number].key)
        self.shared = {
            source
            for source, users in self.users.items()
            if len(users) > 1 or source in self.other_currency
        }
        self.borders = self._links_over_borders()
        self.earlier = self._with_caps_before()
        self.order, self.in_ring = self._suppliers_first()
        self.limits = self._look_back_limits()

    def _table(self, entry: Entry) -> LevelTable:
        """What a level owes, by downtime: worked out once for all periods of the same length."""
        terms = entry.sla.id, entry.target, entry.base, entry.months, length_of(entry)
        if terms not in self._steps:
            self._steps[terms] = table_of(entry, plain=self._is_plain(entry))
        return replace(self._steps[terms], entry=entry)

    def _is_plain(self, entry: Entry) -> bool:
        """Whether what a level owes is a function of its downtime."""
        excused = any(ground.kind == "planned_maintenance" for ground in entry.sla.exclusions)
        return is_by_downtime(entry) and not (excused and entry.sla.service in self._maintained)

    def _link(self, entry: Entry, place: Mapping[int, int]) -> None:
        """Note what stands behind an entry."""
        for held in {id(other): other for _, other in entry.held}.values():
            source = place.get(id(held))
            if source is None:
                continue
            self.users.setdefault(source, []).append(place[id(entry)])
            if held.currency != entry.currency:
                self.other_currency.add(source)

    def _links_over_borders(self) -> list[Border]:
        """Sources and users of which one is of the year before or after.

        Zones and anchor days differ, so that a period of another year reaches into this one's.
        """
        number = {_name(entry): place for place, entry in enumerate(self.entries)}
        passers_by = {_name(self.entries[place]) for place in self.onlookers}
        tables: dict[tuple[str, str | None, datetime], LevelTable] = {}
        found: dict[tuple[object, ...], Border] = {}
        for user in self.money.around:
            if _name(user) in passers_by:
                continue
            for _, held in user.held:
                if (_name(user) in number) == (_name(held) in number):
                    continue
                if _name(held) not in number and _name(held) not in tables:
                    tables[_name(held)] = self._table(held)
                start, end = max(user.start, held.start), min(user.end, held.end)
                found[_name(held), user.sla.service, start] = Border(
                    (held.sla.service, user.sla.service),
                    (self.money.time(start), self.money.time(end)),
                    number.get(_name(held)),
                    tables.get(_name(held)),
                )
        return list(found.values())

    def _with_caps_before(self) -> dict[str, list[LevelTable]]:
        """Levels of the year before that end in the first period of any, by contract with a cap."""
        known = {_name(entry) for entry in self.entries}
        found: dict[str, list[LevelTable]] = {}
        for entry in self.money.around:
            is_before = entry.start < self.money.begins and _name(entry) not in known
            reaches = self.money.time(entry.end) > self.money.first
            if is_before and reaches and look_back_limit(entry) is not None:
                found.setdefault(entry.contract.id, []).append(self._table(entry))
        return found

    def _suppliers_first(self) -> tuple[list[int], frozenset[int]]:
        """Entries, those behind each before it; those of rings and what rests on them last."""
        waiting = [0] * len(self.entries)
        for users in self.users.values():
            for user in users:
                waiting[user] += 1
        order = [number for number, left in enumerate(waiting) if not left]
        for number in order:
            for user in self.users.get(number, ()):
                waiting[user] -= 1
                if not waiting[user]:
                    order.append(user)
        late = [number for number, left in enumerate(waiting) if left]
        return order + late, frozenset(late)

    def _look_back_limits(self) -> list[tuple[Array, int]]:
        """Entries of each contract with the least cap that looks back, in minor units."""
        found: dict[str, tuple[list[int], list[Fraction]]] = {}
        for number, entry in enumerate(self.entries):
            limit = look_back_limit(entry)
            members, limits = found.setdefault(entry.contract.id, ([], []))
            members.append(number)
            if limit is not None:
                limits.append(limit / Fraction(minor_unit(entry.currency)))
        return [(np.array(m, np.int64), int(min(limits))) for m, limits in found.values() if limits]

    @cached_property
    def windows(self) -> Array:
        """The same as `spans`, as an array."""
        return np.array(self.spans, np.int64).reshape(-1, 2)

    @cached_property
    def _starts(self) -> Array:
        """Beginning of each, from the beginning of the year, also what is not known there [µs]."""
        return np.array([self.money.time(entry.start) for entry in self.entries], np.int64)

    @cached_property
    def of_service(self) -> dict[str, Array]:
        """Entries by service."""
        return self._together(lambda entry: entry.sla.service)

    @cached_property
    def apart(self) -> list[Array]:
        """Entries of each SLA that does not count all downtime."""
        found = self._together(lambda entry: entry.sla.id)
        return [each for each in found.values() if self._is_apart(int(each[0]))]

    def _is_apart(self, number: int) -> bool:
        """Whether an entry leaves out third parties' failures, other hours, or parts of minutes."""
        entry = self.entries[number]
        has_hours = entry.sla.service_hours is not None
        return excludes_others(entry) or has_hours or self.runs[number] != EXACT

    @cached_property
    def worked(self) -> dict[str, Spans]:
        """Service hours of each SLA that has any, from the beginning of the year [µs]."""
        found = {}
        for numbers in self._together(lambda entry: entry.sla.id).values():
            entries = [self.entries[number] for number in numbers]
            sla, contract = entries[0].sla, entries[0].contract
            if sla.service_hours is None:
                continue
            since, until = min(e.start for e in entries), max(e.end for e in entries)
            hours = service_time(sla.service_hours, contract.timezone, contract.start, since, until)
            starts, ends = (hours - microseconds(self.money.begins)).T.copy()
            found[sla.id] = starts, ends
        return found

    def counted(
        self,
        down: Spans,
        numbers: Array,
        start: Array,
        part: tuple[int, int] | None = None,
    ) -> Array:
        """Length of downtime as entries of one SLA count it.

        Parameters
        ----------
        down : Spans
            Downtime, what is excluded by its cause left out [µs].
        numbers : ndarray of int64
            The entries.
        start : ndarray of int64
            Where each year begins [µs].
        part : tuple of int, optional
            Part of the period that is asked for, from the beginning of the year [µs].

        Returns
        -------
        ndarray of int64, shape (years, entries)
            Length [µs].
        """
        first, last = self.windows[numbers].T
        since, until = (first, last) if part is None else part
        runs, worked = self.runs[numbers[0]], self.worked.get(self.entries[numbers[0]].sla.id)
        starts = self._starts[numbers]

        def in_years(spans: Spans, begins: Array) -> Array:
            period, asked = (begins + first, begins + last), (begins + since, begins + until)
            return counted_within(
                spans, runs, cells_from(runs, begins, begins + starts), period, asked
            )

        if worked is None:
            return in_years(down, start[:, None])
        each = [in_years(worked_down(down, worked, begins), begins) for begins in start]
        found: Array = np.array(each, np.int64).reshape(len(start), len(numbers))
        return found

    def _together(self, key: Callable[[Entry], str]) -> dict[str, Array]:
        """Entries by what they have in common."""
        groups: dict[str, list[int]] = {}
        for number, entry in enumerate(self.entries):
            groups.setdefault(key(entry), []).append(number)
        return {each: np.array(numbers) for each, numbers in groups.items()}

    @cached_property
    def rivals(self) -> list[Array]:
        """Entries of which only the highest is paid where one outage strikes several (K4)."""
        groups: dict[tuple[str, str, str], list[int]] = {}
        for number, entry in enumerate(self.entries):
            if entry.contract.stacking != "all":
                groups.setdefault(_competition(entry), []).append(number)
        return [np.array(members) for members in groups.values() if len(members) > 1]


def _beyond(money: SimulatedMoney) -> tuple[list[Entry], list[Entry]]:
    """Levels of other years that stand behind those of a year, and those that these stand behind.

    Both as far as all of them is known; where several compete and one is not wanted they are not.
    """
    competing = Counter(_competition(entry) for entry in money.around)
    own = {id(entry) for entry in money.entries}
    known = {
        id(entry)
        for entry in money.around
        if entry.end <= money.until
        and (entry.contract.stacking == "all" or competing[_competition(entry)] == 1)
    } - own
    sources: dict[int, Entry] = {}
    waiting = list(money.entries)
    while waiting:
        for _, held in waiting.pop().held:
            if id(held) in known and id(held) not in sources:
                sources[id(held)] = held
                waiting.append(held)
    behind = own | sources.keys()
    onlookers = [
        entry
        for entry in money.around
        if id(entry) in known
        and id(entry) not in sources
        and any(id(held) in behind for _, held in entry.held)
    ]
    return list(sources.values()), onlookers


def _competition(entry: Entry) -> tuple[str, str, str]:
    """What levels have in common of which only the highest is paid (rule K4)."""
    service = entry.sla.service if entry.contract.stacking == "highest_per_service" else ""
    return entry.contract.id, service, entry.period.label


def _name(entry: Entry) -> tuple[str, str | None, datetime]:
    """What tells an entry from all others, in any books."""
    return entry.sla.id, entry.region, entry.start
