"""What every failing thing has: a figure for its own availability, all else working (rule A4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from depgraph.model.duration import DurationText
from depgraph.model.exclusion import RecurringWindow
from depgraph.record import Record, fault
from depgraph.units import Hours, Share, ZoneName


class MaintenanceWindow(RecurringWindow):
    """Planned maintenance that comes back (rules M3, W5)."""

    timezone: ZoneName = "UTC"
    """IANA zone in which the rule is meant."""
    notice_hours: Hours | None = None
    """How long before each occurrence it is announced [h]; None when nobody says."""


class Component(Record):
    """A thing that can fail by itself; at most one way of giving its figure is used."""

    availability: Share | None = None
    """Share of time the own component works, all else working [1]."""
    unavailability: Share | None = None
    """One minus the availability, for figures with many nines [1]."""
    mtbf_hours: Hours | None = Field(default=None, gt=0)
    """Mean time between failures: mean operating time from repair to next failure [h]."""
    mttr_hours: Hours | None = None
    """Mean time to restore [h]; with an availability it sets outage lengths in simulations."""
    time_to_failure: DurationText | None = None
    """Family of its times to failure in simulations (rule W5), such as ``weibull:1.5``; that of
    the simulation when absent. Its figure stays the mean."""
    time_to_restore: DurationText | None = None
    """Family of its times to restore in simulations, such as ``lognormal:1``; that of the
    simulation when absent. `mttr_hours` stays the mean."""

    maintenance: tuple[MaintenanceWindow, ...] = ()
    """Its planned maintenance, in which simulated years have it down (rule W5). Whether that
    counts is for each contract to say (rule M3); figures of availability leave it out."""

    @model_validator(mode="after")
    def _one_figure(self) -> Self:
        given = [
            name
            for name in ("availability", "unavailability", "mtbf_hours")
            if getattr(self, name) is not None
        ]
        if len(given) > 1:
            raise fault("two-figures", f"{' and '.join(given)} are both given", "keep one of them")
        if self.mtbf_hours is not None and self.mttr_hours is None:
            raise fault(
                "missing-mttr",
                "mtbf_hours is given without mttr_hours",
                "add mttr_hours, or give availability instead",
            )
        return self

    @property
    def own_unavailability(self) -> Decimal | None:
        """One minus the given availability, exact where the figure is decimal [1]; None if unknown.

        Rule A4: the availability from MTBF and MTTR is MTBF / (MTBF + MTTR).
        """
        if self.unavailability is not None:
            return self.unavailability
        if self.availability is not None:
            return 1 - self.availability
        if self.mtbf_hours is not None and self.mttr_hours is not None:
            return self.mttr_hours / (self.mtbf_hours + self.mttr_hours)
        return None
