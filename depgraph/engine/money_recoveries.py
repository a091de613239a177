"""What levels owe and recover in simulated years, where clauses pass failures on (rules P4, P6)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from depgraph.engine.allocation import Share, allocated
from depgraph.engine.caps import within_caps
from depgraph.engine.credits import rounded
from depgraph.engine.diagram import Array
from depgraph.engine.level_tables import in_units, is_regional, shrinks_by_exclusions
from depgraph.engine.money_links import EntryLinks
from depgraph.engine.money_years import Years
from depgraph.engine.pass_through import after_clause, before_recovery
from depgraph.engine.shared_causes import Spans
from depgraph.units import minor_unit

_MOST_KNOWN = 1 << 16
"""Cases of clauses that are kept."""
_Case = tuple[int, int]
"""What the credit of an entry follows from, and what it would follow from without third parties, as
by `LevelTable.cases`."""


class Recoveries:
    """Passes on what is owed, and unmarks years in which that cannot be told.

    Parameters
    ----------
    links : EntryLinks
        Levels of a year, and what stands behind them.
    """

    def __init__(self, links: EntryLinks) -> None:
        self._links = links
        self._fees: dict[int, Decimal] = {}
        self._after: dict[tuple[int, int, int, int], int] = {}
        self._credits: dict[tuple[int, int], Fraction] = {}

    def pass_on(self, number: int, years: Years) -> None:
        """What is owed after a clause that passes failures on (rule P4)."""
        entry = self._links.entries[number]
        touched = years.scheduled[:, number] > 0
        if entry.contract.pass_through.clause == "back_to_back":
            touched |= years.recovered[:, number] > 0
        places = np.flatnonzero(touched & years.settled)
        if number in self._links.in_ring:
            years.settled[places] = False
            return
        recovered = years.for_cause[places, number].tolist()
        cases = self._cases(number, places, years)
        for year, case, passed in zip(places.tolist(), cases, recovered, strict=True):
            if case is None:
                years.settled[year] = False
            else:
                years.owed[year, number] = self._after_clause(number, case, passed)

    def _after_clause(self, number: int, case: _Case, recovered: int) -> int:
        """What an entry owes after its clause and caps, in minor units; few cases come often."""
        key = number, *case, recovered
        known = self._after.get(key)
        if known is None:
            entry = self._links.entries[number]
            passed = Fraction(recovered * minor_unit(entry.currency))
            amounts = self._amounts(number, case)
            after = after_clause(entry.contract.pass_through, amounts, passed, in_ring=False)
            known = in_units(entry, within_caps(entry, after, ()).amount)
            if len(self._after) == _MOST_KNOWN:
                self._after.clear()
            self._after[key] = known
        return known

    def _cases(self, number: int, places: Array, years: Years) -> list[_Case | None]:
        """Cases of an entry in some years; None where one cannot be told."""
        if not self._links.plain[number]:
            return [None if owed else (0, 0) for owed in years.scheduled[places, number]]
        table = self._links.tables[number]
        cases = table.cases(years.lost[places, number]).tolist()
        paid = [bool(self._credit(number, case)) for case in cases]
        alone = self._alone(number, years) if any(paid) else None
        if alone is None:
            return [None if pays else (case, case) for case, pays in zip(cases, paid, strict=True)]
        without = table.cases(alone[places]).tolist()
        return [
            (case, own if pays else case)
            for case, own, pays in zip(cases, without, paid, strict=True)
        ]

    def _amounts(self, number: int, case: _Case) -> tuple[Fraction, Fraction]:
        """Credit of an entry in a case, and what of it is left without third parties."""
        if not self._links.plain[number]:
            return Fraction(0), Fraction(0)
        amount = self._credit(number, case[0])
        return amount, min(amount, self._credit(number, case[1]))

    def _credit(self, number: int, case: int) -> Fraction:
        """Credit of an entry in a case."""
        key = number, case
        known = self._credits.get(key)
        if known is None:
            if len(self._credits) == _MOST_KNOWN:
                self._credits.clear()
            known = self._credits[key] = self._links.tables[number].credit(case)
        return known

    def _alone(self, number: int, years: Years) -> Array | None:
        """Downtime of an entry by its supplier's own failures, by year; None if it is not known."""
        if number not in years.alone:
            entry = self._links.entries[number]
            own = None if shrinks_by_exclusions(entry) else years.own(entry)
            years.alone[number] = None if own is None else self._counted(own, number, years)
        return years.alone[number]

    def _counted(
        self, down: Spans, number: int, years: Years, part: tuple[int, int] | None = None
    ) -> Array:
        """Length of downtime as an entry counts it, by year; within a part of its period."""
        found: Array = self._links.counted(down, np.array([number]), years.start, part)[:, 0]
        return found

    def _is_about(self, user: int, source: int, years: Years) -> Array:
        """Whether what one entry pays for, by year, lies in part in another one's period."""
        (first, last), (from_, to) = self._links.spans[user], self._links.spans[source]
        if first <= from_ and to <= last:
            return np.ones(len(years.start), np.bool_)
        within = years.counted(self._links.entries[source])
        if within is None:
            years.settled &= years.owed[:, source] == 0
            return np.ones(len(years.start), np.bool_)
        about: Array = self._counted(within, source, years, (max(first, from_), min(last, to))) > 0
        return about

    def hand_on(self, source: int, years: Years) -> None:
        """Hand what a source owes to the one entry that it stands behind."""
        [user] = self._links.users[source]
        owed = years.owed[:, source]
        about = self._is_about(user, source, years)
        # Struck by one outage at different times: lengths do not tell what is paid then.
        years.settled &= about | (owed == 0) | (years.struck[:, user] == 0)
        part = np.where(about, owed, 0)
        years.recovered[:, user] += part
        if self._links.entries[user].contract.pass_through.clause == "absorb":
            return
        for year in np.flatnonzero((part > 0) & years.settled):
            struck = self._has_cause(source, user, int(year), years)
            if struck is None:
                years.settled[year] = False
            elif struck:
                years.for_cause[year, user] += part[year]

    def share(self, source: int, years: Years) -> None:
        """Share what a source owes among the entries that it stands behind (rule P6)."""
        able = all(self._may_share(source, user) for user in self._links.users[source])
        for place in np.flatnonzero((years.owed[:, source] > 0) & years.settled):
            year = int(place)
            struck = self._struck(source, year, years) if able else None
            found = struck
            if struck is not None and not struck:
                at = [
                    u for u in self._links.users[source] if self._is_about(u, source, years)[year]
                ]
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
        entry = self._links.entries[user]
        schedule = entry.schedule
        return (
            source not in self._links.other_currency
            and not is_regional(entry)
            and not is_regional(self._links.entries[source])
            and (schedule is None or schedule.rounding == "half_up")
        )

    def _has_cause(self, source: int, user: int, year: int, years: Years) -> bool | None:
        """Whether an outage took part in the downtime of both; None where it is not plain."""
        if not years.struck[year, user]:
            return False
        if years.causes is None:
            return None
        (first, last), (start, end) = self._links.spans[source], self._links.spans[user]
        begins = int(years.start[year])
        services = self._links.entries[source].sla.service, self._links.entries[user].sla.service
        return years.causes.shared(services, (begins + max(first, start), begins + min(last, end)))

    def _struck(self, source: int, year: int, years: Years) -> list[int] | None:
        """Users with a cause in common with a source; None where it is not plain."""
        found = []
        for user in self._links.users[source]:
            struck = self._has_cause(source, user, year, years)
            if struck is None:
                return None
            if struck:
                found.append(user)
        return found

    def _parts(
        self, source: int, users: Sequence[int], year: int, years: Years
    ) -> dict[int, int] | None:
        """Parts of what a source owes, in minor units, by user; None where one cannot be told."""
        owed = int(years.owed[year, source])
        if len(users) < 2:  # noqa: PLR2004 - nothing to share
            return dict.fromkeys(users, owed)
        held = self._links.entries[source]
        unit = minor_unit(held.currency)
        shares = []
        for user in users:
            entry = self._links.entries[user]
            before = self._before(user, year, years)
            if before is None:
                return None
            if user not in self._fees:
                self._fees[user] = rounded(entry.base, unit)
            shares.append(Share(before * unit, self._fees[user], entry.contract.priority))
        policy = held.contract.recovery_allocation
        parts = allocated(owed * unit, shares, policy, unit)
        return {user: int(part / unit) for user, part in zip(users, parts, strict=True)}

    def _before(self, user: int, year: int, years: Years) -> Decimal | None:
        """What an entry owes before its recovery is known, in minor units (rule P6)."""
        entry = self._links.entries[user]
        clause = entry.contract.pass_through
        scheduled = Decimal(int(years.scheduled[year, user]))
        if clause.clause not in {"excluded_if_third_party", "share"} or not scheduled:
            return scheduled
        [case] = self._cases(user, np.array([year]), years)
        if case is None:
            return None
        amounts = self._amounts(user, case)
        return Decimal(in_units(entry, before_recovery(clause, *amounts)))
