"""Saved scenarios in the graph database: units of work that the store runs (rule W1).

A scenario stands beside the estate that it is for, not inside it: a push changes neither its text
nor its name. What it fails is linked, and linked again when a push brings a record back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from neo4j import ManagedTransaction

from cypher.rows import Row, node_key, record_text
from cypher.statements_text import statement
from depgraph.errors import StoreError
from depgraph.model.scenario import Scenario
from depgraph.record import Record

_FAILING = ("Service", "Location", "Organization")


class SavedScenario(Record):
    """A scenario as it was saved."""

    scenario: Scenario
    """The scenario, equal to what was saved."""
    saved: datetime
    """When it was saved."""
    estate_changed: bool
    """Whether the estate was pushed with other content since."""


class SaveScenario:
    """The transaction that saves a scenario.

    Parameters
    ----------
    scenario : Scenario
        With its name.
    estate : str
        Name of the estate in the database.
    replace : bool
        Whether a scenario of that name may be written over.
    """

    def __init__(self, scenario: Scenario, estate: str, *, replace: bool) -> None:
        self._scenario, self._estate, self._replace = scenario, estate, replace

    def __call__(self, tx: ManagedTransaction) -> None:
        """Check the name, write the node, link it."""
        estate_key = _require_estate(tx, self._estate)
        key = node_key(self._estate, "Scenario", self._scenario.name)
        text = record_text(self._scenario)
        held = tx.run(statement("scenario_read"), key=key, estate_key=estate_key).data()
        if held and held[0]["record"] != text and not self._replace:
            raise StoreError(
                f"a scenario called {self._scenario.name!r} is saved already, with other content; "
                "take another name, or replace it with --replace"
            )
        properties = {
            "key": key,
            "id": self._scenario.name,
            "name": self._scenario.name,
            "estate": self._estate,
            "why": self._scenario.why,
            "incidents": len(self._scenario.incidents),
            "edits": len(self._scenario.edits),
            "record": text,
            "saved": datetime.now(UTC).isoformat(),
            "fails_keys": list(dict.fromkeys(self._fails_keys())),
        }
        tx.run(
            statement("scenario_write"), estate_key=estate_key, key=key, properties=properties
        ).consume()
        tx.run(statement("scenario_unlink"), key=key).consume()
        link_scenarios(tx, self._estate)

    def _fails_keys(self) -> Iterator[str]:
        """Keys of what the incidents name, of every kind that a reference may mean."""
        for incident in self._scenario.incidents:
            prefix, _, rest = incident.affects.partition(":")
            for label in _FAILING:
                yield node_key(self._estate, label, incident.affects)
                if prefix == label.lower():
                    yield node_key(self._estate, label, rest)


def link_scenarios(tx: ManagedTransaction, estate: str) -> None:
    """Link every scenario of an estate to what it fails; safe to repeat."""
    for label in _FAILING:
        tx.run(statement(f"scenario_fails_{label.lower()}"), estate=estate).consume()


class ReadScenario:
    """The transaction that reads one scenario back."""

    def __init__(self, name: str, estate: str) -> None:
        self._name, self._estate = name, estate

    def __call__(self, tx: ManagedTransaction) -> SavedScenario:
        """Read one; says which there are where it is not."""
        key = node_key(self._estate, "Scenario", self._name)
        estate_key = _require_estate(tx, self._estate)
        held = tx.run(statement("scenario_read"), key=key, estate_key=estate_key).data()
        if not held:
            names = ", ".join(sorted(row["name"] for row in _listed(tx, self._estate))) or "none"
            raise StoreError(f"no scenario called {self._name!r} is saved; there are: {names}")
        return SavedScenario(
            scenario=Scenario.model_validate(json.loads(held[0]["record"], parse_float=Decimal)),
            saved=datetime.fromisoformat(held[0]["saved"]),
            estate_changed=held[0]["estate_changed"],
        )


class ListScenarios:
    """The transaction that lists the scenarios of an estate."""

    def __init__(self, estate: str) -> None:
        self._estate = estate

    def __call__(self, tx: ManagedTransaction) -> list[Row]:
        """List them by name."""
        _require_estate(tx, self._estate)
        return sorted(_listed(tx, self._estate), key=lambda row: str(row["name"]))


class RemoveScenario:
    """The transaction that forgets one scenario."""

    def __init__(self, name: str, estate: str) -> None:
        self._name, self._estate = name, estate

    def __call__(self, tx: ManagedTransaction) -> None:
        """Remove one that is there."""
        ReadScenario(self._name, self._estate)(tx)
        key = node_key(self._estate, "Scenario", self._name)
        tx.run(statement("scenario_remove"), key=key).consume()


def _listed(tx: ManagedTransaction, estate: str) -> list[Row]:
    key = node_key(estate, "Estate", estate)
    return tx.run(statement("scenario_list"), estate=estate, estate_key=key).data()


def _require_estate(tx: ManagedTransaction, estate: str) -> str:
    """Key of an estate that was pushed."""
    key = node_key(estate, "Estate", estate)
    if not tx.run(statement("estate_read"), key=key).data():
        raise StoreError(f"the database holds no estate called {estate!r}: push it first")
    return key
