"""Expected annual absorbed liability before → after a change, by paired years (rules W3, W5).

Both estates are simulated with one seed. A component that is in both fails at the same times, so
what a year absorbs differs by the change alone; the interval is that of the yearly differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.money_rows import OWN
from depgraph.engine.simulation import Simulation, Stopped, local_blocks
from depgraph.engine.simulation_blocks import BLOCK_YEARS, BlockYears
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.simulation_workers import worker_blocks
from depgraph.engine.structure import Structure
from depgraph.engine.tally import Distribution, Tally, half_width, spread_of_sum
from depgraph.errors import DomainError
from depgraph.record import Record
from depgraph.units import minor_unit

_CONFIDENCE = 0.95
Row = tuple[str, str]
"""An organization, or `OWN`, and a currency."""


class AbsorbedChange(Record):
    """What is absorbed in a year, before and after, in one currency."""

    id: str
    """The organization; empty for all of our own together."""
    currency: str
    """ISO 4217 code."""
    before: Distribution | None
    """Absorbed per year before; None when it promised nothing in this currency."""
    after: Distribution | None
    """Absorbed per year afterwards; None when it promises nothing in this currency any more."""
    difference: float
    """Mean of after − before over the same years."""
    ci_low: float | None
    """Lower end of the 95 % confidence interval of that mean; None where nothing was seen that
    could tell."""
    ci_high: float | None
    """Upper end of the 95 % confidence interval of that mean; None likewise."""
    years_that_differ: int
    """Years in which the change made a difference."""


class ExpectedAbsorbed(Record):
    """Expected annual absorbed liability before → after (rule W3)."""

    years: int
    """Years simulated on both estates."""
    years_asked: int
    """Years that were asked for."""
    stopped: Stopped
    """Why it ended."""
    seed: int
    """Seed of both; the same seed gives the same figures to the bit."""
    own_liability: tuple[AbsorbedChange, ...]
    """The headline: our own organizations together, by currency."""
    organizations: tuple[AbsorbedChange, ...]
    """Suppliers whose absorbed sums differ in some year."""
    assumptions: tuple[str, ...]
    """What was assumed on either side, in sentences."""


class PairedTally:
    """Yearly differences, gathered as two tallies: what rose, and what fell.

    Parameters
    ----------
    rows : int
        Figures.
    """

    def __init__(self, rows: int) -> None:
        self._more, self._less = Tally.empty(rows), Tally.empty(rows)
        self.differing: Array = np.zeros(rows, np.int64)
        """Years in which each figure differs."""

    @property
    def years(self) -> int:
        """Years gathered."""
        return self._more.years

    def add(self, differences: Array) -> None:
        """Gather years of after − before, shape (years, rows)."""
        self._more.add(np.maximum(differences, 0))
        self._less.add(np.maximum(-differences, 0))
        self.differing += np.count_nonzero(differences, axis=0)

    def mean(self, row: int) -> float:
        """Mean difference."""
        return (self._more.total(row) - self._less.total(row)) / self.years

    def interval(self, row: int) -> tuple[float, float] | None:
        """95 % confidence interval of the mean difference; None where no year differs.

        By Student's distribution where what rose and what fell were each seen often enough, or one
        of them never. Else from the intervals of both, each at 97.5 % (Bonferroni); of one that
        was never seen, twice the largest of the other may have been missed.
        """
        seen = [tally for tally in (self._more, self._less) if tally.total(row)]
        if not seen:
            return None
        if all(tally.is_well_observed(row) for tally in seen):
            total = self._more.total(row) - self._less.total(row)
            squares = self._more.squares(row) + self._less.squares(row)
            half = half_width(self.years, spread_of_sum(self.years, total, squares))
            return total / self.years - half, total / self.years + half
        missed = 2.0 * float(max(tally.largest[row] for tally in seen))
        each = (1.0 + _CONFIDENCE) / 2.0
        rose, fell = (tally.interval(row, each, missed) for tally in (self._more, self._less))
        return rose[0] - _upper(fell), _upper(rose) - fell[0]


class PairedSimulation:
    """Simulates an estate before and after a change, year by year with the same outages.

    Parameters
    ----------
    before, after : Structure
        The estates compiled, every published schedule written out.
    options : SimulationOptions
        What to simulate; money is always settled, exact figures and `precision` are left aside.

    Raises
    ------
    DomainError
        If an option is out of range.
    """

    def __init__(self, before: Structure, after: Structure, options: SimulationOptions) -> None:
        self.options = replace(options, money=True, exact=False, precision=None)
        self.sides = Simulation(before, self.options), Simulation(after, self.options)
        self._places = [side.rows.absorbed for side in self.sides]
        self._rows: list[Row] = list(dict.fromkeys(name for side in self._places for name in side))
        self._paired = PairedTally(len(self._rows))
        self.stopped: Stopped = "complete"

    @property
    def years(self) -> int:
        """Years done on both sides."""
        return self._paired.years

    def results(self, workers: int = 1) -> Iterator[tuple[BlockYears, BlockYears]]:
        """Blocks of both sides, in order.

        Parameters
        ----------
        workers : int
            Processes on this machine; from two on, the sides share them.
        """
        blocks = [range(n, n + 1) for n in range(-(-self.options.years // BLOCK_YEARS))]
        streams = (
            [local_blocks(side.simulator(), blocks) for side in self.sides]
            if workers == 1
            else [worker_blocks(side.task, blocks, -(-workers // 2)) for side in self.sides]
        )
        with closing(streams[0]), closing(streams[1]):
            for [before], [after] in zip(*streams, strict=True):
                yield before, after

    def add(self, before: BlockYears, after: BlockYears) -> None:
        """Gather the same block of both sides."""
        wanted = self.options.years - before.block * BLOCK_YEARS
        absorbed = []
        for side, found, places in zip(self.sides, (before, after), self._places, strict=True):
            side.add([found])
            values = np.zeros((len(found.money[:wanted]), len(self._rows)), np.int64)
            for column, name in enumerate(self._rows):
                if name in places:
                    values[:, column] = found.money[:wanted, places[name]]
            absorbed.append(values)
        self._paired.add(absorbed[1] - absorbed[0])

    def answer(self) -> ExpectedAbsorbed:
        """Figures over the years gathered so far.

        Raises
        ------
        DomainError
            If there are none yet.
        """
        if not self.years:
            raise DomainError("not one block of years was finished: nothing can be said")
        before, after = (side.absorbed() for side in self.sides)
        changes = [
            self._change(row, name, (before.get(name), after.get(name)))
            for row, name in enumerate(self._rows)
        ]
        return ExpectedAbsorbed(
            years=self.years,
            years_asked=self.options.years,
            stopped=self.stopped,
            seed=self.options.seed,
            own_liability=tuple(change for change in changes if change.id == OWN),
            organizations=tuple(c for c in changes if c.id != OWN and c.years_that_differ),
            assumptions=tuple(self._assumptions()),
        )

    def _assumptions(self) -> Iterator[str]:
        """Assumptions of both sides; those of one are said to be."""
        before, after = (list(side.assumptions()) for side in self.sides)
        for text in dict.fromkeys((*before, *after)):
            if text in before and text in after:
                yield text
            else:
                yield f"{'before' if text in before else 'after'}: {text}"

    def _change(
        self, row: int, name: Row, sides: tuple[Distribution | None, Distribution | None]
    ) -> AbsorbedChange:
        """One figure before → after, in units of its currency."""
        unit = 1.0 / float(minor_unit(name[1]))
        interval = self._paired.interval(row)
        return AbsorbedChange(
            id=name[0],
            currency=name[1],
            before=sides[0],
            after=sides[1],
            difference=self._paired.mean(row) / unit,
            ci_low=None if interval is None else interval[0] / unit,
            ci_high=None if interval is None else interval[1] / unit,
            years_that_differ=int(self._paired.differing[row]),
        )


def gather_pairs(
    paired: PairedSimulation,
    results: Iterable[tuple[BlockYears, BlockYears]],
    progress: Callable[[PairedSimulation], None] | None = None,
) -> None:
    """Gather blocks of both sides until all are there, or Ctrl-C.

    Parameters
    ----------
    paired : PairedSimulation
        Receives them.
    results : iterable of (BlockYears, BlockYears)
        From its `results`.
    progress : callable, optional
        Told after every block.
    """
    try:
        for before, after in results:
            paired.add(before, after)
            if progress is not None:
                progress(paired)
    except KeyboardInterrupt:
        paired.stopped = "interrupted"


def _upper(interval: tuple[float, float | None]) -> float:
    """Upper end of an interval that has one."""
    low, high = interval
    return low if high is None else high
