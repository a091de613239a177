"""Scenarios as one HTML document that needs nothing else: to keep, print, attach (rule W1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from depgraph.engine.before_after import BeforeAfter
from depgraph.engine.play import Played
from depgraph.engine.scenario_summary import scenario_summaries
from depgraph.engine.whatif import WhatIf
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from ui.cell_class import cell_class
from ui.money_flow import NAMESPACE, money_flow
from ui.whatif_cells import (
    CHANGE_COLUMNS,
    change_cells,
    edit_lines,
    expected_cells,
    expected_title,
    fallen,
    gap_cells,
    money_cells,
    side_by_side,
    sum_rows,
    total_rows,
)


def what_if_html(
    estate: Estate, scenarios: Sequence[Scenario], answers: Sequence[Played], version: str = ""
) -> str:
    """Document of one scenario or of several side by side.

    Parameters
    ----------
    estate : Estate
        The estate that they were played on.
    scenarios : sequence of Scenario
        What was asked.
    answers : sequence of Played
        What each comes to, in the same order.
    version : str
        Version of the estate, where it has one.

    Returns
    -------
    str
        HTML with its style inside and no script; names are escaped wherever they stand.
    """
    summaries = scenario_summaries(answers, estate.own_organizations)
    return _template().render(
        estate=estate.name or "Estate",
        version=version,
        written=f"{datetime.now(UTC):%Y-%m-%d %H:%M}Z",
        pairs=list(zip(scenarios, answers, strict=True)),
        names=[summary.name or f"Scenario {n + 1}" for n, summary in enumerate(summaries)],
        figures=list(side_by_side(summaries)),
        cell_class=cell_class,
        edit_lines=edit_lines,
        change_columns=CHANGE_COLUMNS,
        # HTML needs no namespace, and a document that names no address is easier to trust.
        money_flow=lambda contracts: money_flow(contracts).replace(NAMESPACE, ""),
        sum_rows=sum_rows,
        sum_values=lambda rows: [list(row.values()) for row in rows],
        total_rows=total_rows,
        expected_title=expected_title,
        **_ROWS,
    )


def _incident_rows(scenario: Scenario) -> list[tuple[object, ...]]:
    return [
        (i.affects, _time(i.start), _time(i.end) if i.end else "–", i.cause, i.impact)
        for i in scenario.incidents
    ]


def _down_rows(answer: WhatIf) -> list[tuple[object, ...]]:
    return [
        (d.id, kind, _time(d.start), _time(d.end), f"{d.minutes:.9g}", " → ".join(d.because))
        for kind, d in fallen(answer)
    ]


def _function_rows(answer: WhatIf) -> list[tuple[object, ...]]:
    return [
        (f.id, f"{f.minutes:.9g}", "not stated" if f.loss is None else f"{f.loss:,} {f.currency}")
        for f in answer.functions
    ]


def _gap_rows(answer: WhatIf) -> list[tuple[object, ...]]:
    return [
        (
            gap.sla,
            gap.difference.replace("_", " "),
            gap.gap.replace("_", " ").lower(),
            f"{gap.amount:,} {c.currency}",
            gap.text,
        )
        for c in answer.settlement.contracts
        for gap in c.gaps
    ]


def _claim_rows(answer: WhatIf) -> list[tuple[object, ...]]:
    return [
        (
            c.sla, c.period, c.nature.replace("_", " "),
            *(f"{sum_:,} {c.currency}" for sum_ in (c.credit, c.loss, c.residual, c.uncompensated)),
        )
        for c in answer.settlement.residual_claims
        if c.loss
    ]  # fmt: skip


def _clock_rows(answer: WhatIf) -> list[tuple[object, ...]]:
    return [
        (c.regulation, c.duty, _time(c.due) if c.due else f"after {c.anchor}", c.anchor, c.article)
        for c in answer.clocks
    ]


def _service_rows(change: BeforeAfter) -> list[tuple[str, ...]]:
    return [change_cells(row) for row in change.availability.changes]


def _promise_rows(change: BeforeAfter) -> list[tuple[str, ...]]:
    return [gap_cells(change, place) for place in range(len(change.gaps))]


def _money_rows(change: BeforeAfter) -> list[tuple[str, ...]]:
    return [money_cells(change, place) for place in range(len(change.money or ()))]


def _expected_rows(change: BeforeAfter) -> list[tuple[str, ...]]:
    found = change.expected_absorbed
    rows = (*found.own_liability, *found.organizations) if found else ()
    return [expected_cells(row) for row in rows]


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


_ROWS: Mapping[str, Callable[..., Sequence[tuple[object, ...]]]] = {
    "incident_rows": _incident_rows,
    "down_rows": _down_rows,
    "function_rows": _function_rows,
    "gap_rows": _gap_rows,
    "claim_rows": _claim_rows,
    "clock_rows": _clock_rows,
    "service_rows": _service_rows,
    "promise_rows": _promise_rows,
    "money_rows": _money_rows,
    "expected_rows": _expected_rows,
}


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("ui"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("whatif.html.jinja")
