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
from depgraph.engine.level_tables import in_units, is_regional
from depgraph.engine.money_links import EntryLinks
from depgraph.engine.money_years import Years, downtime_within
from depgraph.engine.pass_through import after_clause, before_recovery
from depgraph.units import minor_unit

_MOST_KNOWN = 1 << 16
"""Cases of clauses that are kept."""


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
        self._after: dict[tuple[int, Fraction, Fraction, int], int] = {}

    def pass_on(self, number: int, years: Years) -> None:
        """What is owed after a clause that passes failures on (rule P4)."""
        entry = self._links.entries[number]
        touched = years.scheduled[:, number] > 0
        if entry.contract.pass_through.clause == "back_to_back":
            touched |= years.recovered[:, number] > 0
        for year in np.flatnonzero(touched & years.settled):
            amounts = self._own_amount(number, int(year), years)
            if amounts is None or number in self._links.in_ring:
                years.settled[year] = False
                continue
            recovered = int(years.for_cause[year, number])
            years.owed[year, number] = self._after_clause(number, amounts, recovered)

    def _after_clause(self, number: int, amounts: tuple[Fraction, Fraction], recovered: int) -> int:
        """What an entry owes after its clause and caps, in minor units; few cases come often."""
        key = number, *amounts, recovered
        known = self._after.get(key)
        if known is None:
            entry = self._links.entries[number]
            passed = Fraction(recovered * minor_unit(entry.currency))
            after = after_clause(entry.contract.pass_through, amounts, passed, in_ring=False)
            known = in_units(entry, within_caps(entry, after, ()).amount)
            if len(self._after) == _MOST_KNOWN:
                self._after.clear()
            self._after[key] = known
        return known

    def _own_amount(self, number: int, year: int, years: Years) -> tuple[Fraction, Fraction] | None:
        """Credit of an entry, and of it without third parties; None where it cannot be told."""
        table, lost = self._links.tables[number], int(years.lost[year, number])
        if not years.scheduled[year, number] and not self._links.plain[number]:
            return Fraction(0), Fraction(0)
        amount = table.credit(lost)
        if not amount:
            return amount, amount
        alone = self._alone(number, years)
        if alone is None or not self._links.plain[number]:
            return None
        own = int(alone[year])
        return amount, amount if own == lost else min(amount, table.credit(own))

    def _alone(self, number: int, years: Years) -> Array | None:
        """Downtime of an entry by its supplier's own failures, by year; None if it is not known."""
        if number not in years.alone:
            own = years.own(self._links.entries[number])
            first, last = self._links.spans[number]
            years.alone[number] = (
                None
                if own is None
                else downtime_within(own, years.start + first, years.start + last)
            )
        return years.alone[number]

    def _is_about(self, user: int, source: int, years: Years) -> Array:
        """Whether what one entry pays for, by year, lies in part in another one's period."""
        (first, last), (from_, to) = self._links.spans[user], self._links.spans[source]
        if first <= from_ and to <= last:
            return np.ones(len(years.start), np.bool_)
        within = years.counted(self._links.entries[source])
        if within is None:
            years.settled &= years.owed[:, source] == 0
            return np.ones(len(years.start), np.bool_)
        start = years.start
        about: Array = downtime_within(within, start + max(first, from_), start + min(last, to)) > 0
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
        amounts = self._own_amount(user, year, years)
        if amounts is None:
            return None
        return Decimal(in_units(entry, before_recovery(clause, *amounts)))
