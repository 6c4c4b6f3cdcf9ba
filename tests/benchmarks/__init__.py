"""The benchmarks: Rota and its peers, measured alike in one run.

A program and no test, so pytest collects nothing here. Start with `python -m tests.benchmarks --help`.
"""
