"""What-if answers as cells and sentences, for the command line, the page and documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from depgraph.engine.before_after import BeforeAfter
from depgraph.engine.comparison import ServiceChange
from depgraph.engine.expected_absorbed import AbsorbedChange, ExpectedAbsorbed
from depgraph.engine.money_rows import OWN
from depgraph.engine.places_down import PlaceDown
from depgraph.engine.scenario_summary import ScenarioSummary
from depgraph.engine.statement import Settlement
from depgraph.engine.whatif import ServiceDown, WhatIf
from depgraph.model.scenario import Edit
from depgraph.wording import counted
from ui.figures_text import mean_change_text, mean_text, state_text

DOWNTIME = "downtime of all services, minutes a month"
CHANGE_COLUMNS = (
    "service", "availability", "downtime, minutes a month", "single points of failure"
)  # fmt: skip
"""Columns of `change_cells`."""
_LONGEST = 100
_LOST = ("recovered", "absorbed", "windfall", "forfeited", "capped_out", "shortfall")


class Fallen(NamedTuple):
    """One stretch in which a service or a place is down."""

    kind: Literal["service", "place"]
    """What it is."""
    down: ServiceDown | PlaceDown
    """Since when, until when, and why."""


def fallen(answer: WhatIf) -> list[Fallen]:
    """Services and places that are down, in the order in which they fall."""
    rows = [Fallen("service", down) for down in answer.services_down]
    rows += [Fallen("place", down) for down in answer.places_down]
    return sorted(rows, key=lambda r: (r.down.start, len(r.down.because), r.kind, r.down.id))


def fallen_counts(answer: WhatIf) -> str:
    """How many services and places are down at some time."""
    counts = [counted(len({row.id for row in answer.services_down}), "service")]
    if answer.places_down:
        counts.append(counted(len({row.id for row in answer.places_down}), "place"))
    return " and ".join(counts)


def change_facts(row: ServiceChange) -> dict[str, Any]:
    """One service before and after, as keys that programs rely on."""
    found: dict[str, Any] = {"id": row.id}
    for side, state in (("before", row.before), ("after", row.after)):
        found[f"availability_{side}"] = state.availability if state else None
        found[f"minutes_{side}"] = state.downtime_minutes_per_month if state else None
        spofs = len(state.single_points_of_failure) if state else None
        found[f"single_points_of_failure_{side}"] = spofs
    return found


def total_rows(change: BeforeAfter) -> Iterator[tuple[str, str, str]]:
    """The estate as a whole, before and after."""
    old, new = change.availability.before, change.availability.after
    yield "services", str(old.services), str(new.services)
    yield (
        "single points of failure",
        str(old.single_points_of_failure),
        str(new.single_points_of_failure),
    )
    yield "promises not backed", str(len(old.unbacked)), str(len(new.unbacked))
    yield "obligations not backed in full", str(change.gaps_before), str(change.gaps_after)
    yield DOWNTIME, _known(old.downtime_minutes_per_month), _known(new.downtime_minutes_per_month)


def _known(value: float | None) -> str:
    """A figure, or that brackets alone are known (rule A5)."""
    return "not known exactly" if value is None else _shown(value)


def change_cells(row: ServiceChange) -> tuple[str, ...]:
    """One service before → after, as cells."""
    facts = change_facts(row)

    def change(name: str) -> str:
        return f"{_shown(facts[f'{name}_before'])} → {_shown(facts[f'{name}_after'])}"

    availability = f"{state_text(row.before)} → {state_text(row.after)}"
    return row.id, availability, change("minutes"), change("single_points_of_failure")


def gap_cells(change: BeforeAfter, place: int) -> tuple[str, ...]:
    """One obligation that is backed differently, as cells.

    Parameters
    ----------
    change : BeforeAfter
        What the changes do.
    place : int
        Which of its gaps, from 0.

    Returns
    -------
    tuple of str
        Promise, obligation, service, SLA held, status before → after (rule P2), and reason.
    """
    gap = change.gaps[place]
    statuses = f"{gap.before or 'no edge'} → {gap.after or 'no edge'}"
    return gap.promise, gap.obligation, gap.service, gap.held or "nothing", statuses, gap.message


def money_cells(change: BeforeAfter, place: int) -> tuple[str, ...]:
    """One contract's sums before → after, as cells.

    Parameters
    ----------
    change : BeforeAfter
        What the changes do to the same outage.
    place : int
        Which of its contracts, from 0.

    Returns
    -------
    tuple of str
        Contract with its currency, supplier → customer, and what is owed, recovered, absorbed and
        short (rule P7), each before → after; a dash where there was no such contract.
    """
    row = (change.money or ())[place]
    sums = (
        f"{_sum(getattr(row, f'{name}_before'))} → {_sum(getattr(row, f'{name}_after'))}"
        for name in ("owed", "recovered", "absorbed", "shortfall")
    )
    return (f"{row.id} ({row.currency})", f"{row.supplier} → {row.customer}", *sums)


def expected_cells(row: AbsorbedChange) -> tuple[str, ...]:
    """What is absorbed in a year before → after, and by how much it changes, as cells."""
    unit = row.currency
    means = (mean_text(side.mean, unit) if side else "–" for side in (row.before, row.after))
    interval = "no year differs"
    if row.ci_low is not None and row.ci_high is not None:
        ends = (mean_change_text(end, unit) for end in (row.ci_low, row.ci_high))
        interval = " to ".join(ends)
    who = "all of ours" if row.id == OWN else row.id
    change = mean_change_text(row.difference, unit)
    return f"{who} ({unit})", " → ".join(means), change, interval


def expected_title(expected: ExpectedAbsorbed) -> str:
    """Headline of what is absorbed in a year before → after."""
    return (
        f"Absorbed a year, mean of {counted(expected.years, 'simulated year')} "
        f"(seed {expected.seed}), before → after"
    )


def _sum(amount: Decimal | None) -> str:
    return "–" if amount is None else str(amount)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.9g}"


def side_by_side(summaries: Sequence[ScenarioSummary]) -> Iterator[tuple[str, ...]]:
    """Rows of a table with one column per scenario; the first cell names the figure."""
    used = currencies_of(summaries)
    yield "services down", *(str(s.services_down) for s in summaries)
    yield (
        "downtime of all services together, minutes",
        *(f"{s.service_minutes_down:,.9g}" for s in summaries),
    )
    yield "service levels missed", *(str(s.levels_missed) for s in summaries)
    for label, name in (
        ("stated loss", "loss"),
        ("owed to us", "owed_to_us"),
        ("owed by us", "owed_by_us"),
        ("absorbed by us", "absorbed_by_us"),
        ("owed, all contracts", "owed"),
        ("recovered, all contracts", "recovered"),
        ("absorbed, all contracts", "absorbed"),
        ("shortfall, all contracts", "shortfall"),
    ):
        yield label, *(sums_text(getattr(s, name), used) for s in summaries)
    yield (
        "first regulatory clock due",
        *(f"{s.first_due:%Y-%m-%d %H:%M}Z" if s.first_due else "–" for s in summaries),
    )
    if any(s.single_points_of_failure is not None for s in summaries):
        for label, name in (
            (DOWNTIME, "downtime_minutes_per_month"),
            ("single points of failure", "single_points_of_failure"),
            ("promises not backed", "unbacked"),
            ("obligations not backed in full", "flow_down_gaps"),
        ):
            yield label, *(_shown(getattr(s, name)) for s in summaries)


def currencies_of(summaries: Sequence[ScenarioSummary]) -> tuple[str, ...]:
    """Currencies in which anything moves."""
    return tuple(
        sorted({currency for s in summaries for sums in (s.loss, s.owed, s.recovered, s.shortfall)
                for currency in sums})
    )  # fmt: skip


def sums_text(sums: Mapping[str, Decimal], used: Sequence[str] = ()) -> str:
    """Sums by currency for people.

    Parameters
    ----------
    sums : mapping
        Amount by currency.
    used : sequence of str
        Currencies of the answer: none of them is owed where there are no sums.

    Examples
    --------
    >>> sums_text({"EUR": Decimal("5000.00")}), sums_text({}, ["EUR"]), sums_text({})
    ('5,000.00 EUR', '0 EUR', 'nothing')
    """
    shown = [f"{amount:,} {currency}" for currency, amount in sums.items() if amount]
    return ", ".join(shown or [f"0 {currency}" for currency in used]) or "nothing"


def sum_rows(settled: Settlement) -> list[dict[str, str]]:
    """One line for each contract that owes, recovers or loses; columns of zeros are left out."""
    moved = [
        c
        for c in settled.contracts
        if c.owed or c.recovered or c.shortfall or c.forfeited or c.capped_out
    ]
    kept = ["owed", *(name for name in _LOST if any(getattr(c, name) for c in moved))]
    return [
        {
            "contract": c.id, "supplier": c.supplier, "customer": c.customer,
            "clause": c.clause.replace("_", " "),
            **{name.replace("_", " "): f"{getattr(c, name):,} {c.currency}" for name in kept},
        }
        for c in moved
    ]  # fmt: skip


def edit_lines(edits: Sequence[Edit]) -> list[str]:
    """What a scenario changes, one sentence per record."""
    found = []
    for edit in edits:
        for word, lists in (
            ("add", edit.add), ("remove", edit.remove), ("replace", edit.replace_fields),
        ):  # fmt: skip
            for kind, items in (lists or {}).items():
                found += [f"{word} {_thing(kind, item)}" for item in items]
    return found


def _thing(kind: str, item: Any) -> str:  # noqa: ANN401 - raw content of an edit
    """One record of an edit in words."""
    if not isinstance(item, Mapping):
        return f"{kind}: {item}"
    if kind == "dependencies":
        text = f"dependency of {item.get('service')} on {_need(item.get('on'))}"
        return f"{text} with {_need(item['with'])}" if "with" in item else text
    fields = ", ".join(f"{k} {_need(v)}" for k, v in item.items() if k != "id")
    text = f"{kind}: {item.get('id')}" + (f" ({fields})" if fields else "")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _need(item: Any) -> str:  # noqa: ANN401 - raw content of an edit
    """A requirement or a value in words."""
    if isinstance(item, Mapping) and "of" in item:
        return f"at least {item.get('at_least')} of {', '.join(map(str, item['of']))}"
    if isinstance(item, Mapping):
        return ", ".join(f"{k} {_need(v)}" for k, v in item.items())
    if isinstance(item, (list, tuple)):
        return "[" + ", ".join(map(_need, item)) + "]"
    return str(item)
