"""The benchmarks: Rota and its peers, measured alike in one run. Start with `python -m tests.benchmarks --help`.

It is a program and no test: pytest collects nothing here.
"""
