"""The page's router; every view is a module of `ui.views`, imported when it is first opened."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import streamlit as st

from ui.access import guard, show_visitor
from ui.find import find_box
from ui.session import readable, tell_whether_old

# A named icon would be fetched from another server at every visit.
_ICON = str(Path(__file__).with_name("icon.svg"))
st.set_page_config(page_title="depgraph", page_icon=_ICON, layout="wide")

# Our own style, no data. Streamlit leaves a hand's breadth of empty space above, cuts long figures,
# draws captions, and white on the light blue of dark mode, too pale to read (contrast below 4.5),
# and hides which link at the top has the focus of the keyboard. On a phone it cuts rows of choices
# and gives each figure a line of its own. The search stands beside the links to the views where
# there is room for both.
st.html(
    "<style>.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 2rem; }"
    "[data-testid=stMetricValue] { font-size: 1.6rem; }"
    "[data-testid=stMetricValue], [data-testid=stMetricValue] * "
    "{ white-space: normal !important; overflow-wrap: anywhere; }"
    "[data-testid=stCaptionContainer] { opacity: 0.78; }"
    ".stApp [data-testid^=stBaseButton-primary]:not(:hover), .stApp [data-tag] "
    "{ color: light-dark(#fff, #171614); }"
    "[data-testid=stTopNavLink]:focus-visible { outline: 2px solid currentcolor; }"
    "[data-testid=stMetricLabel] * { white-space: normal !important; }"
    "@media (min-width: 1200px) { [data-testid=stLayoutWrapper]:has(.st-key-find) "
    "{ position: fixed; top: 0.6rem; right: 5rem; width: 19rem !important; z-index: 999991; } }"
    "@media (max-width: 640px) { [data-testid=stButtonGroup] > div { flex-wrap: wrap; }"
    ".stMainBlockContainer { padding-top: 4.25rem; }"
    "[data-testid=stColumn]:has(> [data-testid=stVerticalBlock] > * > [data-testid=stMetric]), "
    "[data-testid=stColumn]:has(> * > * > [class*=st-key-overview_card_]) "
    "{ flex: 1 1 calc(50% - 1rem); min-width: calc(50% - 1rem); } }</style>"
)

_HOME = "overview"
VIEWS = {
    "overview": ("Overview", ":material/dashboard:"),
    "explore": ("Explore", ":material/hub:"),
    "availability": ("Availability", ":material/monitor_heart:"),
    "outage": ("Outage", ":material/bolt:"),
    "simulation": ("Simulation", ":material/casino:"),
    "contracts": ("Contracts", ":material/contract:"),
    "diligence": ("Diligence", ":material/fact_check:"),
    "edit": ("Edit", ":material/edit:"),
}


def opener(name: str) -> Callable[[], None]:
    """What draws a view; the first view then waits for no other."""
    return lambda: import_module(f"ui.views.{name}").show()


PAGES = [
    st.Page(
        opener(name),
        title=title,
        icon=icon,
        default=name == _HOME,
        url_path="home" if name == _HOME else name,
    )
    for name, (title, icon) in VIEWS.items()
]


def go_home() -> None:
    """Lead to the first view: Streamlit keeps that at / alone, and people type its name."""
    st.switch_page(PAGES[0], query_params=st.query_params.to_dict())


TYPED = st.Page(go_home, title=PAGES[0].title, url_path=_HOME, visibility="hidden")

guard()
show_visitor()
shown = st.navigation([*PAGES, TYPED], position="top")
# Tabs and bookmarks of several views are told apart.
st.set_page_config(page_title=f"{shown.title} · depgraph")
find_box(readable(), dict(zip(VIEWS, PAGES, strict=True)))
tell_whether_old()
shown.run()
