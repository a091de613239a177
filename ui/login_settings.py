"""Login from environment variables: secrets stand in no file of ours, no argument and no log."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

_REQUIRED = {
    "DEPGRAPH_OIDC_METADATA_URL": "server_metadata_url",
    "DEPGRAPH_OIDC_CLIENT_ID": "client_id",
    "DEPGRAPH_OIDC_CLIENT_SECRET": "client_secret",
    "DEPGRAPH_OIDC_REDIRECT_URI": "redirect_uri",
}
"""Environment variable → setting of Streamlit's ``auth`` section."""
COOKIE_SECRET = "DEPGRAPH_OIDC_COOKIE_SECRET"  # noqa: S105 - the variable's name
"""Optional: signs the login's cookie; a fresh one per start when absent."""


def is_configured(environment: Mapping[str, str]) -> bool:
    """Whether every variable that login needs is there."""
    return all(environment.get(name) for name in _REQUIRED)


def missing_settings(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Variables that are missing although others are there; empty when none or all are."""
    missing = tuple(name for name in _REQUIRED if not environment.get(name))
    return missing if len(missing) < len(_REQUIRED) else ()


@contextmanager
def login_settings(environment: Mapping[str, str]) -> Iterator[Path | None]:
    """A private file with the login's settings as long as the page runs; None without login.

    Streamlit reads them from a file only. Nobody but the user can read it, and it goes with the
    page.

    Parameters
    ----------
    environment : mapping
        Environment variables.
    """
    if not is_configured(environment):
        yield None
        return
    values = {key: environment[name] for name, key in _REQUIRED.items()}
    values["cookie_secret"] = environment.get(COOKIE_SECRET) or secrets.token_urlsafe(32)
    # JSON strings are TOML basic strings.
    lines = ["[auth]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    with tempfile.TemporaryDirectory(prefix="depgraph-") as folder:
        file = Path(folder) / "secrets.toml"
        file.touch(mode=0o600)
        file.write_text("\n".join(lines) + "\n", "utf-8")
        yield file


def is_loopback(address: str) -> bool:
    """Whether an address to listen on is this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if address == "localhost":
        return True
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
