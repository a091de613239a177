"""The library of published schedules, and estates with its names written out (rule K1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import sample_data
from depgraph.engine.fees import currency_of
from depgraph.errors import Problem, RegisterError
from depgraph.model.credits import CreditSchedule, PublishedCredits
from depgraph.model.estate import Estate
from depgraph.model.sla import Measure, Period
from depgraph.record import Record
from depgraph.units import Id, Share, Text
from depgraph.wording import did_you_mean
from ingest.document import yaml_documents


class PublishedMeasure(Record):
    """How a text counts outages, as fields of an objective (rules M6, M7)."""

    granularity: Literal["whole_minutes", "consecutive_minutes"] | None = None
    """Which outages count."""
    consecutive_minutes: int | None = None
    """Shortest run of whole minutes that counts."""
    error_threshold: Share | None = None
    """Error rate above which a minute counts as down [1]."""
    partial: Literal["weighted"] | None = None
    """Whether a partial outage counts by its impact."""


class PublishedSchedule(Record):
    """One published service level agreement: what its text says, and where that was seen."""

    id: Id
    """Name in the library."""
    provider: Text
    """Who publishes it."""
    service: Text
    """What it is about."""
    target: Share
    """Promised availability [1]."""
    period: Period
    """Over what it is measured."""
    measure: Measure
    """How it is measured."""
    measured: PublishedMeasure = PublishedMeasure()
    """What the objective of an SLA has to say besides, to count as the text does."""
    source: Text
    """Where the text was seen."""
    date: Text
    """Of when it is."""
    confidence: Text
    """How sure the facts are."""
    note: Text = ""
    """What else the text has: what the schedule does not express, or was not seen."""
    credits: CreditSchedule
    """The remedy."""


@cache
def published_schedules() -> Mapping[str, PublishedSchedule]:
    """Published schedules by name.

    Examples
    --------
    >>> str(published_schedules()["aws-ec2-region"].target)
    '0.9999'
    """
    text = (Path(sample_data.__file__).parent / "published" / "schedules.yaml").read_text("utf-8")
    documents, _ = yaml_documents(text)
    rows: list[dict[str, Any]] = documents[0].plain()["schedules"]
    found = [PublishedSchedule.model_validate(row) for row in rows]
    return MappingProxyType({row.id: row for row in found})


def with_published(estate: Estate) -> Estate:
    """The estate with every reference to the library written out.

    A published minimum in another currency than the contract's is left out: no rate is agreed for
    it (rule P9).

    Raises
    ------
    RegisterError
        With every name that the library does not have.
    """
    if not any(
        isinstance(sla.credits, PublishedCredits) for c in estate.contracts for sla in c.slas
    ):
        return estate
    problems = unknown_names(estate)
    if problems:
        raise RegisterError("the estate uses unknown published schedules", problems)
    data = estate.model_dump(mode="json", by_alias=True)
    for contract, record in zip(data["contracts"], estate.contracts, strict=True):
        for sla in contract["slas"]:
            name = (sla["credits"] or {}).get("published")
            if name:
                schedule = published_schedules()[name].credits
                if schedule.minimum and schedule.minimum.currency != currency_of(record):
                    schedule = schedule.replace(minimum=None)
                sla["credits"] = schedule.model_dump(mode="json", by_alias=True)
    return Estate.model_validate(data)


def unknown_names(estate: Estate) -> list[Problem]:
    """Names of schedules that the library does not have, each with its path and a suggestion."""
    known = published_schedules()
    problems = []
    for place, contract in enumerate(estate.contracts):
        for inner, sla in enumerate(contract.slas):
            if not isinstance(sla.credits, PublishedCredits) or sla.credits.published in known:
                continue
            name = sla.credits.published
            problems.append(
                Problem(
                    code="unknown-published-schedule",
                    what=f"{sla.id}: no published schedule is called {name!r}",
                    hint=did_you_mean(name, known, "see depgraph schedules"),
                    value=name,
                    path=("contracts", place, "slas", inner, "credits", "published"),
                )
            )
    return problems
