"""The page's router; every view is a function of `ui.views`."""

import streamlit as st

from ui.access import guard, show_visitor
from ui.views import availability, contracts, diligence, edit, explore, outage, overview, simulation

st.set_page_config(page_title="depgraph", page_icon=":material/hub:", layout="wide")

# Streamlit leaves a hand's breadth of empty space above; our own style, no data.
# Figures are never cut to an ellipsis at usual widths.
st.html(
    "<style>.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 2rem; }"
    "[data-testid=stMetricValue] { font-size: 1.6rem; }</style>"
)

PAGES = [
    st.Page(
        overview.show,
        title="Overview",
        icon=":material/dashboard:",
        url_path="overview",
        default=True,
    ),
    st.Page(explore.show, title="Explore", icon=":material/hub:", url_path="explore"),
    st.Page(
        availability.show,
        title="Availability",
        icon=":material/monitor_heart:",
        url_path="availability",
    ),
    st.Page(outage.show, title="Outage", icon=":material/bolt:", url_path="outage"),
    st.Page(simulation.show, title="Simulation", icon=":material/casino:", url_path="simulation"),
    st.Page(contracts.show, title="Contracts", icon=":material/contract:", url_path="contracts"),
    st.Page(diligence.show, title="Diligence", icon=":material/fact_check:", url_path="diligence"),
    st.Page(edit.show, title="Edit", icon=":material/edit:", url_path="edit"),
]

st.session_state["page_explore"] = PAGES[1]
guard()
show_visitor()
st.navigation(PAGES, position="top").run()
