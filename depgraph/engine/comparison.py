"""Before → after of a structural change: availability, single points of failure, promises (W3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.availability_answer import MINUTES_PER_MONTH, ServiceAvailability
from depgraph.errors import DomainError
from depgraph.model.estate import Estate
from depgraph.record import Record
from depgraph.wording import unknown_ids

_ROUNDING = 1e-12
"""Relative difference of unavailabilities that is rounding, not a change."""


class ServiceState(Record):
    """One service in one of the two estates."""

    availability: float | None
    """Composite availability [1]; None when only a bracket is known."""
    low: float
    """Composite availability at least this [1]."""
    high: float
    """Composite availability at most this [1]."""
    unavailability_low: float
    """Composite unavailability at least this, with all its digits [1]."""
    unavailability_high: float
    """Composite unavailability at most this, with all its digits [1]."""
    downtime_minutes_per_month: float | None
    """Expected downtime per 30-day month [min] (rule A10); None when only a bracket is known."""
    single_points_of_failure: tuple[str, ...]
    """Components whose failure alone takes it down (rule A12)."""
    committed: float | None
    """The promised availability that counts [1]; None without a promise."""
    carried: bool | None
    """Whether the suppliers can carry the promise; None without one, or undecided."""
    met: bool | None
    """Whether the composite reaches the promise; None without one, or undecided."""

    @property
    def unbacked(self) -> bool:
        """Whether there is a promise that is certainly not carried or not met (rule A4)."""
        return self.carried is False or self.met is False


class ServiceChange(Record):
    """One service that the change touches."""

    id: str
    """The service."""
    before: ServiceState | None
    """As it was; None when it is new."""
    after: ServiceState | None
    """As it becomes; None when it is removed."""
    gained_minutes_per_month: float | None
    """Downtime saved per 30-day month, negative when lost [min]; None where a side has none."""
    single_points_added: tuple[str, ...]
    """Single points of failure that come."""
    single_points_removed: tuple[str, ...]
    """Single points of failure that go."""


class Totals(Record):
    """One of the two estates, summed over the services compared."""

    services: int
    """Services."""
    single_points_of_failure: int
    """Distinct components that are a single point of failure of any of them."""
    unbacked: tuple[str, ...]
    """Services whose promise is not backed, in the order of the estate."""
    undecided: tuple[str, ...]
    """Services with a promise of which it cannot be said."""
    bracketed: tuple[str, ...]
    """Services of whose availability only a bracket is known."""
    downtime_minutes_per_month: float | None
    """Expected downtime of all services together, per 30-day month [min]; None with brackets."""


class Comparison(Record):
    """What a change does."""

    changes: tuple[ServiceChange, ...]
    """Services that differ, those that lose most first."""
    unchanged: int
    """Services that do not differ."""
    before: Totals
    """The estate as it was."""
    after: Totals
    """The estate as it becomes."""


def compared(
    before: Estate,
    after: Estate,
    services: Sequence[str] | None = None,
    options: AssessmentOptions | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compare an estate with what a change makes of it (rule W3).

    Parameters
    ----------
    before, after : Estate
        The two estates; both are assessed on the same day and in the same way.
    services : sequence of str, optional
        Services to look at; all of both when absent.
    options : AssessmentOptions, optional
        Basis, day and limits; its services are not used.
    progress : callable, optional
        Told how many services of both are answered, and of how many.

    Raises
    ------
    DomainError
        If a service exists in neither estate.
    """
    wanted = None if services is None else tuple(dict.fromkeys(services))
    absent = [s for s in wanted or () if s not in before.service and s not in after.service]
    if absent:
        raise DomainError(
            f"no service has the id {unknown_ids(absent, after.service)}, before or after"
        )
    options = options or AssessmentOptions()
    # One day for both, so that midnight between the two runs changes nothing.
    options = replace(options, as_of=options.as_of or datetime.now(UTC).date())
    tell = progress or _nobody
    old = _states(before, wanted, options, lambda done, of: tell(done, 2 * of))
    new = _states(after, wanted, options, lambda done, of: tell(of + done, 2 * of))
    ids = dict.fromkeys([*old, *new])
    rows = [_change(service, old.get(service), new.get(service)) for service in ids]
    changes = [row for row in rows if _differ(row.before, row.after)]
    return Comparison(
        changes=tuple(sorted(changes, key=_worst_first)),
        unchanged=len(rows) - len(changes),
        before=_totals(old),
        after=_totals(new),
    )


def _nobody(_done: int, _of: int) -> None:
    """Tell nobody."""


def _states(
    estate: Estate,
    wanted: tuple[str, ...] | None,
    options: AssessmentOptions,
    tell: Callable[[int, int], None],
) -> dict[str, ServiceState]:
    """States of the wanted services that the estate has."""
    present = tuple(s for s in wanted if s in estate.service) if wanted is not None else ()
    # No services at all would mean all of them to the assessment.
    if not estate.services or (wanted is not None and not present):
        return {}
    answers = assessed(estate, replace(options, services=present), None, tell).services
    return {answer.id: _state(answer) for answer in answers}


def _state(answer: ServiceAvailability) -> ServiceState:
    names = ServiceState.model_fields
    return ServiceState.model_validate({name: getattr(answer, name) for name in names})


def _change(service: str, old: ServiceState | None, new: ServiceState | None) -> ServiceChange:
    was = old.single_points_of_failure if old else ()
    becomes = new.single_points_of_failure if new else ()
    gained = None
    if old and new and old.availability is not None and new.availability is not None:
        # Unavailabilities are subtracted: availabilities near 1 would lose their digits.
        gained = (old.unavailability_low - new.unavailability_low) * MINUTES_PER_MONTH
    return ServiceChange(
        id=service,
        before=old,
        after=new,
        gained_minutes_per_month=gained,
        single_points_added=tuple(name for name in becomes if name not in was),
        single_points_removed=tuple(name for name in was if name not in becomes),
    )


def _differ(old: ServiceState | None, new: ServiceState | None) -> bool:
    """Whether two states differ by more than rounding."""
    if old is None or new is None:
        return True
    ends = ("unavailability_low", "unavailability_high")
    if any(not _same(getattr(old, end), getattr(new, end)) for end in ends):
        return True
    facts = ("single_points_of_failure", "committed", "carried", "met")
    return any(getattr(old, fact) != getattr(new, fact) for fact in facts)


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= _ROUNDING * max(abs(a), abs(b))


def _worst_first(row: ServiceChange) -> tuple[bool, float, str]:
    """Losses first, then gains, then what cannot be compared."""
    gained = row.gained_minutes_per_month
    return gained is None, gained or 0.0, row.id


def _totals(states: dict[str, ServiceState]) -> Totals:
    exact = [state.downtime_minutes_per_month for state in states.values()]
    known = [minutes for minutes in exact if minutes is not None]
    return Totals(
        services=len(states),
        single_points_of_failure=len(_distinct(states.values())),
        unbacked=tuple(name for name, state in states.items() if state.unbacked),
        undecided=tuple(
            name
            for name, state in states.items()
            if state.committed is not None
            and not state.unbacked
            and None in {state.carried, state.met}
        ),
        bracketed=tuple(name for name, state in states.items() if state.availability is None),
        downtime_minutes_per_month=sum(known) if len(known) == len(exact) else None,
    )


def _distinct(states: Iterable[ServiceState]) -> frozenset[str]:
    return frozenset(name for state in states for name in state.single_points_of_failure)
