"""The register of information under DORA: an xBRL-CSV package, or a workbook of the templates."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ingest.dora.package_reading import read_package
from ingest.dora.register import Register
from ingest.dora.to_estate import take_register
from ingest.dora.workbook_reading import read_workbook
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
    return read_workbook(path, draft) if _is_workbook(path) else read_package(path, draft)


def _is_workbook(path: Path) -> bool:
    """Whether a file is a workbook by its content; by its name where that cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return path.suffix.lower() in {".xlsx", ".xlsm"}
