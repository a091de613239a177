"""Views opened one by one for tests, as anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Dataframe

Visitor = dict[str, Any]


def as_read(frame: Dataframe) -> pd.DataFrame:
    """A table as people read it, figures as texts; titles without the units."""
    titles = [title.partition(" [")[0] for title in frame.value.columns]
    texts = frame.proto.arrow_data.styler.display_values
    read = pa.ipc.open_stream(texts).read_all().to_pandas() if texts else frame.value
    return read.set_axis(titles, axis=1)


def view(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    estate: str,
    visitor: Visitor | None = None,
    **query: str,
) -> AppTest:
    """One view by itself, with a query in its address."""
    monkeypatch.setenv("DEPGRAPH_ESTATE", estate)
    monkeypatch.delenv("DEPGRAPH_ESTATE_NAME", raising=False)
    page = AppTest.from_string(f"from ui.views import {name}\n{name}.show()\n", default_timeout=120)
    for key, value in query.items():
        page.query_params[key] = value
    if visitor is not None:
        page.secrets["auth"] = {"client_id": "test"}
        page.user = dict(visitor)
    return page.run()


@contextmanager
def as_visitor(monkeypatch: pytest.MonkeyPatch, roles: list[str]) -> Iterator[Visitor]:
    """Somebody logged in whose token carries roles."""
    monkeypatch.setenv("DEPGRAPH_ROLES_CLAIM", "roles")
    yield {"is_logged_in": True, "email": "somebody@example.com", "roles": roles}
