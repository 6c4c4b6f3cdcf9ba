import functools


def load():
    pass


async def fetch():
    pass


async def stream():
    yield 1


@functools.wraps(fetch)
def decorated():
    return fetch()
