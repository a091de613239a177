"""One question, one file: what follows from an estate."""

from depgraph.engine.compiled_code import keep_compiled_code

keep_compiled_code()
