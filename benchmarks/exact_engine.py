"""Exact engine: synthetic fault trees beside a decision-diagram library, and estates by size.

Run ``python -m benchmarks.exact_engine``. The peer is ``dd`` (``pip install dd``): its binding of
the C library CUDD where the wheel brings it, else its diagrams in Python. It runs in a process of
its own, bounded in time. Without it, only our own times are printed, and the reason. Where the
program ``scram`` is on the PATH (``apt-get install scram``), a second table puts it beside ours.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import resource
import time
from collections import Counter
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

from benchmarks import scram
from benchmarks.ratios import Ratio, timed
from benchmarks.shapes import TREES, fault_tree, layered_estate
from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.exact import Limits
from depgraph.engine.gates import FALSE, TRUE
from depgraph.engine.outage import OutageExplorer
from depgraph.engine.structure import Structure, structure_of

_PEERS = ("dd.cudd", "dd.autoref")
_PEER_MEMORY = 2 << 30
_START_SECONDS = 60.0


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--trees", nargs="*", default=["small", "medium", "wide", "large"], choices=TREES
    )
    parser.add_argument("--services", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit of one answer")
    chosen = parser.parse_args()
    assessed(fault_tree(TREES["small"], 0))  # compiled code is loaded before the clock starts
    _trees(chosen.trees, chosen.seconds)
    _beside_scram(chosen.trees, chosen.seconds)
    _estates(chosen.services, chosen.seconds)


def ratios(trees: int) -> list[Ratio]:
    """Exact answers for small trees beside `dd`, in the sum; a larger one of ours alone."""
    assessed(fault_tree(TREES["small"], 0))
    name = _peer_name()
    peer = importlib.import_module(name) if name else None
    ours, theirs = 0.0, 0.0
    for seed in range(1, trees + 1):
        structure = structure_of(fault_tree(TREES["small"], seed))
        answer, taken = timed(lambda structure=structure: _top(structure))  # type: ignore[misc]
        ours += taken
        if peer is not None:
            up, taken = timed(
                lambda structure=structure: _peer_availability(peer, structure, "top")  # type: ignore[misc]
            )
            theirs += taken
            assert abs(up - answer) < 1e-9
    medium = structure_of(fault_tree(TREES["medium"], 1))
    return [
        Ratio(f"exact, {trees} fault trees of 25 gates", "s", ours, theirs if peer else None,
              name or "dd is not installed"),
        Ratio("exact, one fault tree of 90 gates", "s", timed(lambda: _top(medium))[1], None, "-"),
    ]  # fmt: skip


def _top(structure: Structure) -> float:
    """Exact availability of the top service."""
    options = AssessmentOptions(services=("top",))
    [answer] = assessed(structure.estate, options, structure).services
    assert answer.method == "exact"
    return float(answer.high)


def _trees(names: list[str], seconds: float) -> None:
    """One line per tree: our time, the peer's, their ratio, the relative difference."""
    peer = _peer_name()
    print(f"{'tree':<10}{'seed':>5}{'ours [s]':>10}{'peer [s]':>10}{'peer/ours':>11}  answer")
    ratios = []
    for name in names:
        for seed in (1, 2, 3):
            estate = fault_tree(TREES[name], seed)
            began = time.perf_counter()
            structure = structure_of(estate)
            options = AssessmentOptions(services=("top",), limits=Limits(seconds=seconds))
            [answer] = assessed(estate, options, structure).services
            ours = time.perf_counter() - began
            theirs, shown = "-", f"{answer.method}, q = {answer.unavailability_high:.6g}"
            ratio = "-"
            if peer is not None:
                found = _bounded(peer, name, seed, seconds)
                theirs, ratio = f"> {seconds:.0f}", f"> {seconds / ours:.1f}"
                if found is not None:
                    taken, up = found
                    ratios.append(taken / ours)
                    theirs, ratio = f"{taken:.3f}", f"{ratios[-1]:.1f}"
                    shown += f", differs by {abs(up - answer.high):.1e}"
            print(f"{name:<10}{seed:>5}{ours:>10.3f}{theirs:>10}{ratio:>11}  {shown}", flush=True)
    if ratios:
        print(f"{peer}: median ratio {median(ratios):.1f} over the {len(ratios)} that it answered")


def _beside_scram(names: list[str], seconds: float) -> None:
    """One line per tree: ours from the estate to the answer, SCRAM by its own clock and whole."""
    if scram.program() is None:
        print("\nscram is not on the PATH (apt-get install scram): nothing beside ours")
        return
    print(
        f"\n{'tree':<10}{'seed':>5}{'ours [ms]':>11}{'scram [ms]':>12}{'process [ms]':>14}", end=""
    )
    print(f"{'scram/ours':>12}{'process/ours':>14}")
    pairs: list[tuple[float, float]] = []
    for name in names:
        for seed in range(1, 6):
            estate = fault_tree(TREES[name], seed)
            options = AssessmentOptions(services=("top",), limits=Limits(seconds=seconds))
            answer, ours = timed(lambda e=estate, o=options: assessed(e, o).services[0])  # type: ignore[misc]
            structure = structure_of(estate)
            figures = final_figures(structure, options).world(0)
            theirs = scram.solved(structure, figures, "top", seconds)
            if theirs is None or answer.unavailability is None:
                shown = (
                    f"> {seconds:.0f} s" if theirs is None else f"{theirs.own_seconds * 1e3:.1f}"
                )
                print(f"{name:<10}{seed:>5}{ours * 1e3:>11.1f}{shown:>12}  {answer.method}")
                continue
            assert abs(theirs.unavailability / answer.unavailability - 1.0) < 1e-5
            pairs.append((ours, theirs.own_seconds))
            own, whole = theirs.own_seconds, theirs.process_seconds
            print(
                f"{name:<10}{seed:>5}{ours * 1e3:>11.1f}{own * 1e3:>12.1f}{whole * 1e3:>14.1f}",
                end="",
            )
            print(f"{own / ours:>12.2f}{whole / ours:>14.2f}", flush=True)
    if pairs:
        total = sum(theirs for _, theirs in pairs) / sum(ours for ours, _ in pairs)
        middle = median(theirs / ours for ours, theirs in pairs)
        print(f"scram by its own clock over ours: sum {total:.2f}, median {middle:.2f}")


def _estates(sizes: list[int], seconds: float) -> None:
    """One line per size: all services assessed, one outage explained, peak memory."""
    print(f"\n{'services':>9}{'compile [s]':>13}{'assess [s]':>12}", end="")
    print(f"{'outage [ms]':>13}{'MB':>7}  answers")
    for size in sizes:
        estate = layered_estate(size)
        began = time.perf_counter()
        structure = structure_of(estate)
        compiled = time.perf_counter() - began
        began = time.perf_counter()
        answers = assessed(estate, AssessmentOptions(limits=Limits(seconds=seconds)), structure)
        taken = time.perf_counter() - began
        explorer = OutageExplorer(structure)
        explorer.services_down(["s0"])
        began = time.perf_counter()
        explorer.services_down(["s1"])
        outage = (time.perf_counter() - began) * 1e3
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        kinds = dict(Counter(answer.method for answer in answers.services))
        print(
            f"{size:>9}{compiled:>13.2f}{taken:>12.1f}{outage:>13.2f}{peak:>7}  {kinds}", flush=True
        )


def _peer_name() -> str | None:
    """Module of the quickest peer there is; None where none is installed."""
    for name in _PEERS:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        print(f"peer: {name}\n")
        return name
    print("dd is not installed (pip install dd): no peer to compare with\n")
    return None


def _bounded(peer: str, tree: str, seed: int, seconds: float) -> tuple[float, float] | None:
    """Time and answer of the peer; None where it needs longer, or more memory."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_in_process, args=(peer, tree, seed, sender))
    process.start()
    sender.close()
    try:
        # Starting the process and building the estate is not held against the peer.
        found: tuple[float, float] | None = None
        if receiver.poll(_START_SECONDS) and receiver.recv() and receiver.poll(seconds):
            found = receiver.recv()
    except EOFError:
        found = None
    process.terminate()
    process.join()
    return found


def _in_process(peer: str, tree: str, seed: int, sender: Connection) -> None:
    """What the peer's process does."""
    structure = structure_of(fault_tree(TREES[tree], seed))
    sender.send(True)
    began = time.perf_counter()
    up = _peer_availability(importlib.import_module(peer), structure, "top")
    sender.send((time.perf_counter() - began, up))


def _peer_availability(library: Any, structure: Structure, service: str) -> float:  # noqa: ANN401 - the peer has no types
    """Probability that a service is up, variables in depth-first order, all figures as given."""
    gates, root = structure.gates, structure.up[service]
    limited = library.__name__.endswith("cudd")
    diagrams = library.BDD(memory_estimate=_PEER_MEMORY) if limited else library.BDD()
    diagrams.configure(reordering=False)
    node_of: dict[int, Any] = {FALSE: diagrams.false, TRUE: diagrams.true}
    working: dict[str, float] = {}
    for node in gates.below(root):
        if gates.is_variable(node):
            name = f"v{node}"
            record = structure.estate.service[structure.component[node].id]
            working[name] = float(1 - (record.own_unavailability or 0))
            diagrams.declare(name)
            node_of[node] = diagrams.var(name)
        elif node not in node_of:
            found = [diagrams.true] + [diagrams.false] * gates.need[node]
            for argument in gates.arguments[node]:
                for j in range(gates.need[node], 0, -1):
                    found[j] = found[j] | (found[j - 1] & node_of[argument])
            node_of[node] = found[-1]
    return _probability(diagrams, node_of[root], working)


def _probability(diagrams: Any, root: Any, working: dict[str, float]) -> float:  # noqa: ANN401 - the peer has no types
    """Evaluate a diagram of the peer; complemented edges are followed."""
    known: dict[int, float] = {int(diagrams.true): 1.0}
    top = ~root if root.negated else root
    stack = [top]
    while stack:
        node = stack[-1]
        if int(node) in known:
            stack.pop()
            continue
        _, *below = diagrams.succ(node)
        ends = [~end if end.negated else end for end in below]
        waiting = [end for end in ends if int(end) not in known]
        if waiting:
            stack += waiting
            continue
        p = working[node.var]
        low, high = (
            1.0 - known[int(end)] if whole.negated else known[int(end)]
            for end, whole in zip(ends, below, strict=True)
        )
        known[int(node)] = (1.0 - p) * low + p * high
    return 1.0 - known[int(top)] if root.negated else known[int(top)]


if __name__ == "__main__":
    main()
