"""The page's router; every view is a function of `ui.views`."""

import streamlit as st

from ui.views import explore, overview

st.set_page_config(page_title="depgraph", page_icon=":material/hub:", layout="wide")

PAGES = [
    st.Page(
        overview.show,
        title="Overview",
        icon=":material/dashboard:",
        url_path="overview",
        default=True,
    ),
    st.Page(explore.show, title="Explore", icon=":material/hub:", url_path="explore"),
]

st.session_state["page_explore"] = PAGES[1]
st.navigation(PAGES, position="top").run()
