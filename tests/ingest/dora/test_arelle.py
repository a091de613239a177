"""Arelle, an independent XBRL processor, as the judge of the packages.

Offline it cannot have the EBA taxonomy, so it judges twice: as far as it gets without one, and with
a stand-in whose tables are the EBA's own (`stand_in_taxonomy`). The closed lists and the validation
rules of the taxonomy it cannot judge that way; its schemas are needed for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest import require_estate
from ingest.dora.checks import register_gaps
from ingest.dora.filing import FilingOptions, filing_of
from ingest.dora.from_estate import register_from
from ingest.dora.package_writing import package_bytes
from ingest.dora.register import Register
from ingest.dora.taxonomy import templates
from ingest.formats.dora import opened_register
from ingest.provenance import Draft
from sample_data import sample_path
from tests.ingest.dora.stand_in_taxonomy import write_taxonomy
from tests.ingest.dora.synthetic_register import LEIS, NAME, package, tables
from tests.ingest.formats.bench import SAMPLES, sample

pytest.importorskip("arelle.api.Session", reason="arelle-release is not installed")
TABLES = SAMPLES.parent / "reference" / "dora-4.0"
UNRESOLVED = "xbrlce:unresolvableBaseMetadataFile"


@dataclass(frozen=True)
class Verdict:
    """What Arelle says of a package."""

    facts: int
    errors: tuple[str, ...]


def _judged(file: Path, *more: Path) -> Verdict:
    """Load and validate a package without the network."""
    from arelle.api.Session import Session  # noqa: PLC0415 - a part of the development set alone
    from arelle.logging.handlers.StructuredMessageLogHandler import (  # noqa: PLC0415
        StructuredMessageLogHandler,
    )
    from arelle.RuntimeOptions import RuntimeOptions  # noqa: PLC0415

    options = RuntimeOptions(
        entrypointFile=str(file), internetConnectivity="offline", keepOpen=True, validate=True,
        plugins="loadFromOIM", packages=[str(each) for each in more],
        cacheDirectory=str(file.parent / "cache"), disablePersistentConfig=True,
    )  # fmt: skip
    with Session() as session:
        session.run(options, logHandler=StructuredMessageLogHandler())
        models = session.get_models()
        errors = tuple(str(code) for model in models for code in model.errors)
        return Verdict(sum(len(model.facts) for model in models), errors)


@pytest.fixture
def taxonomy(tmp_path: Path) -> Path:
    if not TABLES.exists():
        pytest.skip("the taxonomy tables of the EBA are not beside this checkout")
    file = tmp_path / "taxonomy.zip"
    write_taxonomy(TABLES, file)
    return file


def _written(folder: Path, changes: Mapping[str, bytes | None] | None = None) -> Path:
    file = folder / f"{NAME}.zip"
    file.write_bytes(package(changes))
    return file


def _facts(register: Register) -> int:
    """Cells outside the keys, and a filing indicator for each template."""
    cells = [
        column
        for code, template in templates().items()
        for row in register.rows[code]
        for column in row.values
        if column not in template.key
    ]
    return len(cells) + len(templates())


def test_without_a_taxonomy_only_the_taxonomy_is_missing(tmp_path: Path) -> None:
    """The package and its metadata are read; a package that is none is told apart."""
    assert _judged(_written(tmp_path)).errors == (UNRESOLVED,)
    kind = b'{"documentInfo": {"documentType": "https://xbrl.org/report-package/2099"}}'
    broken: dict[str, bytes | None] = {"../META-INF/reportPackage.json": kind, "report.json": b"{"}
    assert _judged(_written(tmp_path, broken)).errors not in {(), (UNRESOLVED,)}


def test_the_exported_sample_is_a_report_with_every_fact(tmp_path: Path, taxonomy: Path) -> None:
    estate = require_estate(sample_path("register"))
    register = register_from(estate)
    created = datetime(2026, 3, 1, 10, 15, tzinfo=UTC)
    filing, _ = filing_of(estate, FilingOptions(), created)
    assert filing is not None
    file = tmp_path / f"{filing.name}.zip"
    file.write_bytes(package_bytes(register, filing))

    assert _judged(file, taxonomy) == Verdict(_facts(register), ())


def test_the_synthetic_register_is_a_report_with_every_fact(tmp_path: Path, taxonomy: Path) -> None:
    file = _written(tmp_path)
    register = opened_register(file, Draft("test"))

    assert _judged(file, taxonomy) == Verdict(_facts(register), ())


def test_the_published_sample_is_a_report_with_every_fact(tmp_path: Path, taxonomy: Path) -> None:
    """That EBA's own package passes says that the stand-in asks no more than the EBA does."""
    source = sample("dora_register_eba_random.zip")
    register = opened_register(source, Draft("test"))
    file = tmp_path / f"{register.name}.zip"
    file.write_bytes(source.read_bytes())

    assert _judged(file, taxonomy) == Verdict(_facts(register), ())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("b_01.02", "2025-01-17", "17/01/2025"),
        ("b_01.02", "5000000.50", "5'000'000"),
        ("b_02.02", ",90,180,", ",three months,180,"),
        ("b_07.01", f"SUB-1,{LEIS['HOSTING']}", f"SUB-1,{LEIS['PAYCLOUD']}"),
        ("b_06.01", "eba_TA:x28", "payments"),
        ("b_05.02", "c0050", "c9999"),
    ],
)
def test_what_arelle_refuses_we_refuse_too(
    tmp_path: Path, taxonomy: Path, name: str, old: str, new: str
) -> None:
    text = tables()[name].replace(old, new, 1)
    file = _written(tmp_path, {f"{name}.csv": text.encode()})
    ours = register_gaps(opened_register(file, Draft("test")))

    assert _judged(file, taxonomy).errors
    assert any(gap.severity == "reject" for gap in ours)
