"""The cheapest set of improvements, with proof: candidates in order of price, and exact cuts (L14).

A candidate comes from the cheapest set that no cut forbids. Evaluated exactly, it is either the
answer, or it gives a new cut: a proof that no set of a whole family is good enough. As no cheaper
set is left when one is accepted, it is the cheapest; when nothing is left, there is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array

from depgraph.engine.exact import Pair
from depgraph.engine.improvement_ceiling import Ceiling
from depgraph.engine.improvement_effects import Chosen, Effects

MOST_ENUMERATED = 14
"""Options up to which candidates are enumerated in exact order of price; HiGHS beyond."""
_NOISE = 1e-10
_INFEASIBLE = 2


class SpentError(Exception):
    """The budget of evaluations or time is used up; carries the price that is still proven."""

    def __init__(self, proven: int) -> None:
        super().__init__("the budget is used up")
        self.proven = proven


@dataclass(frozen=True)
class Cut:
    """No set that holds all of `inside`, and nothing of `outside`, is better than `excess`."""

    inside: Chosen
    """Options taken."""
    outside: Chosen
    """Options left out; those of neither may be taken or not."""
    excess: float
    """Least excess that such a set can have; infinite where the changes do not fit together."""

    def forbids(self, chosen: Chosen) -> bool:
        """Whether a set belongs to the family."""
        return self.inside <= chosen and not self.outside & chosen


@dataclass
class Search:
    """Cheapest sets of one list of options for services and what they may be down.

    Attributes
    ----------
    effects : Effects
        The exact oracle.
    allowed : tuple of float
        Unavailability allowed per service [1].
    prices : tuple of int
        Price of each option in the smallest common unit.
    most_evaluations : int
        Estates to evaluate at most.
    deadline : float
        Monotonic time at which to stop [s].
    cuts : list of Cut
        What is proven so far.
    """

    effects: Effects
    allowed: tuple[float, ...]
    prices: tuple[int, ...]
    most_evaluations: int
    deadline: float
    cuts: list[Cut] = field(default_factory=list)

    def __post_init__(self) -> None:
        options = self.effects.options
        self._everything = frozenset(range(len(self.prices)))
        self._ceiling = Ceiling(self.effects)
        self.exclusive = self.effects.exclusive_pairs()
        self.required = tuple(
            (place, options.place[name])
            for place, each in enumerate(options.improvements)
            for name in each.requires
        )
        self.enumerates = len(self.prices) <= MOST_ENUMERATED
        self._sorted = self._in_order() if self.enumerates else []

    def price(self, chosen: Chosen) -> int:
        """Price of a set."""
        return sum(self.prices[place] for place in chosen)

    def excess(self, chosen: Chosen) -> float:
        """Worst unavailability over what is allowed, at the low end [1]; infinite if no fit."""
        bounds = self.effects.availability(chosen)
        return math.inf if bounds is None else self._worst([each.low for each in bounds])

    def _worst(self, pairs: Sequence[Pair]) -> float:
        return max(pair.down - most for pair, most in zip(pairs, self.allowed, strict=True))

    def cheapest(self, limit: float, most: int | None = None) -> Chosen | None:
        """Cheapest set whose excess is at most `limit`.

        Parameters
        ----------
        limit : float
            Excess to reach [1].
        most : int, optional
            Price not to exceed.

        Returns
        -------
        frozenset of int or None
            None if there is provably none.

        Raises
        ------
        SpentError
            If the budget is used up before; carries the price below which there is none.
        """
        candidates = self._enumerated(limit) if self.enumerates else self._solved(limit)
        for chosen in candidates:
            price = self.price(chosen)
            if most is not None and price > most:
                return None
            if self.effects.evaluations >= self.most_evaluations or monotonic() > self.deadline:
                raise SpentError(price)
            if self.excess(chosen) <= limit:
                return self._without_needless(chosen, limit)
            self.cuts.append(self._cut(chosen, limit))
        return None

    def _without_needless(self, chosen: Chosen, limit: float) -> Chosen:
        """A set without options that cost nothing and that it reaches the limit without."""
        for place in sorted(chosen, reverse=True):
            rest = chosen - {place}
            if self.prices[place] == 0 and self.permits(rest) and self.excess(rest) <= limit:
                chosen = rest
        return chosen

    def permits(self, chosen: Chosen) -> bool:
        """Whether nothing in a set excludes another, and all that it requires is there."""
        return all(b in chosen for a, b in self.required if a in chosen) and not any(
            a in chosen and b in chosen for a, b in self.exclusive
        )

    def _in_order(self) -> list[Chosen]:
        """All permitted sets, cheapest first, then smallest, then as listed."""
        sets: list[Chosen] = [frozenset()]
        for place in range(len(self.prices)):
            clashing = {a if b == place else b for a, b in self.exclusive if place in {a, b}}
            sets += [held | {place} for held in sets if not held & clashing]
        sound = [held for held in sets if self.permits(held)]
        return sorted(sound, key=lambda held: (self.price(held), len(held), sorted(held)))

    def _enumerated(self, limit: float) -> Iterator[Chosen]:
        for chosen in self._sorted:
            if not any(cut.excess > limit and cut.forbids(chosen) for cut in self.cuts):
                yield chosen

    def _solved(self, limit: float) -> Iterator[Chosen]:
        """Candidates of a 0-1 programme that grows by the cuts (HiGHS, no gap)."""
        unit = math.gcd(*self.prices) or 1
        cost = np.array(self.prices, float) / unit
        while True:
            left = max(0.1, self.deadline - monotonic())
            answer = milp(
                cost,
                integrality=np.ones(len(cost)),
                bounds=Box(0, 1),
                constraints=self._rows(limit),
                options={"mip_rel_gap": 0.0, "time_limit": left},
            )
            if answer.status == _INFEASIBLE:
                return
            if answer.x is None or answer.status != 0:
                proven = getattr(answer, "mip_dual_bound", None) or 0.0
                raise SpentError(math.floor(max(0.0, proven) * (1 - _NOISE)) * unit)
            yield frozenset(int(place) for place in np.flatnonzero(answer.x > 0.5))  # noqa: PLR2004 - 0 or 1

    def _rows(self, limit: float) -> LinearConstraint:
        """Exclusions, requirements and cuts, each as ``row · x ≥ least``."""
        rows: list[dict[int, float]] = [{a: -1.0, b: -1.0} for a, b in self.exclusive]
        least = [-1.0] * len(rows)
        rows += [{a: -1.0, b: 1.0} for a, b in self.required]
        least += [0.0] * len(self.required)
        for cut in self.cuts:
            if cut.excess > limit:
                row = dict.fromkeys(cut.outside, 1.0)
                rows.append({**row, **dict.fromkeys(cut.inside, -1.0)})
                least.append(1.0 - len(cut.inside))
        entries = [(r, c, v) for r, row in enumerate(rows) for c, v in row.items()]
        shape = (len(rows) + 1, len(self.prices))
        at, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
        # The last row is empty: HiGHS wants one even where there is nothing to hold.
        return LinearConstraint(csr_array((values, (at, columns)), shape), [*least, -1.0], np.inf)

    def _cut(self, chosen: Chosen, limit: float) -> Cut:
        """The largest family around a set that is provably no better than the limit."""
        rest = self._everything - chosen
        if self.effects.availability(chosen) is None:
            return Cut(chosen, rest, math.inf)
        best = Cut(chosen, rest, self._least_excess(chosen, frozenset()))
        if best.excess <= limit:
            # Only the low end falls short: a bracket. The set alone is ruled out.
            return Cut(chosen, rest, self.excess(chosen))
        grown = _Growth(best, frozenset(), self._least_excess, limit)
        by_price = sorted(rest, key=lambda place: (self.prices[place], place))
        grown.take(by_price)
        grown.take(sorted(chosen))
        return grown.cut

    def _least_excess(self, decided: Chosen, undecided: Chosen) -> float:
        """Excess that no completion can go below; minus infinity where nothing is known."""
        spent = self.effects.evaluations >= self.most_evaluations or monotonic() > self.deadline
        bounds = None if spent and undecided else self._ceiling.availability(decided, undecided)
        return -math.inf if bounds is None else self._worst([each.high for each in bounds])

    def strictly_better(self, excess: float, chosen: Chosen) -> float:
        """The largest excess that is better than that of a set by more than rounding."""
        bounds = self.effects.availability(chosen)
        worst = max(each.low.down for each in bounds) if bounds else 0.0
        return min(excess - _NOISE * worst, math.nextafter(excess, -math.inf))


@dataclass
class _Growth:
    """Makes options undecided, as many as the proof allows."""

    cut: Cut
    undecided: Chosen
    least_excess: Callable[[Chosen, Chosen], float]
    limit: float

    def take(self, places: Sequence[int]) -> None:
        """Try all at once, then halves: most options matter little to one service."""
        if not places:
            return
        fresh = frozenset(places)
        inside, outside = self.cut.inside - fresh, self.cut.outside - fresh
        excess = self.least_excess(inside, self.undecided | fresh)
        if excess > self.limit:
            self.cut = Cut(inside, outside, excess)
            self.undecided |= fresh
        elif len(places) > 1:
            middle = len(places) // 2
            self.take(places[:middle])
            self.take(places[middle:])
