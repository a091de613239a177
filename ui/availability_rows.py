"""The tables of one service's availability, for the page and for documents."""

from __future__ import annotations

from math import isfinite

from depgraph.engine.availability_answer import (
    MINUTES_PER_MONTH,
    ServiceAvailability,
    shown_availability,
)
from depgraph.engine.cut_sets import CutSetAnswer
from depgraph.engine.importance import ComponentImportance, Measure
from depgraph.engine.requirement_tree import Requirement, RequirementTree
from ui.figures_text import component_text, ends_text, minutes_text, percent_text
from ui.plain_text import link

MOST_BARS = 15
"""So many components are drawn."""
_MOST_CUTS = 200


def own_text(row: ServiceAvailability) -> str:
    """Own availability of a service, or its bracket."""
    if row.own_availability is not None:
        return percent_text(row.own_availability, row.own_unavailability)
    return f"{percent_text(row.own_low)} to {percent_text(row.own_high)}"


def verdicts(row: ServiceAvailability) -> tuple[tuple[str, str, str], ...]:
    """Question, answer and colour of whether a promise is kept (rule A4).

    The promise that counts is asked for first, then the strictest one where that asks for more.
    """
    if row.committed is None:
        return ()
    exact = row.availability is not None
    found = [
        ("Can its suppliers carry it?",
         *_verdict(row.carried, row.carried_shortfall_minutes_per_month, exact=exact)),
        ("Is it met?", *_verdict(row.met, row.met_shortfall_minutes_per_month, exact=exact)),
    ]  # fmt: skip
    strict = row.strictest
    if strict is not None:
        asked = f"the strictest promise, {percent_text(strict.target)} to {strict.customer}"
        carried = strict.carried, strict.carried_shortfall_minutes_per_month
        met = strict.met, strict.met_shortfall_minutes_per_month
        found += [
            (f"Can its suppliers carry {asked}?", *_verdict(*carried, exact=exact)),
            (f"Is {asked}, met?", *_verdict(*met, exact=exact)),
        ]
    return tuple(found)


def _verdict(kept: bool | None, short: float | None, *, exact: bool) -> tuple[str, str]:  # noqa: FBT001 - a verdict, not a switch
    """Answer and colour of one question; None short: the figure itself is another promise."""
    if kept:
        return "Yes.", "green"
    if kept is None and short is None:
        return "Open: the own figure is taken from another promise.", "orange"
    if kept is None:
        return "Open: the bracket straddles the promise.", "orange"
    least = "" if exact else "at least "
    return f"No: {least}{minutes_text(short)} minutes of downtime a month too many.", "red"


def comparison_rows(row: ServiceAvailability) -> list[dict[str, object]]:
    """The three ways to the figure, with what each assumes and all digits."""
    naive = "everything it rests on fails independently, even what is shared"
    worst = "everything shared fails together"
    rows: list[dict[str, object]] = []
    if row.availability is not None:
        text = "shared causes counted once (rule A3)"
        rows.append({"way": "exact", "availability": row.availability, "assumes": text})
    else:
        rows.append({"way": "at least", "availability": row.low, "assumes": row.method})
        rows.append({"way": "at most", "availability": row.high, "assumes": row.method})
    rows.append({"way": "naive", "availability": row.naive, "assumes": naive})
    rows.append({"way": "worst case", "availability": row.worst_case, "assumes": worst})
    if row.committed is not None:
        by = row.commitments[0].sla
        rows.append(
            {"way": "promised", "availability": row.committed, "assumes": f"by the SLA {by}"}
        )
    if row.strictest is not None:
        rows.append(
            {
                "way": "strictest promise",
                "availability": float(row.strictest.target),
                "assumes": f"by the SLA {row.strictest.sla}",
            }
        )
    return rows


def tree_rows(tree: RequirementTree) -> list[dict[str, object]]:
    """The requirement tree as rows; depth shows as indentation."""
    return [
        {
            "requirement": "\u2003" * row.depth + ("└ " if row.depth else "") + row.id,
            "kind": row.kind,
            "how": row.relation + (", see above" if row.repeated else ""),
            "availability": _shown(row.low, row.high, row),
            "own component": _own_shown(row),
            "open": link("availability", service=row.id)
            if row.kind == "service"
            else link("explore", focus=f"{row.kind}:{row.id}")
            if row.kind != "group"
            else "",
        }
        for row in tree.rows
    ]


def _shown(low: float | None, high: float | None, row: Requirement) -> str:
    """Availability of one line, or its bracket; nothing for soft requirements."""
    if low is None or high is None:
        return ""
    least, most = row.unavailability_low, row.unavailability_high
    if least is None or most is None:
        return ""
    first = shown_availability(low, most)
    return first if most == least else f"{first} to {shown_availability(high, least)}"


def _own_shown(row: Requirement) -> str:
    if row.own_low is None or row.own_high is None:
        return ""
    least, most = row.own_unavailability_low, row.own_unavailability_high
    first = percent_text(row.own_low, most)
    return first if least == most else f"{first} to {percent_text(row.own_high, least)}"


def bar_rows(
    components: tuple[ComponentImportance, ...], measure: Measure
) -> list[dict[str, float | str]]:
    """Both ends of one measure, largest first; a bar without an upper limit ends at its lower.

    Parameters
    ----------
    components : tuple of ComponentImportance
        What was worked out (rule A11).
    measure : str
        Field of the measure, such as ``criticality``.

    Returns
    -------
    list of dict
        ``component``, ``low`` and ``high`` [1], and ``shown``, the figure or both ends as text;
        a measure without any limit is left out.
    """
    rows: list[dict[str, float | str]] = []
    for row in components:
        low, high = row.ends(measure)
        if isfinite(low):
            rows.append({"component": component_text(row.component), "low": low,
                         "high": high if isfinite(high) else low,
                         "shown": ends_text(row, measure, ".3g")})  # fmt: skip
    rows.sort(key=lambda r: (-float(r["low"]), -float(r["high"]), r["component"]))
    return rows


def importance_rows(components: tuple[ComponentImportance, ...]) -> list[dict[str, object]]:
    """Every measure of every component."""
    return [
        {**row.model_dump(mode="json"), "component": component_text(row.component)}
        for row in components
    ]


def cut_rows(cuts: CutSetAnswer) -> list[dict[str, object]]:
    """Minimal cut sets, the most probable first, each with its chain."""
    return [
        {
            "fails together": ", ".join(map(component_text, cut.components)),
            "probability": cut.probability,
            "minutes down a month": None
            if cut.probability is None
            else cut.probability * MINUTES_PER_MONTH,
            "how it reaches the service": " → ".join(map(component_text, cut.chain)),
        }
        for cut in cuts.cut_sets[:_MOST_CUTS]
    ]
