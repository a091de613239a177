"""The benchmarks' own arithmetic, and one of them from start to history file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.ratios import Ratio
from benchmarks.simulation import Ours, hard_layers
from benchmarks.simulation import ratios as simulation_ratios
from benchmarks.simulation_peers import Rates
from depgraph.engine.structure import required_services
from depgraph.model.estate import Estate


@pytest.mark.parametrize(
    ("unit", "ours", "peer", "better"),
    [
        pytest.param("s", 2.0, 6.0, 3.0, id="less time is better"),
        pytest.param("rows / s", 2.0, 6.0, 1 / 3, id="more rows are better"),
        pytest.param("s", 2.0, None, None, id="peer not installed"),
    ],
)
def test_times_better(unit: str, ours: float, peer: float | None, better: float | None) -> None:
    assert Ratio("x", unit, ours, peer, "y").times_better == better


def test_a_run_prints_ratios_and_adds_them_to_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.__main__.BENCHMARKS", {"cmdb_import": (100, 1_000)})
    history = tmp_path / "kept" / "history.jsonl"
    for _ in range(2):
        assert main(["--only", "cmdb_import", "--history", str(history)]) == 0

    lines = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
    assert [line["measured"] for line in lines] == ["import, 100 CMDB rows"] * 2
    for line in lines:
        assert line["times_better"] == pytest.approx(line["ours"] / line["peer"])
        assert line["peak_megabytes"] > 0
    assert "pandas.read_csv" in capsys.readouterr().out


def test_a_benchmark_that_fails_is_said_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A table of no items cannot be made, so this size fails.
    monkeypatch.setattr(
        "benchmarks.__main__.BENCHMARKS", {"cmdb_import": (1, 1), "what_if": (100, 100)}
    )
    history = tmp_path / "history.jsonl"

    assert main(["--only", "cmdb_import", "what_if", "--history", str(history)]) == 1
    assert "cmdb_import failed" in capsys.readouterr().out
    assert "what falls" in history.read_text(encoding="utf-8")


def test_hard_layers_rest_on_the_layer_just_below() -> None:
    """Eight equal layers; two or three different providers, all of the layer before."""
    services = hard_layers(200).services
    layer = {service.id: place // 25 for place, service in enumerate(services)}

    for service in services:
        needed = list(required_services(service))
        assert len(needed) == len(set(needed))
        assert len(needed) in ({2, 3} if layer[service.id] else {0})
        assert all(layer[name] == layer[service.id] - 1 for name in needed)


def test_rates_are_compared_by_the_same_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    def ours(_estate: Estate, _years: int, threads: int) -> Ours:
        return Ours(Rates(by_clock=300.0 * threads, by_processor=400.0), [])

    def peer(_peer: str, _estate: Estate, _years: int, processes: int = 1) -> Rates:
        return Rates(by_clock=2.0 * processes, by_processor=3.0)

    monkeypatch.setattr("benchmarks.simulation.ours", ours)
    monkeypatch.setattr("benchmarks.simulation.peer_rates", peer)
    monkeypatch.setattr("benchmarks.simulation.is_installed", "simpy".__eq__)
    rows = {(r.measured, r.peer_name): (r.ours, r.peer) for r in simulation_ratios(16)}

    for shape in ("groups", "hard layers"):
        named = f"simulate {shape}, 16 services"
        assert rows[f"{named}, 1 thread", "simpy"] == (400.0, 3.0)
        assert rows[f"{named}, 2 threads, clock", "simpy, 2 processes"] == (600.0, 4.0)
        assert rows[f"{named}, 2 threads, clock", "simpy, as it comes"] == (600.0, 2.0)
        absent = "nthlayer-generate is not installed"
        assert rows[f"{named}, 1 thread", absent] == (400.0, None)
