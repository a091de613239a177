"""What everything held can carry together: the composite behind a promise (rules P2, A2, A5).

The supplier's own components are taken as perfect. Each service of the frontier is one variable
with the held target (rule A3), joined by the structure between the promise and the frontier, with
its redundancy, sharing and common causes, in the exact engine. What is not held is unknown, which
gives an interval. Beyond the frontier the held targets count as independent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.availability_answer import shown_availability
from depgraph.engine.exact import Limits
from depgraph.engine.promise_verdict import reached
from depgraph.engine.structure import common_causes, required_services
from depgraph.model.estate import Estate
from depgraph.model.estate_records import Defaults
from depgraph.model.service import Service

_SECONDS = 10.0


@dataclass(frozen=True)
class HeldTarget:
    """What is held for one service of the frontier."""

    target: Decimal | None
    """Availability held [1]; None when nothing is."""
    end_to_end: bool = True
    """Whether the target covers what the service requires of third parties. When not, it is only
    an upper bound of what arrives."""


@dataclass(frozen=True)
class HeldComposite:
    """Availability that everything held carries, own components perfect."""

    low: float
    """At least this [1]."""
    high: float
    """At most this [1]."""
    unavailability_low: float
    """Unavailability at least this, with all its digits [1]."""
    unavailability_high: float
    """Unavailability at most this [1]."""

    def reaches(self, target: Decimal) -> bool | None:
        """Whether the composite reaches a promise; None when the interval straddles it."""
        return reached(self.unavailability_low, self.unavailability_high, target)

    @property
    def shown(self) -> str:
        """The figure for people, truncated (rule A9)."""
        low = _percent(self.unavailability_high)
        if self.unavailability_low == self.unavailability_high:
            return low
        return f"{low} to {_percent(self.unavailability_low)}"


class HeldComposites:
    """Composites of what is held, over one estate.

    Parameters
    ----------
    estate : Estate
        Services and their requirements.
    """

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        causes = ((service, tuple(common_causes(service))) for service in estate.services)
        self._causes = [(service.id, groups) for service, groups in causes if groups]

    def of(self, service: str, frontier: Mapping[str, HeldTarget]) -> HeldComposite:
        """Composite of everything held for a promise (rule P2).

        Parameters
        ----------
        service : str
            The promised service.
        frontier : mapping of str to HeldTarget
            What is held, for every service at which the promise leaves the supplier's group.

        Returns
        -------
        HeldComposite
            Both ends are equal when all is held. A service between promise and frontier that
            nobody is known to provide is unknown too, but for the promised one itself.
        """
        parts: list[dict[str, object]] = []
        seen = {service}
        waiting = [service]
        while waiting:
            here = self._estate.service[waiting.pop()]
            held = frontier.get(here.id)
            if held is not None:
                parts += _variable(here.id, held)
                continue
            own = here.provider is not None or here.id == service
            parts.append(
                {"id": here.id, "availability": 1 if own else None, "depends_on": here.depends_on}
            )
            for needed in _named_services(here):
                if needed not in seen:
                    seen.add(needed)
                    waiting.append(needed)
        parts += self._struck_together(seen, frontier)
        small = Estate(
            services=tuple(Service.model_validate(part) for part in parts), defaults=Defaults()
        )
        options = AssessmentOptions(services=(service,), limits=Limits(seconds=_SECONDS))
        [answer] = assessed(small, options).services
        return HeldComposite(
            answer.low, answer.high, answer.unavailability_low, answer.unavailability_high
        )

    def _struck_together(
        self, seen: set[str], frontier: Mapping[str, HeldTarget]
    ) -> list[dict[str, object]]:
        """Groups elsewhere whose common cause strikes several of these at once (rules A3, A13)."""
        parts: list[dict[str, object]] = []
        named = set(seen)
        for service, causes in self._causes:
            groups = [group for group in causes if len(seen.intersection(group.of)) > 1]
            if not groups or (service in seen and frontier.get(service) is None):
                continue
            parts.append({"id": f"causes of {service}"[:200], "depends_on": groups})
            for member in dict.fromkeys(m for group in groups for m in group.of):
                if member not in named:
                    named.add(member)
                    held = frontier.get(member)
                    parts.append({"id": member, "availability": held.target if held else None})
        return parts


def _variable(service: str, held: HeldTarget) -> list[dict[str, object]]:
    """A service of the frontier as one component, with an unknown one where rule A5 says so."""
    if held.end_to_end or held.target is None:
        return [{"id": service, "availability": held.target}]
    beyond = f"beyond {service}"[:200]
    return [
        {"id": service, "availability": held.target, "depends_on": [beyond]},
        {"id": beyond},
    ]


def _named_services(service: Service) -> tuple[str, ...]:
    """Every service that the record names; soft ones too, so that references resolve."""
    soft = (getattr(item, "service", None) for item in service.requirements)
    return tuple(dict.fromkeys([*required_services(service), *filter(None, soft)]))


def _percent(unavailability: float) -> str:
    return shown_availability(1 - unavailability, unavailability)
