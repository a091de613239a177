"""The library of real outages: complete, sourced, and equal to the reference."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

from depgraph.model.preset import OutagePreset
from ingest.presets import outage_presets

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "outages.csv"


def test_only_sure_rows_are_given_unless_asked() -> None:
    assert all(preset.confidence == "high" for preset in outage_presets().values())
    flagged = outage_presets(flagged=True).keys() - outage_presets().keys()
    assert flagged == {
        "cloudflare-kv-2025-06-12", "azure-wan-2023-01-25", "facebook-2021-10-04", "ovh-sbg2-2021-03-10",
    }  # fmt: skip


@pytest.mark.parametrize("preset", outage_presets(flagged=True).values(), ids=lambda p: p.id)
def test_every_row_has_a_source_and_a_summary(preset: OutagePreset) -> None:
    assert preset.source
    assert preset.summary
    assert preset.services or preset.hits != "named" or preset.regions


@pytest.mark.skipif(
    not REFERENCE.exists(), reason="the shared reference is not beside this checkout"
)
def test_times_are_those_of_the_reference() -> None:
    presets = outage_presets(flagged=True)
    with REFERENCE.open(encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}

    assert presets.keys() == rows.keys()
    for name, row in rows.items():
        preset = presets[name]
        assert preset.start == datetime.fromisoformat(row["start_utc"]), name
        if row["end_utc"]:
            assert preset.end == datetime.fromisoformat(row["end_utc"]), name
            assert (preset.end - preset.start).total_seconds() == 60 * int(row["duration_min"])
        else:
            assert preset.end is None
        ends = {variant.end for variant in preset.variants}
        assert ends == {datetime.fromisoformat(t) for t in [row["alt_end_utc"]] if t}, name
