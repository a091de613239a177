"""What a pass-through clause leaves of a credit, before and after a recovery is known (rule P4)."""

from __future__ import annotations

from fractions import Fraction

from depgraph.model.contract import PassThrough


def before_recovery(clause: PassThrough, whole: Fraction, own: Fraction) -> Fraction:
    """What is owed before it is known what is recovered (rules P4, P6).

    Parameters
    ----------
    clause : PassThrough
        The clause; those that wait for the recovery leave the schedule whole.
    whole : Fraction
        Credit by the schedule after caps.
    own : Fraction
        Part of it for the supplier's own failures.
    """
    if clause.clause == "excluded_if_third_party":
        return own
    if clause.clause == "share":
        return own + Fraction(clause.share or 0) * (whole - own)
    return whole


def after_clause(
    clause: PassThrough,
    credit: tuple[Fraction, Fraction],
    recovered: Fraction,
    *,
    in_ring: bool,
) -> Fraction:
    """What the pass-through clause leaves of a credit (rule P4).

    The clause touches only what third parties caused; the supplier's own failures are owed by the
    schedule. In a ring a back-to-back clause is bounded by the schedule, so that the least fixed
    point exists.

    Parameters
    ----------
    clause : PassThrough
        The clause.
    credit : tuple of Fraction
        Credit by the schedule, and the part of it for the supplier's own failures.
    recovered : Fraction
        What is recovered for the same cause.
    in_ring : bool
        Whether the contract is one of a ring.
    """
    whole, own = credit
    if not whole and clause.clause != "back_to_back":
        return whole
    third = whole - own
    if clause.clause == "limited_to_recovered":
        share = Fraction(1) if clause.share is None else Fraction(clause.share)
        return own + min(third, share * recovered)
    if clause.clause == "back_to_back":
        return own + (min(third, recovered) if in_ring else recovered)
    return before_recovery(clause, whole, own)
