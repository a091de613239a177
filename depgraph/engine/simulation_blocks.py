"""Simulated years block by block: the unit of work that any worker can do (rule W5).

A block is sixteen years on one timeline, with its own random streams. What it yields depends on
the seed and on its number alone, so that blocks can be done anywhere, in any order, and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from depgraph.engine import simulated_money
from depgraph.engine.diagram import Array
from depgraph.engine.lone_outages import ServiceDowntime
from depgraph.engine.money_tables import MoneyTables
from depgraph.engine.money_years import BlockCauses
from depgraph.engine.outage_stretches import down_stretches, drawn_windows, fit_at_once
from depgraph.engine.outage_union import together
from depgraph.engine.own_worlds import OwnWorlds
from depgraph.engine.planned import UNANNOUNCED, Planned
from depgraph.engine.renewal import MICROSECONDS_PER_HOUR, Outages, Renewal, outages
from depgraph.engine.shared_causes import SharedCauses, Spans
from depgraph.engine.simulated_money import (
    SimulatedMoney,
    Struck,
    components_struck,
)
from depgraph.engine.tally import Tally
from depgraph.engine.word_gates import WordGates
from depgraph.model.estate import Estate

BLOCK_YEARS = 16
"""Years on one timeline."""
DAY = 24 * MICROSECONDS_PER_HOUR
"""A day [µs]."""
YEAR = 365 * DAY
"""The 365-day year of rule A10 [µs]."""
BEFORE, AFTER = 2 * DAY, simulated_money.AFTER.days * DAY
"""Margins: periods of other zones begin earlier, those of an anchor day end later [µs]."""
DOWNTIME_SHIFT = 14
"""Tallies tell downtime apart from 2^14 µs on."""
_LENGTH = BEFORE + BLOCK_YEARS * YEAR + AFTER
_Down = tuple[Outages, Outages]
"""Failures of the components; when they are down, planned maintenance included."""


@dataclass(frozen=True)
class MoneyTask:
    """What a worker needs to settle simulated years.

    Attributes
    ----------
    estate : str
        The estate as JSON, every published schedule written out.
    year : int
        Calendar year on which every simulated year is laid.
    sums : csr_array of int64, shape (figures of contracts, rows)
        Adds figures of contracts up to rows of organizations and of our own liability.
    """

    estate: str
    year: int
    sums: csr_array


@dataclass(frozen=True)
class SimulationTask:
    """What a worker needs to simulate any block; it can be sent to another process.

    Attributes
    ----------
    gates : WordGates
        The estate compiled.
    renewal : Renewal
        Processes of the components.
    key : ndarray of uint64
        Key of the generator.
    spans_of : tuple of str
        Services whose downtime is wanted span by span, as compiled.
    planned : Planned, optional
        Planned maintenance, the same in every block; None where there is none.
    money : MoneyTask, optional
        How to settle; None for downtime alone.
    """

    gates: WordGates
    renewal: Renewal
    key: Array
    spans_of: tuple[str, ...] = ()
    planned: Planned | None = None
    money: MoneyTask | None = None


def outages_in_hand(task: SimulationTask) -> float:
    """Outages and planned windows that are expected in one block."""
    planned = 0 if task.planned is None else task.planned.number
    return float(task.renewal.rate.sum()) * _LENGTH + planned


@dataclass(frozen=True)
class BlockYears:
    """Yearly figures of one block.

    Attributes
    ----------
    block : int
        Its number.
    downtime : ndarray of int64, shape (years, services + 1)
        Downtime of each service, and of the average service [µs].
    money : ndarray of int64, shape (years, rows)
        Figures of contracts, then of organizations, then of our own liability; no columns without
        money.
    """

    block: int
    downtime: Array
    money: Array


@dataclass
class YearTallies:
    """Tallied years.

    Attributes
    ----------
    downtime : Tally
        Of each service, and of the average service [µs].
    money : Tally
        Of the figures of contracts, organizations and our own liability; no rows without money.
    """

    downtime: Tally
    money: Tally

    @classmethod
    def empty(cls, task: SimulationTask) -> YearTallies:
        """Nothing gathered yet."""
        rows = task.money.sums.shape[1] if task.money else 0
        services = len(task.gates.services)
        return cls(Tally.empty(services + 1, DOWNTIME_SHIFT), Tally.empty(rows))

    def add(self, found: BlockYears, years: int) -> None:
        """Gather a block; years beyond what is wanted in all are left out."""
        wanted = years - found.block * BLOCK_YEARS
        self.downtime.add(found.downtime[:wanted])
        if found.money.shape[1]:
            self.money.add(found.money[:wanted])

    def merge(self, other: YearTallies) -> None:
        """Gather what others hold."""
        self.downtime.merge(other.downtime)
        self.money.merge(other.money)


def merged_tallies(one: YearTallies, other: YearTallies) -> YearTallies:
    """Both together; neither is changed."""
    result = YearTallies(one.downtime.copy(), one.money.copy())
    result.merge(other)
    return result


def tallies_of(simulator: BlockSimulator, blocks: range, years: int) -> YearTallies:
    """Simulate blocks and tally their years.

    Parameters
    ----------
    simulator : BlockSimulator
        Does the work.
    blocks : range
        Numbers of the blocks.
    years : int
        Years wanted in all.
    """
    result = YearTallies.empty(simulator.task)
    for block in blocks:
        result.add(simulator.years(block), years)
    return result


class BlockSimulator:
    """Simulates blocks of one task; holds the room that the work needs.

    Parameters
    ----------
    task : SimulationTask
        What to simulate.
    tables : MoneyTables, optional
        Those of the task where they are at hand; worked out when they are needed else.
    services : ServiceDowntime, optional
        Downtime of its services, likewise.
    """

    def __init__(
        self,
        task: SimulationTask,
        tables: MoneyTables | None = None,
        services: ServiceDowntime | None = None,
    ) -> None:
        self.task = task
        self._ready = tables
        self._services = services or ServiceDowntime(task.gates)
        self._edges = BEFORE + YEAR * np.arange(BLOCK_YEARS + 1, dtype=np.int64)

    def beside(self) -> BlockSimulator:
        """Another one of the same task without money, to be used at the same time."""
        return BlockSimulator(self.task, services=self._services.beside())

    @cached_property
    def money(self) -> SimulatedMoney | None:
        """Settles years; None for downtime alone."""
        return None if self.tables is None else self.tables.money

    @cached_property
    def tables(self) -> MoneyTables | None:
        """The fast form; None for downtime alone."""
        task = self.task.money
        if task is None or self._ready is not None:
            return self._ready
        estate = Estate.model_validate_json(task.estate)
        return MoneyTables(SimulatedMoney(estate, task.year))

    def years(self, block: int, years: int = BLOCK_YEARS) -> BlockYears:
        """Simulate a block.

        Parameters
        ----------
        block : int
            Its number, from 0.
        years : int
            How many of its years are wanted, the first ones.
        """
        task, edges = self.task, self._edges[: years + 1]
        if task.money is None:
            drawing = task.renewal, task.key, block, _LENGTH
            stretches = down_stretches(*drawing, task.planned)
            found = self._services.downtime_over(stretches, edges)
            return BlockYears(block, _with_mean(found.totals), np.zeros((years, 0), np.int64))
        parts = [
            self._years_with_money(down_at, edges[part.start : part.stop + 1])
            for part, down_at in self._drawn_years(block, years)
        ]
        totals, money = (np.concatenate(each) for each in zip(*parts, strict=True))
        return BlockYears(block, _with_mean(totals), money @ task.money.sums)

    def _drawn_years(self, block: int, years: int) -> Iterator[tuple[range, _Down]]:
        """Outages that matter to years: to all of them, or to one after another if too many."""
        task = self.task
        drawing = task.renewal, task.key, block, _LENGTH
        if fit_at_once(task.renewal, _LENGTH, task.planned):
            yield range(years), self._down(outages(*drawing), (0, _LENGTH))
            return
        windows = [_around(int(begins)) for begins in self._edges[:years]]
        for year, drawn in enumerate(drawn_windows(*drawing, windows)):
            yield range(year, year + 1), self._down(drawn, windows[year])

    def _down(self, drawn: Outages, window: tuple[int, int]) -> _Down:
        """Outages in a window, and the same with planned maintenance."""
        planned = self.task.planned
        return drawn, drawn if planned is None else together(drawn, planned.between(*window))

    def _years_with_money(self, outages: _Down, edges: Array) -> tuple[Array, Array]:
        """Downtime of services, and figures of contracts, in years between given edges."""
        found = self._services.downtime(outages[1], _LENGTH, edges)
        down = dict(zip(self.task.spans_of, found.spans, strict=True))
        begins = [int(edge) for edge in edges[:-1]]
        return found.totals, self._settled(outages, down, begins)

    def _settled(self, outages: _Down, down: Mapping[str, Spans], begins: Sequence[int]) -> Array:
        """Figures of contracts in each year: looked up, or by the reference form."""
        money, tables = self.money, self.tables
        if money is None or tables is None:
            return np.zeros((len(begins), 0), np.int64)
        causes = self.causes(outages, down)
        result, settled = tables.figures(down, begins, causes, runs_on=self.task.planned is None)
        settled &= self._timeline_runs_on
        for year in np.flatnonzero(~settled):
            result[year] = money.figures(self.struck(money, outages[0], begins[int(year)]))
        return result

    def causes(self, outages: _Down, down: Mapping[str, Spans]) -> BlockCauses | None:
        """Causes that services have in common on one timeline."""
        if self.money is None:
            return None
        return BlockCauses(self._shared, self._places, outages, down, _LENGTH, self._worlds)

    @cached_property
    def _timeline_runs_on(self) -> bool:
        """Whether what is planned beside a year is what its calendar has there, for its periods."""
        planned, money = self.task.planned, self.money
        return planned is None or money is None or planned.runs_on(money.first, money.last)

    @cached_property
    def _shared(self) -> SharedCauses:
        return SharedCauses(self.task.gates, self._services.alone, self.task.renewal)

    @cached_property
    def _worlds(self) -> OwnWorlds | None:
        money, task = self.money, self.task
        if money is None:
            return None
        return OwnWorlds(money, task.renewal, self._services, task.spans_of)

    @cached_property
    def _places(self) -> dict[str, int]:
        services = [] if self.money is None else self.money.structure.up
        return {service: place for place, service in enumerate(services)}

    def struck(self, money: SimulatedMoney, drawn: Outages, begins: int) -> list[Struck]:
        """Outages around one year, in time from its beginning, in a fixed order."""
        window = _around(begins)
        failed = [
            Struck(key, start - begins, end - begins)
            for row, start, end in _within(drawn, window)
            for key in components_struck(money.structure, self.task.renewal.keys[row])
        ]
        return failed + self._planned_around()

    def _planned_around(self) -> list[Struck]:
        """Planned maintenance in and around a year by the calendar, in time from its beginning.

        Not what the timeline has there: the next simulated year begins on the same weekday.
        """
        planned = self.task.planned
        if planned is None:
            return []
        keys = self.task.renewal.keys
        return [
            Struck(
                keys[row], start, end, planned=True,
                announced=None if notice == UNANNOUNCED else start - notice,
            )
            for row, start, end, notice in planned.of_a_year()
        ]  # fmt: skip


def _around(begins: int) -> tuple[int, int]:
    """The year that begins at an instant, with its margins."""
    return begins - BEFORE, begins + YEAR + AFTER


def _with_mean(totals: Array) -> Array:
    """Downtime of each service, then of the average service, by year [µs]."""
    return np.column_stack((totals, totals.sum(axis=1) // max(1, totals.shape[1])))


def _within(times: Outages, window: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """Outages that overlap a window: row, start, end."""
    near = np.flatnonzero((times.starts < window[1]) & (times.ends > window[0]))
    rows = np.searchsorted(times.offsets, near, "right") - 1
    for row, at in zip(rows.tolist(), near.tolist(), strict=True):
        yield row, int(times.starts[at]), int(times.ends[at])
