"""The Structurizr DSL: archetypes, constants, includes, reopened elements; synthetic workspaces."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.formats.bench import imported, whats, written

DSL = '''
!const NAME "Shop"
workspace {
  /* a comment */
  !docs """
    an open { brace in a text block
  """
  model {
    archetypes {
      app = container { technology "X" }
      https = -> { tags "HTTPS" }
    }
    u = person "User"
    shop = softwareSystem "${NAME}" {
      web = app "Web" {
        --https-> db "Reads"
      }
      db = container "DB"
    }
    !include parts/more.dsl
    !include https://example.com/x.dsl
    !element shop {
      jobs = container "Jobs"
    }
    shop.jobs -> mail
    u -> shop.web
    live = deploymentEnvironment "Live" {
      deploymentNode "A" { containerInstance shop.db }
      shop.web -/> shop.db {
        shop.web -> mail
      }
    }
  }
}
'''


def test_what_workspaces_are_written_with(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    written(tmp_path / "parts", "more.dsl", 'mail = softwareSystem "Mail"\n!include ../w.dsl\n')
    estate, report = imported("structurizr", written(tmp_path, "w.dsl", DSL), tmp_path / "out")

    needs = {service.id: set(service.depends_on) for service in estate.services}
    assert needs == {
        "shop": set(), "shop.web": {"shop.db", "mail"}, "shop.db": set(), "mail": set(),
        "shop.jobs": {"mail"},
    }  # fmt: skip
    assert estate.service["shop"].name == "Shop"
    assert "'https://example.com/x.dsl' is not in the folder" in whats(report, "missing")
    assert "included a second time" in whats(report, "left_out")
    assert "!docs" in whats(report, "left_out")


def test_a_workspace_that_extends_another(tmp_path: Path) -> None:
    written(tmp_path, "base.dsl", 'workspace { model { a = softwareSystem "A" } }')
    text = 'workspace extends base.dsl { model { b = softwareSystem "B" { -> a } } }'
    estate, _ = imported("structurizr", written(tmp_path, "w.dsl", text), tmp_path / "out")

    assert estate.service["b"].depends_on == ("a",)


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    written(tmp_path, "secret.dsl", 's = softwareSystem "Secret"')
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.dsl").symlink_to(tmp_path / "secret.dsl")
    text = "workspace { model { !include ../secret.dsl\n!include link.dsl\n } }"
    estate, report = imported("structurizr", written(tmp_path / "in", "w.dsl", text), tmp_path)

    assert estate.services == ()
    assert whats(report, "missing").count("not in the folder") == 2
