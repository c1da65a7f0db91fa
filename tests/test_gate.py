"""Back-pressure: how many run, how many wait, and what the others are told."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

import pytest

from service.faults import Fault
from service.gate import Deadline, Gate


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 5))


def test_some_run_some_wait_and_the_rest_is_refused_at_once() -> None:
    async def storm() -> None:
        doors, leave, running = Gate(running=2, waiting=3), asyncio.Event(), 0

        async def visit() -> None:
            nonlocal running
            async with doors():
                running += 1
                await leave.wait()
                running -= 1

        visitors = [asyncio.create_task(visit()) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert running == 2
        with pytest.raises(Fault) as refused:
            await visit()
        assert refused.value.status == 503 and refused.value.code == "server_is_overloaded"
        assert refused.value.headers["retry-after"] == "5"
        leave.set()
        await asyncio.gather(*visitors)
        await visit()

    run(storm())


def test_who_leaves_the_queue_makes_room_and_stops_nobody() -> None:
    async def leaving() -> None:
        doors, leave = Gate(running=1, waiting=1), asyncio.Event()

        async def visit() -> str:
            async with doors():
                await leave.wait()
            return "served"

        first, second = asyncio.create_task(visit()), asyncio.create_task(visit())
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.sleep(0.01)
        third = asyncio.create_task(visit())
        await asyncio.sleep(0.01)
        leave.set()
        assert [await first, await third] == ["served", "served"]

    run(leaving())


def test_nobody_waits_for_ever() -> None:
    async def waiting() -> None:
        doors = Gate(running=1, waiting=1, patience=0.01)
        async with doors():
            with pytest.raises(Fault, match="Too much"):
                async with doors():
                    pass
        async with doors():
            pass

    run(waiting())


def test_what_takes_too_long_is_ended() -> None:
    async def slow() -> None:
        deadline = Deadline(0.01)
        with pytest.raises(Fault) as late:
            async with deadline():
                await asyncio.sleep(5)
        assert (late.value.status, late.value.code) == (504, "timeout")
        with pytest.raises(TimeoutError):  # of what is done inside
            async with Deadline(5)():
                raise TimeoutError

    run(slow())


def test_items_must_all_come_in_time() -> None:
    async def slowly(gap: float) -> AsyncGenerator[int, None]:
        for n in range(3):
            await asyncio.sleep(gap)
            yield n

    async def taken(gap: float, limit: float) -> list[int]:
        seen: list[int] = []
        try:
            async for n in Deadline(limit).each(slowly(gap)):
                seen.append(n)
        except Fault as fault:
            seen.append(fault.status)
        return seen

    assert asyncio.run(taken(0, 60)) == [0, 1, 2]
    assert asyncio.run(taken(0.3, 0.45)) == [0, 504]


def test_a_stop_ends_what_runs_and_what_begins() -> None:
    async def stopping() -> None:
        deadline = Deadline(300)

        async def work() -> None:
            async with deadline():
                await asyncio.sleep(60)

        running = [asyncio.create_task(work()) for _ in range(3)]
        await asyncio.sleep(0)
        deadline.hasten(0.01)
        for task in (*running, asyncio.create_task(work())):
            with pytest.raises(Fault, match="stopping") as told:
                await task
            assert told.value.status == 503

    run(stopping())
