"""Other systems' jobs as a configuration, with a report of everything that has no counterpart."""
