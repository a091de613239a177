"""The page's server, made ready for its first visitor before it answers.

Run as ``python -m ui.serve [streamlit's options]``.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading
from pathlib import Path

from streamlit.web import cli

from ui.warm import is_compiling, warm_beside, warm_in_background

_APP = Path(__file__).parent / "app.py"
_FIRST = (
    "pandas", "pyarrow", "pyarrow.pandas_compat", "ui.overview_lists", "ui.report",
    "ingest.published", "depgraph.engine.flow_down_findings", "PIL.Image",
    "streamlit.material_icon_names", "websockets.server",
)  # fmt: skip
"""What the first view needs, of ours and of what serves it; a view itself wants the server."""
_LATER = ("explore", "availability", "outage", "contracts", "diligence", "simulation", "edit")
_PATIENCE_SECONDS = 8.0
"""Longest that a visitor waits for it before the server answers [s]."""
_PAUSE_SECONDS = 4.0
"""Time that the first visitor has the server alone [s]."""
_LOOK = (
    "--theme.light.primaryColor=#2454c6",
    "--theme.dark.primaryColor=#6f9dff",
    "--theme.headingFontSizes=2.5rem,1.6rem,1.4rem,1.25rem,1.1rem,1rem",
)
"""Colour of what is chosen: Streamlit's own red would look like a fault beside our states. Parts
of a view are headings of the second level, as screen readers expect, in a third one's size."""


def main() -> None:
    """Load, then serve until ended."""
    loading = threading.Thread(target=_load_first, daemon=True)
    loading.start()
    loading.join(_PATIENCE_SECONDS)
    if loading.is_alive():
        said = "Compiling the engine, once on a machine" if is_compiling() else "Still loading"
        sys.stderr.write(f"{said}; the page opens meanwhile and says so.\n")
    later = threading.Timer(_PAUSE_SECONDS, _load_later)
    later.daemon = True
    later.start()
    # What is loaded stays; looking through it for garbage had cost each click a fifth of a second.
    gc.collect()
    gc.freeze()
    # Without magic nothing is parsed beside the imports below, which Python 3.11 does not bear. A
    # fault's text may hold names of the estate: no link offers to send it to somebody else.
    ours = [
        "--runner.postScriptGC=false",
        "--runner.magicEnabled=false",
        "--client.showErrorLinks=false",
    ]
    cli.main(["run", str(_APP), *ours, *_LOOK, *sys.argv[1:]])


def _load_first() -> None:
    """Load what the first view needs, and the engine's machine code."""
    engine = warm_in_background()
    for name in _FIRST:
        importlib.import_module(name)
    engine.join()


def _load_later() -> None:
    """Load the other views, so that nobody waits for them at the first look."""
    for name in _LATER:
        importlib.import_module(f"ui.views.{name}")
    warm_beside()


if __name__ == "__main__":
    main()
