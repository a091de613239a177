"""What a simulation assumes, in sentences that stand beside its figures (rules A5, K4, M3, W5)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from depgraph.engine.figures import Figures
from depgraph.engine.planned import maintained
from depgraph.engine.renewal import stated_mttr_hours, stated_shapes
from depgraph.engine.simulation_blocks import AFTER, DAY, YEAR, SimulationTask
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import Structure
from depgraph.model.contract import Contract
from depgraph.model.credits import CreditSchedule
from depgraph.wording import counted, share_text

_SPREAD = 4.0
"""Variance of times to restore over their squared mean above which few outages mislead: with a
lognormal sigma of 1.5 (8.5) and 3.5 expected outages, 95 % intervals covered in 82 of 100 runs."""
_SEEN_PER_SPREAD = 4.0
"""Outages that are enough for each unit of it: about 34 then, and intervals covered as they say."""


_UNSEEN = 0.025
"""Chance, at most, to see nothing of what happens as often as is said: the upper end of a 95 %
interval."""


class Assumptions:
    """What a simulation takes for granted.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    options : SimulationOptions
        What was asked for.
    figures : Figures
        Figures of the components, and where they come from.
    task : SimulationTask
        What is simulated.
    reaches_over_years : bool
        Whether a recovery is shared with a period that begins or ends in another year.
    """

    def __init__(
        self,
        structure: Structure,
        options: SimulationOptions,
        figures: Figures,
        task: SimulationTask,
        *,
        reaches_over_years: bool,
    ) -> None:
        self._structure = structure
        self._options = options
        self._figures = figures
        self._task = task
        self._reaches_over_years = reaches_over_years

    def unknown(self) -> list[int]:
        """Components without a figure, as variables (rule A5)."""
        return [v for v in self._figures.worlds if self._figures.is_unknown(v)]

    def maintained(self) -> list[int]:
        """Components with planned maintenance, as variables (rule M3)."""
        return sorted(self._structure.variable[key] for key in maintained(self._structure))

    def _too_spread(self, years: int) -> list[str]:
        """Components whose outages are too few for how much their lengths differ."""
        options, renewal = self._options, self._task.renewal
        found = []
        for key, rate in zip(renewal.keys, renewal.rate.tolist(), strict=True):
            _, restore = stated_shapes(self._structure, key, (options.failures, options.repairs))
            spread = restore.relative_variance
            if spread > _SPREAD and rate * YEAR * years < _SEEN_PER_SPREAD * spread:
                found.append(self._structure.name(self._structure.variable[key]))
        return found

    def sentences(self, years: int) -> Iterator[str]:
        """What was assumed.

        Parameters
        ----------
        years : int
            Years that were simulated.
        """
        options, estate = self._options, self._structure.estate
        yield (
            f"times to failure are {options.failures}, times to restore {options.repairs}; "
            "components fail independently and are in steady state (W5)"
        )
        stated = [
            name
            for pool in (estate.service, estate.location, estate.organization)
            for name, component in pool.items()
            if component.time_to_failure or component.time_to_restore
        ]
        if stated:
            yield (
                f"families of their own, as stated, for {counted(len(stated), 'component')}: "
                f"{_some(stated)}"
            )
        silent = [
            self._structure.name(self._structure.variable[key])
            for key in self._task.renewal.keys
            if not stated_mttr_hours(self._structure, key)
        ]
        if silent:
            yield (
                f"mean time to restore of {options.mttr_hours:g} h for "
                f"{counted(len(silent), 'component that states', 'components that state')} none: "
                f"{_some(silent)}"
            )
        spread = self._too_spread(years)
        if spread:
            yield (
                f"times to restore of {len(spread)} components are so spread that the few outages "
                "drawn need not show the long ones: intervals of what rests on them can be too "
                f"narrow; more years help: {_some(spread)}"
            )
        defaulted = [k.id for k, source in self._figures.source.items() if source == "default"]
        if defaulted:
            yield (
                f"default availability for {counted(len(defaulted), 'service')}: "
                f"{_some(defaulted)} (A5)"
            )
        unknown = [self._structure.name(v) for v in self.unknown()]
        if unknown:
            side = "at least" if options.unknown == "working" else "at most"
            yield (
                f"{counted(len(unknown), 'component has', 'components have')} no figure, taken "
                "as always "
                f"{options.unknown}: downtime and money that rest on them are {side} what is "
                f"shown: {_some(unknown)} (A5)"
            )
        planned = [self._structure.name(v) for v in self.maintained()]
        if planned:
            yield (
                f"planned maintenance as stated for {counted(len(planned), 'component')}: "
                f"{_some(planned)}; "
                "exact availability leaves it out, so what rests on them is not compared (M3)"
            )
        else:
            yield "no component states planned maintenance (M3)"
        if self._task.money is not None:
            yield from self._assumed_of_money(self._task.money.year)

    def _assumed_of_money(self, year: int) -> Iterator[str]:
        yield (
            f"contracts stand still as in {year}; every outage has its "
            "component's provider as cause, full impact, and is claimed where claims are needed"
        )
        if any(_looks_back(contract) for contract in self._structure.estate.contracts):
            yield (
                "every simulated year stands alone: caps that look back beyond 1 January "
                "start it unused (K4)"
            )
        if self._reaches_over_years:
            yield (
                "periods of different zones, anchor days or lengths meet across New Year: how "
                "a recovery is shared there goes by the outages of the year, and of "
                f"{AFTER // DAY} days after it, alone (P6)"
            )


def never_missed(contracts: Sequence[str], years: int) -> str:
    """What zeros of contracts mean that no simulated year missed.

    By Clopper and Pearson: of what happens in a share p of the years, so many independent years
    show nothing with probability (1 − p) to their power.

    Parameters
    ----------
    contracts : sequence of str
        Their ids.
    years : int
        Years that were simulated.
    """
    share = 1.0 - _UNSEEN ** (1.0 / years)
    places = 1 - math.floor(math.log10(share))
    most = math.ceil(share * 10**places) / 10**places
    return (
        f"0 is no promise of none: no simulated year missed a service level of {_some(contracts)}; "
        f"with 97.5 % confidence less than {share_text(most, places - 2)} of years do"
    )


def _looks_back(contract: Contract) -> bool:
    """Whether a cap of a contract counts what was granted before (rule K4)."""
    if contract.liability_cap or contract.annual_credit_cap is not None:
        return True
    schedules = [sla.credits for sla in contract.slas]
    return any(isinstance(s, CreditSchedule) and s.rolling_cap for s in schedules)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(sorted(names)[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"  # noqa: PLR2004
