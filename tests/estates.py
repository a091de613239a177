"""Random estates for laws, and hostile texts for everything that shows or stores names.

All of it is synthetic.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from depgraph.model.estate import Estate

HOSTILE = [
    "Robert'); DROP TABLE services;--", "' OR 1=1 //", '" }) DETACH DELETE n //', "${jndi:x}",
    "`Service`", "{{7*7}}", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))", "![x](http://127.0.0.1/x.png)", ":material/delete:", "**bold** _it_",
    "$\\frac{1}{2}$", "=1+1", "+1", "-1", "@SUM(A1)", "'quoted", '"double"', "back\\slash", "a/b/../c",
    "\u202eright-to-left", "zero\u200bwidth", "e\u0301 combining", "日本語", "🦄 unicorn", "NO", "true",
    "null", "~", "012", "1e3", "2026-01-01", "a: b", "- dash", "# hash", "%percent", "&anchor", "*alias",
    "!tag", "|", ">", "a\tb", "line\nbreak", "carriage\rreturn", "\x07bell", "\x7fdelete", "x" * 5_000,
]  # fmt: skip
"""Texts that have broken other programs; names may hold any of them."""
HOSTILE += [f"{prefix}{text}" for prefix in ("a ", "\\", "'", '"') for text in HOSTILE[:40]]

HOSTILE_IDS = [
    text for text in HOSTILE if text.isprintable() and text == text.strip() and len(text) <= 200
]
"""Those that may also be ids."""


def overlapping_causes() -> list[dict[str, Any]]:
    """Services a and b with figures, c without one; a common cause over a and b, one over b, c."""
    services: list[dict[str, Any]] = [
        {"id": "a", "unavailability": 0.1},
        {"id": "b", "unavailability": 0.1},
        {"id": "c"},
    ]
    for pair in (["a", "b"], ["b", "c"]):
        group = {"at_least": 1, "of": pair, "common_cause": 0.5}
        services.append({"id": "-".join(pair), "availability": 1, "depends_on": [group]})
    return services


@st.composite
def estates(draw: st.DrawFn, most: int = 6) -> Estate:
    """Small estates with sharing, groups, placements, soft edges, contracts and odd names."""
    names = draw(st.lists(st.sampled_from(HOSTILE_IDS), min_size=1, max_size=most, unique=True))
    places = draw(st.lists(st.sampled_from(["p", "q", "r"]), max_size=3, unique=True))
    shares = st.decimals(0, 1, places=6).map(str)
    services: list[dict[str, Any]] = []
    for name in names:
        groups = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True).flatmap(
            lambda members: st.fixed_dictionaries(
                {"at_least": st.integers(1, len(members)), "of": st.just(members)},
                optional={"common_cause": shares},
            )
        )
        soft = st.fixed_dictionaries({"service": st.sampled_from(names), "soft": shares})
        services.append(
            {
                "id": name,
                "name": draw(st.sampled_from(HOSTILE)),
                "provider": draw(st.sampled_from([None, "o1", "o2"])),
                "availability": draw(st.none() | shares),
                "depends_on": draw(st.lists(st.sampled_from(names) | groups | soft, max_size=3)),
                "located_in": draw(st.lists(st.sampled_from(places), max_size=2)) if places else [],
            }
        )
    contracts = [
        {
            "id": "k", "supplier": "o1", "customer": "o2", "annual_value": "1200.50 EUR",
            "slas": [
                {"id": "k1", "service": names[0], "monthly_fee": "100 EUR",
                 "objectives": [{"metric": "availability", "target": draw(shares)}],
                 "credits": {"tiers": [{"below": "0.999", "credit": "0.1"}]}}
            ],
        }
    ]  # fmt: skip
    return Estate.model_validate(
        {
            "name": draw(st.sampled_from(HOSTILE)),
            "organizations": [{"id": "o1", "own": draw(st.booleans())}, {"id": "o2"}],
            "locations": [{"id": place, "availability": draw(shares)} for place in places],
            "services": services,
            "contracts": contracts if draw(st.booleans()) else [],
        }
    )
