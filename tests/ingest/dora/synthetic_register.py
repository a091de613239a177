"""A register of information written by hand for a group that does not exist; all of it synthetic.

A holding, two financial entities and an internal provider; an overarching contract with a
subsequent one, a chain of three ranks, a contract passed on within the group, a provider with an
EUID. It breaks no rule.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

LEIS = {
    "HOLDING": "00EXBANKHOLDING00098",
    "RETAIL": "00EXBANKRETAIL000050",
    "LEASING": "00EXBANKLEASING00098",
    "BANKIT": "00EXBANKIT0000000065",
    "PAYCLOUD": "00EXPAYCLOUD00000032",
    "TOP": "00EXPAYCLOUDTOP00042",
    "HOSTING": "00EXHOSTING000000055",
    "CABLES": "00EXCABLES0000000059",
}
"""LEIs with right check digits that nobody holds."""
NAME = f"{LEIS['HOLDING']}.CON_IE_DORA010100_DORA_2025-12-31_20260301101500000"
_TABLES = {
    "b_01.01": """c0010,c0020,c0030,c0040,c0050,c0060
HOLDING,Example Holding plc,eba_GA:IE,eba_CT:x12,Example Authority,2026-03-01
""",
    "b_01.02": """c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100,c0110
HOLDING,Example Holding plc,eba_GA:IE,eba_CT:x12,eba_RP:x53,HOLDING,2026-02-01,2025-01-17,9999-12-31,eba_CU:EUR,9000000
RETAIL,Example Retail Bank,eba_GA:IE,eba_CT:x12,eba_RP:x56,HOLDING,2026-02-01,2025-01-17,9999-12-31,eba_CU:EUR,5000000.50
LEASING,Example Leasing,eba_GA:DE,eba_CT:x316,eba_RP:x56,HOLDING,2026-02-01,2025-01-17,9999-12-31,eba_CU:EUR,700000
BANKIT,Example Bank IT,eba_GA:IE,eba_CT:x317,eba_RP:x56,HOLDING,2026-02-01,2025-01-17,9999-12-31,,
""",
    "b_01.03": """c0010,c0020,c0030,c0040
RETAIL-DE,RETAIL,Example Retail Bank Frankfurt,eba_GA:DE
""",
    "b_02.01": """c0010,c0050,c0040,c0030,c0020
FRAME-1,0,eba_CU:EUR,,eba_CO:x2
SUB-1,120000.25,eba_CU:EUR,FRAME-1,eba_CO:x3
HOST-1,80000,eba_CU:USD,,eba_CO:x1
INTRA-1,90000,eba_CU:EUR,,eba_CO:x1
FEED-1,5000,eba_CU:EUR,,eba_CO:x1
""",
    "b_02.02": """c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100,c0110,c0120,c0130,c0140,c0150,c0160,c0170,c0180
SUB-1,RETAIL,PAYCLOUD,eba_qCO:qx2000,F1,eba_TA:S19,2024-01-01,9999-12-31,,90,180,eba_GA:IE,eba_GA:IE,eba_BT:x28,eba_GA:IE,eba_GA:DE,eba_ZZ:x793,eba_ZZ:x797
SUB-1,LEASING,PAYCLOUD,eba_qCO:qx2000,F1,eba_TA:S19,2024-06-01,2027-12-31,,90,180,eba_GA:IE,eba_GA:IE,eba_BT:x29,eba_GA:qx2007,eba_GA:DE,,eba_ZZ:x795
HOST-1,BANKIT,HOSTING,eba_qCO:qx2000,F9,eba_TA:S17,2023-01-01,2026-12-31,,30,60,eba_GA:US,eba_GA:x28,eba_BT:x28,eba_GA:DE,eba_GA:DE,eba_ZZ:x792,eba_ZZ:x796
INTRA-1,RETAIL,BANKIT,eba_qCO:qx2000,F2,eba_TA:S17,2023-01-01,2026-12-31,,30,30,eba_GA:IE,eba_GA:IE,eba_BT:x28,eba_GA:DE,eba_GA:DE,eba_ZZ:x792,eba_ZZ:x796
FEED-1,RETAIL,DEX1234.HRB5678,eba_qCO:qx2002,F2,eba_TA:S05,2022-01-01,2025-06-30,eba_CO:x4,0,30,eba_GA:DE,eba_GA:DE,eba_BT:x29,eba_GA:qx2007,eba_GA:qx2007,,eba_ZZ:x794
""",
    "b_02.03": """c0010,c0020,c0030
INTRA-1,HOST-1,true
""",
    "b_03.01": """c0010,c0020,c0030
FRAME-1,RETAIL,true
SUB-1,RETAIL,true
SUB-1,LEASING,true
HOST-1,BANKIT,true
INTRA-1,RETAIL,true
FEED-1,RETAIL,true
""",
    "b_03.02": """c0010,c0020,c0030
FRAME-1,PAYCLOUD,eba_qCO:qx2000
SUB-1,PAYCLOUD,eba_qCO:qx2000
HOST-1,HOSTING,eba_qCO:qx2000
INTRA-1,BANKIT,eba_qCO:qx2000
FEED-1,DEX1234.HRB5678,eba_qCO:qx2002
""",
    "b_03.03": """c0010,c0020,c0031
INTRA-1,BANKIT,true
""",
    "b_04.01": """c0010,c0020,c0030,c0040
FRAME-1,RETAIL,eba_ZZ:x839,Not Applicable
SUB-1,RETAIL,eba_ZZ:x838,RETAIL-DE
SUB-1,LEASING,eba_ZZ:x839,Not Applicable
HOST-1,BANKIT,eba_ZZ:x839,Not Applicable
INTRA-1,RETAIL,eba_ZZ:x839,Not Applicable
FEED-1,RETAIL,eba_ZZ:x839,Not Applicable
""",
    "b_05.01": """c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100,c0110,c0120
PAYCLOUD,eba_qCO:qx2000,IE1234567X,eba_qCO:qx2004,"PayCloud ""Pay"", Ltd",PayCloud Ltd,eba_CT:x212,eba_GA:IE,eba_CU:EUR,120000.25,TOP,eba_qCO:qx2000
TOP,eba_qCO:qx2000,,,PayCloud Inc,PayCloud Inc,eba_CT:x212,eba_GA:US,,,TOP,eba_qCO:qx2000
HOSTING,eba_qCO:qx2000,,,=Hosting AG,Hosting AG,eba_CT:x212,eba_GA:DE,eba_CU:USD,80000,HOSTING,eba_qCO:qx2000
CABLES,eba_qCO:qx2000,,,Kabel Ökö GmbH,Kabel Oekoe GmbH,eba_CT:x212,eba_GA:DE,,,CABLES,eba_qCO:qx2000
DEX1234.HRB5678,eba_qCO:qx2002,HRB5678,eba_qCO:qx2003,##1 Data Feed,Data Feed,eba_CT:x212,eba_GA:DE,eba_CU:EUR,5000,DEX1234.HRB5678,eba_qCO:qx2002
BANKIT,eba_qCO:qx2000,,,Example Bank IT,Example Bank IT,eba_CT:x212,eba_GA:IE,eba_CU:EUR,90000,HOLDING,eba_qCO:qx2000
HOLDING,eba_qCO:qx2000,,,Example Holding plc,Example Holding plc,eba_CT:x212,eba_GA:IE,,,HOLDING,eba_qCO:qx2000
""",
    "b_05.02": """c0010,c0020,c0030,c0060,c0050,c0040,c0070
SUB-1,eba_TA:S19,PAYCLOUD,PAYCLOUD,1,eba_qCO:qx2000,eba_qCO:qx2000
SUB-1,eba_TA:S19,HOSTING,PAYCLOUD,2,eba_qCO:qx2000,eba_qCO:qx2000
SUB-1,eba_TA:S19,CABLES,HOSTING,3,eba_qCO:qx2000,eba_qCO:qx2000
HOST-1,eba_TA:S17,HOSTING,HOSTING,1,eba_qCO:qx2000,eba_qCO:qx2000
HOST-1,eba_TA:S17,CABLES,HOSTING,2,eba_qCO:qx2000,eba_qCO:qx2000
INTRA-1,eba_TA:S17,BANKIT,BANKIT,1,eba_qCO:qx2000,eba_qCO:qx2000
INTRA-1,eba_TA:S17,HOSTING,BANKIT,2,eba_qCO:qx2000,eba_qCO:qx2000
FEED-1,eba_TA:S05,DEX1234.HRB5678,DEX1234.HRB5678,1,eba_qCO:qx2002,eba_qCO:qx2002
""",
    "b_06.01": """c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100
F1,eba_TA:x28,Payments,RETAIL,eba_BT:x28,Millions pay with it,2025-09-01,4,1,eba_ZZ:x793
F1,eba_TA:x164,Lease accounts,LEASING,eba_BT:x29,Paper for a week,2025-09-01,48,24,eba_ZZ:x791
F2,eba_TA:x163,Lending,RETAIL,eba_BT:x29,Slow,2025-09-01,72,24,eba_ZZ:x799
F9,eba_TA:x252,Run servers,BANKIT,eba_BT:x21,Not yet,2025-09-01,8,4,eba_ZZ:x792
""",
    "b_07.01": """c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100,c0110,c0120
SUB-1,PAYCLOUD,eba_qCO:qx2000,eba_TA:S19,eba_ZZ:x960,eba_ZZ:x964,2025-05-05,eba_BT:x28,eba_ZZ:x966,eba_ZZ:x793,eba_BT:x28,OtherPay
SUB-1,HOSTING,eba_qCO:qx2000,eba_TA:S19,eba_ZZ:x962,,2025-05-06,eba_BT:x29,eba_ZZ:x0,eba_ZZ:x799,eba_BT:x21,
""",
    "b_99.01": """c0010,c0020,c0190
One contract,A frame,Everything stops
""",
}  # fmt: skip
PARAMETERS = (
    f"name,value\r\nentityID,rs:{LEIS['HOLDING']}.CON\r\nrefPeriod,2025-12-31\r\n"
    "baseCurrency,iso4217:EUR\r\ndecimalsInteger,0\r\ndecimalsMonetary,-3\r\n"
)


def tables() -> dict[str, str]:
    """The tables as CSV, names written out as LEIs."""
    found = {}
    for name, text in _TABLES.items():
        for short, lei in LEIS.items():
            text = "\n".join(  # noqa: PLW2901 - one name after the other
                ",".join(lei if cell == short else cell for cell in line.split(","))
                for line in text.split("\n")
            )
        found[name] = text.replace("\n", "\r\n")
    return found


def package(changes: Mapping[str, bytes | None] | None = None, name: str = NAME) -> bytes:
    """The package; `changes` replace or (None) remove files of ``reports``."""
    files: dict[str, bytes | None] = {f"{k}.csv": v.encode() for k, v in tables().items()}
    files |= {
        "parameters.csv": PARAMETERS.encode(),
        "FilingIndicators.csv": b"templateID,reported\r\n"
        + b"".join(f"B{k[1:]},true\r\n".encode() for k in tables()),
        "report.json": b'{"documentInfo": {"documentType": "https://xbrl.org/2021/xbrl-csv", '
        b'"extends": ["http://www.eba.europa.eu/eu/fr/xbrl/crr/fws/dora/4.0/mod/dora.json"]}}',
        "../META-INF/reportPackage.json": b'{"documentInfo": '
        b'{"documentType": "https://xbrl.org/report-package/2023"}}',
        **(changes or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            if content is not None:
                path = f"{name}/reports/{file}".replace("reports/../", "")
                archive.writestr(path, content)
    return out.getvalue()
