"""The command line with all its commands, for tests that call it in their own process."""

from ui.cli import program

app = program()
