"""Command line and web page: they turn answers into tables and pictures, and compute nothing."""
