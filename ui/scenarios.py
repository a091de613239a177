"""Saved scenarios of ESTATE, wherever it is: beside its files, or in the graph database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from depgraph.wording import counted
from ingest.saved_scenarios import remove_scenario, save_scenario, saved_scenario, scenario_files
from ingest.scenario import scenario_faults
from ui.estates import is_graph_address


@dataclass(frozen=True)
class ListedScenario:
    """One saved scenario as a line of a list."""

    name: str
    """Its name."""
    why: str
    """Why it is asked."""
    incidents: int
    """How many things fail."""
    edits: int
    """How many changes it makes."""
    state: str
    """Empty; or that the estate changed since, or that its file has problems."""


@dataclass(frozen=True)
class ScenarioShelf:
    """Where the scenarios of an estate are saved.

    Attributes
    ----------
    address : str
        File, folder, ``local``, or the address of a graph database.
    estate_name : str or None
        Which estate of the graph database; the only one when None.
    """

    address: str
    estate_name: str | None = None

    def listed(self) -> list[ListedScenario]:
        """Saved scenarios by name."""
        if is_graph_address(self.address):
            from cypher.store import opened_store  # noqa: PLC0415 - the driver loads when needed

            with opened_store(self.address) as store:
                rows = store.scenarios(self.estate_name)
            changed = "the estate changed since"
            return [
                ListedScenario(
                    str(row["name"]), str(row["why"]), int(row["incidents"]), int(row["edits"]),
                    changed if row["estate_changed"] else "",
                )
                for row in rows
            ]  # fmt: skip
        return [
            ListedScenario(
                file.scenario.name or file.path.stem, file.scenario.why,
                len(file.scenario.incidents), len(file.scenario.edits), "",
            )
            if file.scenario
            else ListedScenario(file.path.stem, "", 0, 0, counted(len(file.problems), "problem"))
            for file in scenario_files(Path(self.address))
        ]  # fmt: skip

    def scenario(self, name: str, estate: Estate) -> Scenario:
        """Read one back; what it names is looked up in the estate as it is now.

        Raises
        ------
        RegisterError
            If it names what the estate no longer has, or there is none of that name.
        StoreError
            If the graph database has none of that name.
        """
        if not is_graph_address(self.address):
            return saved_scenario(Path(self.address), name, estate)
        from cypher.store import opened_store  # noqa: PLC0415 - the driver loads when needed

        with opened_store(self.address) as store:
            saved = store.scenario(name, self.estate_name)
        problems = scenario_faults(saved.scenario, estate)
        if problems:
            since = ", and the estate changed since" if saved.estate_changed else ""
            text = f"the scenario {name!r} of {saved.saved:%Y-%m-%d} does not fit{since}"
            raise RegisterError(text, problems)
        return saved.scenario

    def save(self, scenario: Scenario, *, replace: bool = False) -> str:
        """Save one under its name; says where.

        Raises
        ------
        RegisterError, StoreError
            If another one has the name and `replace` is not set, or it cannot be written.
        """
        if not is_graph_address(self.address):
            return str(save_scenario(Path(self.address), scenario, replace=replace))
        from cypher.store import opened_store  # noqa: PLC0415 - the driver loads when needed

        with opened_store(self.address) as store:
            store.save_scenario(scenario, self.estate_name, replace=replace)
        return self.address

    def remove(self, name: str) -> str:
        """Forget one; says where it was.

        Raises
        ------
        RegisterError, StoreError
            If there is none of that name.
        """
        if not is_graph_address(self.address):
            return str(remove_scenario(Path(self.address), name))
        from cypher.store import opened_store  # noqa: PLC0415 - the driver loads when needed

        with opened_store(self.address) as store:
            store.remove_scenario(name, self.estate_name)
        return self.address
