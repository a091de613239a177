"""Contracts: who supplies whom, on what terms, and who bears a failure further down (rule P4)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from depgraph.model.contract_term import ContractTerm
from depgraph.model.organization import Country
from depgraph.model.register import Arrangement, ContractUser, IctAssessment, IctUse
from depgraph.model.sla import Sla
from depgraph.record import Record, fault
from depgraph.units import Currency, Day, DayCount, Id, NotNegative, Price, Share, Text, ZoneName


def _read_anchor(value: object) -> object:
    if isinstance(value, int) and value in {29, 30, 31}:
        raise fault(
            "anchor-day-missing",
            f"not every month has a day {value}",
            "choose a day from 1 to 28",
        )
    return value


AnchorDay = Annotated[int, BeforeValidator(_read_anchor), Field(ge=1, le=28)]
"""Day of the month on which periods start: one that every month has."""
Attribution = Literal["but_for", "equal_split", "first_cause", "sole_cause_only"]


class PassThrough(Record):
    """Who bears a failure that a supplier of the supplier caused (rule P4)."""

    clause: Literal[
        "absorb", "back_to_back", "limited_to_recovered", "share", "excluded_if_third_party"
    ] = "absorb"
    """The kind of clause."""
    share: Share | None = None
    """Share passed through, for `share` and `limited_to_recovered` [1]; all when absent."""
    convert_on: Literal["period_start", "period_end"] | None = None
    """Day of the period whose rate values what is recovered in another currency (rule P9); None
    when the contract agrees no conversion: then it does not count, a CURRENCY gap."""
    reference: Text = ""
    """Where the contract says so."""

    @model_validator(mode="after")
    def _share_where_it_means_something(self) -> Self:
        if self.clause == "share" and self.share is None:
            raise fault("missing-share", "a share clause needs its share", "add share: 0.5")
        if self.share is not None and self.clause not in {"share", "limited_to_recovered"}:
            raise fault(
                "unused-share", f"share means nothing with clause {self.clause}", "remove share"
            )
        return self


class LiabilityCap(Record):
    """Most that the supplier owes in total in a contract year (rule K4)."""

    share_of_annual_value: NotNegative | None = None
    """As a share of the annual value [1]; more than 1 is possible."""
    amount: Price | None = None
    """As a sum."""
    carve_outs: tuple[Text, ...] = ()
    """Findings that lift the cap, for example ``gross_negligence`` (rule K5)."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.share_of_annual_value is None) == (self.amount is None):
            raise fault(
                "bad-cap",
                "a liability cap needs exactly one of share_of_annual_value and amount",
                "give one of them",
            )
        return self


class RecordedFinding(Record):
    """A finding, such as gross negligence, on which a carve-out rests (rule K5)."""

    kind: Text
    """The finding, one of the cap's carve-outs."""
    incident: Id
    """The incident it is about."""
    decided: Day
    """Day of the decision."""
    by: Text = ""
    """Who decided."""


class Contract(Record):
    """An agreement between one supplier and one customer."""

    id: Id
    """Identifier, unique among contracts."""
    name: Text = ""
    """Name for people."""
    supplier: Id
    """The organization that promises."""
    customer: Id
    """The organization that is promised to."""
    form: Literal["standalone", "exhibit", "integrated", "annex"] = "standalone"
    """Form of the agreement (rule L1)."""
    master: Id | None = None
    """The master agreement that an exhibit or annex belongs to."""
    start: Day | None = None
    """First day."""
    end: Day | None = None
    """Last day; open-ended when absent."""
    annual_value: Price | None = None
    """Value per year; its currency is the contract's."""
    currency: Currency | None = None
    """ISO 4217 code, needed only when no sum of money names it."""
    timezone: ZoneName = "UTC"
    """IANA zone in which periods and deadlines run (rule M1)."""
    anchor_day: AnchorDay = 1
    """Day of the month on which periods start (rule M1)."""
    pass_through: PassThrough = PassThrough()
    """Who bears a failure of a supplier's supplier (rule P4)."""
    attribution: Attribution = "but_for"
    """How minutes with several causes are attributed (rule P3)."""
    recovery_allocation: Literal["owed", "fee", "priority"] = "owed"
    """How one recovery is spread over several customers of the customer (rule P6)."""
    stacking: Literal["highest_per_service", "highest_per_contract", "all"] = "highest_per_service"
    """When one incident misses several service levels: only the highest remedy per service or in
    the whole contract, or all of them (rule K4)."""
    priority: int = 0
    """Rank in `priority` allocation; lower is served first (rule P6)."""
    liability_cap: LiabilityCap | None = None
    """Most that the supplier owes in total in a contract year (rule K4)."""
    annual_credit_cap: Share | None = None
    """Most that is credited in a contract year, as a share of the annual value [1] (rule K4)."""
    findings: tuple[RecordedFinding, ...] = ()
    """Recorded findings that lift a cap (rule K5)."""
    audit_right: bool | None = None
    """Whether the customer may audit; None when the contract's text is not known."""
    data_residency: tuple[Country, ...] | None = None
    """Countries in which data may be kept; None when not known or not agreed."""
    subcontracting: Literal["free", "notice", "consent", "forbidden"] | None = None
    """What sub-contracting needs; None when not known."""
    exit_assistance_days: DayCount | None = None
    """Help on leaving [d]; None when not known."""
    termination_notice_days: DayCount | None = None
    """Notice to end the contract [d]."""
    claim_buffer_days: DayCount = 0
    """Days the customer needs to pass a claim on (rule P2)."""
    personal_data: bool | None = None
    """Whether the supplier processes personal data for the customer; None when not known."""
    terms: tuple[ContractTerm, ...] = ()
    """Clauses found, or found missing, when the text was read (rule L12)."""
    arrangement: Arrangement | None = None
    """Type of arrangement in the register of information; follows from `master` when absent."""
    other_suppliers: tuple[Id, ...] = ()
    """Further organizations that sign to provide."""
    other_customers: tuple[Id, ...] = ()
    """Further entities that sign to receive."""
    linked_contracts: tuple[Id, ...] = ()
    """For a contract within the group: the contracts with outside providers that it passes on."""
    used_by: tuple[ContractUser, ...] = ()
    """Entities and branches that make use of the services."""
    ict_uses: tuple[IctUse, ...] = ()
    """ICT services by function, for the register of information."""
    assessments: tuple[IctAssessment, ...] = ()
    """Substitutability, exit plan, alternatives and last audit (rule D3)."""
    slas: tuple[Sla, ...] = ()
    """What is promised, service by service."""

    @model_validator(mode="after")
    def _one_statement_per_term(self) -> Self:
        names = [item.term for item in self.terms]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise fault(
                "repeated-term",
                f"the contract states {', '.join(repeated)} more than once",
                "keep one statement per term",
            )
        return self

    @model_validator(mode="after")
    def _two_parties(self) -> Self:
        if self.supplier == self.customer:
            raise fault(
                "one-party",
                f"{self.supplier} is both supplier and customer",
                "a contract needs two organizations",
            )
        if self.start and self.end and self.end < self.start:
            raise fault(
                "ends-before-start", f"the contract ends {self.end}, before it starts {self.start}"
            )
        return self
