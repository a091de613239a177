"""The fast form of simulated money: what each level owes, by downtime, looked up for many years.

For a level whose counted downtime is its downtime and whose schedule pays in steps, what it owes
is a step function of its downtime. The steps are found once, by asking the reference rules at
every edge; years are then settled by looking downtime up. A year in which anything else could
matter is marked, and goes through the reference form: levels measured otherwise, clauses that pass
failures on, caps that look back and could bind, recoveries shared by causes that are not plain
(rules M, K, P).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from depgraph.engine.allocation import Share, allocated
from depgraph.engine.caps import capped, look_back_limit
from depgraph.engine.credits import Outcome, raw_credit, rounded
from depgraph.engine.diagram import Array
from depgraph.engine.entries import Entry
from depgraph.engine.periods import MONTHS
from depgraph.engine.planned import maintained, services_resting_on
from depgraph.engine.renewal import Outages
from depgraph.engine.shared_causes import SharedCauses, Spans
from depgraph.engine.simulated_money import FIGURES, SimulatedMoney
from depgraph.model.credits import CreditSchedule
from depgraph.units import minor_unit

_MINUTE = 60_000_000
_STEPPED = frozenset({"step", "day_credits"})
_BY_ROWS = _STEPPED | {"points", "pool"}
"""Shapes whose rows may pay although the target is met; the others need a miss."""
_BY_CAUSE = frozenset({"planned_maintenance", "emergency_maintenance", "force_majeure"})
"""Exclusions that simulated failures never meet; planned maintenance meets the first."""
_OWED, _RECOVERED, _ABSORBED, _BREACHES = range(len(FIGURES))


@dataclass(frozen=True)
class LevelTable:
    """What one level owes, by its downtime.

    Attributes
    ----------
    edges : ndarray of int64
        Downtime from which each step holds [µs]; the first one is 0.
    owed : ndarray of int64
        What is owed, in minor units.
    missed : ndarray of bool
        Whether the target is missed.
    settled : ndarray of bool
        Whether the step can be looked up; false: ask the reference form.
    """

    edges: Array
    owed: Array
    missed: Array
    settled: Array


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
    """

    causes: SharedCauses
    place: Mapping[str, int]
    outages: tuple[Outages, Outages]
    down: Mapping[str, Spans]

    def shared(self, services: tuple[str, str], within: tuple[int, int]) -> bool | None:
        """Whether an outage took part in the downtime of both; None where it is not plain."""
        one, other = services
        places, down = (self.place[one], self.place[other]), (self.down[one], self.down[other])
        return self.causes.shared(places, down, within, self.outages)


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
        self._tables = [_table(entry, plain=self._is_plain(entry)) for entry in self._entries]
        self._column = np.array([self._columns_of(entry) for entry in self._entries], np.int64)
        self._users: dict[int, list[int]] = {}
        self._other_currency: set[int] = set()
        for entry in self._entries:
            self._link(entry, place)
        self._spread = {
            source: users
            for source, users in self._users.items()
            if len(users) > 1 or source in self._other_currency
        }
        self._limits = self._look_back_limits()

    @property
    def services(self) -> tuple[str, ...]:
        """Services whose downtime is needed."""
        return tuple(dict.fromkeys(entry.sla.service for entry in self._entries))

    def _is_plain(self, entry: Entry) -> bool:
        """Whether what a level owes is a step function of its downtime."""
        excused = any(ground.kind == "planned_maintenance" for ground in entry.sla.exclusions)
        return _is_stepped(entry) and not (excused and entry.sla.service in self._maintained)

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

    def figures(
        self,
        down: Mapping[str, tuple[Array, Array]],
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
            Which outages services have in common, to share recoveries by (rule P6); without it
            years in which one recovery stands behind several promises are not looked up.

        Returns
        -------
        tuple of (ndarray of int64, ndarray of bool)
            `FIGURES` of each column, by year; and whether they hold.
        """
        start = np.asarray(begins, np.int64)
        lost = np.empty((len(start), len(self._entries)), np.int64)
        settled = np.ones(len(start), bool)
        earlier: dict[str, int] = {}
        for number, (entry, (first, last)) in enumerate(
            zip(self._entries, self._spans, strict=True)
        ):
            within = down[entry.sla.service]
            lost[:, number] = downtime_within(within, start + first, start + last)
            service = entry.sla.service
            earlier[service] = min(first, earlier.get(service, first))
        for service, first in earlier.items():
            # Zones and anchor days differ: what lies before may count in a period before.
            before = downtime_within(down[service], start + self._money.first, start + first)
            settled &= before == 0
        owed, missed = self._looked_up(lost, settled)
        recovered = self._recovered((owed, lost), settled, (start, down), causes)
        return self._summed((owed, recovered, missed), settled), settled

    def _is_about(self, user: int, source: int, start: Array, down: Mapping[str, Spans]) -> Array:
        """Whether what one entry pays for, by year, lies in part in another one's period."""
        (first, last), (from_, to) = self._spans[user], self._spans[source]
        if first <= from_ and to <= last:
            return np.ones(len(start), bool)
        within = down[self._entries[source].sla.service]
        return downtime_within(within, start + max(first, from_), start + min(last, to)) > 0

    def _looked_up(self, lost: Array, settled: Array) -> tuple[Array, Array]:
        """What every entry owes, and whether it is missed; unmarks years that cannot be told."""
        owed, missed = np.zeros_like(lost), np.zeros(lost.shape, bool)
        for number, table in enumerate(self._tables):
            step = np.searchsorted(table.edges, lost[:, number], "right") - 1
            owed[:, number] = table.owed[step]
            missed[:, number] = table.missed[step]
            settled &= table.settled[step]
        for members, limit in self._limits:
            settled &= owed[:, members].sum(axis=1) <= limit
        by_contract: dict[str, list[int]] = {}
        for number, entry in enumerate(self._entries):
            by_contract.setdefault(entry.contract.id, []).append(number)
        for members_of in by_contract.values():
            if self._entries[members_of[0]].contract.stacking != "all":
                starts = np.array([self._spans[number][0] for number in members_of])
                for begin in set(starts.tolist()):
                    at = np.array(members_of)[starts == begin]
                    settled &= (owed[:, at] > 0).sum(axis=1) <= 1
        return owed, missed

    def _recovered(
        self,
        figures: tuple[Array, Array],
        settled: Array,
        at: tuple[Array, Mapping[str, Spans]],
        causes: BlockCauses | None,
    ) -> Array:
        """What every entry recovers (rule P6); unmarks years that cannot be told."""
        owed, lost = figures
        begins, _ = at
        recovered = np.zeros_like(owed)
        for source, users in self._users.items():
            if source not in self._spread:
                [user] = users
                about = self._is_about(user, source, *at)
                # Struck by one outage at different times: lengths do not tell what is paid then.
                settled &= about | (owed[:, source] == 0) | (lost[:, user] == 0)
                recovered[:, user] += np.where(about, owed[:, source], 0)
        for source, users in self._spread.items():
            able = causes is not None and all(self._may_share(source, user) for user in users)
            for year in np.flatnonzero((owed[:, source] > 0) & settled):
                parts = None
                if causes is not None and able:
                    struck = self._struck(source, lost[year], int(begins[year]), causes)
                    parts = None if struck is None else self._parts(source, struck, owed[year])
                if parts is None:
                    settled[year] = False
                else:
                    for user, part in parts.items():
                        recovered[year, user] += part
        return recovered

    def _may_share(self, source: int, user: int) -> bool:
        """Whether a user's part can be told: one currency, plain downtime, usual rounding."""
        entry = self._entries[user]
        schedule = entry.schedule
        return (
            source not in self._other_currency
            and not _is_regional(entry)
            and not _is_regional(self._entries[source])
            and (schedule is None or schedule.rounding == "half_up")
        )

    def _struck(
        self, source: int, lost: Array, begins: int, causes: BlockCauses
    ) -> list[int] | None:
        """Users with a cause in common with a source, else those that it is about.

        None where it is not plain.
        """
        held, (first, last) = self._entries[source], self._spans[source]
        found = []
        for user in self._spread[source]:
            if not lost[user]:
                continue
            start, end = self._spans[user]
            within = begins + max(first, start), begins + min(last, end)
            struck = causes.shared((held.sla.service, self._entries[user].sla.service), within)
            if struck is None:
                return None
            if struck:
                found.append(user)
        begin = np.array([begins])
        users = self._spread[source]
        return found or [u for u in users if self._is_about(u, source, begin, causes.down)[0]]

    def _parts(self, source: int, users: Sequence[int], owed: Array) -> dict[int, int]:
        """Parts of what a source owes, in minor units, by user."""
        if len(users) < 2:  # noqa: PLR2004 - nothing to share
            return {user: int(owed[source]) for user in users}
        held = self._entries[source]
        unit = minor_unit(held.currency)
        shares = [
            Share(
                int(owed[user]) * unit,
                rounded(self._entries[user].base, unit),
                self._entries[user].contract.priority,
            )
            for user in users
        ]
        policy = held.contract.recovery_allocation
        parts = allocated(int(owed[source]) * unit, shares, policy, unit)
        return {user: int(part / unit) for user, part in zip(users, parts, strict=True)}

    def _summed(self, figures: tuple[Array, Array, Array], settled: Array) -> Array:
        """Figures by column; unmarks years in which a clause passes something on."""
        owed, recovered, missed = figures
        for number, entry in enumerate(self._entries):
            if entry.contract.pass_through.clause != "absorb":
                settled &= (owed[:, number] == 0) & (recovered[:, number] == 0)
        result = np.zeros((len(owed), len(FIGURES) * len(self._money.columns)), np.int64)
        absorbed = np.maximum(0, owed - recovered)
        for kind, values in enumerate((owed, recovered, absorbed, missed)):
            for number, column in enumerate(self._column):
                result[:, len(FIGURES) * column + kind] += values[:, number]
        return result


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


def _table(entry: Entry, *, plain: bool) -> LevelTable:
    """Steps of one level; of one that is not plain, only where it is certain to owe nothing."""
    length = (entry.end - entry.start).total_seconds()
    length_us = round(length * 1_000_000)
    edges = {0, 1}
    for edge in _edges(entry, length_us):
        edges |= {int(edge), int(edge) + 1}
    steps = sorted(edge for edge in edges if 0 <= edge <= length_us)
    harmless = _harmless(entry, length_us)
    owed, missed, settled = [], [], []
    for lost in steps:
        amount, below = _owed(entry, lost, length_us) if plain else (0, False)
        owed.append(amount)
        missed.append(below)
        settled.append(plain or (harmless >= 0 and (lost == 0 or lost < harmless)))
    return LevelTable(np.array(steps), np.array(owed), np.array(missed), np.array(settled))


def _owed(entry: Entry, lost: int, length: int) -> tuple[int, bool]:
    """What a level owes for its downtime alone by the reference rules; whether it is missed."""
    availability = 1 - Fraction(lost, length)
    level = replace(entry.level, availability=availability, counted=Fraction(lost, _MINUTE))
    struck = replace(entry, level=level)
    schedule = entry.schedule
    if schedule is None or (_has_own_target(entry) and not struck.breached):
        return 0, struck.breached
    months = MONTHS[entry.period.kind]
    outcome = Outcome(availability, entry.target, level.counted, months=months)
    raw = raw_credit(schedule, outcome, entry.base).amount
    left = capped(struck, raw, (), stacked=False).amount
    unit = minor_unit(entry.currency)
    return int(rounded(left, unit, schedule.rounding) / unit), struck.breached


def _has_own_target(entry: Entry) -> bool:
    """Whether another target than the usual one holds (rule K10)."""
    return entry.target != Fraction(entry.promise.objective.target)


def _is_stepped(entry: Entry) -> bool:
    """Whether what a level owes is a step function of its failures."""
    objective, sla = entry.promise.objective, entry.sla
    plain = (
        objective.measure == "time"
        and objective.granularity == "exact"
        and objective.denominator == "full"
        and not _is_regional(entry)
        and sla.service_hours is None
        and all(ground.kind in _BY_CAUSE for ground in sla.exclusions)
    )
    return plain and (entry.schedule is None or entry.schedule.shape in _STEPPED)


def _is_regional(entry: Entry) -> bool:
    """Whether downtime is looked at region by region (rule M9)."""
    return entry.promise.objective.regions == "each" or bool(entry.sla.regions)


def _edges(entry: Entry, length: int) -> list[Fraction]:
    """Downtime at which the verdict or the row may change [µs]."""
    found = [(1 - Fraction(entry.target or 0)) * length]
    schedule = entry.schedule
    for tier in schedule.tiers if isinstance(schedule, CreditSchedule) else ():
        bounds = tier.below, tier.at_or_below, tier.at_least, tier.above
        found += [(1 - Fraction(bound)) * length for bound in bounds if bound is not None]
        times = tier.over_minutes, tier.from_minutes, tier.to_minutes
        found += [Fraction(minutes) * _MINUTE for minutes in times if minutes is not None]
    return found


def _harmless(entry: Entry, length: int) -> int:
    """Downtime below which a level is met and no row pays [µs].

    0: any downtime matters; -1: the level has to be asked for in any case.
    """
    objective, schedule = entry.promise.objective, entry.schedule
    if _is_regional(entry):
        return -1
    if objective.denominator != "full":
        return 0
    tolerated = [(1 - Fraction(entry.target or 0)) * length]
    if schedule is not None and schedule.shape == "severity_duration":
        return 0
    for tier in schedule.tiers if schedule is not None and schedule.shape in _BY_ROWS else ():
        edge = tier.below if tier.below is not None else tier.at_or_below
        minutes = tier.over_minutes if tier.over_minutes is not None else tier.from_minutes
        bounds = [] if edge is None else [(1 - Fraction(edge)) * length]
        bounds += [] if minutes is None else [Fraction(minutes) * _MINUTE]
        tolerated.append(max(bounds, default=Fraction(-1)))
    return int(min(tolerated)) if min(tolerated) >= 0 else -1
