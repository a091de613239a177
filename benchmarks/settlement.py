"""Settlement beside a straightforward pandas implementation, in one run.

Run ``python -m benchmarks.settlement``. The peer marks the minutes of each month in a pandas Series
for every service level, for all incidents of everything that the service needs: no redundancy, no
exclusions, no attribution, no pass-through. It does less and is what a spreadsheet-minded analyst
would write first.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import networkx as nx
import pandas as pd

from benchmarks.ratios import Ratio
from benchmarks.shapes import layered_estate
from depgraph.engine.settle import settlement
from depgraph.engine.structure import required_services, structure_of
from depgraph.model.estate import Estate

YEAR = 2025
_Answer = TypeVar("_Answer")
TIERS = [("0.999", "0.10"), ("0.99", "0.25"), ("0.95", "1")]


def main() -> None:
    """Print seconds of both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=5_000)
    parser.add_argument("--contracts", type=int, default=500)
    parser.add_argument("--incidents", type=int, default=600)
    parser.add_argument("--peer-contracts", type=int, default=50, help="the peer settles a part")
    chosen = parser.parse_args()
    estate = contracted_estate(chosen.services, chosen.contracts, chosen.incidents)
    began = time.perf_counter()
    structure = structure_of(estate)
    compiled = time.perf_counter() - began
    answer, ours, our_cpu = _timed(
        lambda: settlement(structure, str(YEAR), datetime(2026, 6, 1, tzinfo=UTC))
    )
    part, theirs, their_cpu = _timed(lambda: peer(estate, chosen.peer_contracts))
    scale = chosen.contracts / chosen.peer_contracts
    missed = sum(row.breached for row in answer.slas)
    print(f"{chosen.services} services, {chosen.contracts} contracts, {chosen.incidents} incidents")
    print(f"service levels settled {len(answer.slas)}, missed {missed}, peer's part missed {part}")
    print(f"compile {compiled:.2f} s, settle {ours:.2f} s, peer {theirs * scale:.1f} s (scaled up)")
    print(f"processor time: settle {our_cpu:.2f} s, peer {their_cpu * scale:.1f} s")
    print(
        f"peer / ours {theirs * scale / ours:.1f}, by processor {their_cpu * scale / our_cpu:.1f}"
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {memory:.0f} MiB")


def ratios(services: int) -> list[Ratio]:
    """A year settled, and the peer's time for a part of the contracts, scaled up."""
    contracts = services // 10
    estate = contracted_estate(services, contracts, services // 8)
    structure = structure_of(estate)
    part = min(20, contracts)
    _, _, ours = _timed(lambda: settlement(structure, str(YEAR), datetime(2026, 6, 1, tzinfo=UTC)))
    _, _, theirs = _timed(lambda: peer(estate, part))
    return [
        Ratio(f"settle a year, {contracts} contracts", "s", ours, theirs * contracts / part,
              "pandas minute grid, availability only")
    ]  # fmt: skip


def _timed(work: Callable[[], _Answer]) -> tuple[_Answer, float, float]:
    """What some work answers, its seconds, and its seconds on the processor."""
    began, spent = time.perf_counter(), time.process_time()
    answer = work()
    return answer, time.perf_counter() - began, time.process_time() - spent


def contracted_estate(services: int, contracts: int, incidents: int, seed: int = 1) -> Estate:
    """Layered estate with contracts between the providers of services that need each other."""
    draw = random.Random(seed)
    data: dict[str, Any] = layered_estate(services, seed).model_dump(mode="json", by_alias=True)
    providers = [f"org-{number}" for number in range(max(contracts // 4, 2))]
    data["organizations"] = [{"id": name} for name in providers]
    for service in data["services"]:
        service["provider"] = draw.choice(providers)
    by_id = {service["id"]: service for service in data["services"]}
    pairs = [
        (service["provider"], by_id[needed]["provider"], needed)
        for service in data["services"]
        for needed in service["depends_on"]
        if isinstance(needed, str)
    ]
    pairs = [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]]
    clauses = ["absorb", "back_to_back", "limited_to_recovered", "excluded_if_third_party"]
    data["contracts"] = [
        {
            "id": f"k{n}", "supplier": supplier, "customer": customer,
            "pass_through": {"clause": draw.choice(clauses)},
            "slas": [{
                "id": f"k{n}.1", "service": service, "monthly_fee": f"{draw.randint(1, 90)}000 EUR",
                "objectives": [{"metric": "availability", "target": "0.999"}],
                "credits": {"tiers": [{"below": b, "credit": c} for b, c in TIERS]},
            }],
        }
        for n, (customer, supplier, service) in enumerate(draw.sample(pairs, contracts))
    ]  # fmt: skip
    names = list(by_id)
    first = datetime(YEAR, 1, 1, tzinfo=UTC)
    data["incidents"] = []
    for n in range(incidents):
        start = first + timedelta(minutes=draw.randrange(365 * 1440))
        end = start + timedelta(minutes=draw.randint(5, 300))
        affected = draw.choice(names)
        data["incidents"].append(
            {"id": f"i{n}", "affects": affected, "start": start, "end": end, "cause": "supplier"}
        )
    return Estate.model_validate(data)


def peer(estate: Estate, contracts: int) -> int:
    """Missed service levels by minute Series, the first contracts only."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(service.id for service in estate.services)
    graph.add_edges_from((s.id, p) for s in estate.services for p in required_services(s))
    frame = pd.DataFrame(
        [
            {"affects": i.affects, "start": pd.Timestamp(i.start), "end": pd.Timestamp(i.end)}
            for i in estate.incidents
            if i.end is not None
        ]
    )
    owed = Decimal(0)
    missed = 0
    for contract in estate.contracts[:contracts]:
        for sla in contract.slas:
            needs = {sla.service, *nx.descendants(graph, sla.service)}
            hits = frame[frame["affects"].isin(needs)]
            for month in pd.period_range(f"{YEAR}-01", f"{YEAR}-12", freq="M"):
                index = pd.date_range(
                    month.start_time, month.end_time, freq="min", tz="UTC", inclusive="both"
                )
                down = pd.Series(False, index=index)
                for row in hits.itertuples():
                    down.loc[row.start : row.end] = True
                share = 1 - down.mean()
                fee = sla.monthly_fee.amount if sla.monthly_fee else Decimal(0)
                due = [Decimal(c) for b, c in TIERS if share < float(b)]
                owed += max(due, default=Decimal(0)) * fee
                missed += bool(due)
    return missed


if __name__ == "__main__":
    main()
