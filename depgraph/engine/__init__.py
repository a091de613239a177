"""One question, one file: what follows from an estate."""
