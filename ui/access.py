"""Who may do what on the page: the one place where it is decided.

Without login everybody who reaches the page may do everything, and only this machine reaches it.
With login (OpenID Connect) the roles come from a claim of the identity, or from a file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from depgraph.errors import DepgraphError
from ingest.document import DocumentError, yaml_documents
from ui.login_settings import is_loopback

CLAIM_VARIABLE = "DEPGRAPH_ROLES_CLAIM"
"""Environment variable that names the claim with the roles, such as ``roles`` or ``groups``."""
FILE_VARIABLE = "DEPGRAPH_ROLES_FILE"
"""Environment variable that names a file of role → e-mail addresses."""


class Role(StrEnum):
    """What somebody is on the page."""

    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    AUDITOR = "auditor"


class Action(StrEnum):
    """What can be done on the page."""

    VIEW = "view"
    EXPORT = "export"
    EDIT = "edit"
    REMOVE_MANY = "remove many records"
    AUDIT = "read the change log"


ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.VIEW: frozenset(Role),
    Action.EXPORT: frozenset(Role),
    Action.EDIT: frozenset({Role.EDITOR, Role.APPROVER}),
    Action.REMOVE_MANY: frozenset({Role.APPROVER}),
    Action.AUDIT: frozenset({Role.APPROVER, Role.AUDITOR}),
}
"""Roles that may do each action; nothing else decides it."""


class NotAllowedError(DepgraphError):
    """Somebody asked for what their roles do not allow."""


@dataclass(frozen=True)
class Visitor:
    """Who is asking."""

    name: str
    """E-mail address or subject of the identity; ``local`` without login."""
    roles: frozenset[Role]
    """What they are."""


def login_configured() -> bool:
    """Whether the page has an identity provider (the ``auth`` section of Streamlit's secrets)."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def visitor() -> Visitor | None:
    """Who is asking; None when login is configured and nobody is logged in."""
    if not login_configured():
        return Visitor("local", frozenset(Role))
    if not st.user.is_logged_in:
        return None
    claims = st.user.to_dict()
    return Visitor(_name(claims), roles_of(claims))


def roles_of(claims: Mapping[str, Any]) -> frozenset[Role]:
    """Roles that an identity has, from the claim or the file that the environment names.

    Parameters
    ----------
    claims : mapping
        Claims of the identity token. An e-mail address counts only if the provider has not said
        that it is unverified.

    Raises
    ------
    DepgraphError
        If the file of roles cannot be read.
    """
    found: set[str] = set()
    claim = os.environ.get(CLAIM_VARIABLE)
    if claim:
        value = claims.get(claim, ())
        found.update(value.split() if isinstance(value, str) else _texts(value))
    file = os.environ.get(FILE_VARIABLE)
    email = claims.get("email")
    if file and isinstance(email, str) and claims.get("email_verified") is not False:
        members = _roles_file(file, Path(file).stat().st_mtime_ns if Path(file).exists() else 0)
        found.update(role for role, emails in members.items() if email.casefold() in emails)
    return frozenset(role for role in Role if role.value in found)


def allowed(action: Action, who: Visitor | None) -> bool:
    """Whether somebody may do something."""
    return who is not None and not ALLOWED[action].isdisjoint(who.roles)


def require(action: Action) -> Visitor:
    """Who is asking, provided that they may do this; called where the action happens.

    Raises
    ------
    NotAllowedError
        If they may not, naming what is missing.
    """
    if not login_configured() and _reached_from_elsewhere():
        raise NotAllowedError(
            "without login this page answers only to the machine it runs on; configure login "
            "(docs/access.md), or open it there"
        )
    who = visitor()
    if who is None:
        raise NotAllowedError("log in first")
    if not allowed(action, who):
        needed = ", ".join(sorted(ALLOWED[action]))
        raise NotAllowedError(f"{who.name} may not {action}: that needs the role {needed}")
    return who


def guard(action: Action = Action.VIEW) -> Visitor:
    """As `require`, for a page: offers the login, or says what is missing, and ends the run."""
    try:
        return require(action)
    except NotAllowedError as error:
        _refuse(str(error), action)
    except DepgraphError as error:
        st.error("The roles cannot be read, so nobody may see this page.")
        st.text(str(error))
    return st.stop()


def _refuse(why: str, action: Action) -> None:
    """Offer the login to whom is unknown; say to anybody else what is missing."""
    if login_configured() and visitor() is None:
        st.title("depgraph")
        st.write("This page needs a login.")
        st.button("Log in", on_click=st.login, type="primary")
        return
    what = "see this page" if action is Action.VIEW else action
    st.error(f"You may not {what}.", icon=":material/lock:")
    st.text(why)
    _offer_logout()


def _offer_logout() -> None:
    """Let somebody leave who is logged in."""
    if login_configured() and st.user.is_logged_in:
        st.button("Log out", on_click=st.logout)


def show_visitor() -> None:
    """Say who is logged in, with a way out; nothing without login."""
    who = visitor() if login_configured() else None
    if who is None:
        return
    with st.sidebar:
        st.text(who.name)
        st.caption(", ".join(sorted(who.roles)) or "no role")
        _offer_logout()


def _reached_from_elsewhere() -> bool:
    """Whether the page listens to, or is asked by, another machine."""
    listens = st.get_option("server.address")
    if listens and not is_loopback(str(listens)):
        return True
    if any(name in st.context.headers for name in ("X-Forwarded-For", "Forwarded")):
        return True
    asked_by = st.context.ip_address
    return isinstance(asked_by, str) and not is_loopback(asked_by)


def _name(claims: Mapping[str, Any]) -> str:
    return str(claims.get("email") or claims.get("sub") or "somebody")


def _texts(value: object) -> Iterable[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


@lru_cache(4)
def _roles_file(file: str, _changed: int) -> Mapping[str, frozenset[str]]:
    """Members of each role; read again when the file changes."""
    try:
        documents, faults = yaml_documents(Path(file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, DocumentError) as error:
        raise DepgraphError(f"the file of roles {file} cannot be read: {error}") from None
    data = documents[0].plain() if len(documents) == 1 else None
    if faults or not isinstance(data, dict):
        raise DepgraphError(f"the file of roles {file} is not one mapping of role to addresses")
    unknown = sorted(set(map(str, data)) - set(Role))
    if unknown:
        known = ", ".join(Role)
        raise DepgraphError(f"{file} names the role {unknown[0]!r}; there are {known}")
    for role, members in data.items():
        if not isinstance(members, list) or not all(isinstance(m, str) for m in members):
            raise DepgraphError(f"{file}: {role} is no list of e-mail addresses")
    return {role: frozenset(m.casefold() for m in members) for role, members in data.items()}
