"""What conclusions rest on: given, promised, defaulted or missing figures, worst first (rule A5).

For each bracket the single fact that would narrow it most is found by computing the bracket again
with that component known, once as always up and once as always down: whatever its figure turns out
to be, the width lies between these two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic

import numpy as np

from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.availability_answer import (
    MINUTES_PER_MONTH,
    Assessment,
    Names,
    ServiceAvailability,
)
from depgraph.engine.diagram import Array
from depgraph.engine.figures import FigureChoice
from depgraph.engine.graph_steps import cut_out
from depgraph.engine.situations import flat_gates
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.record import Record

CANDIDATES = 25
"""Missing figures that are tried out; the others are listed without what they would bring."""
_TRIAL_SECONDS = 30.0
"""Time after which no further one is tried out [s]."""
_FIGURES = frozenset({"availability", "unavailability", "mtbf_hours", "depends_on"})
"""Fields whose origin decides how sure an availability is."""
Origins = Mapping[str, Sequence[Mapping[str, str]]]
"""Origins of imported values by ``list/id/field``, each with source, place, how."""


class SourceQuality(Record):
    """How much of what one source says is stated, and how much is guessed."""

    source: str
    """Format and file, or ``estate files`` for what was written by hand."""
    values: int
    """Values taken from it."""
    given: int
    """Stated by the source."""
    inferred: int
    """Worked out from it."""
    defaulted: int
    """Defaults of ours."""
    score: float
    """Share of given values [1]."""


class NarrowingFact(Record):
    """One missing figure, and what knowing it would do to a bracket."""

    component: str
    """The component without a figure."""
    width_at_most: float
    """Width of the bracket at most, whatever the figure turns out to be [1]."""
    width_at_least: float
    """Width of the bracket at least, whatever the figure turns out to be [1]."""
    narrows_at_least: float
    """What it takes off the width for certain [1]."""
    narrows_at_most: float
    """What it takes off the width at most [1]."""

    def __str__(self) -> str:
        """In words; where others are missing too, one figure alone may change nothing."""
        if self.narrows_at_least:
            return f"{self.component}: narrows by at least {self.narrows_at_least:.4g}"
        most = f"{self.narrows_at_most:.4g}"
        return f"{self.component}: narrows by up to {most}, alone perhaps by nothing"


class ResultQuality(Record):
    """What one conclusion rests on."""

    kind: str
    """What sort of conclusion: availability, or that of another answer."""
    subject: str
    """What it is about."""
    score: float
    """Share of the facts it rests on that are known and not defaults or inferences [1]."""
    width: float
    """Width of its bracket [1]; 0 when it is exact."""
    width_minutes_per_month: float | None
    """The same for an availability, per 30-day month [min]."""
    rests_on: int
    """Facts that it rests on."""
    missing: Names
    """Facts that nobody knows."""
    defaulted: Names
    """Facts for which a default of ours stands in."""
    inferred: tuple[str, ...]
    """Facts that an import worked out."""
    promised: tuple[str, ...]
    """Facts taken from a promise instead of a measurement."""
    best_fact: NarrowingFact | None
    """The single fact that would narrow it most; None for exact results, and where it was not
    tried."""
    note: str = ""
    """Anything that has to be said with it."""


class DataQuality(Record):
    """Where the answers are weak."""

    sources: tuple[SourceQuality, ...]
    """Worst first."""
    results: tuple[ResultQuality, ...]
    """Worst first: the widest bracket, then the lowest score."""
    facts: tuple[str, ...]
    """Missing figures, those that most results rest on first."""
    not_tried: tuple[str, ...]
    """Missing figures beyond the limit, or the time, of which it was not computed what they would
    bring."""


def source_quality(origins: Origins, written: int) -> tuple[SourceQuality, ...]:
    """Score of each source, worst first.

    Parameters
    ----------
    origins : mapping
        Origins of imported values.
    written : int
        Values in the estate without an origin: written by hand, thus given.
    """
    counted: dict[str, dict[str, int]] = {}
    for found in origins.values():
        for origin in found:
            kinds = counted.setdefault(origin["source"], {})
            kinds[origin["how"]] = kinds.get(origin["how"], 0) + 1
    if written:
        counted["estate files"] = {"given": written}
    rows = [
        SourceQuality(
            source=source,
            values=sum(kinds.values()),
            given=kinds.get("given", 0),
            inferred=kinds.get("inferred", 0),
            defaulted=kinds.get("defaulted", 0),
            score=kinds.get("given", 0) / sum(kinds.values()),
        )
        for source, kinds in counted.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.score, row.source)))


def availability_quality(
    structure: Structure, assessment: Assessment, origins: Origins, candidates: int = CANDIDATES
) -> tuple[tuple[ResultQuality, ...], tuple[str, ...], tuple[str, ...]]:
    """Quality of every availability, missing figures by use, and those not tried.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    assessment : Assessment
        Its answers.
    origins : mapping
        Origins of imported values; figures that were inferred are named.
    candidates : int
        Most missing figures to try out.
    """
    resting: dict[str, list[str]] = {}
    for row in assessment.services:
        for name in row.unknown:
            resting.setdefault(name, []).append(row.id)
    ordered = sorted(resting, key=lambda name: (-len(resting[name]), name))
    trial = _Trial(structure, assessment)
    tried: dict[str, dict[str, tuple[float, float]]] = {}
    deadline = monotonic() + _TRIAL_SECONDS
    for name in ordered[:candidates]:
        # The first one is always tried; where assessing takes long, the others are named.
        if tried and monotonic() > deadline:
            break
        tried[name] = trial.widths(name, tuple(resting[name]))
    grounds = _Grounds(structure, assessment, origins)
    rows = [grounds.result(row, tried) for row in assessment.services]
    return tuple(rows), tuple(ordered), tuple(ordered[len(tried) :])


def worst_first(rows: Sequence[ResultQuality]) -> tuple[ResultQuality, ...]:
    """The widest bracket first, then the lowest score."""
    return tuple(sorted(rows, key=lambda row: (-row.width, row.score, row.kind, row.subject)))


def _width(row: ServiceAvailability) -> float:
    """Width of a bracket; unavailabilities keep their digits near 1."""
    return row.unavailability_high - row.unavailability_low


@dataclass(frozen=True)
class _Trial:
    """Brackets with one missing figure known."""

    structure: Structure
    assessment: Assessment

    @cached_property
    def _keys(self) -> dict[str, ComponentKey]:
        """Components by name, common causes aside."""
        structure = self.structure
        kept = (
            (v, k) for v, k in reversed(structure.component.items()) if k.kind != "common_cause"
        )
        return {structure.name(variable): key for variable, key in kept}

    def widths(self, name: str, services: tuple[str, ...]) -> dict[str, tuple[float, float]]:
        """Widths of services' brackets with a component always up, and always down."""
        up, down = (self._assessed(name, services, figure) for figure in (0.0, 1.0))
        return {
            a.id: (_width(a), _width(b)) for a, b in zip(up.services, down.services, strict=True)
        }

    def _assessed(self, name: str, services: tuple[str, ...], unavailability: float) -> Assessment:
        options = AssessmentOptions(services=services, as_of=self.assessment.as_of)
        key = self._keys[name]
        if key.kind == "service":
            # A measured figure stands before everything else (rule A4), for this one alone.
            choice = FigureChoice(basis="observed", observed={key.id: unavailability})
            return assessed(self.structure.estate, replace(options, choice=choice), self.structure)
        estate = self.structure.estate
        places = [
            place.replace(unavailability=unavailability) if place.id == key.id else place
            for place in estate.locations
        ]
        known = estate.replace(locations=places)
        return assessed(known, options, replace(self.structure, estate=known))


class _Grounds:
    """What figures are, by the service that rests on them."""

    def __init__(self, structure: Structure, assessment: Assessment, origins: Origins) -> None:
        self._up = structure.up
        self._flat = flat_gates(structure.gates)
        self._scratch = np.full(len(structure.gates.need), -1, np.int64)
        source = final_figures(structure, AssessmentOptions(as_of=assessment.as_of)).source
        guessed = {
            key.rsplit("/", 1)[0]
            for key, found in origins.items()
            if key.rsplit("/", 1)[-1] in _FIGURES and any(o["how"] != "given" for o in found)
        }
        self._is: dict[str, Array] = {
            kind: np.zeros(len(structure.gates.need), np.bool_)
            for kind in ("counted", "known", "committed", "inferred")
        }
        self._names = np.full(len(structure.gates.need), "", np.object_)
        for variable, key in structure.component.items():
            if key.kind == "common_cause":
                continue
            figure = source.get(key, "unknown")
            self._names[variable] = structure.name(variable)
            self._is["counted"][variable] = figure != "not modelled"
            self._is["known"][variable] = figure in {"given", "observed"}
            self._is["committed"][variable] = figure == "committed"
            self._is["inferred"][variable] = f"{key.kind}s/{key.id}" in guessed

    def result(
        self, row: ServiceAvailability, tried: Mapping[str, dict[str, tuple[float, float]]]
    ) -> ResultQuality:
        """Quality of one service's availability."""
        below = cut_out(self._up[row.id], *self._flat, self._scratch)[0]
        those = {kind: below[marked[below]] for kind, marked in self._is.items()}
        counted = len(those["counted"])
        stated = np.count_nonzero(~self._is["inferred"][those["known"]])
        width = _width(row)
        return ResultQuality(
            kind="availability",
            subject=row.id,
            score=(stated + len(those["committed"])) / counted if counted else 1.0,
            width=width,
            width_minutes_per_month=width * MINUTES_PER_MONTH,
            rests_on=counted,
            missing=row.unknown,
            defaulted=row.defaulted,
            inferred=tuple(sorted(self._names[those["inferred"]])),
            promised=tuple(sorted(self._names[those["committed"]])),
            best_fact=_best_fact(row, width, tried),
            note="" if row.method == "exact" else row.method,
        )


def _best_fact(
    row: ServiceAvailability, width: float, tried: Mapping[str, dict[str, tuple[float, float]]]
) -> NarrowingFact | None:
    """The missing figure that narrows a bracket most for certain; ties by what it may do."""
    facts = [
        NarrowingFact(
            component=name,
            width_at_most=max(tried[name][row.id]),
            width_at_least=min(tried[name][row.id]),
            narrows_at_least=max(0.0, width - max(tried[name][row.id])),
            narrows_at_most=max(0.0, width - min(tried[name][row.id])),
        )
        for name in tried
        if row.id in tried[name]
    ]
    return min(facts, key=lambda f: (f.width_at_most, f.width_at_least, f.component), default=None)
