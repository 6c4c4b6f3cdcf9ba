"""The shipped test kit: settable clock, factories, fixtures."""
