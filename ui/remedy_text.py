"""Losses beyond the credits, and the most that remedies can pay, for people (rule K6)."""

from __future__ import annotations

from typing import Any

from depgraph.engine.proportionality import proportionality
from depgraph.engine.statement import Settlement
from depgraph.model.estate import Estate
from ui.console import output, print_table


def print_residual_claims(answer: Settlement) -> None:
    """What is left to claim beside the credits."""
    known = [claim for claim in answer.residual_claims if claim.loss]
    if known:
        print_table(
            "Loss beyond the credit (K6)",
            ("SLA", "period", "nature", ">credit", ">loss", ">residual claim", ">uncompensated"),
            [
                (
                    c.sla, c.period, c.nature.replace("_", " "), f"{c.credit} {c.currency}", c.loss,
                    c.residual, c.uncompensated,
                )
                for c in known
            ],
        )  # fmt: skip


def proportionality_json(estate: Estate) -> dict[str, Any]:
    """Key of the most that each contract's remedies can pay."""
    return {"proportionality": [row.model_dump(mode="json") for row in proportionality(estate)]}


def print_proportionality(estate: Estate, answer: Settlement) -> None:
    """Whether the remedies of contracts that were missed are in proportion."""
    struck = {claim.contract for claim in answer.residual_claims}
    rows = [row for row in proportionality(estate) if row.contract in struck]
    if rows:
        print_table(
            "Proportionality (K6)",
            ("contract", ">most a month", ">most a year",
             ">times its yearly value", ">hours of stated loss"),
            [
                (
                    r.contract, f"{r.most_per_month} {r.currency}",
                    f"{r.most_per_year} {r.currency}",
                    "not stated" if r.share_of_annual_value is None
                    else f"{r.share_of_annual_value:.3g}",
                    "–" if r.hours_covered is None else f"{r.hours_covered:.3g}",
                )
                for r in rows
            ],
        )  # fmt: skip
        output.print("Loss and proportionality are an input to counsel, not advice.\n")
