"""A register as an xBRL-CSV report package."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence

from ingest.dora.filing import Filing
from ingest.dora.register import Register
from ingest.dora.tables import escaped
from ingest.dora.taxonomy import templates

TAXONOMY = "http://www.eba.europa.eu/eu/fr/xbrl/crr/fws/dora/4.0/mod/dora.json"
"""Entry point that the report extends."""
_REPORT = {
    "documentInfo": {"documentType": "https://xbrl.org/2021/xbrl-csv", "extends": [TAXONOMY]}
}
_PACKAGE = {"documentInfo": {"documentType": "https://xbrl.org/report-package/2023"}}


def package_bytes(register: Register, filing: Filing) -> bytes:
    """The package: UTF-8 without a mark, lines that end in CRLF, every template reported.

    Parameters
    ----------
    register : Register
        Its tables.
    filing : Filing
        Its name and parameters.

    Notes
    -----
    Values stand as they are: a text that starts with ``=`` is not given a mark, because the
    regulator would read the mark as part of the value. An empty template is a file with its
    heading alone, and its filing indicator is true (rule 808).
    """
    out = io.BytesIO()
    moment = filing.created.timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _files(register, filing):
            info = zipfile.ZipInfo(f"{filing.name}/{name}", moment)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode())
    return out.getvalue()


def _files(register: Register, filing: Filing) -> Iterable[tuple[str, str]]:
    yield "META-INF/reportPackage.json", json.dumps(_PACKAGE, indent=2)
    yield "reports/report.json", json.dumps(_REPORT, indent=2)
    yield "reports/parameters.csv", _csv([("name", "value"), *filing.parameters.items()])
    indicators = [(code, "true") for code in templates()]
    yield "reports/FilingIndicators.csv", _csv([("templateID", "reported"), *indicators])
    for code, template in templates().items():
        columns = list(template.columns)
        rows = [
            [escaped(row.values.get(column, "")) for column in columns]
            for row in register.rows[code]
        ]
        yield f"reports/{template.file}", _csv([columns, *rows])


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
