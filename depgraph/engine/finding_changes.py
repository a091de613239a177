"""Findings that a change brings, and those that it mends (rule W3)."""

from __future__ import annotations

from depgraph.engine.finding import Finding
from depgraph.record import Record


class FindingChanges(Record):
    """Findings before → after."""

    new: tuple[Finding, ...]
    """Findings that were not there before, in their order after."""
    mended: tuple[Finding, ...]
    """Findings that are no longer there, in their order before."""
    kept: int
    """Findings that stay; their figures may differ."""


def finding_changes(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> FindingChanges:
    """Compare findings by what they are about, not by their figures.

    Parameters
    ----------
    before, after : tuple of Finding
        Findings on the two estates.
    """
    old = {_identity(finding) for finding in before}
    new = {_identity(finding) for finding in after}
    return FindingChanges(
        new=tuple(finding for finding in after if _identity(finding) not in old),
        mended=tuple(finding for finding in before if _identity(finding) not in new),
        kept=sum(_identity(finding) in old for finding in after),
    )


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.kind, finding.subject
