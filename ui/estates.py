"""What ESTATE may be on the command line and on the page: a file, a folder, or a graph address."""

from __future__ import annotations

from pathlib import Path

from cypher.address import is_graph_address
from depgraph.errors import DomainError, RegisterError
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest import read_estate

__all__ = ["is_graph_address", "opened_estate", "origins_of", "require_name_meant"]


def require_name_meant(text: str, name: str | None) -> None:
    """Refuse a name beside an estate that is not picked by one: it would change nothing.

    Parameters
    ----------
    text, name : str
        As for `opened_estate`.

    Raises
    ------
    DomainError
        If there is a name, and a file or a folder.
    """
    if name is not None and not is_graph_address(text):
        raise DomainError(
            f"--name {name!r} picks an estate in a graph database, and {text!r} is a file or a "
            "folder: leave --name out, or write local or a graph address"
        )


def opened_estate(text: str, name: str | None = None) -> Estate:
    """Read an estate from wherever it is.

    Parameters
    ----------
    text : str
        File, folder, ``local``, or the address of a graph database.
    name : str, optional
        Which estate of the graph database; the only one when absent.

    Raises
    ------
    DomainError
        If no estate is given, or a name beside a file or a folder.
    RegisterError
        With every problem of the files.
    StoreError
        If the graph database cannot be reached or holds no such estate.
    """
    if not text.strip():
        # A path of no characters is the working folder: a variable that is not set would read it.
        raise DomainError(
            "ESTATE is empty: write a file, a folder or a graph address; . is this folder"
        )
    require_name_meant(text, name)
    if is_graph_address(text):
        from cypher.store import opened_store  # noqa: PLC0415 - the driver loads only when needed

        with opened_store(text) as store:
            return store.pull(name)
    result = read_estate(text)
    if result.estate is None:
        raise RegisterError(
            f"{text} has {counted(len(result.problems), 'problem')}", result.problems
        )
    return result.estate


def origins_of(text: str, name: str | None = None) -> dict[str, list[dict[str, str]]]:
    """Origins of imported values: of a folder that imports were made into, or kept in the graph.

    Parameters
    ----------
    text, name : str
        As for `opened_estate`.
    """
    if is_graph_address(text):
        from cypher.store import opened_store  # noqa: PLC0415 - the driver loads only when needed

        with opened_store(text) as store:
            return store.origins(name)
    from ingest.folder import recorded_origins  # noqa: PLC0415 - only answers that tell sources ask

    return recorded_origins(Path(text))
