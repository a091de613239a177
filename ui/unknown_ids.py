"""Ids in the page's address that the estate does not have: a link may be old, or of another one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from depgraph.wording import counted

_MOST = 10


def tell_unknown(what: str, names: Sequence[str]) -> None:
    """Say which ids of the page's address are left out; nothing where all are known.

    Parameters
    ----------
    what : str
        What they would be, in the singular.
    names : sequence of str
        Ids that the estate does not have.
    """
    if not names:
        return
    st.warning(
        f"The address of this page names {counted(len(names), what)} that this estate does not "
        f"have; {'it is' if len(names) == 1 else 'they are'} left out:",
        icon=":material/link_off:",
    )
    more = [f"and {len(names) - _MOST:,} more"] if len(names) > _MOST else []
    st.text("\n".join([*names[:_MOST], *more]))
