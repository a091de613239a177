"""`graph start, stop, status, push, pull, query`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
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
from depgraph.errors import StoreError
from depgraph.wording import counted, unknown_ids
from ingest.published import with_published
from ingest.write import estate_text
from ui.commands.assessment import EstateArgument, JsonOption, NameOption
from ui.console import print_json, print_table, say, stop
from ui.estates import opened_estate, origins_of
from ui.typed_options import path_to_write, typed_parameters

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
def start(engine: EngineChoice = EngineOption.ARCADEDB, as_json: JsonOption = False) -> None:
    """Start the local graph, or find it running.

    Example: depgraph graph start --engine neo4j
    """
    if engine is EngineOption.NEO4J:
        say("Starting Neo4j; the first time its jars are fetched, which takes a minute ...")
    server = started(_engine(engine))
    folder = ProjectFolder.here().path
    address = f"bolt://127.0.0.1:{server.port}"
    say(f"The local graph ({engine.value}) is up: {address}, data in {folder}")
    if as_json:
        print_json({"engine": engine.value, "address": address, "folder": str(folder)})


@group.command("stop")
def stop_server(engine: EngineChoice = EngineOption.ARCADEDB, as_json: JsonOption = False) -> None:
    """Stop the local graph; its data stays.

    Example: depgraph graph stop
    """
    was_running = stopped(_engine(engine))
    say(f"The local graph ({engine.value}) {'is stopped' if was_running else 'was not running'}.")
    if as_json:
        print_json({"engine": engine.value, "was_running": was_running})


@group.command("status")
def status(
    engine: Annotated[
        EngineOption | None,
        typer.Option("--engine", help="Only this local server, arcadedb or neo4j; both if absent."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which local servers are up and what they hold.

    Example: depgraph graph status --json
    """
    folder = ProjectFolder.here()
    rows = []
    asked = get_args(Engine) if engine is None else (_engine(engine),)
    for each in asked:
        server = folder.running(each)
        estates: list[str] = []
        problem = None
        if server is not None:
            try:
                with opened_store("local", each) as store:
                    estates = [str(row["id"]) for row in store.estates()]
            except StoreError as error:
                problem = str(error)
        rows.append(
            {"engine": each, "running": server is not None,
             "address": f"bolt://127.0.0.1:{server.port}" if server else None,
             "pid": server.pid if server else None, "estates": estates,
             "problem": problem}
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
                "no" if not r["running"] else "not answering" if r["problem"] else "yes",
                r["address"] or "",
                ", ".join(estates_of(r)),
            )
            for r in rows
        ],
    )
    _say_problems(rows)


def _say_problems(rows: Sequence[dict[str, object]]) -> None:
    for row in rows:
        if row["problem"]:
            say(str(row["problem"]))


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
    origins = origins_of(estate)
    flow = flow_down(with_published(read), datetime.now(UTC).date())
    with _store(to, engine) as store:
        report = store.push(read, chosen, remove_many=remove_many, flows_down=flow_down_rows(flow))
        store.keep_origins(origins, chosen)
    if as_json:
        print_json(report)
    elif report.unchanged:
        say(f"The graph holds {report.estate!r} already, unchanged.")
    elif not (report.nodes or report.edges or report.removed):
        say(f"Pushed {report.estate!r}: only its name or its defaults changed.")
    else:
        say(
            f"Pushed {report.estate!r}: {counted(report.nodes, 'node')} and "
            f"{counted(report.edges, 'edge')} written, "
            f"{report.removed} removed."
        )


@group.command("pull")
def pull(
    name: NameOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=path_to_write,
            help="File to write, .yaml or .json; else printed.",
        ),
    ] = None,
    to: AddressOption = "local",
    engine: EngineChoice = EngineOption.ARCADEDB,
    as_json: JsonOption = False,
) -> None:
    """Read an estate back from the graph database.

    Example: depgraph graph pull --name mine --out mine.yaml
    """
    ending = out.suffix.lower() if out is not None else ""
    if out is not None and ending not in {".yaml", ".yml", ".json"}:
        stop(f"{out}: the name of the file ends with .yaml or .json")
    with _store(to, engine) as store:
        estate = store.pull(name)
    in_json = ending == ".json" or (as_json and out is None)
    text = estate_text(estate, "json" if in_json else "yaml")
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        stop(f"{out} cannot be written: {error.strerror}")
    say(f"Wrote {out}")
    if as_json:
        print_json({"estate": estate.name or name, "written": str(out)})


@group.command("query")
def query(
    context: typer.Context,
    query_name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of the query.")
    ] = None,
    parameters: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="What the query needs.")
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
        _require_list_meant(context)
        rows = [(q.name, q.purpose, q.help) for q in named_queries().values()]
        if as_json:
            print_json([{"name": n, "purpose": p, "parameters": h} for n, p, h in rows])
        else:
            print_table("Queries", ("name", "what it answers", "parameters"), rows)
        return
    named_query(query_name)
    given: dict[str, str | int] = {}
    for item in parameters or ():
        key, sign, value = item.partition("=")
        if not sign:
            stop(f"{item!r} is not KEY=VALUE, such as id=checkout")
        given[key] = _value(key, value)
    with _store(to, engine) as store:
        found = store.query(query_name, name, **given)
        asked = [v for k, v in given.items() if k in _IDS and isinstance(v, str)]
        known = store.ids(name) if asked and not found else asked
    if unknown := [one for one in asked if one not in known]:
        stop(f"no record of the estate has the id {unknown_ids(unknown, known)}")
    if as_json:
        print_json(found)
        return
    if not found:
        say(f"{query_name}: 0 rows")
        return
    columns = list(found[0])
    print_table(
        f"{query_name}: {counted(len(found), 'row')}",
        columns,
        [[_cell(row[c]) for c in columns] for row in found],
    )


def _require_list_meant(context: typer.Context) -> None:
    """Refuse what would change nothing: the list of queries is the same for every graph."""
    typed = typed_parameters(context)
    idle = [option for name, option in typed.items() if name not in {"listed", "as_json"}]
    if idle:
        stop(
            f"{', '.join(idle)} would change nothing in the list of queries: leave it out, or run "
            "a query by its NAME, without --list"
        )


_IDS = ("id", "from", "to")
"""Parameters that name a record."""


def _value(key: str, text: str) -> str | int:
    """A parameter's value as the query takes it."""
    if key == "limit":
        if not text.isdecimal():
            stop(f"limit={text} is not a number of rows, such as limit=10")
        return int(text)
    if key == "day":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            stop(f"day={text} is not a day, such as day=2026-12-31")
    return text


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " → ".join(map(str, value))
    return "" if value is None else str(value)
