"""How long things work and stay broken: families of distributions of durations (rule W5)."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from depgraph.errors import DomainError
from depgraph.record import Record, fault

DistributionKind = Literal["exponential", "weibull", "lognormal", "fixed"]
_LEAST_SHAPE, _LARGEST_SIGMA = 0.2, 4.0


class DurationShape(Record):
    """Shape of a distribution of durations; its mean is given with each component."""

    kind: DistributionKind = "exponential"
    """The family."""
    shape: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Weibull's shape, or the standard deviation of the logarithm for lognormal [1]."""

    @model_validator(mode="after")
    def _shape_where_it_means_something(self) -> Self:
        needs = self.kind in {"weibull", "lognormal"}
        if needs != (self.shape is not None):
            verb = "needs a" if needs else "has no"
            raise fault("bad-distribution", f"{self.kind} {verb} shape", "write weibull:1.5")
        if self.kind == "weibull" and self.shape is not None and self.shape < _LEAST_SHAPE:
            raise fault("bad-distribution", "a Weibull shape below 0.2 has no usable mean")
        if self.kind == "lognormal" and self.shape is not None and self.shape > _LARGEST_SIGMA:
            raise fault("bad-distribution", "a lognormal sigma above 4 has no usable mean")
        return self

    def __str__(self) -> str:
        return self.kind if self.shape is None else f"{self.kind}:{self.shape:g}"

    def scale(self, mean: float) -> float:
        """Scale (Weibull), median (lognormal) or mean (else) that gives a mean, in its unit."""
        if self.kind == "weibull" and self.shape is not None:
            return mean / math.gamma(1 + 1 / self.shape)
        if self.kind == "lognormal" and self.shape is not None:
            return mean * math.exp(-self.shape * self.shape / 2)
        return mean

    @property
    def relative_variance(self) -> float:
        """Variance over squared mean [1]."""
        if self.kind == "weibull" and self.shape is not None:
            first, second = math.gamma(1 + 1 / self.shape), math.gamma(1 + 2 / self.shape)
            return second / (first * first) - 1
        if self.kind == "lognormal" and self.shape is not None:
            return math.expm1(self.shape * self.shape)
        return 0.0 if self.kind == "fixed" else 1.0


def duration_shape(text: str) -> DurationShape:
    """Read ``exponential``, ``fixed``, ``weibull:1.5`` or ``lognormal:1.2``.

    Raises
    ------
    DomainError
        If the text is none of these.

    Examples
    --------
    >>> str(duration_shape("weibull:1.5"))
    'weibull:1.5'
    """
    kind, _, shape = text.strip().partition(":")
    try:
        return DurationShape.model_validate({"kind": kind, "shape": shape or None})
    except ValueError:
        raise DomainError(
            f"{text!r} is no distribution: write exponential, fixed, weibull:SHAPE (0.2 or more) "
            "or lognormal:SIGMA (4 or less)"
        ) from None


def _read(value: Any) -> Any:  # noqa: ANN401 - raw content of a file
    """Read a distribution written as text."""
    if not isinstance(value, str):
        return value
    try:
        return duration_shape(value)
    except DomainError as error:
        raise fault("bad-distribution", str(error), "write weibull:1.5") from None


DurationText = Annotated[
    DurationShape,
    BeforeValidator(_read),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string"}),
]
"""A family of distributions, written as ``exponential``, ``fixed``, ``weibull:SHAPE`` or
``lognormal:SIGMA``."""
