"""Prints while it is imported, and reads what nobody writes."""

import sys

sys.stdout.write('{"reason": "printed"}\n' * 100)
sys.stderr.write("noise\n")
sys.stdin.read()


def load() -> None: ...
