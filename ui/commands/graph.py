"""`graph start, stop, status, push, pull, query`."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args

import typer

from cypher.flow_rows import flow_down_rows
from cypher.folder import Engine, ProjectFolder
from cypher.local import started, stopped
from cypher.statements_text import named_queries, named_query
from cypher.store import Store, opened_store
from depgraph.engine.flow_down import flow_down
from ingest.published import with_published
from ingest.write import estate_text
from ui.commands.assessment import EstateArgument, JsonOption, NameOption
from ui.console import print_json, print_table, say, stop
from ui.estates import opened_estate

group = typer.Typer(no_args_is_help=True, help="The graph database: the local one, or any Neo4j.")

AddressOption = Annotated[
    str, typer.Option("--to", help="Graph address: `local`, bolt://…, neo4j+s://…")
]


class EngineOption(StrEnum):
    """Which local server."""

    ARCADEDB = "arcadedb"
    NEO4J = "neo4j"


EngineChoice = Annotated[
    EngineOption,
    typer.Option("--engine", help="Local server: arcadedb (default) or the real neo4j."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="graph")


def _engine(option: EngineOption) -> Engine:
    return "neo4j" if option is EngineOption.NEO4J else "arcadedb"


def _ask() -> tuple[str, str]:
    """Ask for credentials; they never stand in a file or an argument."""
    if not sys.stdin.isatty():
        stop("the database needs credentials; set NEO4J_USERNAME and NEO4J_PASSWORD")
    return typer.prompt("User", default="neo4j", err=True), getpass.getpass("Password: ")


def _store(address: str, engine: EngineOption) -> Store:
    return opened_store(address, _engine(engine), _ask)


@group.command("start")
def start(engine: EngineChoice = EngineOption.ARCADEDB) -> None:
    """Start the local graph, or find it running.

    Example: depgraph graph start --engine neo4j
    """
    if engine is EngineOption.NEO4J:
        say("Starting Neo4j; the first time its jars are fetched, which takes a minute ...")
    server = started(_engine(engine))
    folder = ProjectFolder.here().path
    say(f"The local graph ({engine.value}) is up: bolt://127.0.0.1:{server.port}, data in {folder}")


@group.command("stop")
def stop_server(engine: EngineChoice = EngineOption.ARCADEDB) -> None:
    """Stop the local graph; its data stays.

    Example: depgraph graph stop
    """
    if stopped(_engine(engine)):
        say(f"The local graph ({engine.value}) is stopped.")
    else:
        say(f"The local graph ({engine.value}) was not running.")


@group.command("status")
def status(as_json: JsonOption = False) -> None:
    """Say which local servers are up and what they hold.

    Example: depgraph graph status --json
    """
    folder = ProjectFolder.here()
    rows = []
    for engine in get_args(Engine):
        server = folder.running(engine)
        estates: list[str] = []
        if server is not None:
            with opened_store("local", engine) as store:
                estates = [str(row["id"]) for row in store.estates()]
        rows.append(
            {"engine": engine, "running": server is not None,
             "address": f"bolt://127.0.0.1:{server.port}" if server else None,
             "pid": server.pid if server else None, "estates": estates}
        )  # fmt: skip
    if as_json:
        print_json({"folder": str(folder.path), "servers": rows})
        return
    print_table(
        f"Local graph in {folder.path}",
        ("engine", "running", "address", "estates"),
        [
            (
                r["engine"],
                "yes" if r["running"] else "no",
                r["address"] or "",
                ", ".join(estates_of(r)),
            )
            for r in rows
        ],
    )


def estates_of(row: dict[str, object]) -> list[str]:
    """Names of the estates of one status row."""
    held = row["estates"]
    return [str(name) for name in held] if isinstance(held, list) else []


@group.command("push")
def push(
    estate: EstateArgument,
    name: NameOption = None,
    to: AddressOption = "local",
    engine: EngineChoice = EngineOption.ARCADEDB,
    remove_many: Annotated[
        bool,
        typer.Option(
            "--remove-many", help="Allow the removal of more than a fifth of the records."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write an estate into the graph database, all or nothing.

    Example: depgraph graph push my-estate/ --name mine
    """
    read = opened_estate(estate)
    chosen = name or read.name or Path(estate).stem
    flow = flow_down(with_published(read), datetime.now(UTC).date())
    with _store(to, engine) as store:
        report = store.push(read, chosen, remove_many=remove_many, flows_down=flow_down_rows(flow))
    if as_json:
        print_json(report)
    elif report.unchanged:
        say(f"The graph holds {report.estate!r} already, unchanged.")
    else:
        say(
            f"Pushed {report.estate!r}: {report.nodes} nodes and {report.edges} edges written, "
            f"{report.removed} removed."
        )


@group.command("pull")
def pull(
    name: NameOption = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write, .yaml or .json; else printed.")
    ] = None,
    to: AddressOption = "local",
    engine: EngineChoice = EngineOption.ARCADEDB,
    as_json: JsonOption = False,
) -> None:
    """Read an estate back from the graph database.

    Example: depgraph graph pull --name mine --out mine.yaml
    """
    with _store(to, engine) as store:
        estate = store.pull(name)
    kind = "json" if as_json or (out is not None and out.suffix == ".json") else "yaml"
    text = estate_text(estate, "json" if kind == "json" else "yaml")
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        stop(f"{out} cannot be written: {error.strerror}")
    say(f"Wrote {out}")


@group.command("query")
def query(
    query_name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of the query.")
    ] = None,
    parameters: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]…", help="What the query needs.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the queries.")] = False,
    name: NameOption = None,
    to: AddressOption = "local",
    engine: EngineChoice = EngineOption.ARCADEDB,
    as_json: JsonOption = False,
) -> None:
    """Run a documented query on the graph database.

    Example: depgraph graph query blast_radius id=cloud-compute
    """
    if listed or query_name is None:
        rows = [(q.name, q.purpose, q.help) for q in named_queries().values()]
        if as_json:
            print_json([{"name": n, "purpose": p, "parameters": h} for n, p, h in rows])
        else:
            print_table("Queries", ("name", "what it answers", "parameters"), rows)
        return
    named_query(query_name)
    given = {}
    for item in parameters or ():
        key, sign, value = item.partition("=")
        if not sign:
            stop(f"{item!r} is not KEY=VALUE, such as id=checkout")
        given[key] = value
    with _store(to, engine) as store:
        found = store.query(query_name, name, **given)
    if as_json:
        print_json(found)
        return
    columns = list(found[0]) if found else []
    print_table(
        f"{query_name}: {len(found)} rows",
        columns,
        [[_cell(row[c]) for c in columns] for row in found],
    )


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " → ".join(map(str, value))
    return "" if value is None else str(value)
