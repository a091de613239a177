"""What a reviewer should look at, each with its fix."""

from __future__ import annotations

from depgraph.engine.availability_answer import Assessment
from depgraph.engine.finding import LEVELS, Facts, Finding
from depgraph.engine.record_findings import RECORD_FINDINGS
from depgraph.engine.service_findings import SERVICE_FINDINGS
from depgraph.engine.structure import Structure


def findings(structure: Structure, assessment: Assessment) -> tuple[Finding, ...]:
    """Every finding on an assessed estate, most severe first.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    assessment : Assessment
        All its services assessed.
    """
    facts = Facts(structure, assessment, assessment.as_of)
    found = [finding for kind in (*SERVICE_FINDINGS, *RECORD_FINDINGS) for finding in kind(facts)]
    return tuple(sorted(found, key=lambda f: (-LEVELS.index(f.level), f.code, f.subject)))
