"""Figures as sources write them, with the unit found and said."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Literal

from ingest.formats.tree import Cursor

Unit = Literal["share", "percent", "detect"]


def share_at(cursor: Cursor, unit: Unit) -> str | None:
    """A share in [0, 1] as exact decimal text; None, with a note, where the value is none.

    Detection: ``"99.9%"`` and numbers over 1 are percentages, the rest shares; it is noted.
    """
    text = cursor.text()
    if not text:
        return None
    note = cursor.tree.draft.note
    signed = text.endswith("%")
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        note("left_out", f"{text[:60]!r} is not a figure", cursor.place)
        return None
    percent = signed or unit == "percent" or (unit == "detect" and number > 1)
    if unit == "detect" and not signed and number == 1:
        note("missing", "1 may mean 100 % or 1 %; left out until the unit is known", cursor.place)
        return None
    if unit == "percent" and not signed and 0 < number <= 1:
        what = f"{text} read as {text} percent, as the format says; a share would be written x 100"
        note("inferred", what, cursor.place)
    share = number.scaleb(-2) if percent else number
    if not share.is_finite() or not 0 <= share <= 1:
        note("left_out", f"{text[:60]!r} is no share of time", cursor.place)
        return None
    if unit == "detect" and not signed:
        read_as = "a percentage" if percent else "a share"
        note("inferred", f"unit of {text}: read as {read_as}", cursor.place)
    return f"{share:f}"
