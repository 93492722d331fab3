"""Measurements, as ratios of one run. `python -m benchmarks` prints a table and keeps it."""
