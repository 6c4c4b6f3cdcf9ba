"""What any long-lived process needs: the clock, services, the timer, stop signals. Knows nothing of jobs."""
