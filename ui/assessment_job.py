"""Figures of a large estate, worked out in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from cypher.rows import digest
from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.availability_answer import Assessment
from depgraph.engine.finding import Finding
from depgraph.engine.findings import findings
from depgraph.engine.structure import structure_of
from ui.estates import opened_estate
from ui.side_work import SideWork, Tell


@dataclass(frozen=True)
class Answered:
    """Figures of all services, and what to look at."""

    assessment: Assessment
    findings: tuple[Finding, ...]
    version: str
    """SHA-256 of the estate's content that they are of."""


class AssessmentJob(SideWork[Answered]):
    """One assessment under way.

    Parameters
    ----------
    address : str
        The estate, as on the command line.
    name : str or None
        Its name in the graph database.
    service : str
        The service to answer for, as exactly as a minute allows; all when empty.
    """

    def __init__(self, address: str, name: str | None, service: str = "") -> None:
        super().__init__(partial(_answered, address, name, service))


def _answered(address: str, name: str | None, service: str, tell: Tell) -> Answered:
    """Read the estate and answer."""
    estate = opened_estate(address, name)
    structure = structure_of(estate)
    options = AssessmentOptions(services=(service,) if service else ())
    assessment = assessed(estate, options, structure, tell)
    found = () if service else findings(structure, assessment)
    return Answered(assessment, found, digest(estate))
