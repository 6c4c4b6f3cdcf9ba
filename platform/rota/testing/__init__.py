"""The shipped test kit: a settable clock, a manual timer, and factories for databases, configurations and jobs."""

from rota.testing.clock import SettableClock
from rota.testing.factories import apply_configuration, make_configuration, make_store, queue_job
from rota.testing.timer import ManualTimer

__all__ = ["ManualTimer", "SettableClock", "apply_configuration", "make_configuration", "make_store", "queue_job"]
