"""What to simulate, and how (rule W5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from depgraph.engine.availability import AssessmentOptions
from depgraph.errors import DomainError, Problem
from depgraph.model.duration import DurationShape

DEFAULT_MTTR_HOURS = 1.0
"""Mean time to restore of components that state none [h]."""
_MOST_MTTR_HOURS = 1_000_000
"""Longest that is taken, more than a century [h]."""

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

    def problems(self) -> tuple[Problem, ...]:
        """What cannot be simulated, each with the name of its option as the path."""
        checks = (
            ("years", self.years, self.years >= 1, "1 or more", ""),
            ("seed", self.seed, self.seed >= 0, "0 or more", ""),
            (
                "mttr_hours",
                self.mttr_hours,
                0 < self.mttr_hours <= _MOST_MTTR_HOURS,
                f"more than 0 and at most {_MOST_MTTR_HOURS:,}",
                "write 0.5 for half an hour",
            ),
            (
                "precision",
                self.precision,
                self.precision is None or 0 < self.precision < 1,
                "between 0 and 1",
                "for ± 2 % write 0.02",
            ),
        )
        return tuple(
            Problem("out-of-range", f"{value:g} is not {wanted}", hint, str(value), (name,))
            for name, value, possible, wanted, hint in checks
            if value is not None and not possible
        )

    def require_possible(self) -> None:
        """Refuse what cannot be simulated.

        Raises
        ------
        DomainError
            If an option is out of range.
        """
        if problems := self.problems():
            raise DomainError("; ".join(map(str, problems)))
