"""Scenarios that the options of `whatif` describe, and what they name looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

from depgraph.engine.presets import aimed
from depgraph.errors import DomainError, Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.incident import Cause, Incident
from depgraph.model.scenario import Scenario
from depgraph.wording import did_you_mean
from ingest.presets import outage_presets
from ingest.scenario import read_scenario
from ui.commands.settlement import read_moment
from ui.console import stop
from ui.scenarios import ScenarioShelf

_LENGTH = re.compile(r"^([0-9]+(?:\.[0-9]+)?)\s*(s|m|min|h|d|w)$")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MOST_DAYS = 3_660


@dataclass(frozen=True)
class Asked:
    """What the options of `whatif` ask for."""

    down: Sequence[str]
    """What fails."""
    start: str | None
    """From when; now when None."""
    length: str
    """How long, such as ``4h``."""
    impact: str
    """Share hit."""
    cause: str
    """Class of the cause."""
    file: str | None
    """A scenario file."""
    preset: str | None
    """A real outage."""
    aim: Sequence[str]
    """What the real outage hits here."""
    variant: str | None
    """Another end of the real outage."""
    saved: Sequence[str]
    """Names of saved scenarios."""


_NEEDS = {
    "--from": ("start", "--down or --preset"),
    "--for": ("length", "--down"),
    "--impact": ("impact", "--down"),
    "--cause": ("cause", "--down"),
    "--aim": ("aim", "--preset"),
    "--variant": ("variant", "--preset"),
    "--seed": ("seed", "--years"),
    "--workers": ("workers", "--years"),
    "--mttr-hours": ("mttr_hours", "--years"),
}
"""Options that say more about another one: their parameters, and what they go with."""


def require_meant(given: frozenset[str]) -> None:
    """Refuse options that would change nothing: an answer without them is to another question.

    Parameters
    ----------
    given : frozenset of str
        Names of the parameters that were typed.
    """
    idle = [
        f"{option} goes with {others}"
        for option, (name, others) in _NEEDS.items()
        if name in given
        and not given & {other.removeprefix("--") for other in others.split(" or ")}
    ]
    if idle:
        stop(f"{'; '.join(idle)}: write it there, or leave it out")


def asked_scenarios(asked: Asked, estate: Estate, shelf: ScenarioShelf) -> list[Scenario]:
    """Scenarios that the options ask for; ends with a sentence unless they ask in one way.

    Parameters
    ----------
    asked : Asked
        The options.
    estate : Estate
        The estate that they are played on.
    shelf : ScenarioShelf
        Where its scenarios are saved.
    """
    ways = [asked.file is not None, bool(asked.down), asked.preset is not None, bool(asked.saved)]
    if sum(ways) != 1:
        stop("give one of: a scenario file, --down ID, --preset NAME, --scenario NAME", 2)
    if asked.preset is not None:
        begin = read_moment("--from", asked.start) if asked.start else None
        return [preset_scenario(estate, asked.preset, asked.aim, begin, asked.variant)]
    if asked.file is not None:
        return [read_scenario(asked.file, estate)]
    if asked.saved:
        return [shelf.scenario(each, estate) for each in dict.fromkeys(asked.saved)]
    return [outage_scenario(asked.down, asked.start, asked.length, (asked.impact, asked.cause))]


def outage_scenario(
    down: Sequence[str], start: str | None, length: str, kind: tuple[str, str]
) -> Scenario:
    """Scenario that the options describe.

    Parameters
    ----------
    down : sequence of str
        What fails.
    start : str, optional
        From when; now when absent.
    length : str
        How long, such as ``4h``.
    kind : tuple of str
        Share hit, and class of the cause.
    """
    begin = read_moment("--from", start) if start else datetime.now(UTC).replace(microsecond=0)
    try:
        end = begin + _length(length)
    except OverflowError:
        raise DomainError(f"an outage of {length} from {begin.isoformat()} never ends") from None
    impact, cause = kind
    down = list(dict.fromkeys(down))
    causes = get_args(Cause)
    if cause not in causes:
        stop(f"--cause cannot be {cause!r}; choose from {', '.join(causes)}")
    incidents = [
        {
            "id": f"what-if-{place + 1}",
            "affects": name,
            "start": begin,
            "end": end,
            "impact": impact,
            "cause": cause,
        }
        for place, name in enumerate(down)
    ]
    try:
        return Scenario.model_validate(
            {"name": f"{', '.join(down)} down for {length}", "incidents": incidents}
        )
    except ValueError as error:
        details: list[dict[str, Any]] = getattr(error, "errors", list)()
        texts = sorted({f"--{d['loc'][-1]}: {d['msg']}" for d in details})
        stop("; ".join(texts) or str(error))


def preset_scenario(
    estate: Estate, name: str, aim: Sequence[str], start: datetime | None, variant: str | None
) -> Scenario:
    """Scenario of a real outage, aimed at what the estate has of it.

    Parameters
    ----------
    estate : Estate
        Where it strikes.
    name : str
        The real outage.
    aim : sequence of str
        What it hits here, where names do not tell.
    start : datetime, optional
        When it begins, in place of when it did.
    variant : str, optional
        Another end of the real outage.
    """
    known = outage_presets(flagged=True)
    if name not in known:
        hint = did_you_mean(name, known, "see --preset list")
        stop(f"no real outage is called {name!r}: {hint}")
    real = known[name]
    try:
        incidents = aimed(real, estate, aim, start=start, variant=variant)
    except RegisterError as error:
        # Whoever typed an aim knows the option, and no list of aims.
        named = [
            replace(p, path=("--aim",) if p.path[:1] == ("aim",) else p.path)
            for p in error.problems
        ]
        raise RegisterError(f"{name} cannot be aimed", named) from None
    sure = "" if real.confidence == "high" else f"; not sure: {real.confidence}"
    title = f"{real.id}, moved" if start else f"{real.id}, as on record"
    return Scenario(name=title, why=f"{real.source}{sure}", incidents=incidents)


def _length(text: str) -> timedelta:
    found = _LENGTH.match(text.strip())
    if found is None:
        stop(f"--for {text!r} is not a length; write 50m, 4h or 2d")
    seconds = Decimal(found[1]) * _SECONDS[found[2]]
    if not 0 < seconds <= _MOST_DAYS * 86_400:
        stop(f"--for {text!r} is not between a second and ten years")
    return timedelta(microseconds=int(seconds * 1_000_000))


def require_known(estate: Estate, incidents: Sequence[Incident]) -> None:
    """Refuse a scenario that names what the estate does not have.

    Raises
    ------
    RegisterError
        With each id that is unknown or ambiguous.
    """
    problems = []
    for incident in incidents:
        kinds = estate.node_kinds(incident.affects)
        if len(kinds) == 1:
            continue
        meant = " or ".join(f"{kind}:{name}" for kind, name in kinds)
        problems.append(
            Problem(
                code="ambiguous-reference" if kinds else "unknown-reference",
                what=f"no service, location or organization has the id {incident.affects!r}"
                if not kinds
                else f"{incident.affects!r} is the id of several things",
                hint=f"write {meant}" if kinds else _suggestion(estate, incident.affects),
                value=incident.affects,
            )
        )
    if problems:
        raise RegisterError("the scenario names unknown things", problems)


def _suggestion(estate: Estate, name: str) -> str:
    known = [*estate.service, *estate.location, *estate.organization]
    return did_you_mean(name, known, "look it up: depgraph assess ESTATE")
