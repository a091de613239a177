"""How far work beside the page is, with a way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from ui.plain_text import plain
from ui.side_work import SideWork, Tell

Answer = TypeVar("Answer")
_MEANWHILE = "Everything else can be used meanwhile."


@dataclass(frozen=True)
class Question:
    """Something that takes long, worked on beside the page once somebody asks for it."""

    key: str
    """Name of its controls."""
    what: str
    """What is computed, as the start of a sentence."""
    button: str
    """Words on the button that begins it."""
    about: str
    """Everything that its answer hangs on; where that changes, it is asked anew."""
    hint: str = ""
    """What it takes, as the button tells."""
    keeps: bool = False
    """Whether stopping keeps what is done."""


def answer_beside(
    question: Question, work: Callable[[], Callable[[Tell], Answer]]
) -> Answer | None:
    """The answer if it is there; else a button that begins the work, or how far it is.

    Parameters
    ----------
    question : Question
        What is asked.
    work : callable
        Makes what the new process shall do; see `SideWork`.
    """
    key = f"{question.key}_work"
    about, held = st.session_state.get(key, ("", None))
    if held is not None and about != question.about:
        held.stop()
        held = None
        del st.session_state[key]
    if held is None or held.stopped or held.failed:
        if held is not None:
            show_unanswered(held, question.what)
        if not st.button(
            question.button, icon=":material/play_circle:", key=f"{question.key}_start",
            help=question.hint or None,
        ):  # fmt: skip
            return None
        held = SideWork(work())
        st.session_state[key] = question.about, held
        st.rerun()
    if held.answer is None:
        show_running(held, question.what, f"{question.key}_stop", keeps=question.keeps)
    answer: Answer | None = held.answer
    return answer


@st.fragment(run_every=1.0)
def show_running(work: SideWork[Answer], what: str, key: str, *, keeps: bool = False) -> None:
    """How far work is, every second; the page is drawn anew once it has ended.

    Parameters
    ----------
    work : SideWork
        Work that has not ended.
    what : str
        What is being computed, as the start of a sentence.
    key : str
        Name of the button that stops it.
    keeps : bool
        Whether stopping keeps what is done.
    """
    if work.ended:
        st.rerun()
    at = work.progress
    with st.container(horizontal=True, vertical_alignment="center"):
        words = "Stop and keep what is done" if keeps else "Stop"
        st.progress(min(at.done / at.of, 1.0) if at else 0.0, text=plain(progress_text(what, work)))
        if st.button(words, icon=":material/stop_circle:", key=key):
            if keeps and at is not None:
                work.cut_short()
            else:
                work.stop()
                st.rerun()


def show_unanswered(work: SideWork[Answer], what: str) -> None:
    """Say why work that ended has no answer."""
    if work.stopped:
        st.info(f"{plain(what)} is not being computed: it was stopped.")
        return
    st.warning(f"{plain(what)} cannot be computed.")
    if work.why:
        st.text(work.why)


def progress_text(what: str, work: SideWork[Answer]) -> str:
    """How far work is, or why that is not known yet.

    Parameters
    ----------
    what : str
        What is being computed, as the start of a sentence.
    work : SideWork
        Work that has not ended.
    """
    at, passed = work.progress, f"{work.seconds:,.0f} s so far"
    if work.compiling:
        return (
            f"{what}: the engine is being compiled, once on this machine, which takes about a "
            f"minute; {passed}. {_MEANWHILE}"
        )
    if at is None:
        return f"{what} is being computed; {passed}. {_MEANWHILE}"
    left = at.seconds_left
    about = f", about {left:,.0f} s left" if left else ""
    return f"{what} is being computed: {at.done:,} of {at.of:,}{about}. {_MEANWHILE}"
