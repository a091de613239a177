"""The article map: every provision is there once, and says where it is from."""

from __future__ import annotations

from ingest.articles import article_map


def articles(regulation: str) -> set[str]:
    return {row.article for row in article_map().values() if row.regulation == regulation}


def test_every_point_of_the_contract_articles_is_mapped() -> None:
    """DORA 30(2)(a) to (i) and 30(3)(a) to (f); GDPR 28(3)(a) to (h)."""
    dora = articles("DORA")
    assert {f"30(2)({letter})" for letter in "abcdefghi"} <= dora
    assert all(any(a.startswith(f"30(3)({letter})") for a in dora) for letter in "abcdef")
    assert {f"28(3)({letter})" for letter in "abcdefgh"} <= articles("GDPR")
    assert {"32(1)(b)", "32(1)(c)", "33(2)"} <= articles("GDPR")
    assert {"21(2)(d)", "21(3)", "23(4)(a)"} <= articles("NIS2")


def test_only_article_30_3_is_limited_to_critical_functions_within_article_30() -> None:
    for row in article_map().values():
        if row.regulation == "DORA" and row.article.startswith("30"):
            assert (row.applies_to == "critical_function") == row.article.startswith("30(3)")


def test_every_row_has_its_source() -> None:
    sources = {row.regulation: row.source for row in article_map().values()}

    assert sources == {
        "DORA": "Regulation (EU) 2022/2554",
        "NIS2": "Directive (EU) 2022/2555",
        "GDPR": "Regulation (EU) 2016/679",
        "ISO/IEC 19086": "ISO/IEC 19086-1:2016",
    }
