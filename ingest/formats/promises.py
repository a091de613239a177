"""Objectives of sources that name no parties: one contract per source, its parties placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ingest.provenance import Draft, Origin, cleaned_id, slug

_PERIODS = {"month": (28, 31), "quarter": (84, 93), "year": (360, 366)}
_DAYS = {"d": 1, "day": 1, "w": 7, "week": 7, "m": 30, "month": 30, "q": 91, "quarter": 91,
         "y": 365, "year": 365}  # fmt: skip
MOST_SLICE_MINUTES = 1440
"""Longest interval that an objective holds [min]."""


class Terms(NamedTuple):
    """What is promised."""

    target: str
    """Target as a share."""
    window: str
    """Length of the window, such as ``30d``."""
    measure: str
    """How it is measured (rules M5 to M8)."""
    zone: str = "UTC"
    """IANA zone of the calendar (rule M1)."""
    more: Mapping[str, object] = {}
    """Further fields of the objective, such as the length of its intervals."""


def slice_minutes(seconds: float) -> int | None:
    """Length of a time slice in whole minutes; None where the estate can hold no such slice.

    >>> slice_minutes(300), slice_minutes(90), slice_minutes(0)
    (5, None, None)
    """
    minutes, rest = divmod(seconds, 60)
    return int(minutes) if not rest and 1 <= minutes <= MOST_SLICE_MINUTES else None


def is_latency(text: str) -> bool:
    """Whether an objective's name speaks of speed, which the estate does not hold."""
    return re.search(r"latenc|duration|response.?time|p9\d", text.lower()) is not None


def placeholder_contract(draft: Draft, place: str, zone: str = "UTC") -> str:
    """Id of the contract that stands for one the source does not name, in a time zone."""
    contract = f"objectives-{slug(draft.source)}"
    if zone != "UTC":
        contract = f"{contract}-{slug(zone)}"
    if contract not in draft.records["contracts"]:
        supplier, customer = f"{contract}-supplier", f"{contract}-customer"
        for party in (supplier, customer):
            draft.put("organizations", party, place, "defaulted", name=f"{party}, not stated")
        draft.put(
            "contracts", contract, place, "defaulted", supplier=supplier, customer=customer,
            timezone=None if zone == "UTC" else zone,
        )  # fmt: skip
        draft.note("missing", f"parties of the objectives: set them in contract {contract}", place)
    return contract


def add_promise(draft: Draft, place: str, service: str, name: str, terms: Terms) -> tuple[str, str]:
    """Add an availability objective as an SLA.

    Parameters
    ----------
    draft : Draft
        What is being read.
    place : str
        Where the objective stands.
    service, name : str
        The service covered, and the SLA's name in the source.
    terms : Terms
        What is promised.

    Returns
    -------
    tuple of str
        Contract and id of the SLA.
    """
    contract = placeholder_contract(draft, place, terms.zone)
    period = _period(terms.window, name, place, draft)
    objective = {"metric": "availability", "target": terms.target, "period": period,
                 "measure": terms.measure, **terms.more}  # fmt: skip
    identifier = f"{contract}-{cleaned_id(name)}"[:200]
    taken = [sla["id"] for sla in draft.records["contracts"][contract].get("slas", [])]
    if identifier in taken:
        draft.note("conflict", f"a second objective is called {name!r}; left out", place)
        return contract, identifier
    draft.put(
        "contracts", contract, place,
        slas=[{"id": identifier, "service": cleaned_id(service), "objectives": [objective]}],
    )  # fmt: skip
    draft.origins["slas", identifier, "target"] = Origin(draft.source, place)
    return contract, identifier


def _period(window: str, name: str, place: str, draft: Draft) -> str:
    """Month, quarter or year for a window's length; says where it does not fit."""
    match = re.fullmatch(r"(\d{1,4})\s*([A-Za-z]+?)s?", window)
    days = int(match[1]) * _DAYS.get(match[2].lower(), 0) if match else 0
    for period, (shortest, longest) in _PERIODS.items():
        if shortest <= days <= longest:
            draft.note("inferred", f"window {window!r} read as a calendar {period}", place)
            return period
    draft.note(
        "inferred", f"window {window!r} of {name!r} has no counterpart: month assumed", place
    )
    return "month"
