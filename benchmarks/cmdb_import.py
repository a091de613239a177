"""Import of a CMDB export beside `pandas.read_csv` on the same files, in one run.

Run ``python -m benchmarks.cmdb_import``. The files are synthetic: a `cmdb_ci` and a `cmdb_rel_ci`
table. The peer only parses the cells; ours also joins, validates and writes an estate, and says
what it left out.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.ratios import Ratio, peak_megabytes, print_ratios, timed
from ingest.folder import opened_folder, write_folder
from ingest.formats.registry import importer
from ingest.merge import draft_for, merged

_ITEMS = 0.4
"""Share of the rows that are items; the others are relations [1]."""


def written(folder: Path, rows: int, seed: int = 1) -> tuple[Path, Path]:
    """Write both tables; an item depends on earlier ones only."""
    draw = random.Random(seed)
    items, relations = folder / "cmdb_ci.csv", folder / "cmdb_rel_ci.csv"
    count = int(rows * _ITEMS)
    with items.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["sys_id", "name", "vendor", "sys_class_name"])
        for number in range(count):
            vendor = f"Vendor {draw.randrange(max(1, count // 50))}"
            table.writerow([f"{number:032x}", f"service {number}", vendor, "cmdb_ci_service"])
    with relations.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["parent", "type", "child"])
        for _ in range(rows - count):
            user = draw.randrange(1, count)
            provider = draw.randrange(user)
            table.writerow([f"{user:032x}", "Depends on::Used by", f"{provider:032x}"])
    return items, relations


def imported(files: tuple[Path, ...], out: Path) -> int:
    """Import as the command does; the number of services."""
    folder = opened_folder(out)
    services = 0
    for file in files:
        draft = draft_for(folder, f"servicenow:{file.name}")
        importer("servicenow")(file, draft)
        merged(folder, draft)
        services = len(folder.data["services"])
    write_folder(folder)
    return services


def ratios(rows: int) -> list[Ratio]:
    """Rows per second of both."""
    with tempfile.TemporaryDirectory() as name:
        files = written(Path(name), rows)
        services, ours = timed(lambda: imported(files, Path(name) / "out"))
        tables, peer = timed(lambda: [pd.read_csv(file) for file in files])
    assert services == len(tables[0])
    assert sum(map(len, tables)) == rows
    return [
        Ratio(f"import, {rows:,} CMDB rows", "rows / s", rows / ours, rows / peer,
              "pandas.read_csv, cells only")
    ]  # fmt: skip


def main() -> None:
    """Print rows per second and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000])
    for rows in parser.parse_args().rows:
        print_ratios(ratios(rows))
        print(f"peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
