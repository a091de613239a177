"""Sums in another currency beside the originals, as text and JSON (rule P9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from depgraph.engine.conversion import Converted, RateTable, converted
from depgraph.engine.statement import Settlement
from depgraph.model.estate import Estate
from ui.console import output, print_table, safe, stop

_CURRENCY = re.compile(r"^[A-Z]{3}$")


def converted_answer(
    estate: Estate, answer: Settlement, currency: str | None, as_of: datetime | None = None
) -> Converted | None:
    """The sums in another currency, by the newest rates (rule P9); None when none is asked for.

    Parameters
    ----------
    estate : Estate
        What holds the rates.
    answer : Settlement
        What was settled, in the currencies of its contracts.
    currency : str, optional
        ISO 4217 code asked for; another text ends the command with a sentence.
    as_of : datetime, optional
        Rates after this day are left out; now when absent.

    Returns
    -------
    Converted or None
        Sums beside the originals, with each rate, its source and its date.
    """
    if currency is None:
        return None
    if not _CURRENCY.match(currency):
        stop(f"--in {currency!r} is no currency; write its ISO 4217 code, such as EUR")
    day = (as_of or datetime.now(UTC)).date()
    return converted(answer, currency, RateTable(estate.conversions), day)


def converted_json(other: Converted | None) -> dict[str, Any]:
    """Keys of the sums in another currency; none when they were not asked for."""
    return {} if other is None else {"converted": other.model_dump(mode="json")}


def print_converted(other: Converted | None) -> None:
    """The sums in another currency, with every rate used."""
    if other is None:
        return
    names = ("owed", "recovered", "absorbed", "windfall", "forfeited", "capped_out", "shortfall")
    print_table(
        f"In {other.currency}, beside the originals",
        ("contract", "from", *(f">{name.replace('_', ' ')}" for name in names)),
        [
            *((c.id, c.original, *(getattr(c, name) for name in names)) for c in other.contracts),
            ("all", "", *(other.totals[name] for name in names)),
        ],
    )
    print_table(
        f"Net positions in {other.currency}",
        ("organization", ">received less paid"),
        [(name, f"{amount:+} {other.currency}") for name, amount in other.net_positions.items()],
    )
    for rate in other.rates:
        output.print(safe(f"rate: {rate.text}"))
    output.print(safe(f"rounded {other.rounding}; exact only in the original currencies (P9)"))
