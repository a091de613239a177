"""The benchmarks' own arithmetic, and one of them from start to history file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.ratios import Ratio


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
