"""What to simulate, and how (rule W5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from depgraph.engine.availability import AssessmentOptions
from depgraph.errors import DomainError
from depgraph.model.duration import DurationShape

DEFAULT_MTTR_HOURS = 1.0
"""Mean time to restore of components that state none [h]."""

Unknown = Literal["working", "failed"]


@dataclass(frozen=True)
class SimulationOptions:
    """What to simulate, and how."""

    years: int = 1_000
    """Years to simulate."""
    seed: int = 1
    """Seed of the random streams."""
    failures: DurationShape = field(default_factory=DurationShape)
    """Family of times to failure."""
    repairs: DurationShape = field(default_factory=DurationShape)
    """Family of times to restore."""
    mttr_hours: float = DEFAULT_MTTR_HOURS
    """Mean time to restore of components that state none [h]."""
    unknown: Unknown = "working"
    """How components without a figure are taken (rule A5)."""
    money: bool = True
    """Whether to settle the contracts as well."""
    exact: bool = True
    """Whether to compute the exact availability beside the simulated one."""
    precision: float | None = None
    """Stop when the half-width of the headline's interval is this share of its mean [1]."""
    assessment: AssessmentOptions = field(default_factory=AssessmentOptions)
    """Which own figures to use, and the day on which promises must be in force."""

    def require_possible(self) -> None:
        """Refuse what cannot be simulated.

        Raises
        ------
        DomainError
            If an option is out of range.
        """
        if self.years < 1:
            raise DomainError(f"{self.years} years cannot be simulated; it takes 1 or more")
        if not (self.mttr_hours > 0 and np.isfinite(self.mttr_hours)):
            raise DomainError(f"a mean time to restore of {self.mttr_hours} h is not more than 0")
        if self.seed < 0:
            raise DomainError(f"the seed {self.seed} is negative; it is 0 or more")
        if self.precision is not None and not 0 < self.precision < 1:
            raise DomainError(f"a precision of {self.precision} is not between 0 and 1")
