"""What `whatif` prints: one scenario, its JSON, or several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depgraph.engine.before_after import BeforeAfter
from depgraph.engine.expected_absorbed import ExpectedAbsorbed
from depgraph.engine.play import Played
from depgraph.engine.scenario_summary import ScenarioSummary
from depgraph.engine.whatif import WhatIf
from ui.commands.settlement import print_settlement
from ui.console import output, print_table, safe
from ui.whatif_cells import (
    CHANGE_COLUMNS,
    change_cells,
    change_facts,
    expected_cells,
    expected_title,
    fallen,
    fallen_counts,
    gap_cells,
    money_cells,
    side_by_side,
    total_rows,
)

_SHOWN_DOWN = 40


def what_if_json(played: Played) -> dict[str, Any]:
    """One document: the settlement's keys beside those of the outage."""
    data = played.answer.model_dump(mode="json")
    settled = data.pop("settlement")
    for name in ("services_down", "places_down"):
        data[name] = [
            {
                "id": row["id"],
                "from": row["start"],
                "to": row["end"],
                **{k: v for k, v in row.items() if k not in {"id", "start", "end"}},
            }
            for row in data[name]
        ]
    change = played.before_after
    rows = change.availability.changes if change else ()
    notes = [*settled.pop("notes"), *played.notes]
    return {
        **data,
        "changes": [change_facts(row) for row in rows],
        "before_after": change.model_dump(mode="json") if change else None,
        **settled,
        "notes": notes,
    }


def print_what_if(played: Played, *, explain: bool) -> None:
    """Tables for people: before → after, who is down, who owes whom, which clocks start."""
    answer = played.answer
    output.print(f"[bold]{safe(answer.name or 'What if')}[/]  {safe(answer.why)}\n")
    if played.before_after is not None:
        print_before_after(played.before_after)
    if answer.services_down or answer.places_down:
        _print_down(answer)
    if answer.functions:
        print_table(
            "Business functions",
            ("function", ">minutes", ">loss"),
            [
                (
                    f.id,
                    f"{f.minutes:.9g}",
                    "not stated" if f.loss is None else f"{f.loss} {f.currency}",
                )
                for f in answer.functions
            ],
        )
    if answer.settlement.slas:
        print_settlement(answer.settlement, explain=explain)
    else:
        _print_notes(answer.settlement.notes)
    _print_notes(played.notes)
    if answer.clocks:
        print_table(
            "Regulatory clocks, where the law applies to you",
            ("law", "duty", "due", "counted from", "article"),
            [
                (
                    c.regulation,
                    c.duty,
                    f"{c.due:%Y-%m-%d %H:%M}Z" if c.due else f"after {c.anchor}",
                    c.anchor,
                    c.article,
                )
                for c in answer.clocks
            ],
        )


def _print_down(answer: WhatIf) -> None:
    rows = fallen(answer)
    print_table(
        f"Down: {fallen_counts(answer)}",
        ("what", "kind", "from", ">minutes", "because"),
        [
            (row.id, kind, f"{row.start:%Y-%m-%d %H:%M}Z", f"{row.minutes:.9g}",
             " → ".join(row.because))
            for kind, row in rows[:_SHOWN_DOWN]
        ],
    )  # fmt: skip
    if len(rows) > _SHOWN_DOWN:
        output.print(f"… and {len(rows) - _SHOWN_DOWN:,} more (--json has all)\n")


def _print_notes(notes: Sequence[str]) -> None:
    for note in notes:
        output.print(safe(f"note: {note}"))


def print_before_after(change: BeforeAfter) -> None:
    """What the changes of a scenario do (rule W3)."""
    print_table("Before → after", ("", ">before", ">after"), list(total_rows(change)))
    print_table(
        "Services that change",
        tuple(f"{'>' if place else ''}{name}" for place, name in enumerate(CHANGE_COLUMNS)),
        [change_cells(row) for row in change.availability.changes[:_SHOWN_DOWN]],
    )
    if change.gaps:
        print_table(
            "Promises that are backed differently",
            ("promise", "obligation", "service", "held", "before → after", "reason"),
            [gap_cells(change, place) for place in range(len(change.gaps))],
        )
    if change.money:
        print_table(
            "Money, for the same outage",
            ("contract", "supplier → customer", ">owed", ">recovered", ">absorbed", ">shortfall"),
            [money_cells(change, place) for place in range(len(change.money))],
        )
    if change.expected_absorbed:
        print_expected_absorbed(change.expected_absorbed)


def print_expected_absorbed(expected: ExpectedAbsorbed) -> None:
    """Expected annual absorbed liability (rules W3, W5)."""
    print_table(
        expected_title(expected),
        ("who", ">before → after", ">difference", ">95 % interval of the difference"),
        [expected_cells(row) for row in (*expected.own_liability, *expected.organizations)],
    )
    if not expected.own_liability:
        output.print("None of our own organizations promises anything: we absorb nothing.")
    for text in expected.assumptions:
        output.print(safe(f"assumed: {text}"), soft_wrap=True)
    output.print()


def print_side_by_side(summaries: Sequence[ScenarioSummary]) -> None:
    """Several scenarios, one column each."""
    names = [f">{summary.name or f'scenario {n + 1}'}" for n, summary in enumerate(summaries)]
    print_table("Scenarios side by side", ("", *names), list(side_by_side(summaries)))
