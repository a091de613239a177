"""What the regulator would reject or question in the register of information (DORA)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.dora.filing import Filing, FilingOptions
from ingest.dora.gaps import SEVERITIES, Gap
from ingest.dora.package_writing import package_bytes
from ingest.dora.register import Register
from ingest.dora.taxonomy import templates
from ingest.formats.dora import checked_filing
from ui.access import Action, require
from ui.edited_records import MODELS, ids_of
from ui.figure_table import plain_table
from ui.plain_text import link
from ui.session import BY_VERSION, Compiled
from ui.spreadsheet import escaped_cell

REGISTER = "DORA register"
"""Name of this part of the view."""
_MEANING = {
    "reject": "the filing rules refuse the file",
    "warning": "a validation rule of the taxonomy is not met",
    "advice": "asked for by the Regulation, or a rule that is switched off",
}
_LABELS = {"reject": "Would be rejected", "warning": "Warnings", "advice": "Advice"}
_MOST_ROWS = 2_000
_LISTS = {"services": "service", "organizations": "organization", "locations": "location"}

Row = dict[str, str]


@dataclass(frozen=True)
class Checked:
    """The register of an estate with everything found in it."""

    register: Register
    filing: Filing | None
    gaps: tuple[Gap, ...]


def show_register(data: Compiled) -> None:
    """Draw the gaps, worst first, each with its record and the field to fill."""
    found = _checked(data)
    st.caption(
        "The register of information of Regulation (EU) 2022/2554, as the estate fills it. "
        "The same list as `depgraph register ESTATE`; the package is written by "
        "`depgraph export dora ESTATE` or below."
    )
    kinds = Counter(gap.severity for gap in found.gaps)
    columns = st.columns(4)
    columns[0].metric(
        "Rows filled", f"{sum(len(found.register.rows[code]) for code in templates()):,}",
        border=True, help="Rows of all templates",
    )  # fmt: skip
    for column, kind in zip(columns[1:], SEVERITIES, strict=True):
        column.metric(_LABELS[kind], f"{kinds[kind]:,}", border=True, help=_MEANING[kind])
    if not found.gaps:
        st.success("Nothing that the regulator would question.", icon=":material/check:")
    else:
        _listed(data.estate, found.gaps)
    with st.container(horizontal=True, vertical_alignment="center"):
        _downloads(data.estate, found)
    with st.expander("Rows in each template"):
        plain_table(
            [
                {"template": code, "name": template.name, "rows": len(found.register.rows[code])}
                for code, template in templates().items()
            ],
            hide_index=True,
            width="stretch",
        )


@st.cache_resource(max_entries=4, show_spinner="Filling the register ...", hash_funcs=BY_VERSION)
def _checked(data: Compiled) -> Checked:
    register, filing, gaps = checked_filing(data.estate, FilingOptions())
    ranked = sorted(gaps, key=lambda gap: SEVERITIES.index(gap.severity))
    return Checked(register, filing, tuple(ranked))


def _listed(estate: Estate, gaps: tuple[Gap, ...]) -> None:
    """The gaps as a table, narrowed by severity and template."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = st.multiselect(
            "Severity",
            SEVERITIES,
            key="register_severity",
            placeholder="all",
            width=320,
            select_all=False,
        )
        codes = sorted({gap.template for gap in gaps if gap.template})
        chosen = st.multiselect(
            "Template",
            codes,
            key="register_template",
            placeholder="all",
            width=320,
            select_all=False,
        )
        together = st.toggle(
            "One row for each field", key="register_fields",
            help="What to fill first: one value may be asked for in many places",
        )  # fmt: skip
    rows: list[dict[str, Any]] = [
        row
        for gap, row in zip(gaps, gap_rows(estate, gaps), strict=True)
        if (not kinds or gap.severity in kinds) and (not chosen or gap.template in chosen)
    ]
    fields = field_rows(rows)
    gaps_said, fields_said = counted(len(rows), "gap"), counted(len(fields), "field")
    rows = fields if together else rows
    cut = f" The first {_MOST_ROWS:,} rows; the CSV holds all." if len(rows) > _MOST_ROWS else ""
    st.caption(f"{gaps_said} in {fields_said}.{cut}")
    plain_table(
        rows[:_MOST_ROWS],
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * max(len(rows), 1), 560),
        key="register_gaps",
        column_config={
            name: st.column_config.LinkColumn(name, display_text=name, width="small")
            for name in ("open", "fill")
        }
        | {
            "what is wrong": st.column_config.TextColumn(width="large"),
        },
    )


def field_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """One row for each field to fill, the worst and then the most asked for first.

    Parameters
    ----------
    rows : sequence of dict
        From `gap_rows`.
    """
    held: dict[str, list[Row]] = {}
    for row in rows:
        held.setdefault(row["field to fill"], []).append(row)
    found: list[dict[str, Any]] = []
    for field, asking in held.items():
        worst = min(asking, key=lambda row: SEVERITIES.index(row["severity"]))
        found.append(
            {
                "open": worst["open"],
                "fill": worst["fill"],
                "severity": worst["severity"],
                "field to fill": field,
                "gaps": len(asking),
                "what is wrong": worst["what is wrong"],
                "templates": sorted({row["template"] for row in asking if row["template"]}),
            }
        )
    found.sort(key=lambda row: (SEVERITIES.index(row["severity"]), -row["gaps"]))
    return found


def gap_rows(estate: Estate, gaps: tuple[Gap, ...]) -> list[Row]:
    """One row for each gap: where it is, what is wrong, and the field to fill."""
    held = {kind: frozenset(ids_of(estate, kind)) for kind in MODELS}
    return [
        {
            "open": _address(estate, gap.place),
            "fill": _form(held, gap),
            "severity": gap.severity,
            "record": gap.place,
            "field to fill": gap.fill.partition(", or --")[0],
            "what is wrong": gap.what,
            "value": gap.value,
            "template": gap.template,
            "column": gap.column,
            "rule": gap.rule,
        }
        for gap in gaps
    ]


def _form(held: Mapping[str, frozenset[str]], gap: Gap) -> str:
    """Address of the form that holds the field to fill; empty where no record is named."""
    kind, _, rest = gap.fill.partition("/")
    identifier = rest.partition("/")[0]
    if identifier in held.get(kind, ()):
        return link("edit", kind=kind, record=identifier)
    return ""


def _address(estate: Estate, place: str) -> str:
    """Address of the view that shows a record; empty for any other place."""
    name, _, rest = place.partition("/")
    identifier = rest.partition("/")[0]
    if name == "contracts" and any(c.id == identifier for c in estate.contracts):
        return link("contracts", contract=identifier)
    kind = _LISTS.get(name)
    if kind is None or (kind, identifier) not in estate.node_kinds(f"{kind}:{identifier}"):
        return ""
    if kind == "service":
        return link("availability", service=identifier)
    return link("explore", focus=f"{kind}:{identifier}")


def gaps_csv(estate: Estate, gaps: tuple[Gap, ...]) -> str:
    """Every gap as CSV; no cell is a formula."""
    rows = gap_rows(estate, gaps)
    held = io.StringIO()
    names = [name for name in rows[0] if name not in {"open", "fill"}] if rows else []
    writer = csv.DictWriter(held, fieldnames=names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({key: escaped_cell(value) for key, value in row.items()} for row in rows)
    return held.getvalue()


def _downloads(estate: Estate, found: Checked) -> None:
    """The gaps, and the package where the regulator would take it."""
    require(Action.EXPORT)
    if found.gaps:
        st.download_button(
            "Gaps as CSV", lambda: gaps_csv(estate, found.gaps), "register-gaps.csv", "text/csv",
            icon=":material/table:", on_click="ignore", key="register_csv",
        )  # fmt: skip
    filing = found.filing
    refused = any(gap.severity == "reject" for gap in found.gaps)
    if filing is None or refused:
        st.caption("The package can be taken away once nothing would be rejected.")
        return
    st.download_button(
        "Package (xBRL-CSV)", lambda: package_bytes(found.register, filing),
        f"{filing.name}.zip", "application/zip", icon=":material/folder_zip:",
        on_click="ignore", key="register_package",
    )  # fmt: skip
