"""Housekeeping of one machine, as methods for Rota: each is an ordinary function that a test or a shell can call.

They tell what they do through `logging`, which Rota keeps with the job; outside a job it is logging as ever.
"""

import logging

logging.getLogger(__name__).setLevel(logging.INFO)  # Python's own default would drop what they tell
