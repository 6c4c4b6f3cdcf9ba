"""The inbox: everything put is taken once, and blocked takers are replaced by others at once."""

from __future__ import annotations

from collections import Counter
from threading import Barrier, Event, Thread

from rota.executors.inbox import Inbox

PATIENCE = 30.0


def test_what_is_put_is_taken_in_that_order() -> None:
    inbox: Inbox[int] = Inbox()
    for number in range(5):
        inbox.put(number)
    assert [inbox.take() for _ in range(5)] == [0, 1, 2, 3, 4]


def test_a_taker_waits_for_a_task() -> None:
    inbox: Inbox[str] = Inbox()
    taken: list[str] = []
    taker = Thread(target=lambda: taken.append(inbox.take()))
    taker.start()
    inbox.put("task")
    taker.join(PATIENCE)
    assert taken == ["task"]


def test_tasks_that_wait_for_each_other_all_get_a_thread() -> None:
    """Each task ends only when all have begun: were a thread not woken, this would never end."""
    inbox: Inbox[int] = Inbox()
    together = Barrier(8)
    done = [Event() for _ in range(8)]

    def work() -> None:
        number = inbox.take()
        together.wait(PATIENCE)
        done[number].set()

    threads = [Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(8):
        inbox.put(number)
    assert all(event.wait(PATIENCE) for event in done)


def test_many_takers_and_putters_lose_and_double_nothing() -> None:
    inbox: Inbox[int | None] = Inbox()
    taken: Counter[int] = Counter()

    def work() -> None:
        while (task := inbox.take()) is not None:
            taken[task] += 1

    def fill(start: int) -> None:
        for number in range(start, start + 500):
            inbox.put(number)

    takers = [Thread(target=work) for _ in range(6)]
    putters = [Thread(target=fill, args=(start,)) for start in range(0, 2000, 500)]
    for thread in takers + putters:
        thread.start()
    for thread in putters:
        thread.join(PATIENCE)
    for _ in takers:
        inbox.put(None)
    for thread in takers:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in takers)
    assert taken == Counter(range(2000))
