"""Benchmarks: ours beside theirs in one run. ``./run bench [--postgres] [NAME]``."""
