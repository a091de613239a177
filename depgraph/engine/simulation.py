"""Years of simulated outages, and what they do to services, contracts and us (rule W5)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

import numpy as np

from depgraph.engine.availability import assessed, final_figures
from depgraph.engine.availability_answer import Assessment
from depgraph.engine.money_rows import OWN, MoneyRows
from depgraph.engine.money_tables import MoneyTables
from depgraph.engine.planned import (
    Timeline,
    planned_maintenance,
    services_resting_on,
)
from depgraph.engine.renewal import renewal_of, stated_mttr_hours, stream_key
from depgraph.engine.simulated_money import FIGURES, SimulatedMoney
from depgraph.engine.simulation_answer import (
    OwnLiability,
    SimulatedContract,
    SimulatedOrganization,
    SimulatedService,
    SimulationAnswer,
)
from depgraph.engine.simulation_assumptions import Assumptions, never_missed
from depgraph.engine.simulation_blocks import (
    AFTER,
    BEFORE,
    BLOCK_YEARS,
    YEAR,
    BlockSimulator,
    BlockYears,
    MoneyTask,
    SimulationTask,
    YearTallies,
)
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.simulation_workers import thread_blocks, useful_threads
from depgraph.engine.structure import Structure
from depgraph.engine.tally import Distribution, Tally
from depgraph.engine.word_gates import word_gates
from depgraph.errors import DomainError, LimitError
from depgraph.units import minor_unit

_MINUTE = 60_000_000.0
_MINUTES_PER_YEAR = 365 * 24 * 60
_TASK_SERVICE_YEARS = 400_000
_MONEY_BLOCKS = 1
_LEAST_TASKS = 2
_MOST_OUTAGES = 10**10
"""Outages a year that are drawn: each takes a tenth of a microsecond and more."""

Stopped = Literal["complete", "precision", "interrupted"]
TaskResult = list[BlockYears] | YearTallies
"""What a task yields: its blocks, or their tallies."""


class Simulation:
    """A simulation that gathers blocks, in their order, into figures.

    Parameters
    ----------
    structure : Structure
        The estate compiled, every published schedule written out.
    options : SimulationOptions
        What to simulate.

    Raises
    ------
    DomainError
        If an option is out of range.
    LimitError
        If so many outages would have to be drawn that it would not end within days.
    """

    def __init__(self, structure: Structure, options: SimulationOptions) -> None:
        options.require_possible()
        self.structure = structure
        day = options.assessment.as_of or datetime.now(UTC).date()
        self.options = replace(options, assessment=replace(options.assessment, as_of=day))
        self.figures = final_figures(structure, self.options.assessment)
        self._tables = self._money_tables(day)
        columns = self._tables.money.columns if self._tables else ()
        self.rows = MoneyRows(structure.estate, columns)
        """Rows of `money`."""
        self.task = self._task(day)
        self._require_an_end()
        self._assumptions = Assumptions(
            structure,
            self.options,
            self.figures,
            self.task,
            reaches_over_years=self._tables is not None and self._tables.reaches_over_years,
        )
        self._tallies = YearTallies.empty(self.task)
        self.stopped: Stopped = "complete"
        self._without_exact = ""

    def _money_tables(self, day: date) -> MoneyTables | None:
        """How years are settled; None for downtime alone."""
        if not (self.options.money and self.structure.estate.contracts):
            return None
        return MoneyTables(SimulatedMoney(self.structure.estate, day.year))

    def _task(self, day: date) -> SimulationTask:
        options, structure = self.options, self.structure
        world = self.figures.world(1 if options.unknown == "working" else 0)
        renewal = renewal_of(
            structure, world, (options.failures, options.repairs), options.mttr_hours
        )
        spans_of: tuple[str, ...] = ()
        money = None
        if self._tables is not None:
            spans_of = self._tables.services
            estate = self._tables.money.estate.model_dump_json()
            money = MoneyTask(estate, day.year, self.rows.sums())
        return SimulationTask(
            gates=word_gates(structure, renewal, spans_of),
            renewal=renewal,
            key=stream_key(options.seed),
            spans_of=spans_of,
            planned=planned_maintenance(
                structure, renewal.keys, Timeline(day.year, BLOCK_YEARS, YEAR, BEFORE, AFTER)
            ),
            money=money,
        )

    def _require_an_end(self) -> None:
        """Refuse what would draw outages for days before the first years are done."""
        renewal = self.task.renewal
        yearly = renewal.rate * YEAR
        if yearly.sum() <= _MOST_OUTAGES:
            return
        row = int(yearly.argmax())
        raise LimitError(
            f"{yearly.sum():.2g} outages a year would have to be drawn, {yearly[row]:.2g} of them "
            f"of {self.structure.name(int(renewal.variables[row]))}; state longer times to restore "
            "(mttr_hours, or --mttr-hours where none is stated)"
        )

    def simulator(self) -> BlockSimulator:
        """Simulates blocks in this process."""
        return BlockSimulator(self.task, self._tables)

    def tasks(self) -> list[range]:
        """Blocks in tasks of a fixed size, whoever does them."""
        blocks = -(-self.options.years // BLOCK_YEARS)
        size = max(1, _TASK_SERVICE_YEARS // (BLOCK_YEARS * max(1, len(self.structure.up))))
        if self.task.money is not None:
            size = min(size, _MONEY_BLOCKS)
        return [range(first, min(blocks, first + size)) for first in range(0, blocks, size)]

    @property
    def downtime(self) -> Tally:
        """Downtime of each service, then of the average service, by year [µs]."""
        return self._tallies.downtime

    @property
    def money(self) -> Tally:
        """Figures of contracts, of organizations and of our own liability, by year."""
        return self._tallies.money

    def add(self, result: TaskResult) -> None:
        """Gather a finished task, or several that were tallied together."""
        if isinstance(result, YearTallies):
            self._tallies.merge(result)
            return
        for found in result:
            self._tallies.add(found, self.options.years)

    def is_precise(self) -> bool:
        """Whether the headline is as precise as was asked for."""
        wanted = self.options.precision
        return wanted is not None and self.precision() <= wanted

    def precision(self) -> float:
        """Half-width of the headline's interval over its mean [1]; infinite while unknown.

        The headline is what our own organizations absorb, in each currency; where nothing is at
        stake for us, the downtime of the average service.
        """
        if not self.downtime.years:
            return np.inf
        own = range(self.money.rows - len(self.rows.own), self.money.rows)
        rows = [(self.money, row) for row in own] or [(self.downtime, len(self.structure.up))]
        return max(_half_width(tally, row) for tally, row in rows)

    def answer(self) -> SimulationAnswer:
        """Figures over the years gathered so far.

        Raises
        ------
        DomainError
            If there are none yet.
        """
        if not self.downtime.years:
            raise DomainError("not one block of years was finished: nothing can be said")
        options = self.options
        exact: Assessment | None = None
        if options.exact:
            try:
                exact = assessed(self.structure.estate, options.assessment, self.structure)
            except LimitError as error:
                self._without_exact = str(error)
        return SimulationAnswer(
            years=self.downtime.years,
            years_asked=options.years,
            stopped=self.stopped,
            seed=options.seed,
            own_liability=tuple(self._liability()),
            services=tuple(self._services(exact)),
            contracts=tuple(self._contracts()),
            organizations=tuple(self._organizations()),
            unknown=tuple(self.structure.name(v) for v in self._assumptions.unknown()),
            assumptions=tuple(self.assumptions()),
        )

    def assumptions(self) -> Iterator[str]:
        """What was assumed, in sentences."""
        if self._without_exact:
            yield f"no exact availability is shown beside the simulated: {self._without_exact}"
        yield from self._assumptions.sentences(self.downtime.years)
        first = FIGURES.index("breaches")
        never = [
            contract
            for place, (contract, _) in enumerate(self.rows.columns)
            if not self.money.total(len(FIGURES) * place + first)
        ]
        if never and self.downtime.years:
            yield never_missed(never, self.downtime.years)

    def _services(self, exact: Assessment | None) -> Iterator[SimulatedService]:
        row = {service: place for place, service in enumerate(self.structure.up)}
        rests_on = services_resting_on(self.structure, self._assumptions.unknown())
        planned = services_resting_on(self.structure, self._assumptions.maintained())
        longest = self._longest_repair() * 3600 * 1e6
        known = {each.id: each for each in exact.services} if exact else {}
        for service in self.structure.estate.service:
            unknown = tuple(self.structure.name(v) for v in rests_on.get(service, ()))
            down = self.downtime.distribution(row[service], _MINUTE, unseen=longest)
            maintenance = tuple(self.structure.name(v) for v in planned.get(service, ()))
            answer = known.get(service)
            ends = (answer.low, answer.high) if answer else None
            yield SimulatedService(
                id=service,
                availability=_availability(down),
                downtime_minutes=down,
                exact_low=ends[0] if ends else None,
                exact_high=ends[1] if ends else None,
                exact_unavailability_low=answer.unavailability_low if answer else None,
                exact_unavailability_high=answer.unavailability_high if answer else None,
                agrees=None if unknown or maintenance else _agrees(down, ends),
                unknown=unknown,
                maintenance=maintenance,
            )

    def _longest_repair(self) -> float:
        """Longest mean time to restore of any component [h]."""
        keys = self.task.renewal.keys
        stated = (stated_mttr_hours(self.structure, key) for key in keys)
        return max((hours or self.options.mttr_hours for hours in stated), default=1.0)

    def _contracts(self) -> Iterator[SimulatedContract]:
        for place, (contract, currency) in enumerate(self.rows.columns):
            unit = _units(currency)
            first = len(FIGURES) * place
            record = self.structure.estate.contract[contract]
            yield SimulatedContract(
                id=contract,
                supplier=record.supplier,
                customer=record.customer,
                currency=currency,
                owed=self.money.distribution(first, unit),
                recovered=self.money.distribution(first + 1, unit),
                absorbed=self.money.distribution(first + 2, unit),
                breaches=self.money.distribution(first + 3),
            )

    def absorbed(self) -> dict[tuple[str, str], Distribution]:
        """What is absorbed per year, by organization and currency; `OWN` for all of ours."""
        return {
            name: self.money.distribution(row, _units(name[1]))
            for name, row in self.rows.absorbed.items()
        }

    def _organizations(self) -> Iterator[SimulatedOrganization]:
        for (organization, currency), absorbed in self.absorbed().items():
            if organization != OWN:
                yield SimulatedOrganization(
                    id=organization,
                    own=organization in self.structure.estate.own_organizations,
                    currency=currency,
                    absorbed=absorbed,
                )

    def _liability(self) -> Iterator[OwnLiability]:
        for (organization, currency), absorbed in self.absorbed().items():
            if organization == OWN:
                yield OwnLiability(currency=currency, absorbed=absorbed)


def simulated(
    structure: Structure,
    options: SimulationOptions | None = None,
    progress: Callable[[Simulation], None] | None = None,
) -> SimulationAnswer:
    """Simulate an estate in this process.

    Parameters
    ----------
    structure : Structure
        The estate compiled, every published schedule written out.
    options : SimulationOptions, optional
        What to simulate.
    progress : callable, optional
        Told after every task.

    Raises
    ------
    DomainError
        If an option is out of range.
    """
    simulation = Simulation(structure, options or SimulationOptions())
    gather(simulation, blocks_here(simulation), progress)
    return simulation.answer()


def blocks_here(
    simulation: Simulation, threads: int | None = None
) -> Generator[list[BlockYears], None, None]:
    """Do all tasks of a simulation in this process.

    Parameters
    ----------
    simulation : Simulation
        What to simulate.
    threads : int, optional
        At most so many threads; as many as help when absent. Figures are the same.
    """
    simulator, tasks = simulation.simulator(), simulation.tasks()
    useful = min(useful_threads(simulation.task), len(tasks))
    wanted = useful if threads is None else min(threads, useful)
    if wanted > 1:
        return thread_blocks(simulator, tasks, wanted)
    return local_blocks(simulator, tasks)


def local_blocks(
    simulator: BlockSimulator, tasks: Sequence[range]
) -> Generator[list[BlockYears], None, None]:
    """Do tasks one after another in this process."""
    for blocks in tasks:
        try:
            done = [simulator.years(block) for block in blocks]
        except SystemError as error:
            # So Python tells of a Ctrl-C that comes while compiled code hands its result back.
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise KeyboardInterrupt from None
            raise
        yield done


def gather(
    simulation: Simulation,
    results: Iterable[TaskResult],
    progress: Callable[[Simulation], None] | None = None,
) -> None:
    """Gather results in order until all are there, the headline is precise, or Ctrl-C.

    Parameters
    ----------
    simulation : Simulation
        Receives them.
    results : iterable of list of BlockYears, or of YearTallies
        Finished tasks, in order.
    progress : callable, optional
        Told after every task.
    """
    try:
        for number, result in enumerate(results, start=1):
            simulation.add(result)
            if progress is not None:
                progress(simulation)
            if number >= _LEAST_TASKS and simulation.is_precise():
                done = simulation.downtime.years >= simulation.options.years
                simulation.stopped = "complete" if done else "precision"
                break
    except KeyboardInterrupt:
        simulation.stopped = "interrupted"


def _half_width(tally: Tally, row: int) -> float:
    """Half-width of the 95 % interval over the mean [1]; infinite while nothing was seen."""
    low, high = tally.interval(row)
    total = tally.total(row)
    return np.inf if high is None or not total else (high - low) / 2 * tally.years / total


def _availability(down: Distribution) -> Distribution:
    """Availability per year from downtime per year."""

    def share(minutes: float) -> float:
        return 1.0 - minutes / _MINUTES_PER_YEAR

    return Distribution(
        mean=share(down.mean),
        ci_low=0.0 if down.ci_high is None else max(0.0, share(down.ci_high)),
        ci_high=share(down.ci_low),
        p50=share(down.p50),
        p90=share(down.p90),
        p95=share(down.p95),
        p99=share(down.p99),
        tail_mean=share(down.tail_mean),
    )


def _agrees(down: Distribution, ends: tuple[float, float] | None) -> bool | None:
    """Whether the exact availability meets the confidence interval of the simulated mean."""
    if ends is None or down.ci_high is None:
        return None
    least, most = ((1.0 - end) * _MINUTES_PER_YEAR for end in (ends[1], ends[0]))
    slack = 1e-9 * most + 1e-6
    return least <= down.ci_high + slack and down.ci_low <= most + slack


def _units(currency: str) -> float:
    """Minor units in one unit of a currency."""
    return 1.0 / float(minor_unit(currency))
