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
from functools import cached_property

import numpy as np

from depgraph.engine.counted_runs import cells_from, counted_within
from depgraph.engine.diagram import Array
from depgraph.engine.granularity import granularity_of
from depgraph.engine.level_tables import LevelTable, excludes_others
from depgraph.engine.money_links import Border, EntryLinks
from depgraph.engine.money_recoveries import Recoveries
from depgraph.engine.money_years import BlockCauses, Years, downtime_within
from depgraph.engine.shared_causes import Spans
from depgraph.engine.simulated_money import FIGURES, SimulatedMoney

_VERY_MUCH = 1 << 50
"""More than any cap [minor units]."""


class MoneyTables:
    """Looks simulated years up, and says which ones it cannot.

    Parameters
    ----------
    money : SimulatedMoney
        The reference form.
    """

    def __init__(self, money: SimulatedMoney) -> None:
        self.money = money
        """The reference form."""
        self._links = EntryLinks(money)
        self._lookup = _Lookup(self._links)
        self._column = self._columns()

    @property
    def services(self) -> tuple[str, ...]:
        """Services whose downtime is needed, also those that are promised in other years alone."""
        entries = (*self._links.entries, *self.money.around)
        return tuple(dict.fromkeys(entry.sla.service for entry in entries))

    @property
    def reaches_over_years(self) -> bool:
        """Whether a recovery is shared with a period that begins or ends in another year."""
        return bool(self._links.borders)

    @cached_property
    def _beyond(self) -> _Lookup:
        """Looks years up together with what of their neighbours bears on them."""
        return _Lookup(EntryLinks(self.money, beyond=True))

    def _columns(self) -> Array:
        """Column of each entry; an entry without currency has one of its contract's."""
        place: dict[tuple[str, str], int] = {}
        for column, (contract, currency) in enumerate(self.money.columns):
            place[contract, currency] = column
            place.setdefault((contract, ""), column)
        entries = self._links.entries
        return np.array([place[e.contract.id, e.currency] for e in entries], np.int64)

    def figures(
        self,
        down: Mapping[str, Spans],
        begins: Sequence[int],
        causes: BlockCauses | None = None,
        *,
        runs_on: bool = True,
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
        runs_on : bool
            Whether the month after each year is on the timeline what it is in the calendar.

        Returns
        -------
        tuple of (ndarray of int64, ndarray of bool)
            `FIGURES` of each column, by year; and whether they hold.
        """
        start = np.asarray(begins, np.int64)
        years = self._lookup.settled(down, start, causes)
        result, holds = self._summed(years), years.settled
        over = np.flatnonzero(years.over_border)
        if runs_on and len(over):
            years = self._beyond.settled(down, start[over], causes)
            result[over], holds[over] = self._summed(years), years.settled
        return result, holds

    def _summed(self, years: Years) -> Array:
        """Figures of the year's own entries by column."""
        own = slice(self._links.own)
        owed, recovered, missed = years.owed[:, own], years.recovered[:, own], years.missed[:, own]
        absorbed = np.maximum(0, owed - recovered)
        result = np.zeros((len(absorbed), len(FIGURES) * len(self.money.columns)), np.int64)
        for kind, values in enumerate((owed, recovered, absorbed, missed)):
            np.add.at(result.T, len(FIGURES) * self._column + kind, values.T)
        return result


class _Lookup:
    """Looks the levels of years up.

    Parameters
    ----------
    links : EntryLinks
        The levels, and how they hang together.
    """

    def __init__(self, links: EntryLinks) -> None:
        self._links = links
        self._recoveries = Recoveries(links)

    def settled(self, down: Mapping[str, Spans], start: Array, causes: BlockCauses | None) -> Years:
        """Settle years, as far as they can be; arguments as of `MoneyTables.figures`."""
        links = self._links
        years = Years.empty(start, len(links.entries), down, causes)
        self._measure(years)
        self._schedule(years)
        for number in links.order:
            if number in links.onlookers:
                continue
            if links.entries[number].contract.pass_through.clause != "absorb":
                self._recoveries.pass_on(number, years)
            if number in links.users:
                # What is owed without downtime is about no time that could be told.
                idle = (years.owed[:, number] > 0) & (years.lost[:, number] == 0)
                years.settled &= ~idle
            if number in links.shared:
                self._recoveries.share(number, years)
            elif number in links.users:
                self._recoveries.hand_on(number, years)
        for members, limit in links.limits:
            most = np.maximum(years.scheduled[:, members], years.owed[:, members]).sum(axis=1)
            for table in links.earlier.get(links.entries[members[0]].contract.id, ()):
                # Zones differ: what lies before in the year's first period uses up a cap as well.
                most += self._owed_by(table, years)
            years.settled &= most <= limit
        within = years.settled.copy()
        for border in links.borders:
            self._keep_apart(border, years)
        years.over_border[:] = within & ~years.settled
        return years

    def _keep_apart(self, border: Border, years: Years) -> None:
        """Unmark years in which a recovery may pass between this year and another one (P6)."""
        for place in np.flatnonzero(years.settled & (self._paid(border, years) > 0)):
            first, last = border.within
            begin = int(years.start[place])
            within = begin + first, begin + last
            years.settled[place] = _are_apart(border.services, within, years.causes)

    def _paid(self, border: Border, years: Years) -> Array:
        """What a source at the border owes, by year; more than nothing where it is not known."""
        if border.number is not None:
            return years.owed[:, border.number]
        assert border.table is not None  # noqa: S101 - one of the two is there
        return self._owed_by(border.table, years)

    def _owed_by(self, table: LevelTable, years: Years) -> Array:
        """Most that a level of another year owes, by year; very much where it is not known."""
        entry = table.entry
        down = years.down.get(entry.sla.service)
        first, last = self._links.money.span(entry)
        if down is None:
            return np.full(len(years.start), _VERY_MUCH)
        period, runs = (
            (years.start + first, years.start + last),
            granularity_of(entry.promise.objective),
        )
        origin = cells_from(runs, years.start, years.start + self._links.money.time(entry.start))
        lost = counted_within(down, runs, origin, period)
        is_known = (
            not excludes_others(entry)
            and entry.sla.service_hours is None
            and entry.contract.pass_through.clause != "back_to_back"
        )
        owed, _, settled = table.owed_by(lost)
        return np.where(settled & (is_known | (lost == 0)), owed, _VERY_MUCH)

    def _measure(self, years: Years) -> None:
        """Downtime of every entry; unmarks years in which it cannot be told."""
        for service, numbers in self._links.of_service.items():
            years.struck[:, numbers] = self._within(years.down[service], numbers, years)
        years.lost[:] = years.struck
        for numbers in self._links.apart:
            if not years.struck[:, numbers].any():
                continue
            counted = years.counted(self._links.entries[numbers[0]])
            if counted is None:
                years.settled &= ~years.struck[:, numbers].any(axis=1)
            else:
                years.lost[:, numbers] = self._links.counted(counted, numbers, years.start)

    def _within(self, down: Spans, numbers: Array, years: Years) -> Array:
        """Downtime within the periods of several entries, by year and entry."""
        first, last = self._links.windows[numbers].T
        start = years.start[:, None]
        return downtime_within(down, start + first, start + last)

    def _schedule(self, years: Years) -> None:
        """What every entry owes by its schedule; unmarks years that cannot be told."""
        for number, table in enumerate(self._links.tables):
            owed, missed, settled = table.owed_by(years.lost[:, number])
            years.scheduled[:, number], years.missed[:, number] = owed, missed
            years.settled &= settled
        years.owed[:] = years.scheduled
        for members in self._links.rivals:
            years.settled &= (years.scheduled[:, members] > 0).sum(axis=1) <= 1


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
