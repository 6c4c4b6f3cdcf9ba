"""Desired and actual jobs to a Plan: data that describes, renders and counts itself. Pure."""

from rota.plan.compare import Allowed, compare
from rota.plan.plan import Plan

__all__ = ["Allowed", "Plan", "compare"]
