"""Three stages at once: while one item is worked on, the next is prepared and the last finished."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Ready = TypeVar("Ready")
Worked = TypeVar("Worked")
Done = TypeVar("Done")


def staged(
    items: Iterable[Item],
    prepare: Callable[[Item], Ready],
    work: Callable[[Ready], Worked],
    finish: Callable[[Worked], Done],
) -> Iterator[Done]:
    """finish(work(prepare(item))) of every item, in order.

    Items are taken and prepared in one thread, finished in another, worked on in the caller's;
    one item is in each stage at most, so memory holds three. An error in any stage ends it, after
    all that was begun before has been finished.
    """
    coming = iter(items)

    def advance() -> tuple[Ready] | None:
        for item in coming:
            return (prepare(item),)
        return None

    with ThreadPoolExecutor(1) as before, ThreadPoolExecutor(1) as after:
        ahead = before.submit(advance)
        behind: Future[Done] | None = None
        try:
            while (ready := ahead.result()) is not None:
                ahead = before.submit(advance)
                worked = work(ready[0])
                if behind:
                    yield behind.result()
                behind = after.submit(finish, worked)
        finally:
            ahead.cancel()
        if behind:
            yield behind.result()
