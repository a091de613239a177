"""Expected absorbed liability before → after, worked out with progress (rules W3, W5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.expected_absorbed import ExpectedAbsorbed, PairedSimulation, gather_pairs
from depgraph.engine.play import Played, mended_faults
from depgraph.engine.simulation_options import DEFAULT_MTTR_HOURS, SimulationOptions
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ui.console import messages, say

_REPORT_EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class YearsAsked:
    """Years to simulate on both sides of a change."""

    years: int
    """How many."""
    seed: int = 1
    """Seed of both sides."""
    workers: int = 1
    """Processes on this machine."""
    mttr_hours: float = DEFAULT_MTTR_HOURS
    """Mean time to restore of components that state none [h]."""

    def options(self, day: date | None = None) -> SimulationOptions:
        """What is simulated.

        Parameters
        ----------
        day : date, optional
            Day on which promises must be in force; today when absent.
        """
        return SimulationOptions(
            years=self.years, seed=self.seed, mttr_hours=self.mttr_hours,
            assessment=AssessmentOptions(as_of=day),
        )  # fmt: skip


def with_expected_absorbed(
    played: Played, estates: tuple[Estate, Estate], day: date, asked: YearsAsked
) -> Played:
    """Add expected absorbed liability to a scenario that makes changes.

    Parameters
    ----------
    played : Played
        The scenario played, with its before → after.
    estates : tuple of Estate
        As they were given to `played`.
    day : date
        Day on which promises must be in force; contracts stand still as in its year.
    asked : YearsAsked
        How many years.
    """
    if played.before_after is None:
        return played
    faults = mended_faults(*estates)
    if faults:
        note = (
            f"expected absorbed liability is not shown: {', '.join(sorted(faults))} had faulty "
            "terms that the changes mend (K1)"
        )
        return played.replace(notes=(*played.notes, note))
    found = _expected(estates, day, asked)
    change = played.before_after.replace(expected_absorbed=found)
    return played.replace(before_after=change)


def _expected(estates: tuple[Estate, Estate], day: date, asked: YearsAsked) -> ExpectedAbsorbed:
    """Simulate both sides and tell how far it is."""
    tell = years_progress(asked.years)
    found = paired_years(estates, day, asked, lambda done, _of: tell(done, ""))
    if found.stopped == "interrupted":
        say(f"Interrupted: figures are over the {counted(found.years, 'year')} done so far.")
    return found


def paired_years(
    estates: tuple[Estate, Estate], day: date, asked: YearsAsked, tell: Callable[[int, int], None]
) -> ExpectedAbsorbed:
    """Expected absorbed liability before → after (rules W3, W5); an interruption cuts it short.

    Parameters
    ----------
    estates : tuple of Estate
        Before and after the changes; every published schedule written out.
    day : date
        Day on which promises must be in force.
    asked : YearsAsked
        How many years.
    tell : callable
        Told years done, and of how many.
    """
    structures = structure_of(estates[0]), structure_of(estates[1])
    paired = PairedSimulation(*structures, asked.options(day))
    gather_pairs(paired, paired.results(asked.workers), lambda done: tell(done.years, asked.years))
    return paired.answer()


def years_progress(asked: int) -> Callable[[int, str], None]:
    """Tell years done and time left now and then, on standard error.

    Parameters
    ----------
    asked : int
        Years asked for.
    """
    told = monotonic()
    first: tuple[int, float] | None = None

    def tell(done: int, more: str) -> None:
        nonlocal told, first
        now = monotonic()
        # Until something is done the engine may have been compiled: no pace to go by.
        first = first or (done, now)
        if now - told < _REPORT_EVERY_SECONDS or not 0 < done < asked:
            return
        told = now
        left = ""
        if done > first[0]:
            seconds = round((now - first[1]) / (done - first[0]) * (asked - done))
            left = f", about {timedelta(seconds=seconds)} left"
        messages.print(f"{done:,} of {counted(asked, 'year')}{left}{more}", highlight=False)

    return tell
