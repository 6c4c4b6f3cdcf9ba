"""Fuzzing of configurations: `python -m tests.fuzz --documents 100000`. CI runs a short form (test_fuzz.py)."""
