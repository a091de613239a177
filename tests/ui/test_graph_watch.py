"""A page on a graph database shows what is in it now, or says that it cannot know."""

from __future__ import annotations

import pytest

from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from tests.ui.pages import view
from ui import session
from ui.graph_watch import GraphWatch


class Database:
    """A database of one estate that can be written to, and stopped."""

    def __init__(self) -> None:
        self.name, self.up, self.asked = "first", True, 0
        self.now = 0.0

    def look(self) -> str:
        """When it was written."""
        self.asked += 1
        if not self.up:
            raise StoreError("gone")
        return self.name

    def watch(self) -> GraphWatch:
        """A watch by the clock of this test."""
        return GraphWatch(self.look, lambda: self.now)


def test_a_write_is_seen_soon_and_looked_for_seldom() -> None:
    database = Database()
    watch = database.watch()
    assert [watch.stamp, watch.stamp] == ["first", "first"]
    database.name = "second"
    assert watch.stamp == "first"
    assert database.asked == 1
    database.now = 4.0
    assert watch.stamp == "second"
    database.name = "third"
    watch.expire()
    assert watch.stamp == "third"


def test_what_was_read_stays_where_the_database_is_gone_and_is_told() -> None:
    database = Database()
    watch = database.watch()
    assert (watch.stamp, watch.fault) == ("first", "")
    database.up, database.now = False, 4.0
    assert watch.stamp == "first"
    assert watch.fault.startswith("gone; what is shown was read by ")
    database.up, database.now = True, 40.0
    assert (watch.stamp, watch.fault) == ("first", "")


def test_a_database_that_never_answered_has_nothing_old_to_show() -> None:
    database = Database()
    database.up = False
    watch = database.watch()
    assert (watch.stamp, watch.fault) == ("", "")


def test_a_reload_shows_what_was_pushed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database()
    watch = database.watch()

    def read(_address: str, _name: str | None) -> Estate:
        service = {"id": "shop", "availability": 0.999}
        return Estate.model_validate({"name": database.name, "services": [service]})

    monkeypatch.setattr(session, "opened_estate", read)
    monkeypatch.setattr(session, "graph_watch", lambda _address, _name: watch)
    page = view(monkeypatch, "overview", "local")
    assert page.title[0].value == "first"
    database.name, database.now = "second", 4.0
    assert page.run().title[0].value == "second"
