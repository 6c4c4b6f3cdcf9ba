"""The one error of the benchmarks, a clear line for the person who runs them; caught in __main__ and script.py."""


class BenchmarkError(Exception):
    """A bench could not be measured, or what it measured ended wrongly; the message says which and why."""
