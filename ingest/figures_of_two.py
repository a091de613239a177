"""One figure that two sources state in different ways: is it the same, and which is kept (A4)."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from decimal import Decimal, InvalidOperation
from math import isclose
from typing import Any

from pydantic import ValidationError

from depgraph.model.component import Component

FIGURES = ("availability", "unavailability", "mtbf_hours")
"""Ways of giving one availability, of which a record has one."""
_PARTS = (*FIGURES, "mttr_hours")
_ROUNDING = 1e-12


def is_same(held: object, given: object) -> bool:
    """Whether two values say the same, however their numbers are written.

    >>> is_same(Decimal("0.9995"), "99.95 %"), is_same("1200.5 EUR", "1200.50 EUR")
    (True, True)
    >>> is_same("0.9995", "0.9996"), is_same("12 EUR", "12 USD"), is_same("007", "7")
    (False, False, False)
    """
    one, other = str(held), str(given)
    if one == other:
        return True
    if isinstance(held, bool) or isinstance(given, bool):
        return False
    numbers = _number(one), _number(other)
    return None not in numbers and numbers[0] == numbers[1]


def _number(text: str) -> tuple[Decimal, str] | None:
    """A number and its unit; None for anything else, and for codes that begin with zeros."""
    first, _, unit = text.strip().replace("%", " %").partition(" ")
    if first[:1] == "0" and first[1:2].isdigit():
        return None
    try:
        number = Decimal(first)
    except InvalidOperation:
        return None
    return (number / 100, "") if unit.strip() == "%" else (number, unit.strip())


def other_figure(held: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[str, str] | None:
    """Fields with which a record states its availability in another way than what is held.

    Parameters
    ----------
    held, given : mapping
        Fields of one record, as held and as the source gives them.

    Returns
    -------
    tuple of str, optional
        The field held and the field given; None where there is only one way.
    """
    ours = next((name for name in FIGURES if name in held), None)
    theirs = next((name for name in FIGURES if name in given), None)
    return (ours, theirs) if ours and theirs and ours != theirs else None


def is_same_figure(held: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether two ways of giving an availability come to the same."""
    ours, theirs = _unavailability(held), _unavailability(given)
    if ours is None or theirs is None:
        return False
    return isclose(ours, theirs, rel_tol=_ROUNDING, abs_tol=0.0)


def _unavailability(fields: Mapping[str, Any]) -> Decimal | None:
    """One minus the availability; None where the fields do not say it, or are faulty."""
    stated = {name: fields[name] for name in _PARTS if name in fields}
    try:
        return Component.model_validate(stated).own_unavailability
    except ValidationError:
        return None


def without_figure(fields: MutableMapping[str, Any]) -> tuple[str, ...]:
    """Take the figure out of a record's fields; the names of what was taken."""
    return tuple(name for name in FIGURES if fields.pop(name, None) is not None)
