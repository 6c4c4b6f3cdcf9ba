"""Desired and actual jobs to a Plan: data that describes, renders and counts itself. Pure."""

from rota.plan.compare import compare
from rota.plan.plan import Plan
from rota.plan.refusals import Allowed

__all__ = ["Allowed", "Plan", "compare"]
