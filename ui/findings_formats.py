"""Findings as SARIF 2.1.0 and JUnit XML, for tools that read those."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import Any
from xml.etree import ElementTree as ET

from depgraph.engine.finding import Finding
from depgraph.errors import Problem


def sarif(found: Sequence[Finding], problems: Sequence[Problem]) -> dict[str, Any]:
    """A SARIF 2.1.0 log of one run."""
    rules = sorted({item.code for item in found} | {item.code for item in problems})
    results: list[dict[str, Any]] = [_sarif_problem(problem) for problem in problems]
    results += [
        {
            "ruleId": finding.code,
            "level": finding.level,
            "message": {"text": f"{finding.message}. {finding.hint} (rule {finding.rule})"},
            "locations": [
                {
                    "logicalLocations": [
                        {
                            "name": finding.subject,
                            "fullyQualifiedName": f"{finding.kind}:{finding.subject}",
                        }
                    ]
                }
            ],
        }
        for finding in found
    ]
    driver = {
        "name": "depgraph",
        "version": metadata.version("depgraph"),
        "rules": [{"id": rule} for rule in rules],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _sarif_problem(problem: Problem) -> dict[str, Any]:
    text = f"{problem.what} ({problem.hint})" if problem.hint else problem.what
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "level": "error",
        "message": {"text": text},
    }
    if problem.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": problem.file}}
        if problem.line:
            physical["region"] = {"startLine": problem.line, "startColumn": max(problem.column, 1)}
        result["locations"] = [{"physicalLocation": physical}]
    return result


def junit(found: Sequence[Finding], problems: Sequence[Problem]) -> str:
    """A JUnit report: one failed case per problem and per finding that is no note."""
    suite = ET.Element("testsuite", name="depgraph check")
    for problem in problems:
        case = ET.SubElement(suite, "testcase", classname=problem.code, name=_xml(problem.place))
        ET.SubElement(case, "failure", message=_xml(problem.what)).text = _xml(problem)
    for finding in found:
        name = f"{finding.kind}:{finding.subject}"
        case = ET.SubElement(suite, "testcase", classname=finding.code, name=_xml(name))
        tag = "system-out" if finding.level == "note" else "failure"
        element = ET.SubElement(case, tag)
        element.text = _xml(f"{finding.message}. {finding.hint}")
        if tag == "failure":
            element.set("message", _xml(finding.message))
            element.set("type", finding.level)
    if not problems and not found:
        ET.SubElement(suite, "testcase", classname="depgraph", name="estate is valid")
    failures = len(suite.findall(".//failure"))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _xml(value: object) -> str:
    """Text without characters that XML 1.0 cannot hold."""
    return "".join(c if _in_xml(c) else "\ufffd" for c in str(value))


def _in_xml(character: str) -> bool:
    """Whether XML 1.0 can hold a character."""
    if character < " ":
        return character in "\t\n\r"
    return not ("\ud800" <= character <= "\udfff" or character in "\ufffe\uffff")
