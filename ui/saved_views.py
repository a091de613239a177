"""Views of Explore kept under a name, in a file of the project folder."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cypher.folder import ProjectFolder
from depgraph.errors import StoreError
from ui.explore_query import Query, query_of, state_of_query
from ui.explore_state import ExploreState

_FILE = "views.json"
MOST_LETTERS = 80
"""Length of a name."""


def saved_views(estate: str, folder: ProjectFolder | None = None) -> Mapping[str, ExploreState]:
    """Views kept for an estate, by name in order.

    Parameters
    ----------
    estate : str
        Name of the estate.
    folder : ProjectFolder, optional
        The project's own when absent.

    Raises
    ------
    StoreError
        If the file is there and cannot be read, naming it.
    """
    kept = _read(folder or ProjectFolder.here()).get(estate, {})
    return {name: state_of_query(query) for name, query in sorted(kept.items())}


def save_view(
    estate: str, name: str, state: ExploreState, folder: ProjectFolder | None = None
) -> None:
    """Keep a view; one of the same name is replaced.

    Raises
    ------
    StoreError
        If the name is empty or too long, or the file cannot be written.
    """
    name = name.strip()
    if not name or len(name) > MOST_LETTERS:
        raise StoreError(f"a view needs a name of 1 to {MOST_LETTERS} letters")
    folder = folder or ProjectFolder.here()
    kept = _read(folder)
    kept.setdefault(estate, {})[name] = query_of(state)
    _write(folder, kept)


def remove_view(estate: str, name: str, folder: ProjectFolder | None = None) -> None:
    """Forget a view; nothing happens where there is none."""
    folder = folder or ProjectFolder.here()
    kept = _read(folder)
    if kept.get(estate, {}).pop(name, None) is not None:
        _write(folder, kept)


def _read(folder: ProjectFolder) -> dict[str, dict[str, Query]]:
    file = folder.path / _FILE
    try:
        text = file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror}") from None
    try:
        kept = json.loads(text)
    except ValueError as error:
        raise StoreError(
            f"{file} is not JSON ({error}); mend it or move it away, it holds the saved views"
        ) from None
    if not _is_kept(kept):
        raise StoreError(f"{file} does not hold saved views; mend it or move it away")
    return dict(kept)


def _is_kept(kept: object) -> bool:
    """Whether JSON has the form that we write."""
    return isinstance(kept, dict) and all(
        isinstance(views, dict)
        and all(
            isinstance(query, dict)
            and all(
                isinstance(values, list) and all(isinstance(v, str) for v in values)
                for values in query.values()
            )
            for query in views.values()
        )
        for views in kept.values()
    )


def _write(folder: ProjectFolder, kept: dict[str, dict[str, Query]]) -> None:
    """Replace the file in one step, so that no reader finds half of it."""
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=folder.path, prefix=_FILE, delete=False
        ) as held:
            json.dump(kept, held, indent=1, ensure_ascii=False)
            held.flush()
            os.fsync(held.fileno())
        Path(held.name).replace(folder.path / _FILE)
    except OSError as error:
        raise StoreError(
            f"the view cannot be kept in {folder.path}: {error.strerror}; "
            "set DEPGRAPH_HOME to a folder that can be written"
        ) from None
