"""`report`: documents for people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from depgraph.engine.diligence import Diligence, DiligenceOptions, diligence
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ingest.articles import article_map
from ingest.published import with_published
from ui.commands.assessment import EstateArgument, JsonOption, NameOption, require_ids
from ui.commands.diligence import require_writable, write_document
from ui.console import print_json, stop
from ui.diligence_pack import diligence_pack
from ui.document import Document
from ui.estates import opened_estate, origins_of
from ui.typed_options import path_to_write
from ui.vendor_letters import disclosure_request, questionnaire

KINDS: dict[str, Callable[[Estate, Diligence], Document]] = {
    "diligence-pack": diligence_pack,
    "disclosure": disclosure_request,
    "questionnaire": questionnaire,
}
"""What makes each kind of report."""
_FOR_ONE = ("disclosure", "questionnaire")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS))],
    estate: EstateArgument,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", parser=path_to_write, help="File to write: .html, .md or .xlsx."
        ),
    ],
    organization: Annotated[
        str | None, typer.Option(metavar="ID", help="The supplier that it is about.")
    ] = None,
    name: NameOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a document: a diligence pack, a disclosure request or a questionnaire, prefilled.

    Example: depgraph report questionnaire my-estate/ --organization payfirst --out questions.html
    """
    if kind not in KINDS:
        stop(f"no report is called {kind!r}; there are {', '.join(KINDS)}")
    if kind in _FOR_ONE and organization is None:
        stop(f"a {kind} is for one supplier: name it with --organization ID")
    require_writable(out)
    opened = with_published(opened_estate(estate, name))
    require_ids("organization", [] if organization is None else [organization], opened.organization)
    options = DiligenceOptions(
        organization=organization,
        obligations=tuple(article_map().values()),
        origins=origins_of(estate, name),
    )
    answer = diligence(structure_of(opened), options)
    write_document(KINDS[kind](opened, answer), out)
    if as_json:
        print_json({"kind": kind, "organization": organization, "written": str(out)})
