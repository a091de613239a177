"""Improvements on offer: what each changes of the estate, and its price a year (rule L14)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from types import MappingProxyType
from typing import Self

from pydantic import field_validator, model_validator

from depgraph.errors import Problem, RegisterError
from depgraph.model.scenario import Edit
from depgraph.record import Record, fault
from depgraph.units import Id, Price, Share, Text
from depgraph.wording import counted, did_you_mean


class ServiceTarget(Record):
    """An availability asked for."""

    service: Id
    """The service."""
    availability: Share
    """Composite availability that it is to reach [1]."""


class Improvement(Record):
    """One thing on offer: a redundancy, a better tier, a second vendor, or any other change."""

    id: Id
    """Identifier, unique among the options."""
    name: Text = ""
    """Name for people."""
    why: Text = ""
    """What it is for, and where its price comes from."""
    price_per_year: Price
    """What it costs, per year."""
    edits: tuple[Edit, ...]
    """Changes of the estate, as in scenario files."""
    excludes: tuple[Id, ...] = ()
    """Options that cannot be taken together with this one; holds both ways."""
    requires: tuple[Id, ...] = ()
    """Options that have to be taken with this one."""

    @field_validator("edits")
    @classmethod
    def _changes_something(cls, value: tuple[Edit, ...]) -> tuple[Edit, ...]:
        if not value:
            raise fault("no-edits", "the option changes nothing", "write what it changes")
        return value


class ImprovementOptions(Record):
    """Everything on offer, in one currency; the changes of a set are made in this order.

    Constructing one raises `RegisterError` with every contradiction between the options.
    """

    name: Text = ""
    """Name of the list for people."""
    why: Text = ""
    """What the list is for."""
    improvements: tuple[Improvement, ...] = ()
    """The options."""

    @model_validator(mode="after")
    def _resolve(self) -> Self:
        problems = list(_problems(self))
        if problems:
            raise RegisterError(f"the options have {counted(len(problems), 'problem')}", problems)
        return self

    @cached_property
    def place(self) -> MappingProxyType[str, int]:
        """Position of each option by its id."""
        return MappingProxyType({each.id: place for place, each in enumerate(self.improvements)})

    @property
    def currency(self) -> str:
        """ISO 4217 code of all prices; empty without options."""
        return self.improvements[0].price_per_year.currency if self.improvements else ""

    def with_required(self, places: frozenset[int]) -> frozenset[int]:
        """Options together with all that they require, directly or not."""
        found: set[int] = set()
        waiting = list(places)
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += [self.place[name] for name in self.improvements[place].requires]
        return frozenset(found)

    def exclusive_pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs that are declared not to go together, lower position first."""
        return frozenset(
            (min(place, other), max(place, other))
            for place, each in enumerate(self.improvements)
            for other in (self.place[name] for name in each.excludes)
        )


def _problems(options: ImprovementOptions) -> Iterator[Problem]:
    """Repeated ids, unknown references, contradictions, and prices in several currencies."""
    seen: dict[str, int] = {}
    for place, each in enumerate(options.improvements):
        path = ("improvements", place)
        if each.id in seen:
            yield Problem(
                "duplicate-id",
                f"two options have the id {each.id!r}",
                "rename one of them",
                value=each.id,
                path=(*path, "id"),
                also=(f"improvements[{seen[each.id]}].id",),
            )
        seen.setdefault(each.id, place)
        if each.price_per_year.currency != options.currency:
            yield Problem(
                "mixed-currencies",
                f"{each.id!r} is priced in {each.price_per_year.currency},"
                f" {options.improvements[0].id!r} in {options.currency}",
                f"convert the price to {options.currency} at a rate that you stand for",
                value=str(each.price_per_year),
                path=(*path, "price_per_year"),
            )
    unknown = list(_unknown_references(options, list(seen)))
    yield from unknown
    if not unknown:
        yield from _contradictions(options)


def _unknown_references(options: ImprovementOptions, known: list[str]) -> Iterator[Problem]:
    """Options that exclude or require what is not on offer."""
    for place, each in enumerate(options.improvements):
        for word, names in (("excludes", each.excludes), ("requires", each.requires)):
            for number, name in enumerate(names):
                if name in known:
                    continue
                yield Problem(
                    "unknown-reference",
                    f"{each.id!r} {word} {name!r}, which is not on offer",
                    did_you_mean(name, known, "add it, or correct the id"),
                    value=name,
                    path=("improvements", place, word, number),
                )


def _contradictions(options: ImprovementOptions) -> Iterator[Problem]:
    """Options that can never be taken, as what they require is excluded."""
    pairs = options.exclusive_pairs()
    for place, each in enumerate(options.improvements):
        needed = options.with_required(frozenset({place}))
        clash = next(((a, b) for a, b in sorted(pairs) if a in needed and b in needed), None)
        if clash is not None:
            first, second = (options.improvements[number].id for number in clash)
            yield Problem(
                "contradiction",
                f"{each.id!r} can never be taken: it excludes itself"
                if first == second
                else f"{each.id!r} can never be taken: {first!r} and {second!r} exclude each other",
                "change excludes or requires",
                value=each.id,
                path=("improvements", place),
            )
