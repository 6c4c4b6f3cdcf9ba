"""Foreign intervals as calendars: what counts from somebody's start elsewhere counts from midnight here.

Used by the importers of Celery beat and Kubernetes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rota.schedule.zones import DAY


def period(seconds: float, tell: Callable[[str], object]) -> dict[str, Any] | None:
    """A start every so many seconds; None, and said why, where no calendar does that."""
    whole = int(seconds)
    if whole == seconds and whole > 0 and whole % DAY == 0:
        return {"days_repeat_period": whole // DAY}
    if whole == seconds and 0 < whole < DAY:
        if DAY % whole:
            tell(f"every {whole} s: the count begins anew at midnight")
        return {"days_repeat_period": 1, "repeat_period_in_day": whole}
    tell(f"every {seconds:g} s is neither whole seconds within a day nor whole days; it has no schedule here")
    return None
