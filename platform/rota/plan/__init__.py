"""Desired and actual jobs to a Plan: data that describes, renders and counts itself. Pure."""
