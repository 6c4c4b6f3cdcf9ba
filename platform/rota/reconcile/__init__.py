"""Brings the database to what a configuration declares."""
