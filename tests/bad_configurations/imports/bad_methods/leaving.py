"""Exits while it is imported."""

raise SystemExit(4)
