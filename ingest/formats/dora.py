"""The register of information under DORA: an xBRL-CSV package, or a workbook of the templates."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.dora.checks import register_gaps
from ingest.dora.filing import Filing, FilingOptions, filing_of
from ingest.dora.from_estate import register_from
from ingest.dora.gaps import Gap
from ingest.dora.package_reading import read_package
from ingest.dora.package_writing import package_bytes
from ingest.dora.register import Register
from ingest.dora.to_estate import take_register
from ingest.provenance import Draft


def read_dora(path: Path, draft: Draft) -> None:
    """Read a register into a draft.

    Raises
    ------
    RegisterError
        With the problems of a file that is no register.
    """
    take_register(opened_register(path, draft), draft)


def opened_register(path: Path, draft: Draft) -> Register:
    """Read the tables of a register as they stand.

    Parameters
    ----------
    path : Path
        A package (.zip), or a workbook (.xlsx).
    draft : Draft
        What the notes go to.

    Raises
    ------
    RegisterError
        With the problems of a file that is no register.
    """
    if not is_workbook(path):
        return read_package(path, draft)
    from ingest.dora.workbook_reading import (  # noqa: PLC0415 - openpyxl loads only when needed
        read_workbook,
    )

    return read_workbook(path, draft)


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook by its content; by its name where that cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return path.suffix.lower() in {".xlsx", ".xlsm"}


def checked_filing(
    estate: Estate, options: FilingOptions
) -> tuple[Register, Filing | None, list[Gap]]:
    """The register of an estate, what it is filed as, and every gap of both.

    Parameters
    ----------
    estate : Estate
        What is filed.
    options : FilingOptions
        Who files and when, where the estate does not say so itself.

    Returns
    -------
    tuple of (Register, Filing or None, list of Gap)
        The filing is None where too little is known to name the package; the gaps say what.
    """
    register = register_from(estate)
    filing, gaps = filing_of(estate, options, datetime.now(UTC))
    return register, filing, [*gaps, *register_gaps(register)]


def dora_bytes(estate: Estate) -> bytes:
    """The package of an estate that says all that a filing needs.

    Raises
    ------
    RegisterError
        With all that the regulator would reject.
    """
    register, filing, gaps = checked_filing(estate, FilingOptions())
    refused = [gap for gap in gaps if gap.severity == "reject"]
    if refused or filing is None:
        problems = [
            Problem(f"dora-{gap.rule}", gap.what, f"fill {gap.fill}" if gap.fill else "",
                    gap.value, tuple(gap.place.split("/")))
            for gap in refused
        ]  # fmt: skip
        raise RegisterError(
            f"the register has {counted(len(problems), 'gap that is', 'gaps that are')} rejected",
            problems,
        )
    return package_bytes(register, filing)
