"""The C++ engine SCRAM (``apt-get install scram``) on our fault trees, as its users run it.

Its own clock counts building its graph, preprocessing, the decision diagram and the probability;
reading the file is left out, as is building the estate on our side.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from depgraph.engine.exact import Pair
from depgraph.engine.structure import Structure

_CLOCKS = (
    "PDAG Construction",
    "Finished Preprocessing",
    "algorithm finished",
    "probability calculations",
)


@dataclass(frozen=True)
class ScramAnswer:
    """What SCRAM found, and how long it took."""

    unavailability: float
    """Probability that the top event occurs, six digits [1]."""
    own_seconds: float
    """By its own clock [s]."""
    process_seconds: float
    """The whole process on the wall clock [s]."""


def program() -> str | None:
    """Where SCRAM is; None when it is not installed."""
    return shutil.which("scram")


def solved(
    structure: Structure, figures: dict[int, Pair], service: str, seconds: float
) -> ScramAnswer | None:
    """Answer of SCRAM with decision diagrams; None when it needs longer.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    figures : dict of int to Pair
        Figure of each component.
    service : str
        Top service.
    seconds : float
        Time limit [s].
    """
    with tempfile.TemporaryDirectory(prefix="scram-") as folder:
        source, report = Path(folder) / "tree.xml", Path(folder) / "report.xml"
        source.write_bytes(ET.tostring(_model(structure, figures, structure.up[service])))
        command = ["scram", "--bdd", "--probability", "1", "--verbosity", "5", "-l", "1"]
        began = time.perf_counter()
        try:
            done = subprocess.run(  # noqa: S603 - our own command on our own file
                [*command, str(source), "-o", str(report)],
                capture_output=True, text=True, timeout=seconds, check=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
        taken = time.perf_counter() - began
        answer = re.search(r'<sum-of-products[^>]* probability="([^"]+)"', report.read_text())
    assert answer is not None
    found = [re.search(rf"{clock} in (\S+)", done.stderr + done.stdout) for clock in _CLOCKS]
    own = sum(float(clock[1]) for clock in found if clock is not None)
    return ScramAnswer(float(answer[1]), own, taken)


def _model(structure: Structure, figures: dict[int, Pair], root: int) -> ET.Element:
    """The failure of a gate in Open-PSA: "at least k of n are up" fails with n - k + 1."""
    gates = structure.gates
    model = ET.Element("opsa-mef")
    tree = ET.SubElement(model, "define-fault-tree", name="tree")
    data = ET.SubElement(model, "model-data")
    for node in reversed(gates.below(root)):
        arguments = gates.arguments[node]
        if not arguments:
            event = ET.SubElement(data, "define-basic-event", name=f"v{node}")
            ET.SubElement(event, "float", value=repr(figures[node].down))
            continue
        gate = ET.SubElement(tree, "define-gate", name=f"g{node}")
        failed = len(arguments) - gates.need[node] + 1
        if failed == 1:
            formula = ET.SubElement(gate, "or")
        elif failed == len(arguments):
            formula = ET.SubElement(gate, "and")
        else:
            formula = ET.SubElement(gate, "atleast", min=str(failed))
        for argument in arguments:
            kind = ("gate", "g") if gates.arguments[argument] else ("basic-event", "v")
            ET.SubElement(formula, kind[0], name=f"{kind[1]}{argument}")
    return model
