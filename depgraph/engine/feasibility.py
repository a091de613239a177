"""Whether a target can be reached, what binds, and the cheapest way there (rule L14)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.availability_answer import MINUTES_PER_MONTH
from depgraph.engine.carrying import feasibility
from depgraph.engine.feasibility_answer import (
    Feasibility,
    ImprovementPlan,
    PlanFigure,
    PlanPoint,
    PlanStatus,
    PlanStep,
)
from depgraph.engine.improvement_effects import (
    Chosen,
    Effects,
    allowed_unavailability,
    named_in,
    option_problems,
)
from depgraph.engine.improvement_search import Search, SpentError
from depgraph.engine.promise_verdict import TOLERANCE
from depgraph.engine.relevant_estate import relevant_estate
from depgraph.errors import DomainError, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.improvement import ImprovementOptions, ServiceTarget
from depgraph.units import Money
from depgraph.wording import counted, unknown_ids

_MOST_POINTS = 200


@dataclass(frozen=True)
class PlanSettings:
    """How to search, and how much."""

    assessment: AssessmentOptions = field(default_factory=AssessmentOptions)
    """Basis, day, default figure and limits of each evaluation."""
    budget: Money | None = None
    """Money per year; the plan's best for it is told."""
    evaluations: int = 20_000
    """Estates to evaluate at most."""
    seconds: float = 60.0
    """Wall time of the search [s]; what is found until then is told with its bound."""
    frontier: bool = True
    """Whether to work out the whole price–availability frontier."""


def improvement_plan(
    estate: Estate,
    targets: Sequence[ServiceTarget],
    options: ImprovementOptions | None = None,
    settings: PlanSettings | None = None,
) -> ImprovementPlan:
    """The cheapest set of offered improvements that reaches targets, with proof (rule L14).

    Parameters
    ----------
    estate : Estate
        The estate as it is.
    targets : sequence of ServiceTarget
        What is asked for; all have to be reached by one set.
    options : ImprovementOptions, optional
        What is on offer; without it the answer says what the estate carries and what binds.
    settings : PlanSettings, optional
        Basis, day, budget of money, evaluations and time.

    Raises
    ------
    DomainError
        If a service does not exist or stands twice, or the budget is in another currency.
    RegisterError
        If an option does not fit the estate.
    """
    settings = settings or PlanSettings()
    options = options or ImprovementOptions()
    _require_sound(estate, targets, options, settings)
    as_of = settings.assessment.as_of or datetime.now(UTC).date()
    settings = replace(settings, assessment=replace(settings.assessment, as_of=as_of))
    part = _part(estate, targets, options)
    goals = tuple(feasibility(estate, target, settings.assessment) for target in targets)
    planning = _Planning(part, tuple(targets), options, settings)
    found = planning.found()
    if not planning.holds_in(estate, found):
        planning = _Planning(estate, tuple(targets), options, settings)
        found = planning.found()
    return planning.plan(goals, found)


def _require_sound(
    estate: Estate,
    targets: Sequence[ServiceTarget],
    options: ImprovementOptions,
    settings: PlanSettings,
) -> None:
    """Refuse a question that makes no sense."""
    services = [target.service for target in targets]
    absent = [service for service in services if service not in estate.service]
    if absent:
        raise DomainError(f"no service has the id {unknown_ids(absent, estate.service)}")
    if not services or len(set(services)) < len(services):
        raise DomainError("name at least one service, and each once")
    budget = settings.budget
    if budget is not None and options.currency and budget.currency != options.currency:
        raise DomainError(f"the budget is in {budget.currency}, prices are in {options.currency}")
    problems = option_problems(estate, options, services)
    if problems:
        raise RegisterError(f"the options have {counted(len(problems), 'problem')}", problems)


def _part(estate: Estate, targets: Sequence[ServiceTarget], options: ImprovementOptions) -> Estate:
    """What bears on the targets and the options; the whole where options speak of incidents."""
    edits = [edit for each in options.improvements for edit in each.edits]
    lists = (part or {} for e in edits for part in (e.add, e.remove, e.replace_fields))
    if any("incidents" in kinds for kinds in lists):
        return estate
    named = {name for n in range(len(options.improvements)) for name in named_in(options, n)}
    promised = {
        sla.service
        for contract in estate.contracts
        for sla in contract.slas
        if contract.id in named or sla.id in named
    }
    return relevant_estate(estate, {target.service for target in targets} | named | promised)


@dataclass
class _Found:
    """What the search gave."""

    chosen: Chosen | None = None
    bound: int | None = None
    proven: bool = True
    points: list[Chosen] = field(default_factory=list)
    complete: bool = False


class _Planning:
    """Puts one plan together."""

    def __init__(
        self,
        estate: Estate,
        targets: tuple[ServiceTarget, ...],
        options: ImprovementOptions,
        settings: PlanSettings,
    ) -> None:
        self._estate = estate
        self._targets = targets
        self._options = options
        self._settings = settings
        self._allowed = tuple(allowed_unavailability(t) * (1 + TOLERANCE) for t in targets)
        self._effects = Effects(
            estate, options, tuple(t.service for t in targets), settings.assessment
        )
        self._unit = _common_unit(options)

    def found(self) -> _Found:
        """What the search gives."""
        self.search = Search(
            self._effects,
            self._allowed,
            tuple(self._scaled(each.price_per_year) for each in self._options.improvements),
            self._settings.evaluations,
            monotonic() + self._settings.seconds,
        )
        return self._searched(self.search)

    def holds_in(self, estate: Estate, found: _Found) -> bool:
        """Whether the sets found give the same figures in the whole estate."""
        if self._estate is estate:
            return True
        whole = Effects(estate, self._options, self._effects.services, self._settings.assessment)
        shown = [each for each in (found.chosen, *found.points[-1:]) if each]
        return all(whole.availability(s) == self._effects.availability(s) for s in shown)

    def plan(self, goals: tuple[Feasibility, ...], found: _Found) -> ImprovementPlan:
        """The whole answer."""
        search = self.search
        status = self._status(found)
        best = self._point(found.points[-1]) if found.complete else None
        return ImprovementPlan(
            goals=goals,
            status=status,
            optimal=found.proven,
            bound=None if found.bound is None else Decimal(f"{found.bound * self._unit:f}"),
            currency=self._options.currency,
            plan=None if found.chosen is None else self._point(found.chosen),
            steps=self._steps(found.chosen) if found.chosen else (),
            best_reachable=best,
            budget=self._settings.budget.amount if self._settings.budget else None,
            within_budget=self._within_budget(found),
            frontier=tuple(self._point(chosen) for chosen in found.points),
            frontier_complete=found.complete,
            conflicts=tuple(
                (self._options.improvements[a].id, self._options.improvements[b].id)
                for a, b in sorted(search.exclusive)
            ),
            evaluations=self._effects.evaluations,
            sets_possible=1 << len(self._options.improvements),
            proofs=len(search.cuts),
            method="enumeration in order of price, with exact cuts"
            if search.enumerates
            else "0-1 programmes (HiGHS) with exact cuts added one by one",
            notes=tuple(self._notes(found)),
        )

    def _scaled(self, price: Money) -> int:
        return int(price.amount / self._unit)

    def _searched(self, search: Search) -> _Found:
        """The cheapest set, then the frontier, as far as the budget of work goes."""
        found = _Found()
        try:
            found.chosen = search.cheapest(0.0)
            found.bound = None if found.chosen is None else search.price(found.chosen)
        except SpentError as spent:
            found.proven, found.bound = False, spent.proven
        if self._settings.frontier or found.chosen is None or self._settings.budget is not None:
            self._trace(search, found)
        if found.chosen is None and not found.proven:
            reached = [chosen for chosen in found.points if search.excess(chosen) <= 0.0]
            found.chosen = reached[0] if reached else self._by_hand(search)
        return found

    def _by_hand(self, search: Search) -> Chosen | None:
        """A set that reaches the targets without a proof: take what gains most, drop the rest."""
        chosen: Chosen = frozenset()
        while search.excess(chosen) > 0.0:
            grown = [
                self._options.with_required(chosen | {place})
                for place in range(len(search.prices))
                if place not in chosen
            ]
            fitting = [each for each in grown if search.permits(each)]
            best = min(fitting, key=search.excess, default=chosen)
            if search.excess(best) >= search.excess(chosen):
                return None
            chosen = best
        for place in sorted(chosen, key=lambda p: -search.prices[p]):
            rest = chosen - {place}
            if search.permits(rest) and search.excess(rest) <= 0.0:
                chosen = rest
        return chosen

    def _trace(self, search: Search, found: _Found) -> None:
        """Every step of more availability for more money, from nothing bought."""
        chosen: Chosen | None = frozenset()
        try:
            while chosen is not None and len(found.points) < _MOST_POINTS:
                if found.points and search.price(found.points[-1]) == search.price(chosen):
                    found.points.pop()
                found.points.append(chosen)
                chosen = search.cheapest(search.strictly_better(search.excess(chosen), chosen))
            found.complete = chosen is None
        except SpentError:
            found.complete = False

    def _status(self, found: _Found) -> PlanStatus:
        if found.chosen is not None:
            return "reached" if found.chosen else "already_reached"
        if not self._options.improvements:
            return "not_offered"
        return "unreachable" if found.proven else "undecided"

    def _point(self, chosen: Chosen) -> PlanPoint:
        """A set with its price and what it reaches."""
        bounds = self._effects.availability(chosen)
        if bounds is None:
            raise DomainError("a set whose changes do not fit has no availability")
        figures = tuple(
            PlanFigure(
                service=target.service,
                availability=each.low.up,
                unavailability=each.low.down,
                reached=each.low.down <= most,
            )
            for target, each, most in zip(self._targets, bounds, self._allowed, strict=True)
        )
        misses = (
            each.low.down - allowed_unavailability(target)
            for target, each, most in zip(self._targets, bounds, self._allowed, strict=True)
            if each.low.down > most
        )
        return PlanPoint(
            improvements=tuple(self._options.improvements[place].id for place in sorted(chosen)),
            price=sum((self._price(place) for place in chosen), Decimal(0)),
            currency=self._options.currency,
            figures=figures,
            reached=all(figure.reached for figure in figures),
            shortfall_minutes_per_month=max(misses, default=0.0) * MINUTES_PER_MONTH,
        )

    def _price(self, place: int) -> Decimal:
        return self._options.improvements[place].price_per_year.amount

    def _within_budget(self, found: _Found) -> PlanPoint | None:
        """The best that the money buys; the frontier must be proven up to there."""
        budget = self._settings.budget
        if budget is None or not found.points:
            return None
        points = [self._point(chosen) for chosen in found.points]
        beyond = any(point.price > budget.amount for point in points)
        if not (found.complete or beyond):
            return None
        return next((p for p in reversed(points) if p.price <= budget.amount), None)

    def _steps(self, chosen: Chosen) -> tuple[PlanStep, ...]:
        """The chosen improvements in the order in which they gain most."""
        rows: list[PlanStep] = []
        done: Chosen = frozenset()
        while done != chosen:
            following = [
                (done | {place}, place) for place in sorted(chosen - done)
                if self._options.with_required(frozenset({place})) <= done | {place}
                and self._effects.availability(done | {place}) is not None
            ]  # fmt: skip
            if following:
                after, place = min(following, key=lambda row: (self._excess(row[0]), row[1]))
            else:
                # What needs each other goes in one step, told under the first of them.
                place = min(chosen - done)
                after = done | self._options.with_required(frozenset({place}))
                after = after if self._effects.availability(after) else chosen
            rows += self._step_rows(place, (done, after), chosen)
            done = after
        return tuple(rows)

    def _step_rows(
        self, place: int, sides: tuple[Chosen, Chosen], chosen: Chosen
    ) -> list[PlanStep]:
        """One step, per service."""
        improvement = self._options.improvements[place]
        fresh = sorted(sides[1] - sides[0])
        alone = self._effects.availability(self._options.with_required(frozenset({place})))
        nothing, before, after = (
            self._effects.availability(each) or () for each in (frozenset(), *sides)
        )
        without = self._without(place, chosen)
        return [
            PlanStep(
                improvement=" + ".join(self._options.improvements[p].id for p in fresh),
                name=improvement.name,
                why=improvement.why,
                price=sum((self._price(p) for p in fresh), Decimal(0)),
                service=target.service,
                before=before[n].low.up,
                after=after[n].low.up,
                before_unavailability=before[n].low.down,
                after_unavailability=after[n].low.down,
                minutes_gained_per_month=(before[n].low.down - after[n].low.down)
                * MINUTES_PER_MONTH,
                minutes_gained_alone=None
                if alone is None
                else (nothing[n].low.down - alone[n].low.down) * MINUTES_PER_MONTH,
                reached_without=without,
            )
            for n, target in enumerate(self._targets)
        ]

    def _without(self, place: int, chosen: Chosen) -> bool | None:
        """Whether the plan reaches its targets without one improvement and what requires it."""
        rest = frozenset(
            p for p in chosen if place not in self._options.with_required(frozenset({p}))
        )
        if self._effects.availability(rest) is None:
            return None
        return self._excess(rest) <= 0.0

    def _excess(self, chosen: Chosen) -> float:
        bounds = self._effects.availability(chosen)
        if bounds is None:
            return math.inf
        return max(e.low.down - most for e, most in zip(bounds, self._allowed, strict=True))

    def _notes(self, found: _Found) -> list[str]:
        notes = []
        if not found.proven:
            notes.append(
                "The search ended at its budget of evaluations or time: the price is no less than"
                " the bound, and the plan, if there is one, may not be the cheapest."
            )
        if self._settings.frontier and not found.complete:
            notes.append("The frontier is cut off: more points may follow the last one.")
        now = self._effects.availability(frozenset()) or ()
        if any(bounds.low != bounds.high for bounds in now):
            notes.append("Figures are the low ends of brackets.")
        return notes


def _common_unit(options: ImprovementOptions) -> Decimal:
    """Largest power of ten that divides every price, so that prices are exact integers."""
    exponents = [
        int(each.price_per_year.amount.normalize().as_tuple().exponent)
        for each in options.improvements
        if each.price_per_year.amount
    ]
    return Decimal(1).scaleb(min(exponents, default=0))
