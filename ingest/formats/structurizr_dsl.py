"""Structurizr DSL as nested statements: a subset of the language, the one that models use.

Strings, text blocks, identifiers, braces, comments and lines continued by a backslash. Scripts and
plug-ins are not run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ingest.formats.table import refused

MAX_DEPTH = 50
_TEXT_BLOCK = re.compile(r'"{3}.*?"{3}', re.DOTALL)
_TOKEN = re.compile(r'"((?:[^"\\\n]|\\.)*)"|(->)|([{}=])|([^\s{}="]+)')


@dataclass
class Statement:
    """One line and what its braces hold."""

    words: list[str]
    """Words, quotes removed."""
    line: int
    """Line, from 1."""
    file: Path
    """File that holds it."""
    inner: list[Statement] = field(default_factory=list)
    """Statements in its braces."""

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


def dsl_statements(text: str, path: Path) -> list[Statement]:
    """Statements at the top of a file.

    Raises
    ------
    RegisterError
        If braces or quotes do not close, or are nested too deep.
    """
    clean = _TEXT_BLOCK.sub(lambda m: '""' + "\n" * m[0].count("\n"), text)
    clean = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), clean, flags=re.DOTALL)
    parser = _Parser(path, [Statement([], 1, path)])
    for number, raw in enumerate(clean.splitlines(), start=1):
        line = raw.strip()
        if not line.startswith(("#", "//")):
            parser.take(line.removesuffix("\\"), number)
            if not line.endswith("\\"):
                parser.end_statement(number)
    if len(parser.stack) > 1:
        raise refused(path, "not-dsl", "a brace is not closed", "", parser.stack[-1].line)
    return parser.stack[0].inner


@dataclass
class _Parser:
    """Statements that are open, and the words of the next one."""

    path: Path
    stack: list[Statement]
    words: list[str] = field(default_factory=list)

    def take(self, line: str, number: int) -> None:
        """Take the words and braces of a line, up to a comment."""
        for match in _TOKEN.finditer(line):
            if match[3] == "{":
                self._open(number)
            elif match[3] == "}":
                self._close(number)
            elif match[4] and match[4].startswith("//"):
                break
            else:
                self.words.append(match[1] if match[1] is not None else match[0])

    def end_statement(self, number: int) -> None:
        """Keep the words as a statement, if there are any."""
        if self.words:
            self.stack[-1].inner.append(Statement(self.words, number, self.path))
            self.words = []

    def _open(self, number: int) -> None:
        if len(self.stack) > MAX_DEPTH:
            what = f"braces are nested more than {MAX_DEPTH} deep"
            raise refused(self.path, "too-deep", what, "", number)
        self.stack[-1].inner.append(Statement(self.words, number, self.path))
        self.stack.append(self.stack[-1].inner[-1])
        self.words = []

    def _close(self, number: int) -> None:
        self.end_statement(number)
        if len(self.stack) == 1:
            raise refused(self.path, "not-dsl", "a brace closes that was not open", "", number)
        self.stack.pop()
