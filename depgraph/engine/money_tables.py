"""The fast form of simulated money: what each level owes, by downtime, looked up for many years.

What a level owes is a function of its downtime (`level_tables`), or of what is left of it without
third parties (`own_worlds`). Years are settled by looking downtime up, suppliers first, so that
clauses that pass failures on know what is recovered. A year in which anything else could matter is
marked, and goes through the reference form: levels measured otherwise, rings of contracts that pass
on, caps that look back and could bind, recoveries shared by causes that are not plain (rules M, K,
P).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from depgraph.engine.allocation import Share, allocated
from depgraph.engine.caps import Capped, look_back_limit, within_caps
from depgraph.engine.credits import rounded
from depgraph.engine.diagram import Array
from depgraph.engine.entries import Entry
from depgraph.engine.level_tables import (
    LevelTable,
    excludes_others,
    in_units,
    is_but_for,
    is_by_downtime,
    is_regional,
    table_of,
)
from depgraph.engine.own_worlds import OwnWorlds
from depgraph.engine.planned import maintained, services_resting_on
from depgraph.engine.renewal import Outages
from depgraph.engine.settlement import Settled, after_clause
from depgraph.engine.shared_causes import SharedCauses, Spans
from depgraph.engine.simulated_money import FIGURES, SimulatedMoney
from depgraph.units import minor_unit

_VERY_MUCH = 1 << 50
"""More than any cap [minor units]."""


@dataclass(frozen=True)
class BlockCauses:
    """Causes that services have in common on one timeline.

    Attributes
    ----------
    causes : SharedCauses
        Of the compiled estate.
    place : mapping of str to int
        Place of each service among the compiled ones.
    outages : tuple of Outages
        Failures of the components; the same with planned maintenance.
    down : mapping of str to (ndarray, ndarray)
        Starts and ends of the downtime of each service [µs].
    length : int
        Length of the timeline [µs].
    worlds : OwnWorlds, optional
        Tells suppliers' own downtime; without it, it is not known.
    """

    causes: SharedCauses
    place: Mapping[str, int]
    outages: tuple[Outages, Outages]
    down: Mapping[str, Spans]
    length: int
    worlds: OwnWorlds | None = None
    _own: dict[str, dict[str, Spans | None]] = field(default_factory=dict)

    def own(self, service: str, supplier: str) -> Spans | None:
        """Downtime of a service by its supplier's own failures; None where it cannot be told."""
        if self.worlds is None:
            return None
        if supplier not in self._own:
            found = self.worlds.spans(supplier, self.outages[1], self.length, self.causes)
            self._own[supplier] = found
        return self._own[supplier][service]

    def shared(self, services: tuple[str, str], within: tuple[int, int]) -> bool | None:
        """Whether an outage took part in the downtime of both; None where it is not plain."""
        one, other = services
        places, down = (self.place[one], self.place[other]), (self.down[one], self.down[other])
        return self.causes.shared(places, down, within, self.outages)


@dataclass
class _Years:
    """Years while they are settled; figures by year and entry, sums in minor units.

    Attributes
    ----------
    start : ndarray of int64
        Where each year begins [µs].
    down : mapping of str to Spans
        Downtime of the services [µs].
    causes : BlockCauses, optional
        Which outages services have in common.
    struck, lost : ndarray of int64
        Downtime of the service, and the part of it that counts [µs].
    settled : ndarray of bool
        Whether each year holds.
    scheduled, owed, recovered, for_cause : ndarray of int64
        Credit by the schedule; what is owed after the clause; what is recovered for it; the part
        of that which has a cause in common.
    missed : ndarray of bool
        Whether the target is missed.
    alone : dict of int to ndarray of int64
        Downtime by the supplier's own failures, by entry, where it was asked for [µs].
    """

    start: Array
    down: Mapping[str, Spans]
    causes: BlockCauses | None
    struck: Array
    lost: Array
    settled: Array
    scheduled: Array
    owed: Array
    recovered: Array
    for_cause: Array
    missed: Array
    alone: dict[int, Array | None] = field(default_factory=dict)

    @classmethod
    def empty(
        cls, start: Array, entries: int, down: Mapping[str, Spans], causes: BlockCauses | None
    ) -> _Years:
        """Nothing known yet."""
        struck, lost, scheduled, owed, recovered, for_cause = (
            np.zeros((len(start), entries), np.int64) for _ in range(6)
        )
        missed = np.zeros((len(start), entries), np.bool_)
        settled = np.ones(len(start), np.bool_)
        figures = struck, lost, settled, scheduled, owed, recovered, for_cause, missed
        return cls(start, down, causes, *figures)


@dataclass(frozen=True)
class _Border:
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


class MoneyTables:
    """Looks simulated years up, and says which ones it cannot.

    Parameters
    ----------
    money : SimulatedMoney
        The reference form.
    """

    def __init__(self, money: SimulatedMoney) -> None:
        self._money = money
        books = money.books(())
        self._entries: list[Entry] = [row.entry for row in books.rows()]
        self._spans = [(money.time(e.start), money.time(e.end)) for e in self._entries]
        place = {id(entry): number for number, entry in enumerate(self._entries)}
        structure = money.structure
        self._maintained = services_resting_on(
            structure, [structure.variable[key] for key in maintained(structure)]
        )
        self._tables = [table_of(entry, plain=self._is_plain(entry)) for entry in self._entries]
        self._column = np.array([self._columns_of(entry) for entry in self._entries], np.int64)
        self._users: dict[int, list[int]] = {}
        self._other_currency: set[int] = set()
        for entry in self._entries:
            self._link(entry, place)
        for users in self._users.values():
            users.sort(key=lambda number: self._entries[number].key)
        self._shared = {
            source
            for source, users in self._users.items()
            if len(users) > 1 or source in self._other_currency
        }
        around = [row.entry for row in money.books((), around=True).rows()]
        self._borders = self._links_over_borders(around)
        self._earlier = self._with_caps_before(around)
        self._order, self._in_ring = self._suppliers_first()
        self._limits = self._look_back_limits()

    @property
    def services(self) -> tuple[str, ...]:
        """Services whose downtime is needed."""
        return tuple(dict.fromkeys(entry.sla.service for entry in self._entries))

    @property
    def reaches_over_years(self) -> bool:
        """Whether a recovery is shared with a period that begins or ends in another year."""
        return bool(self._borders)

    def _is_plain(self, entry: Entry) -> bool:
        """Whether what a level owes is a function of its downtime."""
        excused = any(ground.kind == "planned_maintenance" for ground in entry.sla.exclusions)
        return is_by_downtime(entry) and not (excused and entry.sla.service in self._maintained)

    def _columns_of(self, entry: Entry) -> int:
        """Column of an entry; an entry without currency has one of its contract's."""
        for place, (contract, currency) in enumerate(self._money.columns):
            if contract == entry.contract.id and entry.currency in {currency, ""}:
                return place
        return 0

    def _link(self, entry: Entry, place: Mapping[int, int]) -> None:
        """Note what stands behind an entry."""
        for held in {id(other): other for _, other in entry.held}.values():
            source = place.get(id(held))
            if source is None:
                continue
            self._users.setdefault(source, []).append(place[id(entry)])
            if held.currency != entry.currency:
                self._other_currency.add(source)

    def _links_over_borders(self, around: Sequence[Entry]) -> list[_Border]:
        """Sources and users of which one is of the year before or after.

        Zones and anchor days differ, so that a period of another year reaches into this one's.
        """
        number = {_name(entry): place for place, entry in enumerate(self._entries)}
        tables: dict[tuple[str, str | None, datetime], LevelTable] = {}
        found: dict[tuple[object, ...], _Border] = {}
        for user in around:
            for _, held in user.held:
                if (_name(user) in number) == (_name(held) in number):
                    continue
                if _name(held) not in number and _name(held) not in tables:
                    tables[_name(held)] = table_of(held, plain=self._is_plain(held))
                start, end = max(user.start, held.start), min(user.end, held.end)
                found[_name(held), user.sla.service, start] = _Border(
                    (held.sla.service, user.sla.service),
                    (self._money.time(start), self._money.time(end)),
                    number.get(_name(held)),
                    tables.get(_name(held)),
                )
        return list(found.values())

    def _with_caps_before(self, around: Sequence[Entry]) -> dict[str, list[LevelTable]]:
        """Levels of the year before that end in the first period of any, by contract with a cap."""
        known = {_name(entry) for entry in self._entries}
        found: dict[str, list[LevelTable]] = {}
        for entry in around:
            is_before = entry.start < self._money.begins and _name(entry) not in known
            reaches = self._money.time(entry.end) > self._money.first
            if is_before and reaches and look_back_limit(entry) is not None:
                table = table_of(entry, plain=self._is_plain(entry))
                found.setdefault(entry.contract.id, []).append(table)
        return found

    def _suppliers_first(self) -> tuple[list[int], frozenset[int]]:
        """Entries, those behind each before it; those of rings and what rests on them last."""
        waiting = [0] * len(self._entries)
        for users in self._users.values():
            for user in users:
                waiting[user] += 1
        order = [number for number, left in enumerate(waiting) if not left]
        for number in order:
            for user in self._users.get(number, ()):
                waiting[user] -= 1
                if not waiting[user]:
                    order.append(user)
        late = [number for number, left in enumerate(waiting) if left]
        return order + late, frozenset(late)

    def _look_back_limits(self) -> list[tuple[Array, int]]:
        """Entries of each contract with the least cap that looks back, in minor units."""
        found: dict[str, tuple[list[int], list[Fraction]]] = {}
        for number, entry in enumerate(self._entries):
            limit = look_back_limit(entry)
            members, limits = found.setdefault(entry.contract.id, ([], []))
            members.append(number)
            if limit is not None:
                limits.append(limit / Fraction(minor_unit(entry.currency)))
        return [(np.array(m, np.int64), int(min(limits))) for m, limits in found.values() if limits]

    @cached_property
    def _rivals(self) -> list[Array]:
        """Entries of which only the highest is paid where one outage strikes several (K4)."""
        groups: dict[tuple[str, str, str], list[int]] = {}
        for number, entry in enumerate(self._entries):
            rule = entry.contract.stacking
            if rule != "all":
                service = entry.sla.service if rule == "highest_per_service" else ""
                key = entry.contract.id, service, entry.period.label
                groups.setdefault(key, []).append(number)
        return [np.array(members) for members in groups.values() if len(members) > 1]

    def figures(
        self,
        down: Mapping[str, Spans],
        begins: Sequence[int],
        causes: BlockCauses | None = None,
    ) -> tuple[Array, Array]:
        """Look up several years.

        Parameters
        ----------
        down : mapping of str to (ndarray, ndarray)
            Starts and ends of the downtime of `services` on one timeline [µs].
        begins : sequence of int
            Where each year begins on it [µs].
        causes : BlockCauses, optional
            Which outages services have in common, to share recoveries by (rule P6), and whose they
            are; without it years in which either matters are not looked up.

        Returns
        -------
        tuple of (ndarray of int64, ndarray of bool)
            `FIGURES` of each column, by year; and whether they hold.
        """
        years = _Years.empty(np.asarray(begins, np.int64), len(self._entries), down, causes)
        self._measure(years)
        self._schedule(years)
        for number in self._order:
            if self._entries[number].contract.pass_through.clause != "absorb":
                self._pass_on(number, years)
            if number in self._users:
                # What is owed without downtime is about no time that could be told.
                idle = (years.owed[:, number] > 0) & (years.lost[:, number] == 0)
                years.settled &= ~idle
            if number in self._shared:
                self._share(number, years)
            elif number in self._users:
                self._hand_on(number, years)
        for members, limit in self._limits:
            most = np.maximum(years.scheduled[:, members], years.owed[:, members]).sum(axis=1)
            for table in self._earlier.get(self._entries[members[0]].contract.id, ()):
                # Zones differ: what lies before in the year's first period uses up a cap as well.
                most += self._owed_by(table, years)
            years.settled &= most <= limit
        for border in self._borders:
            self._keep_apart(border, years)
        return self._summed(years), years.settled

    def _keep_apart(self, border: _Border, years: _Years) -> None:
        """Unmark years in which a recovery may pass between this year and another one (P6)."""
        for place in np.flatnonzero(years.settled & (self._paid(border, years) > 0)):
            first, last = border.within
            begin = int(years.start[place])
            within = begin + first, begin + last
            years.settled[place] = _are_apart(border.services, within, years.causes)

    def _paid(self, border: _Border, years: _Years) -> Array:
        """What a source at the border owes, by year; more than nothing where it is not known."""
        if border.number is not None:
            return years.owed[:, border.number]
        assert border.table is not None  # noqa: S101 - one of the two is there
        return self._owed_by(border.table, years)

    def _owed_by(self, table: LevelTable, years: _Years) -> Array:
        """Most that a level of another year owes, by year; very much where it is not known."""
        entry = table.entry
        down = years.down.get(entry.sla.service)
        # The reference form knows nothing of what lies before every period of the year.
        first = max(self._money.time(entry.start), self._money.first)
        last = self._money.time(entry.end)
        if down is None:
            return np.full(len(years.start), _VERY_MUCH)
        lost = downtime_within(down, years.start + first, years.start + last)
        if excludes_others(entry) or entry.contract.pass_through.clause == "back_to_back":
            return np.where(lost > 0, _VERY_MUCH, 0)
        owed, _, settled = table.owed_by(lost)
        return np.where(settled, owed, _VERY_MUCH)

    def _measure(self, years: _Years) -> None:
        """Downtime of every entry; unmarks years in which it cannot be told."""
        for number, entry in enumerate(self._entries):
            first, last = self._spans[number]
            service = entry.sla.service
            window = years.start + first, years.start + last
            years.struck[:, number] = downtime_within(years.down[service], *window)
            years.lost[:, number] = years.struck[:, number]
            if excludes_others(entry) and years.struck[:, number].any():
                counted = self._counted(number, years)
                if counted is None:
                    years.settled &= years.struck[:, number] == 0
                else:
                    years.lost[:, number] = downtime_within(counted, *window)

    def _counted(self, number: int, years: _Years) -> Spans | None:
        """When downtime of an entry counts; None where it cannot be told."""
        entry = self._entries[number]
        return self._own(number, years) if excludes_others(entry) else years.down[entry.sla.service]

    def _own(self, number: int, years: _Years) -> Spans | None:
        """Downtime by the supplier's own failures; None where it cannot be told."""
        entry = self._entries[number]
        if years.causes is None or not is_but_for(entry):
            return None
        return years.causes.own(entry.sla.service, entry.contract.supplier)

    def _schedule(self, years: _Years) -> None:
        """What every entry owes by its schedule; unmarks years that cannot be told."""
        for number, table in enumerate(self._tables):
            owed, missed, settled = table.owed_by(years.lost[:, number])
            years.scheduled[:, number], years.missed[:, number] = owed, missed
            years.settled &= settled
        years.owed[:] = years.scheduled
        for members in self._rivals:
            years.settled &= (years.scheduled[:, members] > 0).sum(axis=1) <= 1

    def _pass_on(self, number: int, years: _Years) -> None:
        """What is owed after a clause that passes failures on (rule P4)."""
        entry = self._entries[number]
        unit = minor_unit(entry.currency)
        touched = years.scheduled[:, number] > 0
        if entry.contract.pass_through.clause == "back_to_back":
            touched |= years.recovered[:, number] > 0
        for year in np.flatnonzero(touched & years.settled):
            amounts = self._own_amount(number, int(year), years)
            if amounts is None or number in self._in_ring:
                years.settled[year] = False
                continue
            result = Settled(entry, Capped(amounts[0], ()))
            result.own = amounts[1]
            result.for_cause = int(years.for_cause[year, number]) * unit
            after = after_clause(result, in_ring=False)
            after = within_caps(entry, after, ()) if after else after
            years.owed[year, number] = in_units(entry, after)

    def _own_amount(
        self, number: int, year: int, years: _Years
    ) -> tuple[Fraction, Fraction] | None:
        """Credit of an entry, and of it without third parties; None where it cannot be told."""
        table, lost = self._tables[number], int(years.lost[year, number])
        if not years.scheduled[year, number] and not self._is_plain(table.entry):
            return Fraction(0), Fraction(0)
        amount = table.credit(lost)
        if not amount:
            return amount, amount
        alone = self._alone(number, years)
        if alone is None or not self._is_plain(table.entry):
            return None
        own = int(alone[year])
        return amount, amount if own == lost else min(amount, table.credit(own))

    def _alone(self, number: int, years: _Years) -> Array | None:
        """Downtime of an entry by its supplier's own failures, by year; None if it is not known."""
        if number not in years.alone:
            own = self._own(number, years)
            first, last = self._spans[number]
            years.alone[number] = (
                None
                if own is None
                else downtime_within(own, years.start + first, years.start + last)
            )
        return years.alone[number]

    def _is_about(self, user: int, source: int, years: _Years) -> Array:
        """Whether what one entry pays for, by year, lies in part in another one's period."""
        (first, last), (from_, to) = self._spans[user], self._spans[source]
        if first <= from_ and to <= last:
            return np.ones(len(years.start), np.bool_)
        within = self._counted(source, years)
        if within is None:
            years.settled &= years.owed[:, source] == 0
            return np.ones(len(years.start), np.bool_)
        start = years.start
        about: Array = downtime_within(within, start + max(first, from_), start + min(last, to)) > 0
        return about

    def _hand_on(self, source: int, years: _Years) -> None:
        """Hand what a source owes to the one entry that it stands behind."""
        [user] = self._users[source]
        owed = years.owed[:, source]
        about = self._is_about(user, source, years)
        # Struck by one outage at different times: lengths do not tell what is paid then.
        years.settled &= about | (owed == 0) | (years.struck[:, user] == 0)
        part = np.where(about, owed, 0)
        years.recovered[:, user] += part
        if self._entries[user].contract.pass_through.clause == "absorb":
            return
        for year in np.flatnonzero((part > 0) & years.settled):
            struck = self._has_cause(source, user, int(year), years)
            if struck is None:
                years.settled[year] = False
            elif struck:
                years.for_cause[year, user] += part[year]

    def _share(self, source: int, years: _Years) -> None:
        """Share what a source owes among the entries that it stands behind (rule P6)."""
        able = all(self._may_share(source, user) for user in self._users[source])
        for place in np.flatnonzero((years.owed[:, source] > 0) & years.settled):
            year = int(place)
            struck = self._struck(source, year, years) if able else None
            found = struck
            if struck is not None and not struck:
                at = [u for u in self._users[source] if self._is_about(u, source, years)[year]]
                found = at if years.settled[year] else None
            parts = None if found is None else self._parts(source, found, year, years)
            if parts is None or struck is None:
                years.settled[year] = False
                continue
            for user, part in parts.items():
                years.recovered[year, user] += part
                years.for_cause[year, user] += part if user in struck else 0

    def _may_share(self, source: int, user: int) -> bool:
        """Whether a user's part can be told: one currency, plain downtime, usual rounding."""
        entry = self._entries[user]
        schedule = entry.schedule
        return (
            source not in self._other_currency
            and not is_regional(entry)
            and not is_regional(self._entries[source])
            and (schedule is None or schedule.rounding == "half_up")
        )

    def _has_cause(self, source: int, user: int, year: int, years: _Years) -> bool | None:
        """Whether an outage took part in the downtime of both; None where it is not plain."""
        if not years.struck[year, user]:
            return False
        if years.causes is None:
            return None
        (first, last), (start, end) = self._spans[source], self._spans[user]
        begins = int(years.start[year])
        services = self._entries[source].sla.service, self._entries[user].sla.service
        return years.causes.shared(services, (begins + max(first, start), begins + min(last, end)))

    def _struck(self, source: int, year: int, years: _Years) -> list[int] | None:
        """Users with a cause in common with a source; None where it is not plain."""
        found = []
        for user in self._users[source]:
            struck = self._has_cause(source, user, year, years)
            if struck is None:
                return None
            if struck:
                found.append(user)
        return found

    def _parts(
        self, source: int, users: Sequence[int], year: int, years: _Years
    ) -> dict[int, int] | None:
        """Parts of what a source owes, in minor units, by user; None where one cannot be told."""
        owed = int(years.owed[year, source])
        if len(users) < 2:  # noqa: PLR2004 - nothing to share
            return dict.fromkeys(users, owed)
        held = self._entries[source]
        unit = minor_unit(held.currency)
        shares = []
        for user in users:
            entry = self._entries[user]
            before = self._before(user, year, years)
            if before is None:
                return None
            fee = rounded(entry.base, unit)
            shares.append(Share(before * unit, fee, entry.contract.priority))
        policy = held.contract.recovery_allocation
        parts = allocated(owed * unit, shares, policy, unit)
        return {user: int(part / unit) for user, part in zip(users, parts, strict=True)}

    def _before(self, user: int, year: int, years: _Years) -> Decimal | None:
        """What an entry owes before its recovery is known, in minor units (rule P6)."""
        entry = self._entries[user]
        scheduled = Decimal(int(years.scheduled[year, user]))
        if entry.contract.pass_through.clause != "excluded_if_third_party" or not scheduled:
            return scheduled
        if entry.schedule is not None and entry.schedule.minimum is not None:
            return None
        amounts = self._own_amount(user, year, years)
        return None if amounts is None else Decimal(in_units(entry, amounts[1]))

    def _summed(self, years: _Years) -> Array:
        """Figures by column."""
        absorbed = np.maximum(0, years.owed - years.recovered)
        result = np.zeros((len(absorbed), len(FIGURES) * len(self._money.columns)), np.int64)
        for kind, values in enumerate((years.owed, years.recovered, absorbed, years.missed)):
            for number, column in enumerate(self._column):
                result[:, len(FIGURES) * column + kind] += values[:, number]
        return result


def _name(entry: Entry) -> tuple[str, str | None, datetime]:
    """What tells an entry from all others, in any books."""
    return entry.sla.id, entry.region, entry.start


def _are_apart(
    services: tuple[str, str], within: tuple[int, int], causes: BlockCauses | None
) -> bool:
    """Whether no recovery can pass from one service to another where two periods meet."""
    if causes is None or not all(service in causes.down for service in services):
        return False
    at = np.array([within[0]]), np.array([within[1]])
    return not downtime_within(causes.down[services[0]], *at)[0] and (
        causes.shared(services, within) is False
    )


def downtime_within(down: tuple[Array, Array], start: Array, end: Array) -> Array:
    """Length of ordered, disjoint intervals within each of several windows [start, end)."""
    starts, ends = down
    if not len(starts):
        return np.zeros(len(start), np.int64)
    summed = np.concatenate(([0], np.cumsum(ends - starts)))

    def until(moment: Array) -> Array:
        """Downtime before a moment."""
        begun = np.searchsorted(starts, moment, "left")
        last = np.maximum(begun - 1, 0)
        cut = np.where(begun > 0, np.maximum(0, ends[last] - moment), 0)
        before: Array = summed[begun] - cut
        return before

    lost: Array = np.maximum(0, until(np.maximum(start, end)) - until(start))
    return lost
