"""Estate files to one validated estate, or every problem with its place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from depgraph.collection import collection_paused
from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.references import estate_problems
from depgraph.wording import counted
from ingest.document import DocumentError, Node, json_documents, yaml_documents
from ingest.faults import validation_problems
from ingest.loose import loose_estate
from ingest.source import estate_files, file_text

MAX_PROBLEMS = 10_000
_OF_WHOLE_RECORDS = {"overlapping-versions", "conflicting-values"}
"""Problems that compare several fields of records."""


@dataclass(frozen=True)
class ReadResult:
    """What reading gave: an estate, or problems."""

    estate: Estate | None
    """The estate; None when there are problems."""
    problems: tuple[Problem, ...] = ()
    """Every problem found, in the order of the files."""
    files: tuple[str, ...] = ()
    """Files read."""


@collection_paused()
def read_estate(path: str | Path) -> ReadResult:
    """Read one file, or all YAML and JSON files of a folder merged.

    Parameters
    ----------
    path : str or Path
        File or folder.

    Returns
    -------
    ReadResult
        Problems in user data are values; nothing is raised for them.
    """
    top = Path(path)
    files = estate_files(top)
    if isinstance(files, Problem):
        return ReadResult(None, (files,))
    merged = MergedFiles()
    for file in files:
        merged.take(file, str(file))
    if merged.problems and not merged.data:
        return ReadResult(None, tuple(merged.problems), tuple(map(str, files)))
    estate, problems = merged.validated()
    every = tuple((merged.problems + problems)[:MAX_PROBLEMS])
    return ReadResult(None if every else estate, every, tuple(map(str, files)))


def require_estate(path: str | Path) -> Estate:
    """Read an estate for a program.

    Raises
    ------
    RegisterError
        With every problem, if there is any.
    """
    result = read_estate(path)
    if result.estate is None:
        raise RegisterError(
            f"{path} has {counted(len(result.problems), 'problem')}", result.problems
        )
    return result.estate


@dataclass
class MergedFiles:
    """The files' content under one roof, with the way back to file and node."""

    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _origin: dict[tuple[str | int, ...], tuple[str, Node]] = field(default_factory=dict)

    def take(self, file: Path, shown: str) -> None:
        """Add one file."""
        text = file_text(file, shown)
        if isinstance(text, Problem):
            self.problems.append(text)
            return
        parse = json_documents if file.suffix.lower() == ".json" else yaml_documents
        try:
            documents, duplicates = parse(text)
        except DocumentError as error:
            self.problems.append(error.problem(shown))
            return
        self.problems += [error.problem(shown) for error in duplicates]
        documents = [node for node in documents if node.value is not None]
        if not documents:
            hint = "write organizations, services, contracts … into it"
            self.problems.append(Problem("empty-file", "the file is empty", hint, file=shown))
        for node in documents:
            self._take_document(node, shown)

    def _take_document(self, node: Node, shown: str) -> None:
        if not isinstance(node.value, dict):
            self.problems.append(
                Problem(
                    "not-an-estate",
                    "the file does not hold a mapping",
                    "start with organizations:, services:, contracts: …",
                    file=shown,
                    line=node.line,
                    column=node.column,
                )
            )
            return
        for name, (key, value) in node.value.items():
            self._take_entry(name, key, value, shown)

    def _take_entry(self, name: str, key: Node, value: Node, shown: str) -> None:
        """Append lists; take other values once."""
        if isinstance(value.value, list):
            held = self.data.setdefault(name, [])
            if isinstance(held, list):
                self._origin.setdefault((name,), (shown, key))
                for item in value.value:
                    self._origin[name, len(held)] = (shown, item)
                    held.append(item.plain())
                return
        plain = value.plain()
        if name in self.data and self.data[name] != plain and plain is not None:
            first, node = self._origin[name,]
            self.problems.append(
                Problem(
                    "conflicting-values",
                    f"{name} is given in two files",
                    "keep one of them",
                    file=shown,
                    line=key.line,
                    column=key.column,
                    also=(f"{first}:{node.line}:{node.column}",),
                )
            )
        elif plain is not None:
            self.data[name] = plain
            self._origin[name,] = (shown, value)

    def validated(self) -> tuple[Estate | None, list[Problem]]:
        """Validate what was merged; gather faults of records and of references together."""
        try:
            return Estate.model_validate(self.data), []
        except RegisterError as error:
            return None, [self.placed(problem) for problem in error.problems]
        except ValidationError as error:
            problems = validation_problems(error, self.data)
        problems += self._reference_problems(problems)
        return None, [self.placed(problem) for problem in problems]

    def _reference_problems(self, faults: list[Problem]) -> list[Problem]:
        """Faults of references, also of faulty records, without what follows from other faults."""
        faulty = {problem.path[:2] for problem in faults}
        told = {problem.path for problem in faults}
        hidden = {
            name
            for key, place in (path for path in faulty if len(path) > 1)
            if isinstance(items := self.data.get(str(key)), list) and isinstance(place, int)
            for name in _ids(items[place])
        }
        return [
            problem
            for problem in estate_problems(loose_estate(self.data, faulty))
            if problem.value
            and problem.path not in told
            and not (problem.code == "unknown-reference" and problem.value.split(":")[-1] in hidden)
            and not (problem.code in _OF_WHOLE_RECORDS and _rests_on(problem, faulty))
        ]

    def placed(self, problem: Problem) -> Problem:
        """Give a problem its file, line and column."""
        found = self._node(problem.path, at_key=problem.code == "unknown-key")
        also = tuple(self._also(text) for text in problem.also)
        if found is None:
            return replace(problem, also=also)
        file, node = found
        return replace(problem, file=file, line=node.line, column=node.column, also=also)

    def _also(self, shown: str) -> str:
        """Place of another part of a problem, given as ``services[3].id``."""
        path: tuple[str | int, ...] = tuple(
            int(part) if part.isdigit() else part
            for part in shown.replace("[", ".").replace("]", "").split(".")
        )
        found = self._node(path)
        return f"{found[0]}:{found[1].line}:{found[1].column}" if found else shown

    def _node(
        self, path: tuple[str | int, ...], *, at_key: bool = False
    ) -> tuple[str, Node] | None:
        """Node at a path; for what is absent, the nearest thing around it."""
        start = 2 if path[:2] in self._origin else 1
        if path[:start] not in self._origin:
            return None
        file, node = self._origin[path[:start]]
        for step in path[start:]:
            if isinstance(node.value, dict) and step in node.value:
                key, value = node.value[step]
                inside = at_key or isinstance(value.value, (dict, list))
                node = key if inside and step == path[-1] else value
                node = node if node.line else value
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
            else:
                break
        return file, node


def _rests_on(problem: Problem, faulty: set[tuple[str | int, ...]]) -> bool:
    """Whether a problem may come from what could not be read of a faulty record."""
    shown = {f"{path[0]}[{path[1]}]" for path in faulty if len(path) > 1}
    return problem.path[:2] in faulty or any(each.split(".")[0] in shown for each in problem.also)


def _ids(item: object) -> set[str]:
    """Ids that a raw record and the records inside it define."""
    if not isinstance(item, dict):
        return set()
    inner = item.get("slas")
    found = {str(item["id"])} if "id" in item else set()
    return found.union(*(_ids(sla) for sla in inner)) if isinstance(inner, list) else found
