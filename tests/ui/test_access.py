"""Roles: from claims or a file, asked in one place, at every view and every action."""

from __future__ import annotations

import ast
import os
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from depgraph.errors import DepgraphError
from depgraph.model.estate import Estate
from sample_data import sample_path
from tests.ui.command_line import app
from tests.ui.pages import as_visitor, view
from ui import access, estate_changes
from ui.access import ALLOWED, Action, NotAllowedError, Role, Visitor, roles_of
from ui.login_settings import is_loopback, login_settings, missing_settings

UI = Path(__file__).parents[2] / "ui"
VIEWS = sorted(p.stem for p in (UI / "views").glob("*.py") if "\ndef show(" in p.read_text("utf-8"))
LOGIN = {
    "DEPGRAPH_OIDC_METADATA_URL": "https://id.example.com/.well-known/openid-configuration",
    "DEPGRAPH_OIDC_CLIENT_ID": "page",
    "DEPGRAPH_OIDC_CLIENT_SECRET": 'quo"te\\and\nline',
    "DEPGRAPH_OIDC_REDIRECT_URI": "https://page.example.com/oauth2callback",
}


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_shows_anything_without_a_role(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with as_visitor(monkeypatch, ["stranger"]) as nobody:
        page = view(monkeypatch, name, str(sample_path("by_hand")), visitor=nobody)

    assert not page.exception
    assert "You may not" in page.error[0].value
    assert not page.dataframe
    assert not page.metric
    assert not page.get("download_button")


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_asks_for_a_login_first(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    page = view(monkeypatch, name, str(sample_path("by_hand")), visitor={"is_logged_in": False})

    assert not page.exception
    assert [button.label for button in page.button] == ["Log in"]
    assert not page.dataframe


def test_a_viewer_sees_views_and_not_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    with as_visitor(monkeypatch, ["viewer"]) as viewer:
        sample = str(sample_path("by_hand"))
        seen = view(monkeypatch, "overview", sample, visitor=viewer)
        refused = view(monkeypatch, "edit", sample, visitor=viewer)

    assert seen.metric
    assert "needs the role approver, editor" in refused.text[0].value


def test_roles_come_from_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(access.CLAIM_VARIABLE, "groups")
    monkeypatch.delenv(access.FILE_VARIABLE, raising=False)

    assert roles_of({"groups": ["editor", "staff", 7]}) == {Role.EDITOR}
    assert roles_of({"groups": "viewer auditor"}) == {Role.VIEWER, Role.AUDITOR}
    assert roles_of({"groups": {"editor": True}, "roles": ["approver"]}) == frozenset()
    assert roles_of({}) == frozenset()


def test_roles_come_from_the_file_for_verified_addresses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text("editor: [Ann@example.com]\nviewer: [ben@example.com]\n")
    monkeypatch.setenv(access.FILE_VARIABLE, str(file))
    monkeypatch.delenv(access.CLAIM_VARIABLE, raising=False)

    assert roles_of({"email": "ann@EXAMPLE.com"}) == {Role.EDITOR}
    assert roles_of({"email": "ann@example.com", "email_verified": False}) == frozenset()
    assert roles_of({"email": "cid@example.com"}) == frozenset()
    file.write_text("viewer: [ann@example.com]\n")
    os.utime(file, ns=(1, 1))
    assert roles_of({"email": "ann@example.com"}) == {Role.VIEWER}


@pytest.mark.parametrize(
    "text", ["editors: [a@b.c]", "editor: a@b.c", "[editor]", "editor: [", "a: 1\n---\nb: 2", ""]
)
def test_a_file_of_roles_that_is_wrong_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    (tmp_path / "roles.yaml").write_text(text)
    monkeypatch.setenv(access.FILE_VARIABLE, str(tmp_path / "roles.yaml"))

    with pytest.raises(DepgraphError, match=r"roles\.yaml"):
        roles_of({"email": "a@b.c"})


def test_an_absent_file_of_roles_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(access.FILE_VARIABLE, str(tmp_path / "absent.yaml"))

    with pytest.raises(DepgraphError, match="cannot be read"):
        roles_of({"email": "a@b.c"})


def test_every_action_names_its_roles() -> None:
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


@pytest.mark.parametrize("role", Role)
def test_actions_ask_where_they_happen(monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    """No view stands between: the functions that change something refuse by themselves."""
    monkeypatch.setattr(access, "login_configured", lambda: True)
    monkeypatch.setattr(access, "visitor", lambda: Visitor("x", frozenset({role})))
    place = estate_changes.Place(str(sample_path("by_hand")), None)
    one = Estate.model_validate({"services": [{"id": "a"}]})
    calls: dict[Action, Callable[[], object]] = {
        Action.EDIT: lambda: estate_changes.apply_change(place, Estate(), one),
        Action.REMOVE_MANY: lambda: estate_changes.apply_change(place, one, Estate()),
        Action.AUDIT: lambda: estate_changes.change_log(place),
    }
    for action, call in calls.items():
        if role in ALLOWED[action]:
            continue
        with pytest.raises(NotAllowedError, match="needs the role"):
            call()
    if role not in ALLOWED[Action.EDIT]:
        with pytest.raises(NotAllowedError):
            estate_changes.undo_change(place)


def _names(path: Path) -> set[str]:
    """Every dotted name that a module uses, such as ``st.user``."""
    tree = ast.parse(path.read_text("utf-8"))
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    } | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_identity_is_read_in_one_place_only() -> None:
    identity = {"st.user", "st.login", "st.logout", "st.secrets", "st.experimental_user"}
    found = {str(p.relative_to(UI)) for p in UI.rglob("*.py") if identity & _names(p)}

    assert found == {"access.py"}


def test_estates_are_written_in_one_place_only_and_read_behind_the_guard() -> None:
    """Views cannot get round the permission: what reads and writes estates is not theirs."""
    writers = {"applied", "undone", "store.push"}
    readers = {"opened_estate", "require_estate", "read_estate"}
    inner = [p for p in UI.rglob("*.py") if "commands" not in p.parts]

    assert {p.name for p in inner if writers & _names(p)} == {"estate_changes.py"}
    # The assessment runs in a process of its own; only a session past the guard starts it.
    behind = {"session.py", "estates.py", "assessment_job.py"}
    assert {p.name for p in inner if readers & _names(p)} <= behind
    assert {p.name for p in inner if "AssessmentJob" in _names(p)} <= {"session.py"}
    for name in VIEWS:
        assert {"shown", "known", "compiled", "opened", "catalogue"} & _names(
            UI / "views" / f"{name}.py"
        ), name


def test_an_address_that_others_reach_needs_login(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LOGIN:
        monkeypatch.delenv(name, raising=False)
    found = CliRunner().invoke(app, ["ui", "--host", "192.0.2.1", "--no-browser"])

    assert found.exit_code == 2
    assert "no login is set up" in " ".join(found.output.split())


def test_half_a_login_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DEPGRAPH_OIDC_CLIENT_SECRET")
    found = CliRunner().invoke(app, ["ui", "--no-browser"])

    assert found.exit_code == 2
    assert "DEPGRAPH_OIDC_CLIENT_SECRET" in found.output
    assert missing_settings({}) == ()
    assert missing_settings(LOGIN) == ()


def test_secrets_lie_in_a_private_file_that_goes() -> None:
    with login_settings(LOGIN) as file:
        assert file is not None
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        auth = tomllib.loads(file.read_text("utf-8"))["auth"]
    assert not file.exists()
    assert auth["client_secret"] == LOGIN["DEPGRAPH_OIDC_CLIENT_SECRET"]
    assert len(auth["cookie_secret"]) >= 32
    with login_settings({}) as none:
        assert none is None


@pytest.mark.parametrize(
    ("address", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("localhost", True),
     ("0.0.0.0", False),  # noqa: S104 - compared only
     ("::", False), ("10.0.0.1", False), ("example.com", False), ("", False)],
)  # fmt: skip
def test_loopback(address: str, loopback: bool) -> None:
    assert is_loopback(address) is loopback


def test_visitors_from_elsewhere_are_refused_without_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "_reached_from_elsewhere", lambda: True)
    page = view(monkeypatch, "overview", str(sample_path("by_hand")))

    assert "You may not" in page.error[0].value
    assert "answers only to the machine it runs on" in page.text[0].value
