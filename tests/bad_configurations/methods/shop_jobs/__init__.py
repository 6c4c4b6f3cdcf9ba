"""The methods that the bad configurations beside it name."""
