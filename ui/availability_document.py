"""One service's availability as a document: figures, requirements, what matters, what fails."""

from __future__ import annotations

from depgraph.engine.feasibility_answer import Feasibility
from ui.availability_rows import MOST_BARS, comparison_rows, cut_rows, own_text, tree_rows, verdicts
from ui.figures_text import (
    availability_text,
    component_text,
    ends_text,
    minutes_down_text,
    percent_text,
)
from ui.report import Bar, Bars, Document, Table
from ui.service_answer import Detail
from ui.session import Compiled, day_of
from ui.target_section import target_rows


def document(data: Compiled, detail: Detail, target: Feasibility | None) -> Document:
    """The view as a document."""
    row = detail.row
    bars = [
        Bar(component_text(m.component), m.criticality_high, ends_text(m, "criticality"))
        for m in detail.measures.components[:MOST_BARS]
    ]
    hidden = {"open"}
    tree = [{k: v for k, v in r.items() if k not in hidden} for r in tree_rows(detail.tree)]
    return Document(
        title=f"Availability of {row.id}",
        estate=data.estate.name,
        version=data.version,
        as_of=day_of(data),
        figures=(
            ("composite availability", availability_text(row)),
            ("minutes down a month", minutes_down_text(row)),
            ("naive product", percent_text(row.naive, row.naive_unavailability)),
            ("worst case", percent_text(row.worst_case, row.worst_case_unavailability)),
            (f"own component ({row.basis})", own_text(row)),
            ("promised", "" if row.committed is None else percent_text(row.promised)),
            *((question, answer) for question, answer, _ in verdicts(row)),
            ("without a figure", ", ".join(row.unknown)),
            ("method", row.method),
        ),
        parts=(
            Table("The figures with all digits", comparison_rows(row)),
            Table("What it requires", tree),
            Bars(
                "What matters most: share of its downtime that ends if this never fails"
                f"{'' if detail.measures.exact else ' (bar: at most)'}",
                bars,
            ),
            Table("What takes it down: minimal cut sets", cut_rows(detail.cuts)),
            *(
                Table(f"To reach {target.target}: {title}", rows)
                for title, rows in (target_rows(target) if target else {}).items()
                if rows and target
            ),
        ),
    )
