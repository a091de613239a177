"""Benchmarks: ours beside peers, in one run."""
