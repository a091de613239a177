"""Every exception this project raises on purpose, and the value for a fault in user data.

Faults in a file or an estate are not exceptions: they are gathered as `Problem` values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One fault in user data: what, the value, where, and the fix."""

    code: str
    """Stable short name of the kind of fault, for example ``unknown-reference``."""
    what: str
    """What is wrong, in a sentence that names the value."""
    hint: str = ""
    """What to change, in the imperative; empty where nothing better than `what` can be said."""
    value: str = ""
    """The offending value as it stands in the source."""
    path: tuple[str | int, ...] = ()
    """Keys and list positions from the top of the estate, for example ``("services", 3, "id")``."""
    file: str = ""
    """File that holds the fault; empty when the estate did not come from a file."""
    line: int = 0
    """Line in `file`, from 1; 0 when unknown."""
    column: int = 0
    """Column in `file`, from 1; 0 when unknown."""
    also: tuple[str, ...] = field(default=())
    """Other places that take part, as ``file:line:column``."""

    @property
    def place(self) -> str:
        """``file:line:column``, or the path in the estate when there is no file."""
        if self.file:
            return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in self.path).lstrip(".")

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        hint = f" ({self.hint})" if self.hint else ""
        also = f"; also at {', '.join(self.also)}" if self.also else ""
        return f"{where}{self.what}{hint}{also}"


class DepgraphError(Exception):
    """Base of all of ours: catch this one at the command line and in the app."""


class RegisterError(DepgraphError):
    """The records contradict each other: unknown reference, duplicate id, impossible nesting."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *map(str, self.problems)]))


class DomainError(DepgraphError, ValueError):
    """A value lies outside what the formula is defined for."""


class LimitError(DepgraphError):
    """An exact answer, or a safe read, would need more work than the caller allowed."""


class StoreError(DepgraphError):
    """The graph database could not be reached, or refused the work."""
