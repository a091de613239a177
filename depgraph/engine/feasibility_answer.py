"""What a feasibility question is answered with (rule L14)."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from depgraph.record import Record

RequirementKind = Literal["own", "organization", "location", "dependency", "group"]
PlanStatus = Literal["already_reached", "reached", "unreachable", "undecided", "not_offered"]


class RequirementRow(Record):
    """One thing that the service needs, and what that alone can carry."""

    requirement: str
    """Its name: an id, or the name or members of a group."""
    kind: RequirementKind
    """Own component, organization, location, dependency or redundancy group."""
    availability: float
    """Probability that it is met; the low end where only a bracket is known [1]."""
    unavailability: float
    """One minus it, with all its digits [1]."""
    shortfall_minutes_per_month: float
    """Minutes a month by which it alone misses the target, what has no figure taken as down; 0
    where it does not [min]."""
    impossible: bool
    """Whether it alone makes the target impossible, whatever figure is found for what has none."""
    ceiling: float
    """Availability of the service if this were always met [1]."""
    ceiling_unavailability: float
    """One minus the ceiling, with all its digits [1]."""
    would_suffice: bool
    """Whether the target would be reached if this were always met."""
    binding: bool
    """Whether it is the one that gains most when met: the binding requirement."""


class ComponentRow(Record):
    """One component below the service, at any depth."""

    component: str
    """The component."""
    unavailability: float
    """What it fails by itself; a common cause, what strikes all members at once [1]."""
    single_point_of_failure: bool
    """Whether its failure alone takes the service down."""
    impossible: bool
    """Whether it alone makes the target impossible: it takes the service down by itself, and is
    known to fail more than the target leaves."""
    ceiling: float
    """Availability of the service if it never failed [1]."""
    ceiling_unavailability: float
    """One minus the ceiling, with all its digits [1]."""
    minutes_per_month: float
    """Downtime of the service that would end if it never failed, per 30-day month [min]."""
    needed_availability: float | None
    """Own availability at which the target is reached, all else as it is [1]; None where no figure
    suffices, where the target is reached already, or for a common cause."""
    needed_unavailability: float | None
    """One minus it, with all its digits [1]."""


class CutRow(Record):
    """A combination of failures that is alone more frequent than the target allows."""

    components: tuple[str, ...]
    """What fails together."""
    probability: float
    """Probability that all are down at once [1]."""


class SecondProviderRow(Record):
    """What an independent second provider would bring, wherever the service is used now."""

    service: str
    """The service that would get a second provider."""
    ceiling: float
    """Availability if the second provider never failed [1]."""
    ceiling_unavailability: float
    """One minus the ceiling, with all its digits [1]."""
    needed_availability: float | None
    """Least availability of the second provider that suffices [1]; None where none does, or where
    an end-to-end promise stands between (see `under_promise`)."""
    needed_unavailability: float | None
    """One minus it, with all its digits [1]."""
    under_promise: bool
    """Whether the only figure known of a consumer is an end-to-end promise, which says the same
    with one provider as with two."""


class Feasibility(Record):
    """What the estate can carry for one target, and what binds."""

    service: str
    """The service."""
    target: Decimal
    """Availability asked for [1]."""
    availability: float
    """Composite availability now; the low end where only a bracket is known [1]."""
    unavailability: float
    """One minus it, with all its digits [1]."""
    high: float
    """Composite availability at most this [1]."""
    exact: bool
    """Whether the figures are exact; otherwise they are the low end of a bracket (A5, A8)."""
    unknown: tuple[str, ...]
    """Components without a figure, taken as always down (rule A5)."""
    reached: bool
    """Whether the target is reached now."""
    shortfall_minutes_per_month: float
    """Minutes a month that are missing [min]."""
    carried: float
    """Availability that the requirements can carry: what a flawless own component would get [1]."""
    carried_unavailability: float
    """One minus it, with all its digits [1]."""
    carries: bool
    """Whether the requirements can carry the target at all."""
    requirements: tuple[RequirementRow, ...]
    """Everything that the service needs, the weakest first."""
    components: tuple[ComponentRow, ...]
    """What costs most first."""
    components_left_out: int
    """Components of less weight that are not listed; none of them makes it impossible alone."""
    cut_sets: tuple[CutRow, ...]
    """Combinations that alone make the target impossible, up to order 2."""
    second_providers: tuple[SecondProviderRow, ...]
    """What a second provider would bring, best first."""


class PlanFigure(Record):
    """Availability of one service with a set of improvements."""

    service: str
    """The service."""
    availability: float
    """Composite availability, low end [1]."""
    unavailability: float
    """One minus it, with all its digits [1]."""
    reached: bool
    """Whether its target is reached."""


class PlanPoint(Record):
    """A set of improvements, its price, and what it reaches."""

    improvements: tuple[str, ...]
    """Ids, in file order."""
    price: Decimal
    """Price per year."""
    currency: str
    """ISO 4217 code."""
    figures: tuple[PlanFigure, ...]
    """Availability of each service."""
    reached: bool
    """Whether every target is reached."""
    shortfall_minutes_per_month: float
    """Minutes a month that the worst service misses its target by; 0 where none does [min]."""


class PlanStep(Record):
    """One chosen improvement, in the order in which they gain most."""

    improvement: str
    """Its id."""
    name: str
    """Its name."""
    why: str
    """What it is for."""
    price: Decimal
    """Price per year."""
    service: str
    """The service that the figures are for."""
    before: float
    """Availability with the steps before it [1]."""
    after: float
    """Availability with it too [1]."""
    before_unavailability: float
    """One minus `before`, with all its digits [1]."""
    after_unavailability: float
    """One minus `after`, with all its digits [1]."""
    minutes_gained_per_month: float
    """Downtime that it ends on top of the steps before it, per 30-day month [min]."""
    minutes_gained_alone: float | None
    """Downtime that it ends if only it (and what it requires) is bought, per month [min]."""
    reached_without: bool | None
    """Whether every target is reached without it; None where the rest does not fit together."""


class ImprovementPlan(Record):
    """Whether targets can be reached, what binds, and the cheapest way there."""

    goals: tuple[Feasibility, ...]
    """What the estate carries now, per target."""
    status: PlanStatus
    """already_reached; reached by the plan; unreachable with what is offered (proven); undecided
    within the budget of work; not_offered: no options were given."""
    optimal: bool
    """Whether the answer is proven: no cheaper set reaches the targets, or none does."""
    bound: Decimal | None
    """No set below this price reaches the targets, proven; None where no set does."""
    currency: str
    """ISO 4217 code of prices; empty without options."""
    plan: PlanPoint | None
    """The cheapest set that reaches every target."""
    steps: tuple[PlanStep, ...]
    """The plan explained, per step and service."""
    best_reachable: PlanPoint | None
    """The best that the options reach, at its lowest price; None when that was not finished."""
    budget: Decimal | None
    """Money per year that was set as a limit."""
    within_budget: PlanPoint | None
    """The best that the budget buys; None without a budget, or when that was not finished."""
    frontier: tuple[PlanPoint, ...]
    """Every step of more availability for more money, cheapest first."""
    frontier_complete: bool
    """Whether the frontier is proven to be complete."""
    conflicts: tuple[tuple[str, str], ...]
    """Options that exclude each other: declared so, or as their changes do not fit together."""
    evaluations: int
    """Estates evaluated exactly."""
    sets_possible: int
    """Subsets that plain enumeration would have looked at."""
    proofs: int
    """Families of sets that were ruled out."""
    method: str
    """How candidates were found."""
    notes: tuple[str, ...]
    """What a reader has to know."""
